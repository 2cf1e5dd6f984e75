"""The files of a publication while they are being made, in a folder of their own that nobody else reads."""

from pathlib import Path
from typing import Protocol

from pim.syndication.artifact_output import ArtifactOutput
from pim.syndication.feed import Feed
from pim.syndication.outcome import Outcome
from pim.syndication.segmented_output import SegmentedOutput
from pim.syndication.sequence_output import SequenceOutput
from pim.syndication.staged import Stage
from pim.syndication.writers import ARTIFACTS, WRITERS


class Output(Protocol):
    """One file (or set of files) of an export, as the run feeds it."""

    name: str
    """Of the feed."""

    @property
    def sequence(self) -> SegmentedOutput:
        """The items of the feed, which come new or from an earlier publication."""

    def take(self, outcome: Outcome) -> None: ...
    def close(self, stage: Stage) -> None: ...
    def abandon(self) -> None: ...


def make_output(feed: Feed, writer: str, part: str | None, folder: Path, *, bare: bool = False) -> Output:
    """`folder` must be empty and belongs to this output alone. A bare one takes a range of the catalogue."""
    folder.mkdir(parents=True)
    if writer in ARTIFACTS:
        return ArtifactOutput(feed, ARTIFACTS[writer](), part, folder, bare=bare)
    return SequenceOutput(feed, WRITERS[writer](feed), part, folder, bare=bare)
