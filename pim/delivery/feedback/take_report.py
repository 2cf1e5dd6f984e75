"""Taking in a report on what was sent.

1. Read it, by the format that the export's definition names. Bad ones are refused whole, with every reason.
2. Find the publication it is about: the one that is named, else what was delivered last, else what is current.
3. Each issue lands on the item, our field, and the attribute, product or model that it is taken from, as of then.
4. What it says again is kept; what is new is added; what was open of items that the report covers, and that it does
   not name, is cleared. A report on an older publication says nothing of newer ones.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlmodel import Session

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.base.installation import Installation
from pim.delivery.destinations import require_exports
from pim.delivery.feedback import store
from pim.delivery.feedback.formats import READERS
from pim.delivery.feedback.lineage import Lineage, Meant, code_of, open_lineage
from pim.delivery.feedback.model import ReportedIssue
from pim.delivery.feedback.sent_items import ids_by_field, item_marks
from pim.delivery.feedback.tables import FeedbackIssueRow, FeedbackReportRow
from pim.delivery.store import changes_sent, last_delivered
from pim.exports.feedback import FORMATS, Feedback
from pim.exports.load import load_definition
from pim.exports.model import ExportDefinition
from pim.syndication import store as publications
from pim.syndication.tables import PublicationRow
from pim.versioning.snapshot import open_snapshot

CLEARED_COUNT, UNKNOWN_COUNT = "cleared", "unknown_items"


@dataclass(frozen=True, slots=True)
class Taken:
    """`is_new` is False for a report that was taken in before: nothing has changed then."""

    report: FeedbackReportRow
    is_new: bool


def take_report(
    here: Installation,
    export: str,
    content: bytes,
    *,
    name: str,
    by: str,
    at: datetime,
    format: str | None = None,
    number: int | None = None,
) -> Taken:
    """`format` reads it otherwise than the definition says; `number` is the publication it is about. Raises NotFound
    and InvalidInput."""
    require_exports(here.settings, [export])
    definition = load_definition(here.settings.exports_folder / export)
    feedback = _feedback(definition, format)
    issues = READERS[feedback.format](content, feedback)
    digest = hashlib.sha256(content).hexdigest()
    with here.database.snapshot_session() as session:
        publication = _publication(session, export, number)
        if (before := store.report_with(session, export, publication.number, digest)) is not None:
            return Taken(before, False)
        found = _Landing(here, session, definition, feedback, publication).rows(issues, at)
        covered = _covered(session, publication)
    with here.database.session() as session:
        store.one_at_a_time(session, export)
        if (before := store.report_with(session, export, publication.number, digest)) is not None:
            return Taken(before, False)
        report = FeedbackReportRow(
            export=export, number=publication.number, revision=publication.revision, name=name, format=feedback.format,
            digest=digest, author=by, received_at=at, counts={},
        )  # fmt: skip
        session.add(report)
        session.flush()
        report.counts = _write(session, report, found, covered)
        session.add(report)
    here.storage.put(f"feedback/{export}/{report.id}", content, "application/octet-stream")
    return Taken(report, True)


def _feedback(definition: ExportDefinition, format: str | None) -> Feedback:
    if format is not None and format not in FORMATS:
        message = f"there is no format of reports `{format}`; {known(FORMATS)}"
        raise InvalidInput([Violation("format", "unknown_format", message)])
    if definition.feedback is None and format is None:
        message = f"export `{definition.name}` does not say how its reports are read; add `feedback` to its export.yaml"
        raise InvalidInput([Violation("format", "required", f"{message}, or name a format: {', '.join(FORMATS)}")])
    told = definition.feedback or msgspec.convert({"format": format}, Feedback)
    return told if format is None else msgspec.convert({**msgspec.to_builtins(told), "format": format}, Feedback)


def _publication(session: Session, export: str, number: int | None) -> PublicationRow:
    if number is None:
        last = last_delivered(session, export)
        number = last.number if last else publications.require_current(session, export).number
    found = publications.kept_publication(session, export, number)
    if found is None:
        there = known(str(one.number) for one in publications.publications(session, export))
        raise NotFound(f"publication {number} of export `{export}` is not kept; {there}")
    return found


def _covered(session: Session, publication: PublicationRow) -> Collection[str] | None:
    """Ids of the items that were sent of the publication; None for all there are."""
    parts = changes_sent(session, publication.export, publication.number)
    return {item for part in parts for item in part.items} if parts else None


@dataclass
class _Landing:
    """Where issues belong."""

    here: Installation
    session: Session
    definition: ExportDefinition
    feedback: Feedback
    publication: PublicationRow

    def rows(self, issues: Sequence[ReportedIssue], at: datetime) -> list[FeedbackIssueRow]:
        """Not yet of any report."""
        if not issues:
            return []
        snapshot = open_snapshot(self.session, self.publication.revision)
        lineage = open_lineage(self.definition, self.feedback, snapshot, self.here.settings)
        names = {issue.item for issue in issues if issue.item}
        meant = dict(self._meant(lineage, names))
        roots = {one.root.key for one in meant.values()}
        marks = item_marks(self.session, self.here.storage, self.definition, self.publication, roots)
        return [self._row(issue, lineage, meant.get(issue.item), marks, at) for issue in issues]

    def _meant(self, lineage: Lineage, names: Collection[str]) -> Iterator[tuple[str, Meant]]:
        ids: dict[str, str] = {}
        if self.feedback.item is not None:
            ids = ids_by_field(
                self.session, self.here.storage, self.definition, self.publication, self.feedback.item, names
            )
        for name in names:
            found = lineage.meant(code_of(ids[name]) if name in ids else name)
            if found is not None:
                yield name, found

    def _row(
        self, issue: ReportedIssue, lineage: Lineage, meant: Meant | None, marks: dict[str, str], at: datetime
    ) -> FeedbackIssueRow:
        found = lineage.found(issue, meant)
        origin = found.origin
        return FeedbackIssueRow(
            export=self.definition.name, report_id=0, number=self.publication.number,
            revision=self.publication.revision, their_item=issue.item, their_field=issue.field, code=issue.code,
            severity=issue.severity, message=issue.message, value=issue.value, locale=issue.locale,
            item_id=meant.item_id if meant else None, kind=meant.resolved.kind if meant else None,
            product=meant.resolved.code if meant else None, root=meant.root.key if meant else None,
            field=found.field, attributes=found.attributes,
            attribute=origin.name if origin else next(iter(found.attributes), None),
            attribute_locale=origin.locale if origin else None, attribute_scope=origin.scope if origin else None,
            owner=origin.owner if origin else None, mark=marks.get(meant.item_id) if meant else None, first_seen=at,
        )  # fmt: skip


def _write(
    session: Session, report: FeedbackReportRow, found: list[FeedbackIssueRow], covered: Collection[str] | None
) -> dict[str, int]:
    """What came of the report, counted."""
    assert report.id is not None
    of_then = [one for one in store.open_issues(session, report.export, lock=True) if one.number <= report.number]
    before = {one.says(): one for one in of_then}
    counts = Counter(one.severity for one in found)
    counts[UNKNOWN_COUNT] = len({one.their_item for one in found if one.their_item and one.item_id is None})
    said = set()
    for new in found:
        said.add(new.says())
        old = before.get(new.says())
        if old is None:
            new.report_id = report.id
            session.add(new)
        else:  # again, of what was sent meanwhile
            old.report_id, old.number, old.revision, old.mark = report.id, new.number, new.revision, new.mark
            session.add(old)
    for says, old in before.items():
        if says not in said and (covered is None or old.item_id is None or old.item_id in covered):
            old.cleared_by, old.cleared_at = report.id, report.received_at
            session.add(old)
            counts[CLEARED_COUNT] += 1
    return {name: count for name, count in counts.items() if count}
