"""A past revision is rendered by the definition of then, to the bytes of then; or it is said why not."""

from dataclasses import replace

import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from pim.syndication.approval import reject
from pim.versioning.model import Edit
from tests.makers import commit, given
from tests.syndication.incremental import files_of
from tests.syndication.runs import MAPPING, a_hat, an_export, run, storage_of


@pytest.fixture
def export(settings: Settings, database: Database) -> Settings:
    given(database, *(a_hat(f"hat-{n}") for n in range(3)))
    return an_export(settings, "hats")


def change_definition(export: Settings) -> None:
    an_export(export, "hats", {**MAPPING, "name": "$code"})


def test_a_feed_as_of_an_old_publication_has_its_bytes_though_its_definition_changed(
    export: Settings, database: Database
) -> None:
    published = run(database, export)
    old, revision = files_of(export, published.exports[0].folder), published.revision
    change_definition(export)
    commit(database, a_hat("hat-3"))
    (second,) = run(database, export).exports
    assert files_of(export, second.folder) != old
    (apart,) = run(database, export, as_of=revision).exports
    assert apart.state == "as_of", apart.message
    then = files_of(export, apart.folder)
    assert {name: then[name] for name in old} == old


def test_its_bytes_come_again_also_when_its_files_are_kept_no_more(export: Settings, database: Database) -> None:
    published = run(database, export)
    old, revision = files_of(export, published.exports[0].folder), published.revision
    an_export(export, "hats", {**MAPPING, "name": "$code"}, keep=1)
    for price in ("11.00", "12.00", "13.00"):
        commit(database, a_hat("hat-0", price))
        run(database, export)
    assert list(storage_of(export).list("exports/hats/1/")) == ["exports/hats/1/past/items.jsonl.gz"]
    (apart,) = run(database, export, as_of=revision).exports
    then = files_of(export, apart.folder)
    assert {name: then[name] for name in old} == old


def test_a_number_is_not_given_twice(export: Settings, database: Database) -> None:
    an_export(export, "hats", keep=1)
    run(database, export)
    commit(database, *(Edit("product", f"hat-{n}", None) for n in range(3)))
    (held,) = run(database, export).exports
    reject(database, storage_of(export), "hats", by="robin")
    commit(database, a_hat("hat-0"))
    (again,) = run(database, export).exports
    assert (held.state, held.number, again.number) == ("held", 2, 3)


def test_what_a_definition_extended_is_kept_with_it(export: Settings, database: Database) -> None:
    caps = export.exports_folder / "caps"
    caps.mkdir()
    (caps / "export.yaml").write_text("extends: hats\nfiles: [{name: '{locale}.jsonl', writer: jsonl}]\n")
    (caps / "mapping.yaml").write_text("")
    published = run(database, export, "caps")
    old = files_of(export, published.exports[0].folder)
    change_definition(export)
    (apart,) = run(database, export, "caps", as_of=published.revision).exports
    assert apart.state == "as_of", apart.message
    then = files_of(export, apart.folder)
    assert {name: then[name] for name in old} == old


def test_it_is_refused_when_the_definition_was_not_kept(export: Settings, database: Database) -> None:
    revision = run(database, export).revision
    storage = storage_of(export)
    for key in list(storage.list("definitions/")):
        storage.delete(key)
    change_definition(export)
    (refused,) = run(database, export, as_of=revision).exports
    assert refused.state == "failed"
    assert "by a definition that was not kept" in (refused.message or "")


def test_it_is_refused_when_another_program_made_it(export: Settings, database: Database) -> None:
    revision = run(database, export).revision
    (refused,) = run(database, replace(export, public_url="https://other.example"), as_of=revision).exports
    assert "was made by another program" in (refused.message or "")
