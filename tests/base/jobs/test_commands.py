"""`pim jobs`, as somebody at the keyboard meets it."""

import msgspec
from typer.testing import CliRunner

from pim.base.jobs import defer_job
from pim.cli import app


def test_jobs_are_listed_shown_and_cancelled(settings, database):
    with database.session() as session:
        first, second = (defer_job(session, kind, {"n": 1}, by="camille") for kind in ("import", "run_exports"))

    def pim(*words):
        environment = {"PIM_DATABASE_URL": settings.database_url, "PIM_HOME": str(settings.home)}
        return CliRunner().invoke(app, ["jobs", *words], env=environment)

    assert [job["id"] for job in msgspec.json.decode(pim("list", "--json").stdout)] == [second, first]
    assert pim("cancel", str(first)).stdout == f"Job {first} is cancelled.\n"
    assert "cancelled" in pim("list", "--kind", "import").stdout
    assert "asked for by camille: queued" in pim("show", str(second)).stdout
    assert msgspec.json.decode(pim("show", str(second), "--json").stdout)["arguments"] == {"n": 1}
    assert "has ended already (cancelled)" in str(pim("cancel", str(first)).exception)
    assert "no kind of job `imports`; known: " in str(pim("list", "--kind", "imports").exception)
    assert "State `doing` does not exist; known: cancelled" in str(pim("list", "--state", "doing").exception)
