"""The demo catalogue, and an index of it with each engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col

from pim.access.model import User
from pim.base.database import Database, open_database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings, data_folder
from pim.catalog.store import among, products
from pim.catalog.tables import ProductRow
from pim.intake.import_path import import_path
from pim.search.contract import TANTIVY
from pim.search.engines import ENGINES
from pim.search.find import SearchAsked, Searcher, SearchFound, find
from pim.search.followed_index import FollowedIndex, OpenIndex
from pim.versioning.store import current_structure, head_revision
from tests.conftest import copied_database, emptied, settings_in

READER = User(1, "camille", frozenset({"reader"}))


@dataclass(frozen=True)
class Searching:
    """An index of a catalogue, asked as the API asks it."""

    settings: Settings
    database: Database
    index: FollowedIndex

    def opened(self) -> OpenIndex:
        """As of now."""
        with self.database.session() as session:
            head = head_revision(session)
        return self.index.opened(head, 60)

    def __call__(self, text: str, user: User = READER, **asked: Any) -> list[str]:
        """What is found, by what it is called."""
        return self.ask(text, lambda session, found, searcher: codes_of(session, found.ids), user, **asked)

    def ask(
        self, text: str, read: Callable[[Session, SearchFound, Searcher], Any], user: User = READER, **asked: Any
    ) -> Any:
        opened = self.opened()
        with self.database.session() as session:
            searcher = Searcher(user, current_structure(session), {"google_merchant": "marketplace"})
            found = find(session, opened, searcher, SearchAsked(text, **({"limit": 200} | asked)))
            return read(session, found, searcher)


def codes_of(session: Session, ids: Any) -> list[str]:
    codes = {entity.id: entity.code for entity in products(session, among(col(ProductRow.id), list(ids)))}
    return [codes[entity_id] for entity_id in ids]


@pytest.fixture(scope="session")
def demo_catalogue(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Database]]:
    settings = settings_in(tmp_path_factory.mktemp("searched"), copied_database(template_url))
    with open_database(settings) as database:
        import_path(database, open_storage(settings), data_folder("fixtures"), author="test", home=settings.home)
        yield settings, database


@pytest.fixture(scope="session", params=sorted(ENGINES))
def demo(
    request: pytest.FixtureRequest, demo_catalogue: tuple[Settings, Database], tmp_path_factory: pytest.TempPathFactory
) -> Searching:
    """Nobody writes to it."""
    settings, database = demo_catalogue
    settings = replace(settings, home=tmp_path_factory.mktemp(request.param), search=request.param)
    return Searching(settings, database, FollowedIndex(database, settings))


@pytest.fixture(params=sorted(ENGINES))
def searching(request: pytest.FixtureRequest, one_database: Database, tmp_path: Path) -> Searching:
    """An empty catalogue, with each engine."""
    return _empty(one_database, tmp_path, request.param)


@pytest.fixture
def followed(one_database: Database, tmp_path: Path) -> Searching:
    """The same with one engine, for what has nothing to do with engines."""
    return _empty(one_database, tmp_path, TANTIVY)


def _empty(database: Database, home: Path, engine: str) -> Searching:
    settings = replace(settings_in(home, database.url), search=engine)
    return Searching(settings, emptied(database), FollowedIndex(database, settings))
