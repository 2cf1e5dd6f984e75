"""An export run as background work."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from pim.base.installation import Installation
from pim.base.jobs import PartlyFailed, Progress, defer_job
from pim.syndication.run_export import run_exports
from pim.syndication.run_result import Step

RUN_EXPORTS = "run_exports"


def defer_export_run(session: Session, names: Sequence[str] = (), *, by: str, full: bool = False) -> int:
    """The id of a job that renders these exports (none named: all) and publishes what the gate lets through. Runs of
    all hosts follow one another; the same run asked for twice before it begins is one. `full` as in `run_exports`."""
    wanted = sorted(set(names))
    queueing_lock = f"{RUN_EXPORTS}:{','.join(wanted) or '*'}{':full' * full}"
    return defer_job(
        session, RUN_EXPORTS, {"names": wanted, "full": full}, by=by, lock=RUN_EXPORTS, queueing_lock=queueing_lock
    )


def run_exports_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """Begun again from the start after its worker died: what is published already is found unchanged."""

    def told(step: Step) -> None:
        progress(step.roots, None, f"{step.stage} {step.export}" if step.export else step.stage)

    result = run_exports(
        installation.database,
        installation.storage,
        installation.settings,
        arguments["names"],
        full=arguments["full"],
        progress=told,
    )
    if result.failed:
        reasons = "; ".join(f"{export.name}: {export.message}" for export in result.failed)
        raise PartlyFailed(f"{len(result.failed)} of {len(result.exports)} exports failed: {reasons}", result)
    return result
