"""What one would write by hand to get the same Google feed of the benchmark's catalogue, and nothing else: no history,
no definitions, no validation, no index, no compressed twin. The same bytes, so that the comparison is fair."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import msgspec
import psycopg
import yaml
from babel.dates import format_date
from babel.numbers import format_decimal
from psycopg.types.json import set_json_loads

Row = tuple[Any, ...]

SHOP = "https://www.cap-refuge.example"
ROWS = """
    SELECT p.code, p.document, m.document, r.document, coalesce(r.code, m.code)
    FROM product p LEFT JOIN product_model m ON m.id = p.parent_id LEFT JOIN product_model r ON r.id = m.parent_id
    ORDER BY p.root_key, p.code
"""
UNITS = {"GRAM": "g", "KILOGRAM": "kg", "CENTIMETER": "cm", "LITER": "l", "WATT": "W", "LUMEN": "lm", "HOUR": "h",
         "CELSIUS": "°C", "SQUARE_METER": "m²"}  # fmt: skip
UNTOLD = {"name", "brand", "ean", "mpn", "availability", "sale_start", "sale_end", "aisle", "color", "size", "gender",
          "age_group", "material", "weight", "length", "width", "height", "sku", "tagline", "meta_title", "eprel_code",
          "availability_date", "stock", "store_stock", "is_bundle", "meta_description"}  # fmt: skip
TOLD = {"text", "number", "boolean", "simpleselect", "multiselect", "metric", "date"}
AXES = ("tent_size", "color", "size")
TAG = re.compile("<[^>]*>")


class Words:
    """Everything a locale's feed says that is not in a product: labels, ready for XML, and settings."""

    def __init__(self, connection: psycopg.Connection, export: Path, locale: str, public_url: str) -> None:
        self.locale, self.language, self.public_url = locale, locale[:2], public_url
        definition = yaml.safe_load((export / "export.yaml").read_text("utf-8"))
        maps = (
            "google_category_by_category",
            "google_category_by_family",
            "age_group_by_category",
            "gender_by_category",
        )
        tables = [yaml.safe_load((export / f"{name}.yaml").read_text("utf-8")) for name in maps]
        self.google_category, self.google_family, *_ = tables
        self.currency = definition["currency"][locale]
        self.shipping = _groups(definition["locale_constants"][locale])
        self.options: dict[tuple[str, str], str] = {}
        self.categories: dict[str, tuple[str | None, str]] = {}
        self.families: dict[str, tuple[str, list[str]]] = {}
        self.attributes: dict[str, tuple[str, str, str, tuple[Any, ...]]] = {}
        groups: dict[str, tuple[int, str]] = {}
        for kind, owner, code, document in connection.execute(
            "SELECT kind, owner, code, document FROM structure ORDER BY kind = 'attribute', id"
        ):
            label = escape(document.get("labels", {}).get(locale, code))
            match kind:
                case "attribute_option":
                    self.options[owner, code] = label
                case "category":
                    self.categories[code] = (document["parent"], label)
                case "family":
                    self.families[code] = (label, document["attributes"])
                case "attribute_group":
                    groups[code] = (document["sort_order"], label)
                case "attribute":
                    order, section = groups[document["group"]]
                    place = (order, document["group"], document["sort_order"], code)
                    self.attributes[code] = (document["type"].removeprefix("pim_catalog_"), section, label, place)
        self.number = cache(lambda text: format_decimal(Decimal(text), "#,##0.######", locale))
        self.day = cache(lambda text: format_date(date.fromisoformat(text[:10]), "long", locale))
        self.details = cache(self._details)
        self.path = cache(self._path)

    def _details(self, family: str) -> list[tuple[str, str, str]]:
        """(attribute, type, markup before the value) of a family's facts, in the order of their groups."""
        told = [code for code in self.families[family][1] if code not in UNTOLD and self.attributes[code][0] in TOLD]
        return [
            (code, self.attributes[code][0], _detail_start(*self.attributes[code][1:3]))
            for code in sorted(told, key=lambda code: self.attributes[code][3])
        ]

    def _path(self, category: str) -> str:
        """Labels from below the root of the tree down."""
        labels: list[str] = []
        at: str | None = category
        while at is not None and (found := self.categories[at])[0] is not None:
            labels.insert(0, found[1])
            at = found[0]
        return " &gt; ".join(labels)

    def in_shop(self, category: str) -> bool:
        at = category
        while (parent := self.categories[at][0]) is not None:
            at = parent
        return at == "master"


def write_google_feeds(url: str, export: Path, folder: Path, locales: tuple[str, ...], public_url: str) -> int:
    """Every locale's feed into `folder`; how many items there are in all."""
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(url))
        set_json_loads(msgspec.json.decode, connection)
        feeds = []
        for locale in locales:
            file = stack.enter_context((folder / f"{locale}.xml").open("w", encoding="utf-8", buffering=1 << 20))
            words = Words(connection, export, locale, public_url)
            file.write(_header(export, words))
            feeds.append((file.write, words))
        items = 0
        for row in _rows(connection):
            if row["availability"] == "discontinued":
                continue
            for write, words in feeds:
                write(_item(row, words))
                items += 1
        for write, _ in feeds:
            write("</channel>\n</rss>\n")
    return items


def _rows(connection: psycopg.Connection) -> Iterator[dict[str, Any]]:
    """Products with what their models say, values by attribute: data, or data by locale."""
    with connection.cursor("rows") as cursor:
        cursor.itersize = 500
        cursor.execute(ROWS)
        for code, document, model, root_model, root in cursor:
            row = {"code": code, "root": root, "family": document["family"], "categories": document["categories"]}
            for level in (root_model, model, document):
                if level is not None:
                    row["categories"] = row["categories"] or level["categories"]
                    for attribute, values in level["values"].items():
                        if values[0]["locale"] is None:
                            row[attribute] = values[0]["data"]
                        else:
                            row[attribute] = {value["locale"]: value["data"] for value in values}
            row["axes"] = [axis for axis in AXES if root and axis in row]
            yield row


def _header(export: Path, words: Words) -> str:
    options = yaml.safe_load((export / "export.yaml").read_text("utf-8"))["files"][0]["options"]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
        f"<title>{escape(options['title'])}</title>\n<link>{options['link']}</link>\n"
        f"<description>{escape(options['description'][words.locale])}</description>\n"
        f"<language>{words.locale.replace('_', '-').lower()}</language>\n"
    )


def _item(row: dict[str, Any], words: Words) -> str:
    locale, options, code, root = words.locale, words.options, row["code"], row["root"]
    name = escape(row["name"][locale])
    page = f"{SHOP}/{words.language}/p/{root or code}"
    title, link, group = name, f"{page}</link>", ""
    if root:
        axes = [(axis, options[axis, row[axis]]) for axis in row["axes"]]
        title = ", ".join([name, *(label for _, label in axes)])
        link = f"{page}?variant={code}</link>\n<g:canonical_link>{page}</g:canonical_link>"
        pairs = [
            f"<g:variant_option><g:name>{words.attributes[axis][2]}</g:name><g:value>{label}</g:value></g:variant_option>\n"
            for axis, label in axes
        ]
        group = f"<g:item_group_id>{root}</g:item_group_id>\n<g:item_group_title>{name}</g:item_group_title>\n"
        group += "".join(pairs)
    category = next(c for c in row["categories"] if words.in_shop(c))
    family, season = row["family"], _tag("custom_label_1", row, options, "season")
    availability = "in_stock" if row["availability"] == "low_stock" else row["availability"]
    return (
        f"<item>\n<g:id>{code}</g:id>\n<title>{title}</title>\n"
        f"<description>{_plain(row['description'][locale])}</description>\n<link>{link}\n"
        f"<g:image_link>{words.public_url}/media/{row['picture']}</g:image_link>\n"
        f"<g:availability>{availability}</g:availability>\n"
        f"{_prices(row, words.currency)}{_unit_price(row)}"
        f"<g:google_product_category>{words.google_category.get(category) or words.google_family[family]}"
        f"</g:google_product_category>\n<g:product_type>{words.path(category)}</g:product_type>\n"
        f"<g:custom_label_0>{words.families[family][0]}</g:custom_label_0>\n{season}"
        f"<g:brand>{options['brand', row['brand']]}</g:brand>\n<g:gtin>{row['ean']}</g:gtin>\n"
        f"<g:mpn>{row['mpn']}</g:mpn>\n"
        f"<g:condition>new</g:condition>\n{_energy(row) if locale == 'en_GB' and 'energy_class' in row else ''}"
        f"{_people(row)}{_tag('color', row, options, 'color')}{_size(row, options)}{_material(row, options)}{group}"
        f"{_sides(row)}{_details(row, words)}{_highlights(row, locale)}{words.shipping}"
        f"<g:ships_from_country>FR</g:ships_from_country>\n{_weight('shipping_weight', row)}</item>\n"
    )


def _plain(text: str) -> str:
    return escape(html.unescape(TAG.sub("", text)))


def _prices(row: dict[str, Any], currency: str) -> str:
    price = next(p["amount"] for p in row["price"] if p["currency"] == currency)
    markup = f"<g:price>{price} {currency}</g:price>\n"
    if "sale_price" not in row:
        return markup
    sale = next(p["amount"] for p in row["sale_price"] if p["currency"] == currency)
    if "sale_start" not in row:
        return f"{markup}<g:sale_price>{sale} {currency}</g:sale_price>\n"
    start, end = row["sale_start"][:10], row["sale_end"][:10]
    if end < datetime.now(UTC).date().isoformat():
        return markup
    period = f"{start}T00:00:00+01:00/{end}T23:59:59+01:00"
    return (
        f"{markup}<g:sale_price>{sale} {currency}</g:sale_price>\n"
        f"<g:sale_price_effective_date>{period}</g:sale_price_effective_date>\n"
    )


def _unit_price(row: dict[str, Any]) -> str:
    if "net_weight" not in row:
        return ""
    return (
        f"<g:unit_pricing_measure>{row['net_weight']['amount']} g</g:unit_pricing_measure>\n"
        "<g:unit_pricing_base_measure>1 kg</g:unit_pricing_base_measure>\n"
    )


def _energy(row: dict[str, Any]) -> str:
    return (
        f"<g:energy_efficiency_class>{row['energy_class']}</g:energy_efficiency_class>\n"
        "<g:min_energy_efficiency_class>G</g:min_energy_efficiency_class>\n"
        "<g:max_energy_efficiency_class>A</g:max_energy_efficiency_class>\n"
    )


def _people(row: dict[str, Any]) -> str:
    if "gender" not in row:
        return ""
    return f"<g:age_group>{row['age_group']}</g:age_group>\n<g:gender>{row['gender']}</g:gender>\n"


def _tag(field: str, row: dict[str, Any], options: dict[tuple[str, str], str], attribute: str) -> str:
    return f"<g:{field}>{options[attribute, row[attribute]]}</g:{field}>\n" if attribute in row else ""


def _size(row: dict[str, Any], options: dict[tuple[str, str], str]) -> str:
    size = _tag("size", row, options, "size") or _tag("size", row, options, "tent_size")
    return f"{size}<g:size_system>EU</g:size_system>\n" if row["family"] == "footwear" else size


def _material(row: dict[str, Any], options: dict[tuple[str, str], str]) -> str:
    if "material" not in row:
        return ""
    return f"<g:material>{'/'.join([options['material', code] for code in row['material']])}</g:material>\n"


def _sides(row: dict[str, Any]) -> str:
    sides = [
        f"<g:product_{side}>{row[side]['amount']} cm</g:product_{side}>\n"
        for side in ("length", "width", "height")
        if side in row
    ]
    return "".join(sides) + _weight("product_weight", row)


def _weight(field: str, row: dict[str, Any]) -> str:
    return f"<g:{field}>{row['weight']['amount']} kg</g:{field}>\n" if "weight" in row else ""


def _details(row: dict[str, Any], words: Words) -> str:
    return "".join(
        [
            f"{start}{SHOWN[kind](row[code], code, words)}</g:attribute_value></g:product_detail>\n"
            for code, kind, start in words.details(row["family"])
            if code in row
        ]
    )


def _detail_start(section: str, name: str) -> str:
    return (
        f"<g:product_detail><g:section_name>{section}</g:section_name><g:attribute_name>{name}</g:attribute_name>"
        "<g:attribute_value>"
    )


SHOWN: dict[str, Callable[[Any, str, Words], str]] = {
    "text": lambda data, code, words: escape(data),
    "number": lambda data, code, words: words.number(str(data)),
    "boolean": lambda data, code, words: (("Non", "Oui") if words.language == "fr" else ("No", "Yes"))[data],
    "simpleselect": lambda data, code, words: words.options[code, data],
    "multiselect": lambda data, code, words: ", ".join([words.options[code, one] for one in data]),
    "metric": lambda data, code, words: f"{words.number(data['amount'])}\u00a0{UNITS[data['unit']]}",
    "date": lambda data, code, words: words.day(data),
}


def _highlights(row: dict[str, Any], locale: str) -> str:
    if "highlights" not in row:
        return ""
    points = row["highlights"][locale].split("\n")
    lines = [f"<g:product_highlight>{escape(line)}</g:product_highlight>\n" for line in points]
    return "".join(lines)


def _groups(constants: dict[str, list[dict[str, Any]]]) -> str:
    return "".join(
        f"<g:{name}>{''.join(f'<g:{key}>{value}</g:{key}>' for key, value in entry.items())}</g:{name}>\n"
        for name, entries in constants.items()
        for entry in entries
    )
