"""Transforms of product identifiers: GTIN, ISBN, GS1 Digital Link."""

from collections.abc import Callable

from pim.catalog.gtin import is_restricted, isbn13, valid_gtin
from pim.syndication.context import MappingContext

Text = Callable[[object], str | None]

GS1_RESOLVER = "https://id.gs1.org"


def gtin(context: MappingContext, length: int | None = None, restricted: str = "drop", invalid: str = "drop") -> Text:
    keep_restricted, keep_invalid = restricted == "keep", invalid == "keep"

    def step(value: object) -> str | None:
        digits = valid_gtin(value)
        if digits is None:
            return str(value) if keep_invalid else None
        if length is not None and len(digits) != length:
            return None
        return digits if keep_restricted or not is_restricted(digits) else None

    return step


def gtin14(context: MappingContext) -> Text:
    return lambda value: digits.zfill(14) if (digits := valid_gtin(value)) else None


def isbn(context: MappingContext) -> Text:
    return isbn13


def digital_link(context: MappingContext, domain: str = GS1_RESOLVER) -> Text:
    domain = context.fill(domain).rstrip("/")
    return lambda value: f"{domain}/01/{digits.zfill(14)}" if (digits := valid_gtin(value)) else None
