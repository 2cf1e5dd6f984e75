"""Builders of feeds and outcomes for tests of writers and outputs: each states only what matters."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pim.base.errors import NotFound
from pim.catalog.structure import Structure
from pim.syndication.feed import Feed
from pim.syndication.model import FieldViolation, Item
from pim.syndication.outcome import Outcome


def a_feed(name: str = "feed.xml", locale: str | None = "fr_FR", **given: Any) -> Feed:
    return Feed(
        export="demo",
        name=name,
        locale=locale,
        locales=given.get("locales", ("fr_FR", "en_GB")),
        scope="ecommerce",
        currency="EUR",
        options=given.get("options", {}),
        folder=Path("."),
        structure=Structure([]),
        as_of=datetime(2026, 3, 1, tzinfo=UTC),
        public_url="https://pim.example",
        open_media=_no_media,
        constants=given.get("constants", {}),
        item_schema=given.get("item_schema", {}),
    )


def an_item(key: str = "TENT-1", **fields: Any) -> Item:
    return Item(key, "product", f"product/{key}", fields)


def an_outcome(key: str, locale: str = "fr_FR", **fields: Any) -> Outcome:
    return Outcome(key, "product", f"product/{key}", {locale: {"id": key, **fields}})


def a_rejection(key: str, locale: str = "fr_FR") -> Outcome:
    violation = FieldViolation(field="title", rule="required", value=None, expected=True, message="`title` is missing")
    return Outcome(key, "product", f"product/{key}", {}, {locale: [violation]})


def _no_media(code: str) -> BinaryIO:
    raise NotFound(code)
