"""Drafts that end: what nobody changed since goes back, once, whoever is killed meanwhile; the rest is told."""

from datetime import timedelta

import pytest

from pim.base.clock import now
from pim.base.errors import Conflict, InvalidInput
from pim.versioning.drafts.apply_draft import apply_draft
from pim.versioning.drafts.edit_draft import edit_draft
from pim.versioning.drafts.review import delete_draft
from pim.versioning.drafts.schedule import schedule_draft, unschedule_draft
from pim.versioning.model import Edit
from pim.versioning.store import get_changeset
from tests.base.jobs.workers import fetched, job
from tests.makers import NOW, a_family, a_family_variant, a_product, a_product_model, commit, value, values
from tests.versioning.drafts.makers import approved, draft
from tests.versioning.drafts.timed import done, done_twice, its_end, scheduled, spring, survived, worked
from tests.versioning.test_batches import product
from tests.versioning.test_revert import codes, pages, revert

DAY = timedelta(days=1)


def spring_applied(here):
    """Its revision."""
    with here.database.session() as session:
        return apply_draft(session, "spring", "robin", NOW).revision


def test_a_draft_that_came_true_waits_for_its_end(here):
    scheduled(here, until=now() + DAY)
    worked(here)
    assert (pages(here.database), spring(here).state, fetched(here.database)) == (2, "applied", None)
    assert job(here.database, spring(here).end_job_id).state == "queued"


def test_at_its_end_a_draft_is_taken_back_and_its_exports_are_run_again(here):
    spring_applied(here)
    its_end(here, "shop")
    told = worked(here)
    row = spring(here)
    assert (told.state, told.result["state"], row.state, row.stays) == ("done", "ended", "ended", [])
    assert pages(here.database) == 1
    with here.database.session() as session:
        changeset = get_changeset(session, row.ended_revision)
    assert (changeset.source, changeset.reverts, changeset.author) == ("revert", row.revision, "camille")
    run = job(here.database, fetched(here.database))
    assert (run.kind, run.arguments["names"]) == ("run_exports", ["shop"])


def test_what_was_changed_since_stays_and_is_told(here):
    draft(here.database, "spring", a_product("A", enabled=False), a_product("cap"), a_product("new"))
    approved(here.database, "spring")
    applied_at = spring_applied(here)
    commit(here.database, a_product("hat", values=values(pages=3)), a_product("cap", enabled=False))
    its_end(here, "shop")
    told = worked(here)
    row = spring(here)
    assert (told.state, row.state, "pim draft show spring" in told.error) == ("failed", "partly_ended", True)
    assert {(one["subject"], one["code"]) for one in row.stays} == {
        ("product/hat", "changed_since"), ("product/cap", "changed_since"),
    }  # fmt: skip
    assert (pages(here.database), codes(here.database)) == (3, {"A", "hat", "cap"})
    assert product(here.database, "A").document["enabled"]
    assert applied_at < row.ended_revision
    assert job(here.database, fetched(here.database)).kind == "run_exports"


def test_what_the_rules_of_today_do_not_let_go_back_stays(here):
    draft(here.database, "spring", Edit("family", "hats", {"attributes": ["pages"]}))
    approved(here.database, "spring")
    spring_applied(here)
    commit(here.database, a_product("cap", family="hats"))
    its_end(here)
    worked(here)
    (stays,) = spring(here).stays
    assert (stays["subject"], "product `cap`" in stays["message"]) == ("family/hats", True)
    assert pages(here.database) == 1


def test_an_attribute_that_a_draft_moved_down_stays_down_with_its_values(here):
    shoe = a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(tags=["new"]))
    red = a_product("shoe-red", parent="shoe", values=values(color="red"))
    commit(here.database, shoe, red)
    draft(here.database, "spring", a_family_variant("shoes_color", "shoes", (["color"], ["ean", "weight", "tags"])))
    approved(here.database, "spring")
    spring_applied(here)
    its_end(here)
    worked(here)
    assert {one["subject"] for one in spring(here).stays} == {
        "family_variant/shoes/shoes_color", "product_model/shoe", "product/shoe-red",
    }  # fmt: skip
    assert (pages(here.database), spring(here).state) == (1, "partly_ended")
    assert product(here.database, "shoe-red").document["values"]["tags"] == value(["new"])


def test_members_of_sets_go_back_one_by_one(here):
    draft(here.database, "spring", a_product("hat", categories=["outdoor"]))
    approved(here.database, "spring")
    spring_applied(here)
    commit(here.database, Edit("product", "hat", {"add_categories": ["home"]}))
    its_end(here)
    worked(here)
    assert (spring(here).state, product(here.database, "hat").document["categories"]) == ("ended", ["home"])


def test_what_a_person_took_back_before_the_end_is_over(here):
    revision = spring_applied(here)
    its_end(here)
    revert(here.database, revision)
    worked(here)
    assert (spring(here).state, spring(here).ended_revision, pages(here.database)) == ("ended", None, 1)


def test_an_end_that_is_begun_again_after_all_was_done_does_nothing_more(here):
    spring_applied(here)
    job_id = its_end(here)

    first, second = done_twice(here, job_id)
    assert first == second
    assert done(here).count("ended") == 1


def test_a_draft_whose_whole_time_is_over_is_not_applied(here):
    scheduled(here, "shop", until=now() - timedelta(seconds=1))
    told = worked(here)
    assert (told.state, spring(here).state, pages(here.database)) == ("failed", "approved", 1)
    assert (done(here)[-1], worked(here)) == ("missed", None)


def test_an_applied_draft_is_given_an_end_another_one_and_none(here):
    spring_applied(here)
    with here.database.session() as session:
        first = schedule_draft(session, "spring", None, ["shop"], "robin", now(), now() + DAY).end_job_id
        second = schedule_draft(session, "spring", None, [], "robin", now(), now() + 2 * DAY).end_job_id
    assert (job(here.database, first).state, spring(here).exports) == ("cancelled", ["shop"])
    with here.database.session() as session:
        unschedule_draft(session, "spring", "robin", now())
    assert (job(here.database, second).state, spring(here).state, spring(here).ends_at) == (
        "cancelled",
        "applied",
        None,
    )


def test_times_that_cannot_be_are_refused(here):
    with here.database.session() as session:
        with pytest.raises(InvalidInput, match="when the draft begins"):
            schedule_draft(session, "spring", NOW + DAY, [], "robin", NOW, NOW + DAY)
        with pytest.raises(InvalidInput, match="name the time `at` which"):
            schedule_draft(session, "spring", None, [], "robin", NOW, NOW + DAY)
    spring_applied(here)
    with here.database.session() as session:
        with pytest.raises(Conflict, match="only its end can be scheduled"):
            schedule_draft(session, "spring", NOW + DAY, [], "robin", NOW, NOW + 2 * DAY)
        with pytest.raises(InvalidInput, match="not later than now"):
            schedule_draft(session, "spring", None, [], "robin", NOW, NOW)


def test_what_has_ended_belongs_to_the_history(here):
    spring_applied(here)
    its_end(here)
    worked(here)
    with here.database.session() as session:
        with pytest.raises(Conflict, match="begin another one"):
            edit_draft(session, "spring", [a_family("hats", [])], "camille", NOW)
        with pytest.raises(Conflict, match="revert that revision"):
            delete_draft(session, "spring")
        with pytest.raises(Conflict, match="not scheduled"):
            unschedule_draft(session, "spring", "robin", NOW)


def test_a_draft_in_conflict_keeps_its_end_for_when_it_is_applied_after_all(here):
    scheduled(here, until=now() + DAY)
    commit(here.database, a_product("hat", values=values(pages=3)))
    worked(here)
    commit(here.database, a_product("hat", values=values(pages=1)))
    approved(here.database, "spring")
    spring_applied(here)
    assert job(here.database, spring(here).end_job_id).state == "queued"


def test_a_draft_ends_once_though_one_of_two_workers_is_killed_in_the_middle(here):
    spring_applied(here)
    begun, again = survived(here, its_end(here))
    assert (again.state, again.attempts, again.worker != begun.worker) == ("done", 2, True)
    assert (pages(here.database), done(here).count("ended")) == (1, 1)
