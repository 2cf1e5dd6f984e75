"""Every channel export and item schema: found by itself, held against its grammar, its examples and the code."""

import inspect
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pim.exports.grammar import facts
from pim.exports.load import load_definition, load_definitions
from pim.exports.model import SOURCES
from pim.syndication.facts import CONSTANT_FACTS, FACTS
from pim.syndication.fields import SOURCES as COMPILED
from pim.syndication.lineage import sources_of
from pim.syndication.transforms import TRANSFORMS
from pim.syndication.writers import ARTIFACTS, WRITERS
from tests.contracts.export_examples import EXPORTS, expected_files
from tests.syndication.demo_items import PROJECT

FOLDERS = sorted(path.parent for path in PROJECT.glob("channel_exports/*/export.yaml"))
SCHEMAS = sorted(PROJECT.glob("schemas/**/*.schema.json"))
HOW_TO = (PROJECT / "docs/how-to/write-an-export.md").read_text("utf-8")


def schema(name: str) -> Any:
    return json.loads((PROJECT / f"schemas/{name}.schema.json").read_text("utf-8"))


def test_the_first_five_exports_are_there_and_valid() -> None:
    assert set(load_definitions(PROJECT / "channel_exports")) >= {
        "website",
        "mobile_app",
        "google_merchant",
        "print_catalog",
        "in_store",
    }


@pytest.mark.parametrize("path", SCHEMAS, ids=[str(path.relative_to(PROJECT)) for path in SCHEMAS])
def test_a_schema_is_a_schema(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_an_item_schema_is_closed_and_every_required_field_is_mapped(folder: Path) -> None:
    definition = load_definition(folder)
    fields = definition.mapping["item"] if definition.grain == "root" else definition.mapping
    assert definition.item_schema["additionalProperties"] is False
    assert set(definition.item_schema["required"]) <= set(fields)
    assert sources_of(definition)


@pytest.mark.parametrize("folder", EXPORTS, ids=[folder.name for folder in EXPORTS])
def test_an_export_makes_of_its_examples_what_is_expected(folder: Path) -> None:
    """After a wanted change: `python -m tests.contracts.export_examples`, then read the difference."""
    for name, content in expected_files(folder).items():
        assert content.decode() == (folder / "examples" / name).read_bytes().decode(), name


def test_the_grammar_lists_the_transforms_there_are() -> None:
    listed = schema("mapping")["$defs"]["transform"]
    names = {*listed["then"]["enum"], *listed["else"]["properties"]}
    assert names == {*TRANSFORMS, "label"}


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_the_grammar_gives_a_transform_the_parameters_it_has(name: str) -> None:
    listed = schema("mapping")["$defs"]["transform"]
    _, *parameters = inspect.signature(TRANSFORMS[name].make).parameters.values()
    needed = [parameter for parameter in parameters if parameter.default is inspect.Parameter.empty]
    assert not (needed and name in listed["then"]["enum"])
    assert (name in listed["else"]["properties"]) == bool(parameters)
    described = listed["else"]["properties"].get(name, {})
    members = described.get("properties") or described.get("then", {}).get("properties")
    if members:
        assert set(members) == {parameter.name for parameter in parameters}


def test_the_grammar_lists_the_sources_and_facts_there_are() -> None:
    assert set(COMPILED) == set(SOURCES)
    sources = {branch["required"][0] for branch in schema("mapping")["$defs"]["specification"]["oneOf"]}
    assert sources == set(SOURCES)
    made = {"$category", "$category_path", "$categories", "$all_categories", "$label", "$image"}
    assert set(facts()) == {*FACTS, *CONSTANT_FACTS, *made, "$constants", "$associations", "$entry", "$columns"}


def test_the_grammar_lists_the_writers_there_are() -> None:
    writer = schema("channel_export")["properties"]["files"]["items"]["properties"]["writer"]
    assert set(writer["enum"]) == {*WRITERS, *ARTIFACTS}


def test_the_how_to_explains_every_transform_source_and_fact() -> None:
    missing = [name for name in (*TRANSFORMS, *SOURCES, *facts()) if f"`{name}" not in HOW_TO]
    assert missing == []
