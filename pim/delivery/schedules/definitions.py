"""What happens to exports by itself, by their definitions: read again only when their files have changed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pim.base.errors import PimError
from pim.exports.feedback import Feedback
from pim.exports.inheritance import EXPORT_FILE, extended_folders
from pim.exports.load import defining_files, load_definition
from pim.exports.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Scheduled:
    name: str
    schedule: Schedule
    zone: str


def scheduled_exports(folder: Path) -> tuple[dict[str, Scheduled], list[str]]:
    """Export → its schedule, for those that have one; and what is wrong with definitions that cannot be read. They keep
    their place: mended, they are due for what has passed."""
    exports: dict[str, Scheduled] = {}
    problems: list[str] = []
    for path in sorted(folder.glob(f"*/{EXPORT_FILE}")):
        try:
            found = scheduled_export(path.parent)
        except PimError as error:
            problems.append(f"the schedule of export `{path.parent.name}` is not followed: {error}")
            continue
        if found is not None:
            exports[found.name] = found
    return exports, problems


def any_polled(folder: Path) -> bool:
    """Whether some export that can be read says where its reports lie."""
    for path in folder.glob(f"*/{EXPORT_FILE}"):
        with suppress(PimError):
            feedback = _read(path.parent, _state_of(path.parent)).feedback
            if feedback is not None and feedback.poll is not None:
                return True
    return False


def scheduled_export(folder: Path) -> Scheduled | None:
    """Of one export; None when it has no schedule. Raises what `load_definition` raises."""
    definition = _read(folder, _state_of(folder))
    if definition.schedule is None:
        return None
    zone = definition.schedule.timezone or definition.timezone
    return Scheduled(folder.name, definition.schedule, zone)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a definition; the rest is large."""

    schedule: Schedule | None
    timezone: str
    feedback: Feedback | None


@lru_cache(maxsize=512)
def _read(folder: Path, state: Sequence[tuple[str, int, int]]) -> _Kept:
    definition = load_definition(folder)
    return _Kept(definition.schedule, definition.timezone, definition.feedback)


def _state_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What differs when a file of the definition does."""
    files = [path for each in extended_folders(folder) for path in defining_files(each)]
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path in files for stat in [path.stat()])
