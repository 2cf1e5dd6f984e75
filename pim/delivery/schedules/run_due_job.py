"""An automatic export run as background work."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from pim.base.installation import Installation
from pim.base.jobs import Progress
from pim.delivery.schedules import store
from pim.intake.store import open_imports
from pim.syndication.building import NotNow
from pim.syndication.export_job import run_and_tell
from pim.syndication.run_export import export_names


def run_due_exports_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """Renders what is due, from one revision with no import half in it. What cannot be rendered now (an import has
    begun, somebody else builds the export) is due again; what was paused meanwhile is passed over. Begun again after
    its worker died, like any export run."""
    there = export_names(installation.settings)
    with installation.database.session() as session:
        paused = store.paused_exports(session)
        store.drop_asked(session, progress.job_id, sorted(paused))
    names = [name for name in arguments["exports"] if name in there and name not in paused]
    if not names:
        return {"exports": [], "waits": None}
    try:
        result = run_and_tell(installation, names, progress, unless=_why_not_now)
    except NotNow as error:
        with installation.database.session() as session:
            store.waits_again(session, progress.job_id, names)
        return {"exports": [], "waits": str(error)}
    busy = [export.name for export in result.exports if export.is_busy]
    with installation.database.session() as session:
        store.waits_again(session, progress.job_id, busy)
    result.raise_if_failed()
    return result


def _why_not_now(session: Session) -> str | None:
    """Read in the snapshot that the run would show: what an import has committed by then is all of it, or none."""
    return next((f"import {one.id} of {one.source} is open" for one in open_imports(session)), None)
