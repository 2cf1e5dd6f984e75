"""What our published schemas describe is what the program keeps, property by property."""

import json
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import msgspec
import pytest

from pim.base.schema_checking import load_schema
from pim.base.settings import data_folder
from pim.catalog.model import STRUCTURE_KINDS, ProductDocument, ProductModelDocument, Unit, owner_fields
from pim.versioning.product_documents import EMPTY
from tests.makers import a_small_catalogue

SCHEMAS = sorted(data_folder("schemas").glob("*.schema.json"))


def written(schema: dict[str, Any]) -> set[str]:
    """The properties that somebody may write and that are kept as written."""
    once = ("readOnly", "writeOnly")
    return {name for name, of in schema["properties"].items() if not any(of.get(mark) for mark in once)}


@pytest.mark.parametrize("kind", STRUCTURE_KINDS)
def test_a_schema_has_the_properties_of_its_struct(kind):
    fields = {field.name for field in msgspec.structs.fields(STRUCTURE_KINDS[kind])}
    assert written(load_schema(kind)) == fields


@pytest.mark.parametrize(("kind", "document"), [("product", ProductDocument), ("product_model", ProductModelDocument)])
def test_products_and_product_models_have_the_properties_of_their_schemas(kind, document):
    fields = set(get_type_hints(document))
    assert written(load_schema(kind)) - {"uuid"} == fields
    assert set(EMPTY[kind]) == fields


def test_a_unit_has_the_properties_of_its_schema():
    unit = load_schema("measurement_family")["properties"]["units"]["additionalProperties"]
    assert set(unit["properties"]) == {field.name for field in msgspec.structs.fields(Unit)}


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_is_a_schema_and_names_itself(path: Path):
    schema = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].rpartition("/")[2] == path.name


@pytest.mark.parametrize("edit", a_small_catalogue(), ids=lambda edit: f"{edit.kind} {edit.code}")
def test_what_the_program_stores_fits_the_schema(edit):
    owner = owner_fields(edit.kind, edit.owner)
    item = msgspec.convert({"code": edit.code, **(edit.patch or {}), **owner}, STRUCTURE_KINDS[edit.kind])
    jsonschema.validate(msgspec.to_builtins(item), load_schema(edit.kind))


@pytest.mark.parametrize("kind", STRUCTURE_KINDS)
def test_no_schema_accepts_a_property_nobody_knows(kind):
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate({"code": "x", "surprise": 1}, load_schema(kind))
