"""A backup taken under edit holds one moment, whole; it comes back into what is empty, and nowhere else."""

from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from sqlmodel import Session

from pim.base.backup import DUMP, MANIFEST, restore_backup, same_definitions, write_backup
from pim.base.database import Database, open_database
from pim.base.errors import Conflict, InvalidInput, NotFound
from pim.base.installation import Installation
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.versioning.snapshot import open_snapshot
from pim.versioning.store import head_revision
from tests.conftest import settings_in
from tests.makers import a_product, commit, given


def facts(session: Session) -> Mapping[str, Any]:
    return {"revision": head_revision(session)}


def held(session: Session) -> str | None:
    return f"revision {head_revision(session)}" if head_revision(session) else None


def documents(database: Database, revision: int) -> list[Any]:
    with database.snapshot_session() as session:
        snapshot = open_snapshot(session, revision)
        products = [one.entity for root in snapshot.roots() for one in root.products]
        return [*snapshot.structure.entities.values(), *products]


@pytest.fixture
def here(settings: Settings, database: Database) -> Installation:
    given(database, a_product("hat"))
    return Installation(settings, database, open_storage(settings))


def test_a_backup_under_edit_is_one_moment_and_comes_back_whole(
    here: Installation, template_url: str, tmp_path: Path
) -> None:
    here.storage.put("media/a/hat.png", b"picture", "image/png")
    enough, begun = Event(), Event()

    def edit() -> None:
        number = 0
        while not enough.is_set():
            commit(here.database, a_product(f"mug-{number}"))
            begun.set()
            number += 1

    writer = Thread(target=edit)
    writer.start()
    begun.wait(30)
    made = write_backup(here, tmp_path / "backup", facts)
    enough.set()
    writer.join()

    other = settings_in(tmp_path / "other")
    with a_database(template_url, tmp_path) as empty:
        there = Installation(other, empty, open_storage(other))
        assert restore_backup(there, tmp_path / "backup", held) == made
        with empty.session() as session:
            assert head_revision(session) == made.facts["revision"]
        assert documents(empty, made.facts["revision"]) == documents(here.database, made.facts["revision"])
        assert there.storage.open("media/a/hat.png").read() == b"picture"
        assert commit(empty, a_product("after")).revision == made.facts["revision"] + 1
    assert same_definitions(tmp_path / "backup", here.settings.exports_folder)


def a_database(template_url: str, tmp_path: Path) -> Database:
    with psycopg.connect(template_url.replace("template_of_tests", "pim"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored TEMPLATE template_of_tests")
    return open_database(settings_in(tmp_path, template_url.replace("template_of_tests", "restored")))


def test_what_is_in_use_is_not_overwritten(here: Installation, tmp_path: Path) -> None:
    write_backup(here, tmp_path / "backup", facts)
    with pytest.raises(Conflict, match="holds revision"):
        restore_backup(here, tmp_path / "backup", held)
    with pytest.raises(Conflict, match="is not empty"):
        write_backup(here, tmp_path / "backup", facts)


def test_a_backup_that_is_not_whole_is_refused(here: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    write_backup(here, folder, facts)
    with (folder / DUMP).open("ab") as file:
        file.write(b"more")
    with pytest.raises(InvalidInput, match="is not what was written there"):
        restore_backup(here, folder, held)
    (folder / MANIFEST).unlink()
    with pytest.raises(NotFound, match="holds no backup"):
        restore_backup(here, folder, held)
