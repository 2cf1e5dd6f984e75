"""What comes back: from a report to the attribute to mend, to the item that is due again, to a clean report."""

from pathlib import Path
from typing import Any

import pytest

from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound
from pim.base.settings import Settings
from pim.delivery.feedback.state import due_again
from tests.delivery.feedback.makers import SHEET, a_sheet, amazon, lines, states, take, told
from tests.delivery.makers import a_folder, attempt, delivering, publish
from tests.makers import Edit, a_product, a_product_model, commit, value, values
from tests.syndication.incremental import NEVER_HELD, ROOTS
from tests.syndication.runs import FILES, a_hat


def shop(settings: Settings, database: Database, there: Path, feedback: Any = SHEET, **destination: Any) -> Any:
    mirror = a_folder(there, files=["{locale}.csv"], **destination)
    said = {} if feedback is None else {"feedback": feedback}
    return delivering(settings, database, mirror, gate=NEVER_HELD, **said)


def test_three_rejected_items_of_which_one_is_mended(settings: Settings, database: Database, there: Path) -> None:
    here = shop(settings, database, there, sends="changes", file_name="{number}-{file}")
    attempt(here, publish(here, "C", "D")[0])
    report = a_sheet(*((code, "price", "too dear") for code in "ABC"))
    assert take(here, report).report.counts == {"error": 3}
    assert [(issue.item, issue.field, issue.attribute) for issue in told(here)] == [
        (c, "price", "price") for c in "ABC"
    ]

    commit(database, a_hat("B", price="8.00"))
    assert states(here) == dict.fromkeys("ABC", "rejected")
    row = publish(here)[-1]
    assert states(here) == {"A": "rejected", "B": "mended", "C": "rejected"}
    with database.snapshot_session() as session:
        assert due_again(here, session, "shop") == {"product/B"}

    assert (row.part, attempt(here, row).state) == ("changes", "delivered")
    assert [line.partition(",")[0] for line in lines(there / "2-fr_FR.csv")] == ["sku", "B"]
    assert take(here, a_sheet()).report.counts == {"cleared": 1}
    assert states(here) == {"A": "rejected", "C": "rejected"}
    assert states(here, state="cleared") == {"B": "cleared"}


def test_a_clean_report_on_everything_clears_everything(settings: Settings, database: Database, there: Path) -> None:
    here = shop(settings, database, there)
    attempt(here, publish(here)[0])
    take(here, a_sheet(("A", "price", "too dear"), ("B", "name", "too long")))
    assert take(here, a_sheet(("B", "name", "too long"))).report.counts == {"error": 1, "cleared": 1}
    assert states(here) == {"B": "rejected"}


def test_the_same_report_again_changes_nothing(settings: Settings, database: Database, there: Path) -> None:
    here = shop(settings, database, there)
    attempt(here, publish(here)[0])
    first = take(here, a_sheet(("A", "price", "too dear")))
    again = take(here, a_sheet(("A", "price", "too dear")))
    assert (first.is_new, again.is_new, first.report.id) == (True, False, again.report.id)
    assert len(told(here)) == 1


def test_what_a_report_said_before_it_may_say_again_of_a_newer_publication(
    settings: Settings, database: Database, there: Path
) -> None:
    here, dear = shop(settings, database, there), a_sheet(("A", "price", "too dear"))
    attempt(here, publish(here)[0])
    assert take(here, a_sheet()).report.counts == {}
    attempt(here, publish(here, "C")[-1])
    assert take(here, dear).report.counts == {"error": 1}
    attempt(here, publish(here, "D")[-1])
    assert take(here, a_sheet()).report.counts == {"cleared": 1}
    attempt(here, publish(here, "E")[-1])
    assert take(here, dear).report.counts == {"error": 1}
    assert states(here) == {"A": "rejected"}


def test_a_late_report_on_an_old_publication_clears_nothing_newer(
    settings: Settings, database: Database, there: Path
) -> None:
    here = shop(settings, database, there)
    attempt(here, publish(here)[0])
    attempt(here, publish(here, "C")[-1])
    take(here, a_sheet(("C", "price", "too dear")))
    assert take(here, a_sheet(), number=1).report.counts == {}
    assert states(here) == {"C": "rejected"}


def test_an_issue_says_the_revision_the_place_and_the_model_to_mend(
    settings: Settings, database: Database, there: Path
) -> None:
    here = shop(settings, database, there)
    given = values(name={"fr_FR": "Botte", "en_GB": "Boot"}, price=[{"amount": "9.00", "currency": "EUR"}])
    commit(
        database,
        a_product_model("boot", family="shoes", family_variant="shoes_color", categories=["outdoor"], values=given),
        a_product("boot-red", parent="boot", values={"color": value("red")}),
    )
    attempt(here, publish(here)[0])
    take(here, a_sheet(("boot-red", "Name", "no boots"), ("nobody", "price", "who?"), ("", "", "the file is late")))
    boot, nobody, whole = told(here)
    assert (boot.item, boot.owner, boot.attribute, boot.attribute_locale) == ("boot-red", "boot", "name", "en_GB")
    assert (boot.publication, boot.root) == (1, "product_model/boot")
    assert (nobody.item, nobody.attribute, whole.their_item) == (None, "price", "")


def test_a_report_names_a_publication_that_is_kept(settings: Settings, database: Database, there: Path) -> None:
    here = shop(settings, database, there)
    attempt(here, publish(here)[0])
    with pytest.raises(NotFound, match="publication 7 of export `shop` is not kept; known: 1"):
        take(here, a_sheet(), number=7)
    assert take(here, a_sheet(("A", "price", "too dear")), number=1).report.revision > 0


def test_an_export_without_feedback_says_what_to_add(settings: Settings, database: Database, there: Path) -> None:
    here = shop(settings, database, there, feedback=None)
    publish(here)
    with pytest.raises(InvalidInput, match=r"add `feedback` to its export.yaml, or name a format: amazon"):
        take(here, a_sheet())
    issue = {"sku": "A", "severity": "ERROR", "code": "90220", "message": "'[price]' is required but not supplied."}
    take(here, amazon(issue), format="amazon")
    assert [(issue.item, issue.attribute, issue.code) for issue in told(here)] == [("A", "price", "90220")]


def test_items_go_by_a_field_of_theirs(settings: Settings, database: Database, there: Path) -> None:
    here = shop(settings, database, there, feedback={**SHEET, "item": "name"})
    attempt(here, publish(here)[0])
    take(here, a_sheet(("Chapeau B", "price", "too dear")))
    assert [issue.item for issue in told(here)] == ["B"]


def test_everything_is_delivered_when_an_item_has_gone(settings: Settings, database: Database, there: Path) -> None:
    here = shop(settings, database, there, sends="changes")
    attempt(here, publish(here)[0])
    commit(database, Edit("product", "A", {"enabled": False}), a_hat("B", price="3.00"))
    row = publish(here)[-1]
    assert (row.number, row.part) == (2, "")


def test_everything_is_delivered_when_nobody_knows_what_has_arrived(
    settings: Settings, database: Database, there: Path
) -> None:
    """What was sent of the second may be there or not; the third says what the first had said."""
    here = shop(settings, database, there, sends="changes", attempts=9)
    attempt(here, publish(here)[0])
    commit(database, a_hat("A", price="20.00"))
    second = publish(here)[-1]
    there.rename(there.with_name("away"))
    assert attempt(here, second).state == "waiting"
    there.with_name("away").rename(there)
    commit(database, a_hat("A"))
    third = publish(here)[-1]
    assert (third.number, third.part, attempt(here, third).state) == (3, "", "delivered")


def test_what_says_the_same_there_is_not_delivered(settings: Settings, database: Database, there: Path) -> None:
    files = [*FILES, {"name": "codes.csv", "writer": "csv", "options": {"columns": ["sku"]}}]
    mirror = a_folder(there, files=["codes.csv"], sends="changes")
    here = delivering(settings, database, mirror, files=files)
    attempt(here, publish(here)[0])
    commit(database, a_hat("A", price="3.00"))
    assert [row.number for row in publish(here)] == [1]


def test_a_field_of_variants_leads_to_the_model_that_says_it_for_them(
    settings: Settings, database: Database, there: Path
) -> None:
    files = [{"name": "roots-{locale}.json", "writer": "json", "options": {"list": "items"}}]
    root = {"grain": "root", "schema": "print_catalog/2026-11", "mapping": ROOTS, "files": files}
    here = delivering(settings, database, a_folder(there), feedback=SHEET, gate=NEVER_HELD, **root)
    prices = values(price=[{"amount": "9.00", "currency": "EUR"}])
    commit(
        database,
        a_product_model("boot", family="shoes", family_variant="shoes_color", categories=["outdoor"], values=prices),
        *(a_product(f"boot-{c}", parent="boot", values={"color": value(c)}) for c in ("blue", "red")),
    )
    attempt(here, publish(here)[0])
    take(here, a_sheet(("boot-red", "price", "too dear")))
    (issue,) = told(here)
    assert (issue.field, issue.attribute, issue.owner) == ("variants.price", "price", "boot")
    assert (issue.root, issue.state) == ("product_model/boot", "rejected")
