"""What is rejected where, and why: issues as people and programs are told them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlmodel import Session

from pim.base.errors import InvalidInput, PimError, Violation, known
from pim.base.installation import Installation
from pim.delivery.destinations import require_exports
from pim.delivery.feedback import store
from pim.delivery.feedback.model import CLEARED, MENDED, REJECTED, SEVERITIES, STATES
from pim.delivery.feedback.sent_items import item_marks
from pim.delivery.feedback.tables import FeedbackIssueRow
from pim.exports.load import load_definition
from pim.syndication.store import current_publication


class FeedbackIssue(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: rejected (we still say what was sent), mended (what is published now says something else: the item is
    due again) or cleared (their report is clean). `item` is the product (or model) that is meant, None where nobody
    knows what `their_item` is. `attribute` of `owner` (a product, or a model of it) is what the field was taken from;
    without an owner it is the one that would be filled in; `attributes` are all that the field may be taken from."""

    export: str
    state: str
    severity: str
    their_item: str
    item: str | None
    kind: str | None
    root: str | None
    locale: str | None
    their_field: str | None
    field: str | None
    attribute: str | None
    attribute_locale: str | None
    attribute_scope: str | None
    attributes: list[str]
    owner: str | None
    code: str | None
    message: str
    value: str | None
    publication: int
    revision: int
    report: int
    since: datetime
    cleared_at: datetime | None


def feedback(
    here: Installation,
    session: Session,
    exports: Sequence[str] = (),
    *,
    state: str | None = None,
    severity: str | None = None,
    item: str | None = None,
    attribute: str | None = None,
) -> Iterator[FeedbackIssue]:
    """Export by export (none named: all), in the order in which they came; what is cleared only when asked for.
    Raises NotFound, and InvalidInput for a state or severity that does not exist."""
    _check("state", state, STATES)
    _check("severity", severity, SEVERITIES)
    require_exports(here.settings, exports)
    for export in exports or store.exports_with_feedback(session):
        for issue in _of_export(here, session, export, state == CLEARED):
            fits = (state in (None, issue.state), severity in (None, issue.severity), item in (None, issue.item),
                    attribute is None or attribute in (issue.attribute, *issue.attributes))  # fmt: skip
            if all(fits):
                yield issue


def due_again(here: Installation, session: Session, export: str) -> set[str]:
    """Ids of the items that were rejected and say something else now."""
    rows = store.open_issues(session, export)
    marks = _marks_now(here, session, export, rows)
    return {row.item_id for row in rows if row.item_id and _state(row, marks) == MENDED}


def _of_export(here: Installation, session: Session, export: str, cleared: bool) -> Iterator[FeedbackIssue]:
    if cleared:
        yield from (_told(row, CLEARED) for row in store.cleared_issues(session, export))
        return
    rows = store.open_issues(session, export)
    marks = _marks_now(here, session, export, rows)
    yield from (_told(row, _state(row, marks)) for row in rows)


def _marks_now(
    here: Installation, session: Session, export: str, rows: Sequence[FeedbackIssueRow]
) -> dict[str, str] | None:
    """None where nobody can tell: nothing is published, or its definition cannot be read."""
    current = current_publication(session, export)
    roots = {row.root for row in rows if row.root}
    if current is None or not roots:
        return None
    try:
        definition = load_definition(here.settings.exports_folder / export)
    except PimError:
        return None
    return item_marks(session, here.storage, definition, current, roots)


def _state(row: FeedbackIssueRow, marks: dict[str, str] | None) -> str:
    if marks is None or row.item_id is None or row.mark is None:
        return REJECTED
    return REJECTED if marks.get(row.item_id) == row.mark else MENDED


def _check(name: str, asked: str | None, there: Sequence[str]) -> None:
    if asked is not None and asked not in there:
        raise InvalidInput([Violation(name, "unknown", f"`{name}` is `{asked}`; {known(there)}")])


def _told(row: FeedbackIssueRow, state: str) -> FeedbackIssue:
    return FeedbackIssue(
        export=row.export, state=state, severity=row.severity, their_item=row.their_item, item=row.product,
        kind=row.kind, root=row.root, locale=row.locale, their_field=row.their_field, field=row.field,
        attribute=row.attribute, attribute_locale=row.attribute_locale, attribute_scope=row.attribute_scope,
        attributes=row.attributes, owner=row.owner, code=row.code, message=row.message, value=row.value,
        publication=row.number, revision=row.revision, report=row.report_id, since=row.first_seen,
        cleared_at=row.cleared_at,
    )  # fmt: skip
