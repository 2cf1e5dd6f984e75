"""Items: products (or root models with their variants) in an export's own fields."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of one feed.

    `key` is the product's identifier (or uuid) or the root model's code, `kind` tells which, `root_key` is the key of
    the root it belongs to (`catalog.model.Root.key`). `fields` is JSON data valid against the export's item schema; in
    a file that spans locales it is `{locale: fields}` with the locales in which the item was accepted.
    """

    key: str
    kind: str
    root_key: str
    fields: dict[str, Any]
