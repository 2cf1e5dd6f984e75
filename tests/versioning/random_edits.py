"""Edits of a few products, models and pieces of structure, drawn so that they meet each other often."""

from typing import Any

from hypothesis import strategies as st

from pim.versioning.model import Edit
from tests.makers import (
    a_channel,
    a_family,
    a_family_variant,
    a_product,
    a_product_model,
    a_record,
    an_attribute,
    value,
)

SIMPLE = ["hat", "mug", "lamp"]
VARIANTS = [f"shoe-{color}" for color in ("red", "blue", "green")]
RECORDS = ["fanal", "lueur", "nivose"]
texts = st.sampled_from(["a", "b", "c", None])
targets = st.lists(st.sampled_from([*SIMPLE, *VARIANTS]), max_size=2, unique=True)


def _shoe(code: str, **fields: Any) -> Edit:
    color = value(code.removeprefix("shoe-"))
    return a_product(code, parent="shoe", **{**fields, "values": {"color": color, **fields.get("values", {})}})


def _founded(kept: bool) -> Edit:
    return Edit("reference_entity_attribute", "founded", {"type": "number"} if kept else None, "brand")


edits = st.one_of(
    st.builds(
        lambda code, text, locale, categories: a_product(
            code, family="books", categories=categories, values={"name": value(text, locale)}
        ),
        st.sampled_from(SIMPLE), texts, st.sampled_from(["fr_FR", "en_GB"]),
        st.lists(st.sampled_from(["outdoor", "home"]), max_size=2),
    ),
    st.builds(lambda code, ean: _shoe(code, values={"ean": value(ean)}), st.sampled_from(VARIANTS), texts),
    st.builds(
        lambda text: a_product_model(
            "shoe", family="shoes", family_variant="shoes_color", values={"name": value(text, "fr_FR")}
        ),
        texts,
    ),
    st.builds(
        lambda code, kind, codes: a_product(code, associations={kind: {"products": codes}}),
        st.sampled_from(SIMPLE), st.sampled_from(["upsell", "pair"]), targets,
    ),
    st.builds(lambda code: Edit("product", code, None), st.sampled_from([*SIMPLE, *VARIANTS])),
    st.just(Edit("product_model", "shoe", None)),
    st.builds(lambda on: Edit("product", "hat", {"enabled": on}), st.booleans()),
    st.builds(lambda label: Edit("category", "home", {"labels": {"fr_FR": label}}), texts),
    st.builds(lambda extra: a_family("books", ["name", "pages", *extra]), st.sampled_from([[], ["mark"], ["price"]])),
    st.builds(
        lambda code, new: Edit("product", code, {"identifier": new}),
        st.sampled_from([*SIMPLE, *VARIANTS, "cap"]), st.sampled_from(["hat", "cap"]),
    ),
    st.builds(
        lambda code, target, quantity: a_product(
            code, quantified_associations={"set": {"products": [{"identifier": target, "quantity": quantity}]}}
        ),
        st.sampled_from(SIMPLE), st.sampled_from([*SIMPLE, *VARIANTS]), st.integers(1, 3),
    ),
    st.builds(
        lambda code, kinds: a_product(code, associations={"pair": kinds}),
        st.sampled_from([*SIMPLE, *VARIANTS]),
        st.sampled_from([{"product_models": ["shoe"]}, {"product_models": [], "products": []}, {"groups": ["gifts"]}]),
    ),
    st.builds(
        lambda code: a_product_model(code, family="shoes", family_variant="shoes_color"),
        st.sampled_from(["shoe", "clog"]),
    ),
    st.builds(
        lambda code, parent, color: a_product(code, parent=parent, values={"color": value(color)}),
        st.sampled_from(VARIANTS), st.sampled_from(["shoe", "clog"]), st.sampled_from(["red", "blue", "green"]),
    ),
    st.builds(lambda locales: a_channel("web", locales=locales), st.sampled_from([["fr_FR"], ["fr_FR", "en_GB"]])),
    st.builds(
        lambda codes: Edit("family", "books", {"attribute_requirements": {"web": codes}}),
        st.sampled_from([[], ["name"], ["name", "pages"]]),
    ),
    st.builds(
        lambda down: a_family_variant("shoes_color", "shoes", (["color"], ["ean", "weight", *down])),
        st.sampled_from([[], ["name"], ["name", "tags"]]),
    ),
    st.builds(lambda tags: a_product_model("shoe", values={"tags": value(tags)}), st.sampled_from([["new"], None])),
    st.just(Edit("association_type", "set", None)),
    st.just(Edit("association_type", "set", {"is_quantified": True})),
    st.just(an_attribute("mark", localizable=False, useable_as_grid_filter=True)),
    st.just(Edit("attribute", "mark", None)),
    st.builds(lambda code, text: a_product(code, values={"mark": value(text)}), st.sampled_from(SIMPLE), texts),
    st.just(a_family("shoes", ["name", "color", "size", "weight", "description", "price"])),
    st.builds(
        lambda code, text, locale: a_record("brand", code, values={"label": value(text, locale)}),
        st.sampled_from(RECORDS), texts, st.sampled_from(["fr_FR", "en_GB"]),
    ),
    st.builds(
        lambda code, house, text: a_record("brand", code, values={"house": value(house), "founded": value(text)}),
        st.sampled_from(RECORDS), st.sampled_from([*RECORDS, None]), st.sampled_from(["1900", "1950", None]),
    ),
    st.builds(lambda code: Edit("record", code, None, "brand"), st.sampled_from(RECORDS)),
    st.builds(
        lambda code, brands: a_product(code, values={"makers": value(brands)}),
        st.sampled_from(SIMPLE), st.lists(st.sampled_from(RECORDS), max_size=2),
    ),
    st.builds(_founded, st.booleans()),
)  # fmt: skip

changesets = st.lists(st.lists(edits, min_size=1, max_size=5), min_size=3, max_size=14)

steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["write", "write", "import", "draft", "apply"]), st.lists(edits, min_size=1, max_size=5)
        ),
        st.tuples(st.sampled_from(["revert", "revert_import"]), st.integers(0, 3)),
    ),
    min_size=3,
    max_size=14,
)
"""Edits that are written, that are imported in two batches, that are put into a draft, or that are written just before
that draft is applied; and the taking back of the last revision, the one before, …, or of an import."""
