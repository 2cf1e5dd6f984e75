"""A process that indexes and kills itself (-9) at a chosen moment: at one of the documents (`document`), or when the
index is written and its revision is not (`recorded`)."""

import os
import signal
from multiprocessing import get_context
from typing import Any

from pim.base.database import open_database
from pim.base.settings import Settings
from pim.search.catch_up import catch_up
from pim.search.documents import DocumentMaker
from pim.search.index_home import IndexHome


def die_indexing(settings: Settings, where: str, count: int) -> int | None:
    """How the process ended."""
    process = get_context("fork").Process(target=_index, args=(settings, where, count))
    process.start()
    process.join(60)
    return process.exitcode


def _index(settings: Settings, where: str, count: int) -> None:
    left = count
    document, write = DocumentMaker.document, IndexHome.write

    def at(place: str) -> None:
        nonlocal left
        if place == where:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def dying_document(maker: DocumentMaker, *arguments: Any) -> Any:
        at("document")
        return document(maker, *arguments)

    def dying_write(index_home: IndexHome, *arguments: Any) -> None:
        at("recorded")
        write(index_home, *arguments)

    DocumentMaker.document = dying_document  # type: ignore[method-assign]
    IndexHome.write = dying_write  # type: ignore[method-assign]
    with open_database(settings) as database:
        catch_up(database, IndexHome(settings.home), settings.search)
