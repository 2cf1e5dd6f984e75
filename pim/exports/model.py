"""An export's definition as data: what export.yaml and mapping.yaml say, checked and typed."""

from typing import Any

import msgspec


class Assortment(msgspec.Struct, frozen=True, kw_only=True):
    """Which products an export takes. Empty lists and None mean no restriction.

    `completeness` is the least percentage for the export's channel and the item's locale. `categories` are codes whose
    whole subtree counts; without it the channel's category tree does.
    """

    enabled_only: bool = True
    categories: list[str] = []
    families: list[str] = []
    completeness: int | None = None
    include: list[str] = []
    exclude: list[str] = []


class FileDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One file (or set of files) of an export. A `name` with `{locale}` is made once a locale; without, its items span
    the locales. `part` names the field of the item that this file shows, None the whole item. `media` marks
    a file that accompanies the feed rather than being it. `options` go to the writer as they are."""

    name: str
    writer: str
    part: str | None = None
    options: dict[str, Any] = {}


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Shares (0–1) of the current items above which a feed waits for a person."""

    removed: float = 0.2
    rejected: float = 0.2
    changed: float | None = None
    price_swing: float | None = None


class ExportDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """`channel` lists channel codes, the first that the catalogue has is the scope. `locales` empty means those of the
    channel. `fallbacks` gives each locale the locales to try after it. `currency` maps locale → currency, `*` being any
    other. `mapping` is target field → field specification (see mapping.schema.json); for `grain: root` it has the keys
    `item` and `variants`. `token` names the environment variable that holds the secret for pulling, never the secret.
    """

    name: str
    labels: dict[str, str]
    channel: list[str]
    grain: str
    schema: str
    files: list[FileDefinition]
    mapping: dict[str, Any]
    locales: list[str] = []
    fallbacks: dict[str, list[str]] = {}
    currency: dict[str, str] = {}
    assortment: Assortment = Assortment()
    gate: Gate = Gate()
    constants: dict[str, Any] = {}
    token: str | None = None
    keep: int = 5
    schedule: str | None = None
    destinations: list[dict[str, Any]] = []
