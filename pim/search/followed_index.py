"""A process's door to the index of its host: open for readers, and brought forward beside them."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pim.base.database import Database
from pim.base.errors import TemporaryFailure
from pim.base.settings import Settings
from pim.search.catch_up import catch_up
from pim.search.contract import BrokenIndex, SearchIndex
from pim.search.engines import ENGINES
from pim.search.index_home import IndexHome, IndexState
from pim.search.model import Field

log = logging.getLogger("pim.search")


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index that has come at least to the revision of `state`."""

    index: SearchIndex
    state: IndexState
    fields: Sequence[Field]
    vocabulary: dict[tuple[str, str], Sequence[tuple[str, int]]] = field(default_factory=dict)
    """(field, first letter) → its tokens, kept while nothing is indexed."""


class FollowedIndex:
    """One a process; safe for all its threads."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._setting = database, settings.search
        self._home = IndexHome(settings.home)
        self._lock = threading.Lock()
        self._open: OpenIndex | None = None
        self._catching_up: _CatchUp | None = None
        self._is_checked = False
        """Whether what is there has been compared with the catalogue since this process began."""

    def opened(self, at_least: int | None = None, patience: float | None = None) -> OpenIndex:
        """The index, for questions: as it is, or (with `at_least`) once it shows that revision. Raises TemporaryFailure
        when that takes longer than `patience` seconds."""
        until = None if patience is None else time.monotonic() + patience
        while True:
            found = self._reader()
            if found is not None and (at_least is None or (self._is_checked and found.state.revision >= at_least)):
                return found
            running = self.catch_up()
            left = None if until is None else until - time.monotonic()
            if not running.wait(left):
                raise TemporaryFailure(_still_behind(found, at_least, running), retry_after=2.0)
            self._is_checked = True

    def catch_up(self) -> "_CatchUp":
        """Begins to index what has changed, unless that is going on already."""
        with self._lock:
            if self._catching_up is None or self._catching_up.is_over:
                self._catching_up = _CatchUp(self._database, self._home, self._setting)
            return self._catching_up

    def broken(self, opened: OpenIndex, error: BrokenIndex) -> None:
        """Somebody met damage: what was opened is given up, and the next to ask gets a new index."""
        log.warning("the search index is damaged (%s); it is built anew", error)
        with self._lock:
            self._open = None
            current = self._home.read()
            if current is not None and current.folder == opened.state.folder:
                self._home.forget()

    def _reader(self) -> OpenIndex | None:
        with self._lock:
            state = self._home.read()
            if state is None:
                self._open = None
            elif self._open is None or self._open.state != state:
                self._open = self._reopened(state)
            return self._open

    def _reopened(self, state: IndexState) -> OpenIndex | None:
        fields = [Field(*name.split(".", 2)) for name in state.fields]
        try:
            if self._open is not None and self._open.state.folder == state.folder:
                index = self._open.index
                index.refresh()
            else:
                index = ENGINES[state.engine].open(self._home.path(state), fields)
        except BrokenIndex as error:
            if self._home.read() == state:
                log.warning("the search index is damaged (%s); it is built anew", error)
                self._home.forget()
            return None
        return OpenIndex(index, state, fields)


class _CatchUp:
    """Catching up in a thread of its own, which a process that ends does not wait for: it is done again."""

    def __init__(self, database: Database, home: IndexHome, setting: str) -> None:
        self._over = threading.Event()
        self._error: BaseException | None = None
        self.progress = (0, 0)
        self._thread = threading.Thread(target=self._run, args=(database, home, setting), daemon=True, name="search")
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self, seconds: float | None) -> bool:
        """Whether it is over. Raises what it ended with."""
        over = self._over.wait(None if seconds is None else max(seconds, 0.0))
        if over and self._error is not None:
            raise self._error
        return over

    def _run(self, database: Database, home: IndexHome, setting: str) -> None:
        try:
            catch_up(database, home, setting, self._tell)
        except BaseException as error:  # a panic of an engine, too: else those who wait would begin again and again
            log.error("the search index could not be brought forward", exc_info=error)
            self._error = error
        finally:
            self._over.set()

    def _tell(self, done: int, of: int) -> None:
        self.progress = (done, of)


def _still_behind(found: OpenIndex | None, at_least: int | None, running: _CatchUp) -> str:
    done, of = running.progress
    indexed = f" ({done:,} of {of:,} products are indexed)" if of else ""
    if found is None:
        return f"the search index is being built{indexed}; ask again in a moment"
    return (
        f"the search index has come to revision {found.state.revision}, not yet to {at_least}{indexed}; "
        "ask again in a moment, or without consistency=session"
    )
