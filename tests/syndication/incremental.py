"""Exports that show much of the catalogue, and what tells whether a run that goes on from the last one did it right."""

import gzip
from pathlib import Path
from typing import Any

from pim.base.database import Database
from pim.base.settings import Settings
from pim.syndication.manifest import MANIFEST
from pim.syndication.run_result import RunResult
from pim.syndication.segments import begins_segment
from pim.syndication.staged import GZIP
from tests.syndication.runs import an_export, run, storage_of

NEVER_HELD = {"removed": 1.0, "rejected": 1.0}

PRODUCTS: dict[str, Any] = {
    "sku": "$code",
    "name": {"from": ["name", "$label"]},
    "price": {"from": "price", "then": ["amount_text"]},
    "currency": "$currency",
    "brand": {"from": "color", "then": ["label"]},
    "category": {"from": "$category_path", "then": ["label", {"join": " > "}]},
    "tagline": {"from": "$associations.upsell", "then": [{"join": ","}, {"truncate": 100}]},
    "family": {"from": "$family", "then": ["label"]},
    "aisle": {"from": "$updated", "then": [{"truncate": 60}]},
    "variant": {"details": {"attributes": "$axes", "keys": {"name": "name", "value": "value", "data": "data"}}},
    "origin": {"from": "$groups", "then": ["label", {"join": ","}]},
    "sale_price": {"from": "price", "within": {"start": "release"}, "then": ["amount_text"]},
    "summary": {
        "template": "{{ weight }} {{ tags }} {{ pages }} {{ text }} {{ position }} {{ pairs }} {{ sets }}",
        "with": {
            "weight": {"from": "weight", "then": ["quantity"]},
            "tags": {"from": "tags", "then": ["label", {"join": "+"}]},
            "pages": "pages",
            "text": "description",
            "position": "$parent",
            "pairs": {"from": "$associations.pair", "then": [{"join": "&"}]},
            "sets": {"from": "$associations.set", "then": [{"join": "&"}]},
        },
    },
}
PRODUCT_FILES = [
    {"name": "{locale}.xml", "writer": "rss"},
    {"name": "all.jsonl", "writer": "jsonl"},
    {"name": "prices.tsv", "writer": "tsv", "part": "sale_price", "options": {"columns": ["fr_FR", "en_GB"]}},
]
ROOTS: dict[str, Any] = {
    "item": {
        "code": "$code",
        "currency": "$currency",
        "name": {"first_of": ["name", {"variants": {"from": "name"}, "then": ["first"]}, {"from": "$code"}]},
        "specs": {"details": {"attributes": "$family", "keys": {"label": "name", "value": "value"}}},
        "variants": {"variants": "one"},
    },
    "variants": {
        "one": {
            "reference": "$code",
            "price": {"from": "price", "then": ["amount_text"]},
            "options": {"details": {"attributes": "$axes", "keys": {"label": "name", "value": "value"}}},
        }
    },
}
ROWS = ["code", "reference", "price", "label", "options.0.value"]
ROOT_FILES = [
    {"name": "shards.json", "writer": "shards", "options": {"shard_bytes": 1500, "shard_roots": 64}},
    {"name": "roots-{locale}.json", "writer": "json", "options": {"list": "items"}},
    {"name": "entries-{locale}.json", "writer": "json", "options": {"entries": "variants", "most": 5}},
    {"name": "rows-{locale}.csv", "writer": "csv", "options": {"rows": ["variants", "specs"], "columns": ROWS}},
]


def codes_and_beginnings(stem: str, plain: int, beginnings: int, kind: str = "product") -> list[str]:
    """Codes in order, some of which begin a segment: in a small catalogue these are rare."""
    codes = [f"{stem}{number:03}" for number in range(900)]
    begins = [code for code in codes if begins_segment(f"{kind}/{code}")][:beginnings]
    return sorted([*begins, *[code for code in codes if code not in begins][: plain * 9 : 9]])


def both_grains(settings: Settings, mapping: dict[str, Any] = PRODUCTS, **changes: Any) -> Settings:
    """An export of products and one of roots, in every format that is a sequence."""
    roots = {"grain": "root", "schema": "print_catalog/2026-11", "files": ROOT_FILES, "gate": NEVER_HELD, **changes}
    an_export(settings, "roots", ROOTS, **roots)
    return an_export(settings, "products", mapping, **{"files": PRODUCT_FILES, "gate": NEVER_HELD, **changes})


def assert_as_if_whole(database: Database, settings: Settings) -> RunResult:
    """Runs, and compares every file with that of a run which copies nothing."""
    result = run(database, settings)
    whole = run(database, settings, as_of=result.revision)
    for export, expected in zip(result.exports, whole.exports, strict=True):
        assert export.state in ("published", "unchanged", "held"), export.message
        assert (export.items, export.rejected) == (expected.items, expected.rejected)
        ours, theirs = files_of(settings, export.folder), files_of(settings, expected.folder)
        assert {name: theirs.get(name) for name in ours} == ours
        left = {name.removesuffix(GZIP) for name in theirs.keys() - ours.keys()}
        assert left <= set(export.left_out), f"missing: {left}"
    return result


def files_of(settings: Settings, folder: str | None) -> dict[str, bytes]:
    """Everything stored there but the manifest, inflated where it is compressed."""
    storage = storage_of(settings)
    found = {}
    for key in storage.list(f"{folder}/"):
        path = storage.local_path(key)
        assert path is not None
        found[key.removeprefix(f"{folder}/")] = _plain(path)
    found.pop(MANIFEST)
    return found


def _plain(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.name.endswith(GZIP) else content
