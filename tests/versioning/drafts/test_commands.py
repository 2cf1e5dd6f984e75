"""`pim draft`, as somebody at the keyboard meets it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pim.base.database import Database
from pim.cli import app
from tests.makers import a_product, commit, values

Pim = Callable[..., Result]


@pytest.fixture
def pim(catalogue: Database, tmp_path: Path) -> Pim:
    """A hat in the catalogue, and a draft `spring`."""
    commit(catalogue, a_product("hat", values=values(pages=1)))
    address = catalogue.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {"PIM_DATABASE_URL": address, "PIM_HOME": str(tmp_path)}

    def run(*words: object, **more: str) -> Result:
        return CliRunner().invoke(app, ["draft", *map(str, words)], env=environment | more)

    assert "is begun" in run("create", "spring", "--reason", "new prices").stdout
    return run


def patch(pages: int) -> str:
    return json.dumps({"values": values(pages=pages)})


def test_a_draft_is_written_reviewed_and_applied(pim: Pim, catalogue: Database) -> None:
    assert "1 of 1" in pim("edit", "spring", "product/hat", patch(2)).stdout
    assert "is in review" in pim("submit", "spring").stdout
    assert "comment" in pim("comment", "spring", "which hat?").stdout
    assert "is approved" in pim("approve", "spring", "--comment", "good").stdout
    shown = pim("show", "spring").stdout
    assert all(word in shown for word in ("product/hat", "pages", "which hat?", "new prices"))
    assert "no conflicts" in pim("conflicts", "spring").stdout
    assert "Applied in revision" in pim("apply", "spring").stdout
    (listed,) = json.loads(pim("list", "--state", "applied", "--json").stdout)
    assert (listed["code"], listed["revision"]) == ("spring", 3)


def test_conflicts_are_listed_with_three_sides_and_settled(pim: Pim, catalogue: Database) -> None:
    pim("edit", "spring", "product/hat", patch(2))
    commit(catalogue, a_product("hat", values=values(pages=3)))
    pim("submit", "spring")
    pim("approve", "spring")
    refused = pim("apply", "spring")
    assert refused.exit_code == 3
    (conflict,) = json.loads(pim("conflicts", "spring", "--json").stdout)
    assert (conflict["base"], conflict["ours"], conflict["theirs"]) == (1, 2, 3)
    assert "no conflicts left" in pim("resolve", "spring", "--take", "draft", conflict["edit"]).stdout
    pim("approve", "spring")
    assert pim("apply", "spring").exit_code == 0


def test_an_approved_draft_is_scheduled_in_a_zone(pim: Pim) -> None:
    pim("edit", "spring", "product/hat", patch(2))
    pim("submit", "spring")
    pim("approve", "spring")
    times = ("--at", "2099-12-01T00:00", "--until", "2099-12-27T00:00", "--zone", "Europe/Paris")
    told = pim("schedule", "spring", *times, "--export", "website").stdout
    assert "applied at 2099-11-30 23:00:00 UTC" in told
    assert "taken back at 2099-12-26 23:00:00 UTC" in told
    (listed,) = json.loads(pim("list", "--json").stdout)
    assert (listed["starts_at"][:16], listed["ends_at"][:16]) == ("2099-11-30T23:00", "2099-12-26T23:00")
    assert "does not exist" in str(pim("schedule", "spring", "--at", "2099-12-01", "--export", "web").exception)
    assert "is approved" in pim("unschedule", "spring").stdout


def test_a_preview_of_feeds_is_of_now(pim: Pim, tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["export", "--draft", "spring", "--as-of", "1"], env={"PIM_HOME": str(tmp_path)})
    assert "leave `--as-of` out" in str(refused.exception)


def test_edits_come_from_a_file_all_of_them_or_none(pim: Pim, tmp_path: Path) -> None:
    file = tmp_path / "spring.ndjson"
    lines = [
        {"kind": "attribute_option", "owner": "color", "code": "sand", "patch": {}},
        {"kind": "product", "code": "hat", "delete": True},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert "2 of 2" in pim("edit", "spring", "--from", file).stdout
    edits = json.loads(pim("show", "spring", "--json").stdout)["edits"]
    assert [(one["path"], one["code"]) for one in edits] == [("+", "sand"), ("-", "hat")]
    assert "dropped" in pim("drop", "spring", edits[1]["edit"]).stdout
    assert "deleted" in pim("delete", "spring").stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"kind": "produkt", "code": "hat", "patch": {}}, "`kind` is `produkt`"),
        ({"kind": "attribute_option", "code": "sand", "patch": {}}, "write its attribute"),
        ({"kind": "product", "code": "hat"}, "an edit has a `patch`"),
        ({"kind": "product", "patch": {}}, "of a product its identifier"),
        ({"kind": "product", "uuid": "7", "patch": {}}, "write the uuid"),
        ({"kind": "product", "code": "hat", "patch": {}, "note": "x"}, "no `note`"),
        (["hat"], "is no edit"),
    ],
)
def test_an_edit_that_cannot_be_read_is_told(pim: Pim, tmp_path: Path, line: object, told: str) -> None:
    file = tmp_path / "spring.ndjson"
    file.write_text(json.dumps(line), "utf-8")
    assert told in str(pim("edit", "spring", "--from", file).exception)


def test_nobody_approves_their_own_where_the_setting_says_so(pim: Pim) -> None:
    pim("edit", "spring", "product/hat", patch(2))
    pim("submit", "spring")
    assert "somebody else" in str(pim("approve", "spring", PIM_REVIEW_BY_OTHERS="yes").exception)
    assert "is rejected" in pim("reject", "spring", PIM_REVIEW_BY_OTHERS="yes").stdout
