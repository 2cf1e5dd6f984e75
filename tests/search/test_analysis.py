"""What people write for one thing is one token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.search.analysis import code_token, fold, index_tokens, tokens_of, words


def says(text: str, language: str) -> list[str]:
    return [word.tokens[0] for word in words(text, language) if word.tokens]


SAME = [
    ("fr", "tente", "Tentes"), ("fr", "réchaud", "RECHAUDS"), ("fr", "vélo", "vélos"), ("fr", "cheval", "chevaux"),
    ("fr", "œuf", "oeufs"), ("fr", "l'eau", "eau"), ("fr", "d’été", "été"), ("fr", "aujourd'hui", "Aujourd’hui"),
    ("fr", "qu'imperméable", "imperméables"), ("en", "tent", "tents"), ("en", "Hiking boot", "hiking boots"),
    ("en", "the shepherd's knives", "shepherd knives"), ("fr", "1,5 l", "1.50 L"), ("fr", "150g", "150 g"),
    ("en", "1,234,567", "1234567"), ("de", "Straße", "strasse"), ("sv", "öl", "ol"), ("xx", "Ünïcode", "unicode"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "one", "other"), SAME)
def test_different_ways_of_writing_are_one(language, one, other):
    assert says(one, language) == says(other, language) != []


DIFFERENT = [("fr", "tente", "tenture"), ("en", "lamp", "lamb"), ("fr", "1,5", "15"), ("fr", "M", "L")]


@pytest.mark.parametrize(("language", "one", "other"), DIFFERENT)
def test_different_words_stay_apart(language, one, other):
    assert says(one, language) != says(other, language)


def test_words_that_say_nothing_are_left_out_and_sizes_are_not():
    assert says("le sac de la couchette pour elle", "fr") == says("sac couchette", "fr")
    assert says("T-shirt S, M, L for the summer", "en") == ["t", "shirt", "s", "m", "l", "summer"]


def test_a_participle_is_found_with_its_accents_and_without():
    indexed = index_tokens(["Amandes grillées au thym"], "fr", "|")
    assert set(tokens_of("grillée", "fr")) & set(indexed)
    assert set(tokens_of("grillé", "fr")) & set(indexed)
    assert set(tokens_of("grillees", "fr")) & set(indexed)


def test_what_helps_to_find_stands_behind_what_phrases_are_made_of():
    assert index_tokens(["amandes grillées", "au thym"], "fr", "|") == ["amand", "grille", "|", "thym", "|", "grill"]


def test_an_identifier_is_its_letters_and_digits():
    assert code_token("TEN-BIV2/VRT") == code_token("ten biv2 vrt") == "tenbiv2vrt"


@given(st.text(), st.sampled_from(["fr", "en", "de", "xx"]))
def test_tokens_hold_no_space_and_words_stand_where_they_say(text, language):
    for word in words(text, language):
        assert text[word.start : word.end].strip()
        assert all(token and not any(letter.isspace() for letter in token) for token in word.tokens)


@given(st.text(alphabet="aàâbcdeéèêfgiîloôœtuùûs", min_size=1))
def test_accents_make_no_difference_to_the_first_token(word):
    if tokens_of(word, "fr") and tokens_of(fold(word), "fr"):
        assert tokens_of(word, "fr")[0] == tokens_of(fold(word), "fr")[0]
