"""How patches change documents."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pim.catalog.merge import as_values, by_place, data_at, merge, merge_values
from tests.makers import value, values

places = st.tuples(st.sampled_from([None, "fr_FR", "en_GB"]), st.sampled_from([None, "web"]))
data = st.sampled_from(["a", "b", ["x"], {"amount": "1", "unit": "GRAM"}, None, "", []])
entries = st.lists(st.tuples(places, data), max_size=4, unique_by=lambda entry: entry[0]).map(
    lambda pairs: [{"locale": p[0], "scope": p[1], "data": d} for p, d in pairs]
)
patches = st.dictionaries(st.sampled_from(["name", "price", "color"]), entries, max_size=3)
stored = patches.map(lambda patch: merge_values({}, patch))
quick = settings(max_examples=25)


@quick
@given(stored, patches)
def test_the_same_patch_twice_is_the_same_as_once(old, patch):
    once = merge_values(old, patch)
    assert merge_values(once, patch) == once


@quick
@given(stored, patches)
def test_each_place_holds_what_the_patch_says_or_what_it_held(old, patch):
    merged = merge_values(old, patch)
    for code in {*old, *patch}:
        said = by_place(patch.get(code, ()))
        for place in {*said, *by_place(old.get(code, ()))}:
            wanted = said[place] if place in said else data_at(old[code], *place)
            assert data_at(merged.get(code, []), *place) == (None if wanted in ("", []) else wanted)


@quick
@given(stored, patches)
def test_nothing_empty_is_stored_and_equal_values_are_equal_lists(old, patch):
    for entries_of_one in merge_values(old, patch).values():
        assert entries_of_one == as_values(by_place(reversed(entries_of_one)))
        assert entries_of_one
        assert all(entry["data"] not in (None, "", []) for entry in entries_of_one)


@quick
@given(stored, patches, patches)
def test_patches_of_different_places_commute(old, one, other):
    overlap = {
        (code, place)
        for code in one.keys() & other.keys()
        for place in by_place(one[code]).keys() & by_place(other[code]).keys()
    }
    if not overlap:
        assert merge_values(merge_values(old, one), other) == merge_values(merge_values(old, other), one)


def test_one_locale_changes_and_the_other_stays():
    old = {"values": values(name={"fr_FR": "Tente", "en_GB": "Tent"})}
    merged = merge(old, {"values": values(name={"fr_FR": "Abri"})})
    assert by_place(merged["values"]["name"]) == {("fr_FR", None): "Abri", ("en_GB", None): "Tent"}


def test_erasing_the_last_value_takes_the_attribute_out():
    old = {"values": {"name": value("Tente", "fr_FR")}}
    assert merge(old, {"values": {"name": value(None, "fr_FR")}}) == {"values": {}}


def test_false_and_zero_are_values():
    merged = merge({"values": {}}, {"values": values(waterproof=False, pages=0)})
    assert (data_at(merged["values"]["waterproof"], None, None), data_at(merged["values"]["pages"], None, None)) == (
        False,
        0,
    )


def test_arrays_and_scalars_replace_and_what_is_left_out_stays():
    old = {"categories": ["a", "b"], "enabled": True, "family": "shoes"}
    assert merge(old, {"categories": ["c"], "enabled": False}) == {
        "categories": ["c"], "enabled": False, "family": "shoes",
    }  # fmt: skip


def test_labels_merge_and_an_empty_one_goes():
    old = {"labels": {"fr_FR": "Tente", "en_GB": "Tent"}}
    assert merge(old, {"labels": {"en_GB": "", "de_DE": "Zelt"}}) == {"labels": {"fr_FR": "Tente", "de_DE": "Zelt"}}
    assert merge(old, {"labels": {"en_GB": None}}) == {"labels": {"fr_FR": "Tente"}}


def test_associations_merge_per_type_and_per_kind_of_target():
    old = {"associations": {"upsell": {"products": ["a"], "groups": ["g"]}, "pair": {"products": ["b"]}}}
    merged = merge(old, {"associations": {"upsell": {"products": ["c"]}}})
    assert merged["associations"] == {
        "upsell": {"products": ["c"], "groups": ["g"]}, "pair": {"products": ["b"]},
    }  # fmt: skip


def test_the_old_document_is_left_as_it_was():
    old = {"values": {"name": value("Tente", "fr_FR")}, "labels": {"fr_FR": "x"}, "associations": {}}
    merge(old, {"values": {"name": value("Abri", "fr_FR")}, "labels": {"fr_FR": "y"}, "associations": {"u": {}}})
    assert old == {"values": {"name": value("Tente", "fr_FR")}, "labels": {"fr_FR": "x"}, "associations": {}}
