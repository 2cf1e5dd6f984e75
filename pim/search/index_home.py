"""Where this host keeps its index: `PIM_HOME/search`, a folder an index and one file that says which is in use.

That file is replaced whole, so readers of any process see one index or the next, never something between. One writer
at a time: they queue for a lock of the kernel, which a killed process lets go.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

FORMAT = 1
"""Of what is in an index; one of another format is built anew. Higher when tokens or fields are made another way."""

_CURRENT = "current.json"
_LOCK = "lock"


class IndexState(msgspec.Struct, frozen=True, kw_only=True):
    """Which index is in use and how far it has come: all that was changed up to `revision`, which was begun at
    `moment` (so that another catalogue's revision of this number is told apart)."""

    folder: str
    engine: str
    fields: Sequence[str]
    revision: int
    moment: str | None
    format: int = FORMAT


class IndexHome:
    def __init__(self, home: Path) -> None:
        self.folder = home / "search"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone on this host, waiting for whoever writes now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self) -> IndexState | None:
        """None when there is no index, or only one that this program cannot use."""
        try:
            state = msgspec.json.decode((self.folder / _CURRENT).read_bytes(), type=IndexState)
        except (OSError, msgspec.MsgspecError):
            return None
        return state if state.format == FORMAT else None

    def write(self, state: IndexState) -> None:
        beside = self.folder / f"{_CURRENT}.new"
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.folder / _CURRENT)

    def forget(self) -> None:
        """There is no index any more; whoever catches up next builds one."""
        (self.folder / _CURRENT).unlink(missing_ok=True)

    def path(self, state: IndexState) -> Path:
        return self.folder / state.folder

    def new_folder(self, engine: str) -> Path:
        """For a writer. The name was never used for an index that somebody may still read."""
        taken = [int(one.name.rpartition("-")[2]) for one in self._indexes()]
        return self.folder / f"{engine}-{max(taken, default=0) + 1}"

    def sweep(self, *kept: str) -> None:
        """Removes all indexes but these. Who reads one of them goes on: its files are open."""
        for folder in self._indexes():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _indexes(self) -> list[Path]:
        return [one for one in self.folder.iterdir() if one.is_dir() and one.name.rpartition("-")[2].isdigit()]
