"""One export of one run: from a root of the catalogue to the items of all its files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pim.base.errors import ConfigurationError, ItemRejected, known
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.catalog import store as catalog_store
from pim.catalog.completeness import Measure, compile_completeness
from pim.catalog.model import Channel, Resolved, Root, Values
from pim.catalog.structure import Structure
from pim.exports.model import GRAIN_ROOT, ExportDefinition
from pim.exports.scope import channel_of, constants_of, currency_of, locales_of
from pim.syndication.artifact_output import ArtifactOutput
from pim.syndication.assortment import Ratio, compile_assortment, selected_root
from pim.syndication.context import CodeOf, Linked, MediaInfo, mapping_context
from pim.syndication.earlier import EarlierArtifact
from pim.syndication.feed import MEDIA, Feed
from pim.syndication.lineage import sources_of
from pim.syndication.mapping import Rendered, compile_mapping
from pim.syndication.model import FieldViolation
from pim.syndication.outcome import Outcome
from pim.syndication.outputs import Output, make_output
from pim.syndication.report_output import ReportOutput
from pim.syndication.segmented_output import SegmentedOutput
from pim.syndication.staged import StagedFile
from pim.syndication.validity import ItemCheck, Sources, with_sources
from pim.syndication.writers import check_writer
from pim.versioning.snapshot import Snapshot

REMEMBERED = 20_000
"""Pictures, associated products, records and assets whose facts a run keeps at hand."""

Subject = Resolved | Root


@dataclass(frozen=True, slots=True)
class Facts:
    """What mappings look up beyond their product, shared by all exports of a run."""

    media_info: MediaInfo
    code_of: CodeOf
    linked: Linked


@dataclass(frozen=True, slots=True)
class LocaleMapping:
    """`select` answers the part of a subject that is in the assortment, None where nothing is."""

    locale: str
    select: Callable[[Any], Subject | None]
    render: Callable[[Subject], Rendered]


class ExportRendering:
    """Takes the catalogue's roots in key order, cuts where the run says, and leaves finished files."""

    def __init__(
        self,
        definition: ExportDefinition,
        channel: Channel,
        mappings: list[LocaleMapping],
        outputs: list[Output],
        report: ReportOutput,
        snapshot: Snapshot,
    ) -> None:
        self.definition = definition
        self.scope = channel.code
        self.locales = tuple(mapping.locale for mapping in mappings)
        self._by_root = definition.grain == GRAIN_ROOT
        self.report = report
        self._mappings, self._outputs = mappings, outputs
        self._structure, self._now = snapshot.structure, snapshot.committed_at.isoformat()
        self._check = ItemCheck(definition.item_schema, definition.schema)
        self._accepts = self._check.accepts
        self._sources: Sources = sources_of(definition)

    def take(self, root: Root) -> None:
        for outcome in self.outcomes(root):
            if outcome.fields or outcome.rejected:
                self._deliver(outcome)

    def outcomes(self, root: Root) -> list[Outcome]:
        """What the root gives, before any file shows it: one for grain root, else one a product."""
        if self._by_root:
            return [self.outcome(root, root.head.code, root.head.kind, root.key)]
        return [self.outcome(product, product.code, product.kind, root.key) for product in root.products]

    def outcome(self, subject: Subject, key: str, kind: str, root_key: str) -> Outcome:
        """The item in every locale in which the assortment has it: accepted, or rejected with the reasons."""
        outcome = Outcome(key, kind, root_key)
        for mapping in self._mappings:
            selected = mapping.select(subject)
            if selected is None:
                continue
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
                instant = rendered.next_change_at.isoformat()
                outcome.next_change_at = min(outcome.next_change_at or instant, instant)
        return outcome

    def cut(self, until: str | None) -> None:
        for sequence in self.sequences:
            sequence.cut(until)

    @property
    def sequences(self) -> list[SegmentedOutput]:
        """The items of every feed, and the report: all are cut at the same roots."""
        return [*(output.sequence for output in self._outputs), self.report]

    @property
    def items(self) -> int:
        return self.report.entries

    @property
    def rejected(self) -> int:
        return self.report.refused

    def reuse_artifacts(self, earlier: EarlierArtifact) -> None:
        for output in self._outputs:
            if isinstance(output, ArtifactOutput):
                output.reuse(earlier)

    def close(self) -> list[StagedFile]:
        """Ends all files; artifacts are made now."""
        staged: list[StagedFile] = []
        for output in self._outputs:
            output.close(staged.append)
        self.report.close(staged.append)
        return staged

    def abandon(self) -> None:
        for output in self._outputs:
            output.abandon()
        self.report.abandon()

    def _deliver(self, outcome: Outcome) -> None:
        self.report.take(outcome)
        for output in self._outputs:
            output.take(outcome)

    def _reasons(self, fields: Mapping[str, Any], locale: str) -> list[FieldViolation]:
        found = self._check.violations(fields)
        return with_sources(found, self._sources, self._structure, locale, self.scope)


def prepare(
    definition: ExportDefinition,
    snapshot: Snapshot,
    facts: Facts,
    settings: Settings,
    storage: ObjectStorage,
    work: Path,
) -> ExportRendering:
    """Compiles the mapping for every locale and opens the files in `work`, an empty folder of the export's own.

    Raises ConfigurationError when the catalogue has none of the export's channels or locales.
    """
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
    mappings = [_mapping(definition, channel, locale, ratio, snapshot, facts, settings) for locale in locales]
    outputs = _outputs(definition, channel, locales, snapshot, settings, storage, work)
    return ExportRendering(definition, channel, mappings, outputs, ReportOutput(work / "report"), snapshot)


def _mapping(
    definition: ExportDefinition,
    channel: Channel,
    locale: str,
    ratio: Ratio,
    snapshot: Snapshot,
    facts: Facts,
    settings: Settings,
) -> LocaleMapping:
    why_out = compile_assortment(definition, snapshot.structure, channel, locale, ratio)
    context = mapping_context(
        definition, snapshot.structure, locale, snapshot.committed_at, settings.public_url, facts.media_info,
        facts.code_of, facts.linked,
    )  # fmt: skip
    render = compile_mapping(context)
    if definition.grain == GRAIN_ROOT:
        return LocaleMapping(locale, lambda root: selected_root(root, why_out), render)
    return LocaleMapping(locale, lambda product: product if why_out(product) is None else None, render)


def facts_of(snapshot: Snapshot) -> Facts:
    remembered = lru_cache(REMEMBERED)
    return Facts(remembered(snapshot.media_info), remembered(_code_of(snapshot)), remembered(_linked(snapshot)))


def _linked(snapshot: Snapshot) -> Linked:
    """Values of records and assets, as of the snapshot's revision."""

    def linked(kind: str, owner: str, code: str) -> Values | None:
        entity = snapshot.linked(kind, owner, code)
        return entity.document["values"] if entity else None

    return linked


def _code_of(snapshot: Snapshot) -> CodeOf:
    """Codes of associated products, as of the snapshot's revision."""
    changed = {str(e.uuid): e.code for e in snapshot.touched.values() if e is not None and e.uuid is not None}

    def code_of(uuid: str) -> str | None:
        if uuid in changed:
            return changed[uuid]
        found = catalog_store.products_by_uuid(snapshot.session, [UUID(uuid)])
        return next((entity.code for entity in found if entity.id not in snapshot.touched), None)

    return code_of


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


def _outputs(
    definition: ExportDefinition,
    channel: Channel,
    locales: list[str],
    snapshot: Snapshot,
    settings: Settings,
    storage: ObjectStorage,
    work: Path,
) -> list[Output]:
    for file in definition.files:
        check_writer(definition.name, file.name, file.writer)
    outputs: list[Output] = []
    for file in definition.files:
        by_locale = "{locale}" in file.name
        for locale in locales if by_locale else [None]:
            feed = Feed(
                export=definition.name,
                name=file.name.replace("{locale}", locale) if locale else file.name,
                locale=locale,
                locales=tuple(locales),
                scope=channel.code,
                currency=currency_of(definition, channel, locale or locales[0]),
                options=file.options,
                folder=settings.exports_folder / definition.name,
                structure=snapshot.structure,
                as_of=snapshot.committed_at,
                public_url=settings.public_url,
                open_media=lambda code: storage.open(MEDIA + code),
                constants=constants_of(definition, locale or locales[0]),
                item_schema=definition.item_schema,
            )
            outputs.append(make_output(feed, file.writer, file.part, work / str(len(outputs))))
    return outputs


def _as_field(violation: Any) -> FieldViolation:
    return FieldViolation(
        field=violation.path, rule=violation.code, value=None, expected=None, message=violation.message,
        attributes=[violation.attribute] if violation.attribute else [], attribute=violation.attribute,
        attribute_locale=violation.locale, attribute_scope=violation.scope,
    )  # fmt: skip
