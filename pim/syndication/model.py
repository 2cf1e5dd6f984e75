"""Items: products (or root models with their variants) in an export's own fields, and why some are left out."""

from dataclasses import dataclass
from typing import Any

import msgspec


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


class FieldViolation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One rule of the item schema that one field breaks.

    `field` is dotted (`shipping.0.price`), `rule` the schema's keyword, `expected` what the rule asks for, `value` what
    the field holds (None where it is missing). `attributes` are those the mapping takes the field from, in its order;
    `attribute` is the first of them, with the locale and scope its value was read in.
    """

    field: str
    rule: str
    value: Any
    expected: Any
    message: str
    attributes: list[str] = []
    attribute: str | None = None
    attribute_locale: str | None = None
    attribute_scope: str | None = None


class RejectedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item that one export leaves out in one locale, with every rule it breaks."""

    item: str
    kind: str
    root: str
    locale: str
    violations: list[FieldViolation]
