import json
from pathlib import Path
from typing import Any

import pytest

from pim.base.errors import InvalidInput
from pim.exports.schema_bundle import load_bundled
from pim.syndication.validity import ItemCheck

ROOT = {"$id": "https://pim.example/items/a.schema.json", "properties": {"it": {"$ref": "types/TENT.schema.json"}}}
TENT = {
    "$schema": "https://schemas.example/a-dialect-of-its-own",
    "$id": "https://schemas.example/TENT",
    "properties": {"name": {"$ref": "#/$defs/name"}, "brand": {"$ref": "shared.schema.json#/$defs/brand"}},
    "$defs": {"name": {"maxLength": 3}},
}
SHARED = {"$defs": {"brand": {"$ref": "#/$defs/short"}, "short": {"maxUtf8ByteLength": 2}}}


def written(folder: Path, **schemas: Any) -> Path:
    (folder / "types").mkdir()
    for name, schema in schemas.items():
        path = folder / ("a.schema.json" if name == "a" else f"types/{name}.schema.json")
        path.write_text(json.dumps(schema))
    return folder / "a.schema.json"


def test_files_that_a_schema_refers_to_become_part_of_it(tmp_path: Path) -> None:
    check = ItemCheck(load_bundled(written(tmp_path, a=ROOT, TENT=TENT, shared=SHARED)), "a/2026-11")
    assert check.accepts({"it": {"name": "Abc", "brand": "Ab"}})
    found = check.violations({"it": {"name": "Abcd", "brand": "Été"}})
    assert [(one.field, one.rule) for one in found] == [("it.brand", "maxUtf8ByteLength"), ("it.name", "maxLength")]
    assert not check.accepts({"it": {"name": "Abcd", "brand": "Ab"}})
    assert not check.accepts({"it": {"name": "Abc", "brand": "Été"}})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"a\.schema\.json refers to `types/TENT\.schema\.json`"):
        load_bundled(written(tmp_path, a=ROOT))
