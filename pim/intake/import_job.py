"""An import as background work: of a file that was handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from sqlmodel import Session

from pim.base.installation import Installation
from pim.base.jobs import Progress, defer_job
from pim.base.jobs.model import Cancelled
from pim.intake.import_path import Watch, import_path
from pim.intake.model import Part
from pim.intake.permitted import check_import
from pim.intake.sheets.store import get_mapping
from pim.intake.store import abandon_import
from pim.intake.uploads import opened_upload

IMPORT = "import"


def defer_import(session: Session, upload: str, *, by: str, dry_run: bool = False, mapping: str | None = None) -> int:
    """The id of a job that takes this file in. `upload` is the key that `keep_upload` gave it, `mapping` the code of
    the column mapping by which a sheet is read. Raises NotFound when there is none."""
    if mapping is not None:
        get_mapping(session, mapping)
    return defer_job(session, IMPORT, {"upload": upload, "dry_run": dry_run, "mapping": mapping}, by=by)


def import_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """Begun again after its worker died, it goes on behind the last batch. Cancelled, it keeps what has come in."""
    dry_run, imports = arguments["dry_run"], list[int]()

    def began(import_id: int) -> None:
        imports.append(import_id)
        progress.note(import_id=import_id)

    watch = Watch(progress=lambda resource, done, total: progress(done, total, resource), on_begin=began)
    mapping = None
    if code := arguments.get("mapping"):
        with installation.database.session() as session:
            mapping = get_mapping(session, code)

    def allowed(parts: Sequence[Part]) -> None:
        with installation.database.session() as session:
            check_import(session, progress.author, parts)

    work = installation.settings.home / "tmp" / f"import-job-{progress.job_id}"
    try:
        with opened_upload(installation.storage, arguments["upload"], work) as path:
            summary = import_path(
                installation.database, installation.storage, path,
                author=progress.author, home=installation.settings.home, watch=watch, dry_run=dry_run, mapping=mapping,
                allowed=allowed,
            )  # fmt: skip
    except Cancelled:
        with installation.database.session() as session:
            for import_id in imports:
                abandon_import(session, import_id)
        raise
    told = replace(summary, path=Path(arguments["upload"]).name, rejected_file=None, summary_file=None)
    return msgspec.to_builtins(told)  # no paths of this host
