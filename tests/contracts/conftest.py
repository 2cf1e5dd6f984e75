"""The demo catalogue in a database of its own."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import make_url

from pim.api.deliveries_words import DESTINATION, EXPORT
from pim.api.drafts_words import HANDED_IN, PLANNED, READY, REFUSED, WRITTEN
from pim.api.export_decisions_words import APPROVED, REJECTED
from pim.api.mappings_words import EXISTING, SAMPLE
from pim.base.clock import now
from pim.base.database import Database, open_database
from pim.base.installation import Installation
from pim.base.object_storage import open_storage
from pim.base.settings import Settings, data_folder
from pim.delivery.follow import follow_events
from pim.delivery.webhooks.subscribe import subscribe
from pim.intake.import_path import import_path
from pim.intake.sheets.model import mapping_of
from pim.intake.sheets.store import save_mapping
from pim.syndication import store
from pim.versioning.drafts.review import approve_draft, submit_draft
from tests.conftest import copied_database, settings_in
from tests.makers import a_product, commit
from tests.syndication.runs import run
from tests.versioning.drafts.makers import draft


@dataclass(frozen=True)
class Demo:
    settings: Settings
    database: Database


@pytest.fixture(scope="session")
def written_demo(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Imported, with one more import, an export published twice and due for delivery, two that wait for a person, a
    webhook and a file in the inbox."""
    settings = settings_in(tmp_path_factory.mktemp("demo"), copied_database(template_url))
    settings = replace(settings, rate_limit=100_000, exports_folder=settings.home / "exports")
    shutil.copytree(data_folder("channel_exports"), settings.exports_folder)
    with (settings.exports_folder / EXPORT / "export.yaml").open("a") as definition:
        definition.write(f"destinations: [{{name: {DESTINATION}, transport: folder, path: {settings.home}}}]\n")
    with open_database(settings) as database:
        import_path(database, open_storage(settings), data_folder("fixtures"), author="test", home=settings.home)
        commit(database, a_product("LIV-CAR", enabled=False), at=now())  # what the example of a revert takes back
        with database.session() as session:
            save_mapping(session, mapping_of({**SAMPLE, "code": EXISTING}), "test", now())
        _some_drafts(database)
        (settings.home / "inbox").mkdir()
        prices = settings.home / "inbox" / "prices.ndjson"
        prices.write_text('{"identifier": "AMA-THY-150", "enabled": false}\n')
        for _ in range(2):  # twice, so that there is something to go back to
            run(database, settings, "google_merchant")
            import_path(database, open_storage(settings), prices, author="test", home=settings.home)
        run(database, settings, APPROVED, REJECTED, EXPORT)
        follow_events(Installation(settings, database, open_storage(settings)))
        with database.session() as session:
            subscribe(session, {"url": "http://hook.example"}, [EXPORT], by="test", at=now())
            for name in (APPROVED, REJECTED):
                store.require_current(session, name).state = store.HELD
    return settings


@pytest.fixture(scope="module")
def demo(template_url: str, written_demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A copy of it for one module, whose tests may write to it."""
    home = tmp_path_factory.mktemp("demo")
    shutil.copytree(written_demo.home, home, dirs_exist_ok=True)
    source = make_url(written_demo.database_url).database
    settings = replace(written_demo, home=home, database_url=copied_database(template_url, source or ""))
    with open_database(settings) as database:
        yield Demo(settings, database)


def _some_drafts(database: Database) -> None:
    """One to write in, two in review, two approved."""
    for code in (WRITTEN, HANDED_IN, REFUSED, READY, PLANNED):
        draft(database, code, a_product("LIV-CAR", enabled=True))
    with database.session() as session:
        for code in (HANDED_IN, REFUSED, READY, PLANNED):
            submit_draft(session, code, "test", now())
        for code in (READY, PLANNED):
            approve_draft(session, code, "test", now())
