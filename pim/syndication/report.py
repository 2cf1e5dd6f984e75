"""Reading what an export left out, and why: one line a rejected item and locale, kept with the publication."""

import gzip
import io
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlmodel import Session

from pim.base.errors import NotFound, known
from pim.base.object_storage import ObjectStorage
from pim.syndication import store
from pim.syndication.model import RejectedItem
from pim.syndication.report_output import REPORT
from pim.syndication.staged import GZIP, RECORDS
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationRow


def reported_publication(session: Session, export: str) -> PublicationRow:
    """The newest that is kept, be it held or current. Raises NotFound naming the exports that have any."""
    found = store.publications(session, export)
    if not found:
        names = dict.fromkeys(row.export for row in store.publications(session))
        raise NotFound(f"export `{export}` has no publication to report on; {known(names)}")
    return found[0]


def read_report(storage: ObjectStorage, publication: PublicationRow) -> Iterator[RejectedItem]:
    """In key order; memory holds one."""
    decode = msgspec.json.Decoder(RejectedItem).decode
    with storage.open(f"{folder_of(publication)}/{RECORDS}{REPORT}{GZIP}") as stored:
        for line in io.BufferedReader(gzip.GzipFile(fileobj=stored)):
            yield decode(line)


def report(session: Session, storage: ObjectStorage, export: str) -> dict[str, Any]:
    """The data behind `pim exports report NAME [--json]`: counts, and `rejected` with a row a broken rule."""
    publication = reported_publication(session, export)
    return {
        "name": export,
        "publication": publication.number,
        "state": publication.state,
        "reason": publication.reason,
        "revision": publication.revision,
        "items": publication.items,
        "rejected_items": publication.rejected,
        "rejected": list(report_rows(read_report(storage, publication))),
    }


def report_rows(rejected: Iterator[RejectedItem]) -> Iterator[dict[str, Any]]:
    """Flat rows: which item in which locale, which field breaks which rule, its value, and where it comes from."""
    for one in rejected:
        for violation in one.violations:
            yield {
                "item": one.item,
                "kind": one.kind,
                "root": one.root,
                "locale": one.locale,
                **msgspec.to_builtins(violation),
            }
