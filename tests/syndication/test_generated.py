"""The function generated from a mapping gives what the compiled fields, called one by one, give."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pim.base.database import Database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.catalog.model import Resolved, Root
from pim.catalog.resolve import resolve
from pim.exports.load import load_definition
from pim.exports.model import GRAIN_ROOT
from pim.exports.scope import locales_of
from pim.intake.import_path import import_path
from pim.syndication.context import MappingContext, mapping_context
from pim.syndication.field import Field, generated
from pim.syndication.fields import compile_object
from pim.syndication.mapping import mapped_fields
from pim.syndication.run_facts import facts_of
from pim.syndication.source import DEEPEST
from pim.syndication.subject import Subject
from pim.versioning.snapshot import open_snapshot
from tests.syndication.demo_items import AS_OF, PROJECT, demo_products, demo_structure, media_info, root_key
from tests.syndication.makers import a_context, a_product, a_structure, attribute, channel, family, option, value

FOLDERS = sorted(path.parent for path in PROJECT.glob("channel_exports/*/export.yaml"))


def in_all_locales(context: MappingContext) -> list[MappingContext]:
    shared: dict[bytes, Any] = {}
    return [
        replace(context.in_locale(locale), shared=shared) for locale in locales_of(context.definition, context.channel)
    ]


def assert_agreement(contexts: list[MappingContext], roots: Iterable[Root]) -> None:
    by_root = contexts[0].definition.grain == GRAIN_ROOT
    # The interpreter works alone: what it shared with others it would share with those that it is compared with.
    plain = [mapped_fields(replace(context, shared=None)) for context in contexts]
    quick = [generated(mapped_fields(context)) for context in contexts]
    for root in roots:
        for resolved in [root.head] if by_root else root.products:
            for field, produce in zip(plain, quick, strict=True):
                assert_same(field, produce, resolved, root if by_root else None)


def assert_same(field: Field, produce: Any, resolved: Resolved, root: Root | None = None) -> None:
    told, wanted = Subject(resolved, root), Subject(resolved, root)
    answer, expected = produce(told), field.produce(wanted)
    assert answer == expected
    assert list(answer or ()) == list(expected or ())
    assert sorted(told.changes) == sorted(wanted.changes)


def demo_roots() -> Iterable[Root]:
    for key, group in groupby(demo_products(), key=root_key):
        products = tuple(group)
        ancestors = products[0].ancestors
        yield Root(key, resolve(ancestors[0], []) if ancestors else products[0], (), products)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_both_agree_on_the_demo_catalogue(folder: Path) -> None:
    definition = load_definition(folder)
    locale = definition.locales[0] if definition.locales else "fr_FR"
    context = mapping_context(definition, demo_structure(), locale, AS_OF, "https://pim.example", media_info)
    assert_agreement(in_all_locales(context), demo_roots())


def test_both_agree_on_a_catalogue_of_others(database: Database, settings: Settings, test_data: Path) -> None:
    folder = test_data / "akeneo" / "icecat_demo_dev"
    import_path(database, open_storage(settings), folder, author="camille", home=settings.home)
    with database.snapshot_session() as session:
        snapshot = open_snapshot(session)
        facts, roots = facts_of(snapshot), list(snapshot.roots())[::7]
        for definition in map(load_definition, FOLDERS):
            given = (definition, snapshot.structure, "en_US", snapshot.committed_at, "https://pim.example")
            context = mapping_context(*given, facts.media_info, facts.code_of, facts.linked)
            assert_agreement(in_all_locales(context), roots)


STRUCTURE = a_structure(
    channel(),
    attribute("name", localizable=True),
    attribute("note", localizable=True, scopable=True),
    attribute("ean"),
    attribute("color", "simpleselect"),
    option("color", "red", fr_FR="Rouge", en_GB="Red"),
    attribute("tags", "multiselect"),
    option("tags", "new", fr_FR="Nouveau"),
    attribute("size", "number"),
    attribute("weight", "metric", metric_family="Weight"),
    attribute("price", "price_collection"),
    attribute("motto", available_locales=["fr_FR"]),
    family("tents", "name", "ean", "color", "size"),
)
NAMES = ["name", "note", "ean", "color", "tags", "size", "weight", "price", "motto", "nowhere", "$code", "$locale"]
STEPS: list[Any] = ["first", "last", "count", "unique", {"limit": 1}, {"join": "/"}, {"prefix": "{locale}-"}, "slug"]
words = st.sampled_from(["", "red", "new", "A & b", "Élan"])
sources = st.one_of(
    st.sampled_from(NAMES).map(lambda name: {"from": name}),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(lambda names: {"from": names}),
    st.sampled_from(NAMES[3:5]).map(lambda name: {"from": name, "then": ["label"]}),
    words.map(lambda text: {"const": text}),
)


def beside(specification: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    then = [*specification.get("then", ()), *more.get("then", ())]
    return {**specification, **more, **({"then": then} if then else {})}


beyond = st.fixed_dictionaries(
    {},
    optional={
        "then": st.lists(st.sampled_from(STEPS), max_size=3),
        "default": words,
        "map": st.just({"red": "r", "*": "other"}),
        "when": st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["present", "absent", {"is": "red"}])),
    },
)
specifications = st.recursive(
    st.builds(beside, sources, beyond),
    lambda inner: st.builds(
        beside,
        st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda entries: {"each": entries}),
            st.lists(inner, min_size=1, max_size=3).map(lambda entries: {"first_of": entries}),
            st.dictionaries(st.sampled_from("ab"), inner, min_size=1).map(lambda fields: {"fields": fields}),
        ),
        beyond,
    ),
    max_leaves=6,
)
data = {
    "name": words, "note": words, "ean": words, "motto": words, "color": st.sampled_from(["red", "blue"]),
    "tags": st.lists(st.sampled_from(["new", "old"]), max_size=2), "size": st.integers(0, 2),
    "weight": st.just({"amount": "1.5", "unit": "KILOGRAM"}),
    "price": st.lists(st.sampled_from([{"currency": "EUR", "amount": "9.00"}, {"currency": "GBP", "amount": "8"}])),
}  # fmt: skip
PLACES = {"name": [("fr_FR", None), ("en_GB", None)], "note": [("fr_FR", "shop"), ("fr_FR", "print")]}
products = st.fixed_dictionaries(
    {},
    optional={
        code: st.tuples(*(some.map(lambda it, at=at: value(it, *at)) for at in PLACES.get(code, [(None, None)]))).map(
            list
        )
        for code, some in data.items()
    },
)


@example({"x": {"each": ["ean"]}}, [{"ean": [value("")]}])
@given(st.dictionaries(st.sampled_from(["x", "y", "z"]), specifications, min_size=1), st.lists(products, max_size=4))
def test_both_agree_on_any_definition(mapping: dict[str, Any], several: list[dict[str, Any]]) -> None:
    context = a_context(STRUCTURE, mapping, scope_fallbacks=["print"])
    roots = [Root("", product, (), (product,)) for values in several for product in [a_product(**values)]]
    assert_agreement(in_all_locales(context), [*roots, *roots])


def test_blocks_deeper_than_python_reads_are_called() -> None:
    spec: Any = {"from": "ean"}
    for _ in range(DEEPEST):
        spec = {"first_of": ["name", {"fields": {"a": spec}}]}
    field = compile_object({"deep": spec}, a_context(STRUCTURE))
    assert_same(field, generated(field), a_product(ean="1"))


def test_words_of_a_definition_stand_in_the_source_as_literals_only() -> None:
    name = "x'] = None\nraise SystemExit  # \""
    produce = generated(compile_object({name: {"each": ["ean"]}}, a_context(STRUCTURE)))
    assert produce(Subject(a_product(ean="1"))) == {name: ["1"]}


def test_equal_sources_are_compiled_once() -> None:
    first, second = (compile_object({"x": "ean"}, a_context(STRUCTURE)) for _ in range(2))
    assert generated(first).__code__ is generated(second).__code__
