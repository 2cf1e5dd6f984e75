"""Which products an export takes, and the reason why one is left out. Pure; computed in the run itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from pim.base.errors import ConfigurationError, InvalidInput, NotFound, shown
from pim.catalog.filter_grammar import Filter, subtree
from pim.catalog.filter_match import compile_filter, goes_at
from pim.catalog.filters import understood
from pim.catalog.model import Channel, Resolved, Root
from pim.catalog.structure import Structure
from pim.exports.model import ExportDefinition
from pim.syndication.conditions import when
from pim.syndication.context import MappingContext
from pim.syndication.subject import Subject

RULES = ("exclude", "enabled_only", "families", "categories", "where", "search", "completeness")
"""The keys of an assortment that leave products out, in the order in which they are asked."""

Ratio = Callable[[Resolved, str], int | None]
"""(product, locale) → completeness in per cent for the export's channel; None without a family."""


class LeftOut(NamedTuple):
    """Why a product is out: `rule` is the key of the assortment that says so."""

    rule: str
    reason: str


WhyOut = Callable[[Resolved], LeftOut | None]
"""None when the product is in."""
Rule = Callable[[Resolved], str | None]
"""The reason why a product is out; None when this rule lets it in."""


@dataclass(frozen=True, slots=True)
class Selection:
    """An assortment in one locale. `goes_at` says when a product that is in will be out though nobody touches it; it is
    None where no product ever will."""

    why_out: WhyOut
    goes_at: Callable[[Resolved], datetime | None] | None = None


def compile_assortment(
    definition: ExportDefinition, structure: Structure, channel: Channel, locale: str, as_of: datetime, ratio: Ratio
) -> Selection:
    """`include` beats all RULES but `exclude`. Raises ConfigurationError for a search that means nothing in this
    catalogue."""
    assortment = definition.assortment
    include, exclude = frozenset(assortment.include), frozenset(assortment.exclude)
    filters = _searched(definition, structure, channel, locale, as_of)
    rules = _rules(definition, structure, channel, locale, filters, ratio)

    def why_out(product: Resolved) -> LeftOut | None:
        if product.code in exclude:
            return LeftOut("exclude", "it is excluded by name")
        if product.code in include:
            return None
        for name, rule in rules:
            if (reason := rule(product)) is not None:
                return LeftOut(name, reason)
        return None

    clocks = [clock for found in filters if (clock := goes_at(found, as_of)) is not None]
    if not clocks:
        return Selection(why_out)
    return Selection(
        why_out, lambda product: None if product.code in include else min(clock(product) for clock in clocks)
    )


def _rules(
    definition: ExportDefinition,
    structure: Structure,
    channel: Channel,
    locale: str,
    filters: list[Filter],
    ratio: Ratio,
) -> list[tuple[str, Rule]]:
    """Those of RULES that the definition has."""
    assortment = definition.assortment
    rules: list[tuple[str, Rule]] = []
    if assortment.enabled_only:
        rules.append(("enabled_only", lambda p: None if p.document.get("enabled", True) else "it is disabled"))
    if assortment.families:
        rules.append(("families", _in_families(assortment.families)))
    rules.append(("categories", _in_categories(assortment.categories or [channel.category_tree], structure)))
    if assortment.where:
        rules.append(("where", _meets(definition, structure, channel, locale)))
    if filters:
        rules.append(("search", _found_by(filters, structure)))
    if assortment.completeness is not None:
        rules.append(("completeness", _complete(assortment.completeness, channel, locale, ratio)))
    return rules


def _in_families(codes: list[str]) -> Rule:
    families, listed = frozenset(codes), ", ".join(sorted(codes))

    def rule(product: Resolved) -> str | None:
        family = product.document.get("family")
        return None if family in families else f"its family `{family}` is not among {listed}"

    return rule


def _in_categories(trees: list[str], structure: Structure) -> Rule:
    """Codes the catalogue does not have count for nothing."""
    inside = frozenset(subtree((code for code in trees if code in structure.categories), structure))
    reason = f"it is in no category below {', '.join(trees)}"
    return lambda product: reason if inside.isdisjoint(product.document["categories"]) else None


def _meets(definition: ExportDefinition, structure: Structure, channel: Channel, locale: str) -> Rule:
    # Conditions do not look at the clock, so any instant does.
    context = MappingContext(definition, structure, channel, locale, datetime.min)
    where = definition.assortment.where
    conditions = [(source, wanted, when({source: wanted}, context)) for source, wanted in where.items()]

    def rule(product: Resolved) -> str | None:
        subject = Subject(product)
        for source, wanted, holds in conditions:
            if not holds(subject):
                return f"`{source}` does not meet {wanted}"
        return None

    return rule


def _searched(
    definition: ExportDefinition, structure: Structure, channel: Channel, locale: str, as_of: datetime
) -> list[Filter]:
    try:
        search = definition.assortment.search
        found = understood(search, locale=locale, scope=channel.code, structure=structure, now=as_of)
    except (InvalidInput, NotFound) as error:
        message = f"export `{definition.name}`: the search of its assortment does not fit this catalogue: {error}"
        raise ConfigurationError(message) from error
    return list(found.filters)


def _found_by(filters: list[Filter], structure: Structure) -> Rule:
    conditions = [(compile_filter(found, structure), _not_found(found)) for found in filters]

    def rule(product: Resolved) -> str | None:
        return next((reason for matches, reason in conditions if not matches(product)), None)

    return rule


def _not_found(found: Filter) -> str:
    place = ", ".join(filter(None, (found.locale, found.scope)))
    asked = "" if found.written is None else f" {shown(found.written)}"
    return f"`{found.property}`{f' ({place})' if place else ''} {found.operator}{asked} does not hold"


def _complete(least: int, channel: Channel, locale: str, ratio: Ratio) -> Rule:
    def rule(product: Resolved) -> str | None:
        found = ratio(product, locale) or 0
        if found >= least:
            return None
        return f"it is {found} % complete for {channel.code} {locale}; {least} % are needed"

    return rule


def selected_root(root: Root, why_out: WhyOut) -> Root | None:
    """The root with only the products that are in, and the sub-models that still have some; None when none is."""
    products = tuple(product for product in root.products if why_out(product) is None)
    if not products:
        return None
    if len(products) == len(root.products):
        return root
    kept = {ancestor.id for product in products for ancestor in product.ancestors}
    return replace(root, products=products, models=tuple(m for m in root.models if m.entity.id in kept))
