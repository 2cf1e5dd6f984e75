"""Amazon's keywords, by both engines."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.syndication.validity import ItemCheck

BY_PLACE = {"selectors": ["marketplace_id", "language_tag"]}
CASES: list[tuple[dict[str, Any], Any, str | None]] = [
    ({**BY_PLACE, "maxUniqueItems": 1}, [{"marketplace_id": "FR"}, {"marketplace_id": "DE"}], None),
    ({**BY_PLACE, "maxUniqueItems": 1}, [{"marketplace_id": "FR", "value": 1}, {"marketplace_id": "FR", "value": 2}],
     "`it` has 2 entries with the same `marketplace_id`, `language_tag`; at most 1 are accepted"),
    ({**BY_PLACE, "maxUniqueItems": 1}, [{"value": 1}, {"marketplace_id": "FR"}], None),
    ({**BY_PLACE, "maxUniqueItems": 1}, [{"value": 1}, {"value": 2}],
     "`it` has 2 entries with the same `marketplace_id`, `language_tag`; at most 1 are accepted"),
    ({"maxUniqueItems": 1}, [{"a": 1}, {"a": 2}], None),
    ({"maxUniqueItems": 1}, [{"a": 1, "b": True}, {"b": True, "a": 1.0}], "`it` has 2 entries that are the same"),
    ({"maxUniqueItems": 1}, [{"a": 1}, {"a": True}], None),
    ({"selectors": ["type"], "minUniqueItems": 2}, [{"type": "a"}, {"type": "a"}, {"type": "b"}],
     "`it` has 1 entries with the same `type`; at least 2 are accepted"),
    ({"minUniqueItems": 2}, [], None),
    ({"maxUniqueItems": 1}, "no list", None),
    ({"maxUtf8ByteLength": 4}, "été", "`it` has 5 bytes in UTF-8; at most 4 are accepted"),
    ({"maxUtf8ByteLength": 5}, "été", None),
    ({"minUtf8ByteLength": 3}, "é", "`it` has 2 bytes in UTF-8; at least 3 are accepted"),
    ({"minUtf8ByteLength": 3}, 5, None),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "message"), CASES)
def test_a_rule_is_kept_by_one_engine_and_explained_by_the_other(
    schema: dict[str, Any], value: Any, message: str | None
) -> None:
    check = ItemCheck({"properties": {"it": schema}}, "demo/2026-11")
    assert check.accepts({"it": value}) is (message is None)
    if message:
        (found,) = check.violations({"it": value})
        assert found.message.startswith(message)


values = st.sampled_from(["FR", "DE", 1, 1.0, True, False, 0, None, "é", "", [1], {"a": 1}])
entries = st.lists(st.dictionaries(st.sampled_from(["marketplace_id", "language_tag", "value"]), values), max_size=5)
selectors = st.lists(st.sampled_from(["marketplace_id", "language_tag", "value"]), unique=True)
schemas = st.fixed_dictionaries(
    {},
    optional={
        "selectors": selectors,
        "maxUniqueItems": st.integers(0, 3),
        "minUniqueItems": st.integers(0, 3),
        "maxUtf8ByteLength": st.integers(0, 6),
        "minUtf8ByteLength": st.integers(0, 6),
        "maxItems": st.integers(0, 5),
    },
)


@given(schemas, st.one_of(entries, st.text(max_size=4), values))
def test_both_engines_agree_on_everything(schema: dict[str, Any], value: Any) -> None:
    check = ItemCheck({"properties": {"it": schema}}, "demo/2026-11")
    item = {"it": value}
    assert check.accepts(item) is not bool(list(check._explaining.iter_errors(item)))


@given(st.decimals(0, 10_000, places=3), st.sampled_from([0.01, 0.001, 0.1, 0.5, 1]))
def test_both_engines_agree_on_cents(amount: Decimal, step: float) -> None:
    check = ItemCheck({"properties": {"it": {"multipleOf": step}}}, "demo/2026-11")
    item = {"it": float(amount)}
    assert check.accepts(item) is not bool(list(check._explaining.iter_errors(item)))
    assert check.accepts(item) is (amount % Decimal(str(step)) == 0)


@given(st.text(max_size=6), st.integers(0, 20))
def test_bytes_are_counted_as_they_are_sent(text: str, most: int) -> None:
    check = ItemCheck({"properties": {"it": {"maxUtf8ByteLength": most}}}, "demo/2026-11")
    assert check.accepts({"it": text}) is (len(text.encode()) <= most)
