"""One export of one run: its items into all its files."""

from pathlib import Path

from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.catalog.model import Root
from pim.exports.scope import constants_of, currency_of
from pim.syndication.artifact_output import ArtifactOutput
from pim.syndication.compiled_export import CompiledExport
from pim.syndication.earlier import EarlierArtifact, EarlierSequence
from pim.syndication.feed import MEDIA, Feed
from pim.syndication.outcome import Outcome
from pim.syndication.outputs import Output, make_output
from pim.syndication.report_output import ReportOutput
from pim.syndication.segmented_output import SegmentedOutput
from pim.syndication.staged import StagedFile
from pim.syndication.writers import check_writer


class ExportRendering:
    """Takes the catalogue's roots in key order, cuts where the run says, and leaves finished files."""

    def __init__(self, compiled: CompiledExport, outputs: list[Output], report: ReportOutput, work: Path) -> None:
        self.compiled, self.report = compiled, report
        self._outputs, self._work = outputs, work

    def take(self, root: Root) -> None:
        for outcome in self.compiled.outcomes(root):
            if outcome.fields or outcome.rejected:
                self._deliver(outcome)

    def cut(self, until: str | None) -> None:
        for sequence in self.sequences:
            sequence.cut(until)

    @property
    def sequences(self) -> list[SegmentedOutput]:
        """The items of every feed, and the report: all are cut at the same roots."""
        return [*(output.sequence for output in self._outputs), self.report]

    @property
    def feeds(self) -> list[str]:
        return [output.name for output in self._outputs]

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

    def close_bare(self) -> None:
        for sequence in self.sequences:
            sequence.close_bare()

    def ranges_in(self, folder: Path) -> list[EarlierSequence]:
        """What a bare rendering of this export left in `folder`."""
        return [sequence.range_in(self._work, folder) for sequence in self.sequences]

    def abandon(self) -> None:
        for output in self._outputs:
            output.abandon()
        self.report.abandon()

    def _deliver(self, outcome: Outcome) -> None:
        self.report.take(outcome)
        for output in self._outputs:
            output.take(outcome)


def open_rendering(
    compiled: CompiledExport, settings: Settings, storage: ObjectStorage, work: Path, *, start: str | None = None
) -> ExportRendering:
    """Opens the files in `work`, an empty folder of the export's own. With `start` they are bare: for a range of the
    catalogue that begins at this key, which another rendering copies."""
    bare = start is not None
    outputs = _outputs(compiled, settings, storage, work, bare)
    rendering = ExportRendering(compiled, outputs, ReportOutput(work / "report", bare=bare), work)
    for sequence in rendering.sequences:
        sequence.begin_at(start or "")
    return rendering


def _outputs(
    compiled: CompiledExport, settings: Settings, storage: ObjectStorage, work: Path, bare: bool
) -> list[Output]:
    definition, channel, locales, snapshot = compiled.definition, compiled.channel, compiled.locales, compiled.snapshot
    for file in definition.files:
        check_writer(definition.name, file.name, file.writer)
    outputs: list[Output] = []
    for file in definition.files:
        by_locale = "{locale}" in file.name
        for locale in locales if by_locale else (None,):
            feed = Feed(
                export=definition.name,
                name=file.name.replace("{locale}", locale) if locale else file.name,
                locale=locale,
                locales=locales,
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
            outputs.append(make_output(feed, file.writer, file.part, work / str(len(outputs)), bare=bare))
    return outputs
