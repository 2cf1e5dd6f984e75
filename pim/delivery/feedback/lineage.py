"""From what a report names to what one would have to mend: item, field, attribute, product or model."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pim.base.errors import NotFound
from pim.base.settings import Settings
from pim.catalog.model import Resolved, Root
from pim.delivery.feedback.formats.wording import names_within
from pim.delivery.feedback.model import ReportedIssue
from pim.exports.feedback import Feedback
from pim.exports.model import GRAIN_ROOT, ExportDefinition
from pim.syndication.compiled_export import CompiledExport, LocaleMapping, compile_export
from pim.syndication.field_origin import field_origin
from pim.syndication.lineage import sources_of
from pim.syndication.run_facts import facts_of
from pim.syndication.trace import Origin
from pim.versioning.snapshot import Snapshot


class Meant(NamedTuple):
    """The product or model that a report names, its root, and the id of the item that shows it."""

    resolved: Resolved
    root: Root
    item_id: str


class Found(NamedTuple):
    """Our field, the attributes it may be taken from, and the one it was taken from."""

    field: str | None
    attributes: list[str]
    origin: Origin | None


@dataclass
class Lineage:
    """Of one export as of one revision."""

    compiled: CompiledExport
    sources: Mapping[str, list[str]]
    feedback: Feedback

    def meant(self, code: str) -> Meant | None:
        """None for a code that nobody had then."""
        snapshot, by_root = self.compiled.snapshot, self.compiled.definition.grain == GRAIN_ROOT
        found = _product(snapshot, code)
        if found is None:
            return None
        top = found.ancestors[0] if found.ancestors else found.entity
        root = next(iter(snapshot.roots_with([f"{top.kind}/{top.code}"])))
        shown = root.head if by_root else found
        return Meant(found, root, f"{shown.kind}/{shown.code}")

    def found(self, issue: ReportedIssue, meant: Meant | None) -> Found:
        field = self._field(issue)
        if field is None:
            return Found(None, [], None)
        origin = self._origin(issue, meant, field) if meant is not None else None
        return Found(field, self.sources.get(field, []), origin)

    def _origin(self, issue: ReportedIssue, meant: Meant, field: str) -> Origin | None:
        for mapping in self._mappings(issue.locale):
            origin = field_origin(self.compiled, mapping, meant.root, meant.resolved, field)
            if origin is not None:
                return origin
        return None

    def _mappings(self, locale: str | None) -> Iterator[LocaleMapping]:
        """That of the locale that the report names (`fr` will do for fr_FR) first."""
        wanted = (locale or "").replace("-", "_").lower()
        fitting = [one for one in self.compiled.mappings if wanted and one.locale.lower().startswith(wanted)]
        yield from fitting or self.compiled.mappings

    def _field(self, issue: ReportedIssue) -> str | None:
        """The field that the report names, else the first name within its message that is one."""
        for name in (issue.field, *names_within(issue.message)):
            if name and (found := our_field(name, self.feedback.fields, self.sources)) is not None:
                return found
        return None


def open_lineage(definition: ExportDefinition, feedback: Feedback, snapshot: Snapshot, settings: Settings) -> Lineage:
    compiled = compile_export(definition, snapshot, facts_of(snapshot), settings)
    return Lineage(compiled, sources_of(definition), feedback)


def our_field(theirs: str, said: Mapping[str, str], targets: Collection[str]) -> str | None:
    """1. What the definition says. 2. A field of that name, at whatever depth. 3. The one around it: their
    `purchasable_offer.our_price` is within our `purchasable_offer`. Blanks, hyphens and capitals make no difference."""
    if theirs in said:
        return said[theirs]
    steps = _steps(theirs)
    by_steps = sorted(((_steps(target), target) for target in targets), key=lambda pair: len(pair[0]))
    while steps:
        found = next((target for of, target in by_steps if list(of[-len(steps) :]) == list(steps)), None)
        if found is not None:
            return found
        steps = steps[:-1]
    return None


def _steps(name: str) -> Sequence[str]:
    return [step.strip().lower().replace(" ", "_").replace("-", "_") for step in name.split(".") if not step.isdigit()]


def _product(snapshot: Snapshot, code: str) -> Resolved | None:
    for find in (snapshot.product, snapshot.product_model):
        try:
            return find(code)
        except NotFound:
            continue
    return None


def code_of(item_id: str) -> str:
    return item_id.partition("/")[2]
