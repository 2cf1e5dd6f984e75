"""What an export run tells: where it is, and what came of each export."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pim.base.jobs import PartlyFailed


@dataclass(frozen=True, slots=True)
class Step:
    """Where a run is: `stage` is reading (with `roots` read so far), making or publishing (with the export's name)."""

    stage: str
    roots: int
    export: str | None = None


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class FeedResult:
    """One feed of an export. `path` is its local file, None on S3."""

    file: str
    locale: str | None
    items: int
    rejected: int
    bytes: int
    sha256: str
    url: str
    path: str | None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What came of one export. `state`: published, unchanged (current already), held (`message` says why), as_of,
    previewed (with a draft) or failed (`message` says why). `left_out` names the feeds that had no item. `items` and
    `rejected` count products (or roots) that at least one locale accepted, or rejected. `copied_from` is the number of
    the publication that its clean segments were copied from. `is_busy`: it failed because another run builds it."""

    name: str
    state: str
    number: int | None = None
    message: str | None = None
    items: int = 0
    rejected: int = 0
    feeds: list[FeedResult] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    folder: str | None = None
    copied_from: int | None = None
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """`revision` is the one all exports show."""

    run: int
    revision: int
    exports: list[ExportResult]

    @property
    def failed(self) -> list[ExportResult]:
        return [export for export in self.exports if export.state == "failed"]

    def raise_if_failed(self) -> None:
        """As the end of a job. Raises PartlyFailed, which tells of all that did not work."""
        if self.failed:
            reasons = "; ".join(f"{export.name}: {export.message}" for export in self.failed)
            raise PartlyFailed(f"{len(self.failed)} of {len(self.exports)} exports failed: {reasons}", self)
