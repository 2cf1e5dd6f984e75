"""Where a run goes on from: the publication whose clean segments it copies."""

from collections.abc import Mapping
from dataclasses import dataclass

from pim.base.object_storage import ObjectStorage
from pim.syndication import store
from pim.syndication.dirty import dirty_roots
from pim.syndication.earlier import EarlierArtifact, EarlierSequence
from pim.syndication.manifest import Origin
from pim.syndication.render import ExportRendering
from pim.syndication.splice import Splice
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow
from pim.versioning.changed_roots import changed_structure
from pim.versioning.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class EarlierPublication:
    """`files` by name. What it was made from differs from the run's origin in the revision only."""

    row: PublicationRow
    files: Mapping[str, PublicationFileRow]

    def shows(self, revision: int) -> bool:
        """Whether it is current and of this very revision."""
        return self.row.state == store.CURRENT and self.row.revision == revision


def earlier_publication(snapshot: Snapshot, export: str, origin: Origin) -> EarlierPublication | None:
    """The newest that is kept, be it current, held or of before, and was made the same way. None also when the clock
    stood later then than now: what depends on a date may have to change back."""
    row = store.newest_alike(snapshot.session, export, origin)
    if row is None or snapshot.committed_at_revision(row.revision) > snapshot.committed_at:
        return None
    return EarlierPublication(row, store.files_of(snapshot.session, row))


def splice_onto(
    earlier: EarlierPublication, rendering: ExportRendering, snapshot: Snapshot, storage: ObjectStorage
) -> Splice | None:
    """Ready to take the dirty roots; None when all are. Raises EarlierDamaged when the publication is of no use."""
    folder, since = folder_of(earlier.row), earlier.row.revision
    report: EarlierSequence = rendering.report.earlier(storage, folder)
    try:
        dirty = dirty_roots(snapshot, since, report)
    finally:
        report.close()
    if dirty is None:
        return None
    if not changed_structure(snapshot, since):
        rendering.reuse_artifacts(EarlierArtifact(storage, folder, earlier.files))
    gone = set(dirty) - snapshot.keys_among(dirty)
    return Splice(rendering, [output.earlier(storage, folder) for output in rendering.sequences], dirty, gone)
