"""One item of a print catalogue as the page needs it: prices written out, texts ready to set, bars of its symbols."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date

from pim.catalog.model import AttributeOption
from pim.syndication.writers.barcodes import BAR_HEIGHT, GUARD_HEIGHT, GUARDS, as_ean13, bar_runs, ean13_modules
from pim.syndication.writers.offer import Offer, known_locale, offer_of, written

Words = Mapping[str, str]
Block = dict[str, Any]
Options = Mapping[str, Mapping[str, AttributeOption]]
"""Attribute code → option code → option."""

ZERO_WIDTH_SPACE = "\u200b"
NARROW_NO_BREAK_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
LONGEST_FACT = 160
"""Letters of a value in the table of facts; a list of thirty materials is no fact for paper."""
LONGEST_RUN = 22
"""Letters without a blank after which a line may break anyway: longer runs would leave their column."""


def block_of(fields: Mapping[str, Any], id: str, locale: str, words: Words) -> Block:
    """Without its pictures: those are files, and the writer lays them beside the template."""

    def text(value: str | None) -> str | None:
        return polished(value, locale) if value else None

    variants = [variant_row(variant, fields["currency"], locale, words) for variant in fields["variants"]]
    lead = _lead(fields, locale, words)
    single = variants[0] if len(variants) == 1 else None
    classes = {variant.get("energy_class") for variant in fields["variants"]}
    return {
        "id": id,
        "name": text(fields["name"]),
        "brand": text(fields.get("brand")),
        "summary": text(fields.get("summary")),
        "highlights": [text(point) for point in fields.get("highlights", [])],
        "specs": _specs(fields, single, text),
        "energy": classes.pop() if len(classes) == 1 else None,
        "offer": lead,
        "references": [text(variant["reference"]) for variant in fields["variants"]],
        "ean": single["ean"] if single else None,
        "bars": single["bars"] if single else None,
        "variants": None if single else _variant_table(fields["variants"], variants, text),
    }


def in_axis_order(variants: list[dict[str, Any]], options: Options) -> list[dict[str, Any]]:
    """By the first axis, then the second, …: options in their own order (S, M, L), measures and numbers by size."""
    return sorted(variants, key=lambda variant: [_rank(option, options) for option in variant.get("options", [])])


def _rank(option: Mapping[str, Any], options: Options) -> tuple[int, Decimal, str]:
    data = option.get("data")
    found = options.get(option.get("attribute", ""), {}).get(data) if isinstance(data, str) else None
    if found is not None:
        return 0, Decimal(found.sort_order), found.code
    if isinstance(data, Mapping):
        return 1, Decimal(data["amount"]), data["unit"]
    if isinstance(data, int | float):
        return 2, Decimal(str(data + 0)), ""
    return 3, Decimal(0), option["value"]


def _specs(fields: Mapping[str, Any], single: Block | None, text: Any) -> list[tuple[str, str]]:
    """A lone variant's options are facts like the others."""
    options = fields["variants"][0].get("options", []) if single else []
    facts = [*options, *fields.get("specs", [])]
    return [(text(fact["label"]), text(_shortened(fact["value"]))) for fact in facts]


def _shortened(value: str) -> str:
    return value if len(value) <= LONGEST_FACT else value[:LONGEST_FACT].rpartition(" ")[0] + "\u00a0…"


def _lead(fields: Mapping[str, Any], locale: str, words: Words) -> Block | None:
    """The offer that stands beside the name: the lowest, `from` where the variants differ."""
    offers = _offers(fields)
    if not offers:
        return None
    variant, lowest = min(offers, key=lambda pair: pair[1].selling)
    return {
        **offer_text(lowest, variant, locale, words),
        "lead": len({offer.selling for _, offer in offers}) > 1,
    }


def _offers(fields: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Offer]]:
    priced = [variant for variant in fields["variants"] if "price" in variant]
    return [(variant, offer_of({**variant, "currency": fields["currency"]})) for variant in priced]


def offer_text(offer: Offer, variant: Mapping[str, Any], locale: str, words: Words) -> Block:
    eco = variant.get("eco_participation")
    return {
        "price": written(offer.selling, offer.currency, locale),
        "old": written(offer.prior, offer.currency, locale) if offer.prior else None,
        "discount": f"−{offer.percent}{NO_BREAK_SPACE}%" if offer.percent else None,
        "window": sale_window(variant, locale, words) if offer.prior else None,
        "unit": unit_text(offer, locale),
        "eco": written(Decimal(eco), offer.currency, locale) if eco else None,
    }


def unit_text(offer: Offer, locale: str) -> str | None:
    if offer.unit is None:
        return None
    return f"{written(offer.unit.amount, offer.currency, locale)}{NO_BREAK_SPACE}/ {offer.unit.per}"


def sale_window(variant: Mapping[str, Any], locale: str, words: Words) -> str | None:
    """`du 3 novembre au 30 novembre 2026`; an offer without end says nothing."""
    end = variant.get("sale_end")
    if not end:
        return None
    start = variant.get("sale_start")
    phrase = words["sale_from_to"] if start else words["sale_until"]
    return phrase.format(start=_day(start, locale, "d MMMM") if start else "", end=_day(end, locale, "d MMMM y"))


def _day(iso: str, locale: str, pattern: str) -> str:
    return format_date(date.fromisoformat(iso[:10]), pattern, locale=known_locale(locale))


def variant_row(variant: Mapping[str, Any], currency: str, locale: str, words: Words) -> Block:
    offer = offer_of({**variant, "currency": currency}) if "price" in variant else None
    code = as_ean13(variant.get("ean"))
    return {
        "cells": [],
        "reference": polished(variant["reference"], locale),
        "ean": code,
        "bars": bars_of(code) if code else None,
        "price": written(offer.selling, currency, locale) if offer else words["in_store"],
        "old": written(offer.prior, currency, locale) if offer and offer.prior else None,
        "unit": (unit_text(offer, locale) if offer else None) or "",
        "energy": variant.get("energy_class"),
    }


def _variant_table(variants: list[Mapping[str, Any]], rows: list[Block], text: Any) -> Block:
    """Columns are the axes in the order in which the variants name them."""
    axes = dict.fromkeys(option["label"] for variant in variants for option in variant.get("options", []))
    for variant, row in zip(variants, rows, strict=True):
        values = {option["label"]: option["value"] for option in variant.get("options", [])}
        row["cells"] = [text(values.get(axis)) or "–" for axis in axes]
        row["ean"] = row["ean"] or ""
    return {
        "axes": [text(axis) for axis in axes],
        "rows": rows,
        "has_ean": any(row["ean"] for row in rows),
        "has_unit": any(row["unit"] for row in rows),
        "has_energy": len({row["energy"] for row in rows}) > 1,
    }


def bars_of(code: str) -> list[tuple[int, int, int]]:
    """(first module, width, height) of each bar of an EAN-13."""
    return [
        (start, width, GUARD_HEIGHT if start in GUARDS else BAR_HEIGHT)
        for start, width in bar_runs(ean13_modules(code))
    ]


def polished(text: str, locale: str) -> str:
    """Ready to set: one blank at a time, French signs kept with their word, endless words given places to break."""
    text = " ".join(text.split(" "))
    if locale.startswith("fr"):
        text = re.sub(r"[ \u00a0\u202f]([;!?])", NARROW_NO_BREAK_SPACE + r"\1", text)
        text = re.sub(r"[ \u00a0\u202f]([:»%])", NO_BREAK_SPACE + r"\1", text)
        text = re.sub(r"«[ \u00a0\u202f]", "«" + NO_BREAK_SPACE, text)
    return re.sub(rf"\S{{{LONGEST_RUN + 1},}}", _breakable, text)


def _breakable(run: re.Match[str]) -> str:
    """After its signs where it has some, else after so many letters."""
    pieces = re.findall(rf"[^/_.\-]{{1,{LONGEST_RUN}}}[/_.\-]?|[/_.\-]", run.group())
    return ZERO_WIDTH_SPACE.join(pieces)
