"""What people type is taken apart, and what cannot be read is named with the way out."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.base.errors import InvalidInput
from pim.search.query_language import FilterTyped, Typed, parse_query, quoted


def test_words_phrases_and_filters_are_told_apart():
    parsed = parse_query('tente "deux places" -bivouac brand:petzl -category:books tent* 10:30')
    assert parsed.wanted == (
        Typed("tente"), Typed("deux places", is_phrase=True), Typed("tent", beginning=True), Typed("10:30"),
    )  # fmt: skip
    assert parsed.never == (Typed("bivouac"),)
    assert [(one.name, one.value, one.negated) for one in parsed.filters] == [
        ("brand", "petzl", False), ("category", "books", True),
    ]  # fmt: skip


def test_a_filter_may_name_places_and_alternatives():
    (one,) = parse_query('name@fr_FR@print:"a, b",c').filters
    assert (one.name, one.places, one.alternatives) == ("name", ("fr_FR", "print"), ("a, b", "c"))


def test_what_has_neither_letters_nor_digits_says_nothing():
    assert not parse_query(" - * … --").has_words


WRONG = [
    ("brand:", "`brand:` has no value"),
    ("brand:a,,b", "`brand:a,,b` has no value behind the colon or a comma"),
    ('tente "deux places', "the quotation mark before `deux places` is never closed"),
    ("x" * 501, "the search has 501 characters"),
    ("a " * 33, "more than 32 words"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_cannot_be_read_is_named(text, message):
    with pytest.raises(InvalidInput) as raised:
        parse_query(text)
    assert message in str(raised.value)


@given(st.text(min_size=1, max_size=40).filter(lambda text: "\x00" not in text))
def test_a_quoted_value_is_read_as_it_was(value):
    (one,) = parse_query(f"brand:{quoted(value)}").filters
    assert one.text == value
    assert one.alternatives == (value,)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    with suppress(InvalidInput):
        parsed = parse_query(text)
        assert all(isinstance(one, FilterTyped) for one in parsed.filters)
