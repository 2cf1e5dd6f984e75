"""Going back to a feed that was current before, under a new number, at once."""

import hashlib
import json
from pathlib import Path

import pytest

from pim.base.database import Database
from pim.base.errors import Conflict, NotFound
from pim.base.settings import Settings
from pim.syndication import store
from pim.syndication.rollback import roll_back
from pim.syndication.run_lock import RunLock
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow
from tests.makers import Edit, commit, given
from tests.syndication.runs import a_hat, an_export, run, storage_of
from tests.syndication.test_run_export import with_files


@pytest.fixture
def shop(database: Database, settings: Settings) -> Settings:
    """Publications 1 to 3; the third is current."""
    given(database)
    settings = an_export(settings)
    for price in ("1.00", "2.00", "3.00"):
        commit(database, a_hat("A", price=price))
        run(database, settings)
    return settings


def back(database: Database, settings: Settings, to: int | None = None) -> PublicationRow:
    return roll_back(database, storage_of(settings), "shop", to)


def current(database: Database) -> tuple[PublicationRow, dict[str, PublicationFileRow]]:
    with database.session() as session:
        publication = store.require_current(session, "shop")
        return publication, store.files_of(session, publication)


def price(database: Database, settings: Settings) -> str:
    publication, _ = current(database)
    with storage_of(settings).open(f"{folder_of(publication)}/fr_FR.jsonl") as stored:
        return json.loads(stored.read())["price"]


def test_a_rollback_is_a_new_publication_of_the_files_before(database: Database, shop: Settings) -> None:
    rolled = back(database, shop)
    publication, _ = current(database)
    assert (rolled.number, rolled.rollback_of) == (publication.number, publication.rollback_of) == (4, 2)
    assert price(database, shop) == "2.00"


def test_each_rollback_goes_one_further_back(database: Database, shop: Settings) -> None:
    assert [back(database, shop).rollback_of, back(database, shop).rollback_of] == [2, 1]
    with pytest.raises(NotFound, match="no publication before 1; kept: 4, 3, 2, 1"):
        back(database, shop)
    assert (back(database, shop, to=3).number, price(database, shop)) == (6, "3.00")
    assert back(database, shop, to=4).rollback_of == 2


def test_every_file_is_there_as_its_row_says_and_the_manifest_tells_where_from(
    database: Database, shop: Settings
) -> None:
    back(database, shop, to=1)
    publication, files = current(database)
    storage = storage_of(shop)
    for row in files.values():
        with storage.open(f"{folder_of(publication)}/{row.name}") as stored:
            assert hashlib.sha256(stored.read()).hexdigest() == row.sha256
        assert row.gzip_sha256 is None or storage.exists(f"{folder_of(publication)}/{row.name}.gz")
    with storage.open(f"{folder_of(publication)}/manifest.json") as stored:
        manifest = json.loads(stored.read())
    assert (manifest["publication"], manifest["rollback_of"], manifest["revision"]) == (4, 1, publication.revision)


def test_other_bytes_are_newer_than_those_that_readers_have(database: Database, shop: Settings) -> None:
    _, before = current(database)
    back(database, shop)
    _, after = current(database)
    assert after["fr_FR.jsonl"].modified > before["fr_FR.jsonl"].modified


def test_the_next_run_renders_the_catalogue_of_now_again(database: Database, shop: Settings) -> None:
    back(database, shop)
    assert run(database, shop).exports[0].number == 5
    assert price(database, shop) == "3.00"


@pytest.mark.parametrize(("to", "error", "message"), [
    (3, Conflict, "publication 3 of export `shop` is current already"),
    (9, NotFound, "publication 9 of export `shop` is not kept; kept: 2, 1"),
    (4, Conflict, "waits for approval; approve or reject it"),
])  # fmt: skip
def test_only_a_kept_publication_can_come_back(
    database: Database, shop: Settings, to: int, error: type[Exception], message: str
) -> None:
    commit(database, Edit("product", "A", None))
    assert run(database, shop).exports[0].state == "held"
    with pytest.raises(error, match=message):
        back(database, shop, to)
    assert price(database, shop) == "3.00"


def test_nothing_is_rolled_back_while_a_run_builds_the_export(database: Database, shop: Settings) -> None:
    with RunLock(database) as lock:
        assert lock.take_export("shop")
        with pytest.raises(Conflict, match="being built"):
            back(database, shop)
    assert back(database, shop).number == 4


def test_what_is_older_than_the_last_kept_goes_and_the_files_that_came_back_stay(
    database: Database, settings: Settings
) -> None:
    given(database)
    shop = an_export(settings, keep=2)
    for amount in ("1.00", "2.00"):
        commit(database, a_hat("A", price=amount))
        run(database, shop)
    back(database, shop)
    stored = with_files(Path(shop.home / "storage/exports/shop"))
    assert (stored, price(database, shop)) == (["2", "3"], "1.00")
