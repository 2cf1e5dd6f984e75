"""Who is building what."""

import socket

from pim.base.held_locks import HeldLocks
from pim.base.settings import Settings
from pim.syndication.store import EXPORT_LOCK, PLACE_LOCK, RUN_LOCK


class RunLock(HeldLocks):
    """The locks of one run, or of whoever changes what a run would."""

    def take_run(self, run_id: int) -> None:
        self.lock_number(RUN_LOCK, run_id)

    def take_export(self, export: str) -> bool:
        """False when another run is building it."""
        return self.try_lock(EXPORT_LOCK, export)

    def take_place(self, place: str) -> bool:
        """False when the processes of that place render already."""
        return self.try_lock(PLACE_LOCK, place)


def place_of(settings: Settings) -> str:
    """Where this installation's processes run."""
    return f"{socket.gethostname()}:{settings.home}"
