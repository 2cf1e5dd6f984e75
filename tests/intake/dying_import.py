"""A process that imports a path and kills itself (-9) at a chosen moment: `where` it is, and how often it was there.

python -m tests.intake.dying_import DATABASE_URL HOME PATH WHERE COUNT
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from pim.base.database import open_database
from pim.base.object_storage import open_storage
from pim.intake.import_path import Watch, import_path
from tests.conftest import settings_in
from tests.makers import NOW


class Countdown:
    def __init__(self, where: str, count: int) -> None:
        self.where, self.left = where, count

    def at(self, place: str) -> None:
        if place == self.where:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, home: str, path: str, where: str, count: str) -> None:
    countdown = Countdown(where, int(count))
    settings = settings_in(Path(home), url)
    storage = open_storage(settings)
    put = storage.put

    def dying_put(*arguments: object) -> None:
        put(*arguments)  # type: ignore[arg-type]
        countdown.at("media")

    def dying_clock() -> datetime:
        countdown.at("batch")
        return NOW

    storage.put = dying_put  # type: ignore[method-assign]
    watch = Watch(progress=lambda resource, done, total: countdown.at(resource))
    with open_database(settings) as database:
        import_path(database, storage, Path(path), author="camille", home=Path(home), watch=watch, clock=dying_clock)


if __name__ == "__main__":
    main(*sys.argv[1:])
