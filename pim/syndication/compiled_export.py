"""One export compiled for one snapshot: from a root of the catalogue to items, accepted or rejected."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pim.base.errors import ConfigurationError, ItemRejected, known
from pim.base.settings import Settings
from pim.catalog.completeness import Measure, compile_completeness
from pim.catalog.model import Channel, Resolved, Root
from pim.catalog.structure import Structure
from pim.exports.model import GRAIN_ROOT, ExportDefinition
from pim.exports.scope import channel_of, locales_of
from pim.syndication.assortment import Ratio, Selection, compile_assortment, selected_root
from pim.syndication.context import MappingContext, mapping_context
from pim.syndication.lineage import sources_of
from pim.syndication.mapping import Rendered, compile_mapping
from pim.syndication.model import FieldViolation
from pim.syndication.outcome import Outcome
from pim.syndication.run_facts import Facts
from pim.syndication.validity import ItemCheck, Sources, with_sources
from pim.versioning.snapshot import Snapshot

Subject = Resolved | Root


@dataclass(frozen=True, slots=True)
class LocaleMapping:
    """`select` answers the part of a subject that is in the assortment, None where nothing is; `selection` decides of
    one product. `context` is what the mapping sees."""

    locale: str
    select: Callable[[Any], Subject | None]
    render: Callable[[Subject], Rendered]
    selection: Selection
    context: MappingContext


class CompiledExport:
    """Holds no file: one serves any number of renderings of its snapshot."""

    def __init__(
        self, definition: ExportDefinition, channel: Channel, mappings: list[LocaleMapping], snapshot: Snapshot
    ) -> None:
        self.definition, self.channel, self.snapshot = definition, channel, snapshot
        self.locales = tuple(mapping.locale for mapping in mappings)
        self._by_root = definition.grain == GRAIN_ROOT
        self.mappings = mappings
        self._structure, self._now = snapshot.structure, snapshot.committed_at.isoformat()
        self._check = ItemCheck(definition.item_schema, definition.schema)
        self._accepts = self._check.accepts
        self._sources: Sources = sources_of(definition)

    def outcomes(self, root: Root) -> list[Outcome]:
        """What the root gives, before any file shows it: one for grain root, else one a product."""
        if self._by_root:
            return [self.outcome(root, root.head.code, root.head.kind, root.key)]
        return [self.outcome(product, product.code, product.kind, root.key) for product in root.products]

    def outcome(self, subject: Subject, key: str, kind: str, root_key: str) -> Outcome:
        """The item in every locale in which the assortment has it: accepted, or rejected with the reasons."""
        outcome = Outcome(key, kind, root_key)
        for mapping in self.mappings:
            selected = mapping.select(subject)
            if selected is None:
                continue
            for instant in _goings(mapping.selection, selected):
                outcome.changes_at(instant)
            try:
                rendered = mapping.render(selected)
            except ItemRejected as rejection:
                outcome.rejected[mapping.locale] = [_as_field(violation) for violation in rejection.violations]
                outcome.next_change_at = self._now  # nobody knows when it may succeed
                continue
            fields = rendered.fields
            if self._accepts(fields):
                outcome.fields[mapping.locale] = fields
            else:
                outcome.rejected[mapping.locale] = self._reasons(fields, mapping.locale)
            if rendered.next_change_at is not None:
                outcome.changes_at(rendered.next_change_at)
        return outcome

    def _reasons(self, fields: Mapping[str, Any], locale: str) -> list[FieldViolation]:
        found = self._check.violations(fields)
        return with_sources(found, self._sources, self._structure, locale, self.channel.code)


def compile_export(
    definition: ExportDefinition, snapshot: Snapshot, facts: Facts, settings: Settings
) -> CompiledExport:
    """The mapping for every locale. Raises ConfigurationError when the catalogue has none of the export's channels or
    locales."""
    channel = channel_of(definition, snapshot.structure)
    if channel is None:
        wanted = " or ".join(f"`{code}`" for code in definition.channel)
        message = f"export `{definition.name}` is for channel {wanted}, which this catalogue does not have"
        raise ConfigurationError(f"{message}; {known(snapshot.structure.channels)}")
    locales = locales_of(definition, channel)
    if not locales:
        wanted = ", ".join(definition.locales) or "no locale"
        message = f"export `{definition.name}` wants {wanted}; channel `{channel.code}` speaks none of them"
        raise ConfigurationError(f"{message}; {known(channel.locales)}")
    ratio = _ratio(snapshot.structure, channel)
    shared: dict[bytes, Any] | None = {} if len(locales) > 1 else None
    mappings = [_mapping(definition, channel, locale, ratio, snapshot, facts, settings, shared) for locale in locales]
    return CompiledExport(definition, channel, mappings, snapshot)


def _mapping(
    definition: ExportDefinition,
    channel: Channel,
    locale: str,
    ratio: Ratio,
    snapshot: Snapshot,
    facts: Facts,
    settings: Settings,
    shared: dict[bytes, Any] | None,
) -> LocaleMapping:
    as_of = snapshot.committed_at
    selection = compile_assortment(definition, snapshot.structure, channel, locale, as_of, ratio)
    context = mapping_context(
        definition, snapshot.structure, locale, as_of, settings.public_url, facts.media_info,
        facts.code_of, facts.linked,
    )  # fmt: skip
    render = compile_mapping(replace(context, shared=shared))
    why_out = selection.why_out
    if definition.grain == GRAIN_ROOT:
        return LocaleMapping(locale, lambda root: selected_root(root, why_out), render, selection, context)
    return LocaleMapping(
        locale, lambda product: product if why_out(product) is None else None, render, selection, context
    )


def _goings(selection: Selection, selected: Subject) -> Iterator[datetime]:
    """When products of the subject leave the assortment by themselves."""
    if selection.goes_at is not None:
        for product in selected.products if isinstance(selected, Root) else (selected,):
            if (instant := selection.goes_at(product)) is not None:
                yield instant


def _ratio(structure: Structure, channel: Channel) -> Ratio:
    """Completeness by the catalogue's own rule, compiled once a family."""
    measures: dict[str, Measure] = {}

    def ratio(product: Resolved, locale: str) -> int | None:
        family = product.document.get("family")
        if family is None:
            return None
        measure = measures.get(family) or measures.setdefault(family, compile_completeness(family, structure))
        found = measure(product.document["values"], product.document.get("identifier"))
        return next((one.ratio for one in found.each if one.scope == channel.code and one.locale == locale), None)

    return ratio


def _as_field(violation: Any) -> FieldViolation:
    return FieldViolation(
        field=violation.path, rule=violation.code, value=None, expected=None, message=violation.message,
        attributes=[violation.attribute] if violation.attribute else [], attribute=violation.attribute,
        attribute_locale=violation.locale, attribute_scope=violation.scope,
    )  # fmt: skip
