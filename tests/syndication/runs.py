"""A small export over the small catalogue, in an exports folder of the test's own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from pim.base.database import Database
from pim.base.object_storage import ObjectStorage, open_storage
from pim.base.settings import Settings
from pim.syndication.run_export import run_exports
from pim.syndication.run_result import RunResult
from pim.versioning.model import Edit
from tests.makers import a_product, value, values

FILES = [
    {"name": "{locale}.jsonl", "writer": "jsonl"},
    {"name": "{locale}.csv", "writer": "csv", "options": {"columns": ["sku", "name", "price"]}},
    {"name": "all.json", "writer": "json"},
]
MAPPING = {
    "sku": "$code",
    "name": "name",
    "price": {"from": "price", "then": ["amount_text"]},
    "currency": "$currency",
}


def an_export(settings: Settings, name: str = "shop", mapping: dict[str, Any] = MAPPING, **changes: Any) -> Settings:
    """Writes the export's folder and answers settings that find it. Items need sku, name, price and currency."""
    exports = settings.home / "exports"
    folder = exports / name
    folder.mkdir(parents=True, exist_ok=True)
    definition = {"channel": ["web"], "grain": "product", "schema": "in_store/2026-11", "files": FILES, **changes}
    (folder / "export.yaml").write_text(yaml.safe_dump(definition))
    (folder / "mapping.yaml").write_text(yaml.safe_dump(mapping))
    return replace(settings, exports_folder=exports)


def a_hat(code: str, price: str | None = "10.00", **names: str) -> Edit:
    """`fr` and `en` are names; without price the item schema turns it down."""
    texts = {{"fr": "fr_FR", "en": "en_GB"}[language]: text for language, text in names.items()}
    data: dict[str, Any] = values(name=texts or {"fr_FR": f"Chapeau {code}", "en_GB": f"Hat {code}"})
    if price is not None:
        data["price"] = value([{"amount": price, "currency": "EUR"}])
    return a_product(code, family="shoes", categories=["outdoor"], values=data)


def run(database: Database, settings: Settings, *names: str, **given: Any) -> RunResult:
    return run_exports(database, storage_of(settings), settings, names, **given)


def storage_of(settings: Settings) -> ObjectStorage:
    return open_storage(settings)


def path_of(result: RunResult, file: str, export: str = "shop") -> Path:
    (found,) = [f.path for e in result.exports if e.name == export for f in e.feeds if f.file == file]
    assert found is not None
    return Path(found)
