"""An export's definition as data: what its folder says, checked and typed."""

from typing import Any

import msgspec

from pim.exports.destinations import AnyDestination
from pim.exports.feedback import Feedback
from pim.exports.schedule import Schedule


class Assortment(msgspec.Struct, frozen=True, kw_only=True):
    """Which products an export takes. Empty lists and None mean no restriction.

    `completeness` is the least percentage for the export's channel and the item's locale. `categories` are codes whose
    whole subtree counts; without it the channel's category tree does. `where` is source → condition, as in `when` of a
    mapping; `search` is property → conditions, as the API's clients write it, for the export's channel and the item's
    locale where it names none. `include` and `exclude` are product codes.
    """

    enabled_only: bool = True
    categories: list[str] = []
    families: list[str] = []
    completeness: int | None = None
    where: dict[str, Any] = {}
    search: dict[str, list[dict[str, Any]]] = {}
    include: list[str] = []
    exclude: list[str] = []


MEANINGS = ("title", "gtin", "image", "price", "sale_price", "availability")
"""What several exports say of one product, so that it can be compared."""


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file says one of the MEANINGS of a product, and how to read it. `field` is the (dotted) path of a field
    in the item; of a list of products within it, the path begins with that list's. An amount without its currency
    beside it names the field that holds it, else it is in that of the locale; one in `minor_units` is a whole number
    of them. `values` says what others call a value."""

    field: str
    currency: str | None = None
    minor_units: bool = False
    values: dict[str, str] = {}


class FileDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One file (or set of files) of an export. A `name` with `{locale}` is made once a locale; without, its items span
    the locales. `part` names the field of the item that this file shows, None the whole item. `options` go to the
    writer as they are. `says` tells where the file speaks of what other exports say, too (a Saying, or just its field);
    there, `code` is where the product's code stands when it is not the item's own."""

    name: str
    writer: str
    part: str | None = None
    options: dict[str, Any] = {}
    says: dict[str, str | Saying] = {}


class PriceSwings(msgspec.Struct, frozen=True, kw_only=True):
    """A price that moves by more than the share `by` of what it was swings; a feed waits when more than the share `of`
    of its items do."""

    by: float = 0.5
    of: float = 0.05


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Shares (0–1) of the current items above which a feed waits for a person: of those gone, of those rejected beyond
    what is rejected now, and of those that would say something else. `prices` looks at files that say a price."""

    removed: float = 0.2
    rejected: float = 0.2
    changed: float = 1.0
    prices: PriceSwings = PriceSwings()


class ExportDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """`channel` lists channel codes, the first that the catalogue has is the scope; `scope_fallbacks` are scopes tried
    after it. `locales` empty means those of the channel. `fallbacks` gives each locale the locales to try after it.
    `currency` maps locale → currency, `*` being any other; so does `locale_constants`, laid over `constants`.

    `mapping` is target field → field specification (see mapping.schema.json); for `grain: root` it has the keys `item`
    and `variants`. `lookups` and `templates` are the files that it names, by file name, and `item_schema` is the schema
    called `schema`: a definition is whole in itself, so it can be stored and rendered again without its folder.
    `differs` says which of the MEANINGS this export tells in its own way on purpose, and why.
    `extends` names the export that all else was laid over; what it gave is in here.
    `token` names the environment variable that holds the secret for pulling, never the secret.
    """

    name: str
    channel: list[str]
    grain: str
    schema: str
    files: list[FileDefinition]
    mapping: dict[str, Any]
    labels: dict[str, str] = {}
    scope_fallbacks: list[str] = []
    locales: list[str] = []
    fallbacks: dict[str, list[str]] = {}
    currency: dict[str, str] = {}
    timezone: str = "UTC"
    assortment: Assortment = Assortment()
    gate: Gate = Gate()
    constants: dict[str, Any] = {}
    locale_constants: dict[str, dict[str, Any]] = {}
    extends: str | None = None
    token: str | None = None
    keep: int = 5
    cursor_days: int = 30
    schedule: Schedule | None = None
    feedback: Feedback | None = None
    destinations: list[AnyDestination] = []
    differs: dict[str, str] = {}
    lookups: dict[str, dict[str, Any]] = {}
    templates: dict[str, str] = {}
    item_schema: dict[str, Any] = {}

    def file_called(self, name: str, locale: str | None) -> FileDefinition | None:
        """The definition of the file that is called `name` in this locale."""
        return next((file for file in self.files if file.name.replace("{locale}", locale or "") == name), None)


GRAIN_PRODUCT = "product"
GRAIN_ROOT = "root"

SOURCES = (
    "from",
    "const",
    "fields",
    "each",
    "first_of",
    "template",
    "template_file",
    "variants",
    "for_each",
    "details",
    "unit_price",
    "percent_off",
    "period",
    "across_locales",
    "locale_of",
)
"""What a field specification takes its value from; it has exactly one of these keys."""


def specification(field: Any) -> dict[str, Any]:
    """A field specification in full: `name` is short for `{from: name}`."""
    return {"from": field} if isinstance(field, str) else field


def source_of(spec: dict[str, Any]) -> str:
    """The one source key of a checked specification."""
    return next(key for key in SOURCES if key in spec)


def names_of(value: Any) -> list[str]:
    """`name` or `[name, …]` as a list."""
    return [value] if isinstance(value, str) else list(value)
