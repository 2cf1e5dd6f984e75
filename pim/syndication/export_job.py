"""An export run as background work."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from pim.base.installation import Installation
from pim.base.jobs import Progress, defer_job
from pim.syndication.building import WhyNotNow, never
from pim.syndication.run_export import run_exports
from pim.syndication.run_result import RunResult, Step

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
    result = run_and_tell(installation, arguments["names"], progress, full=arguments["full"])
    result.raise_if_failed()
    return result


def run_and_tell(
    installation: Installation,
    names: Sequence[str],
    progress: Progress,
    *,
    full: bool = False,
    unless: WhyNotNow = never,
) -> RunResult:
    """`run_exports` that says through `progress` where it is."""

    def told(step: Step) -> None:
        progress(step.roots, None, f"{step.stage} {step.export}" if step.export else step.stage)

    return run_exports(
        installation.database, installation.storage, installation.settings, names,
        full=full, unless=unless, progress=told,
    )  # fmt: skip
