"""`pim backup` and `pim restore`: an installation into a folder, and back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from pim import terminal
from pim.base.installation import installation
from pim.terminal import AsJson


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy everything into a folder: database, files, definitions. Others may go on working."""
    from pim.base.backup import write_backup

    with installation() as here:
        made = write_backup(here, folder, _facts)
    if as_json:
        terminal.print_json(made)
    else:
        typer.echo(f"{folder}: revision {made.facts['revision']}, {made.files:,} files of {made.bytes:,} bytes.")


def restore(folder: Annotated[Path, typer.Argument(help="A backup.")], as_json: AsJson = False) -> None:
    """Put a backup into this installation, which must be empty."""
    from pim.base.backup import DEFINITIONS, restore_backup, same_definitions

    with installation() as here:
        made = restore_backup(here, folder, _in_use)
        alike = same_definitions(folder, here.settings.exports_folder)
        exports_folder = here.settings.exports_folder
    terminal.print_json(made) if as_json else typer.echo(
        f"Revision {made.facts['revision']} of {made.made:%F %T} is here."
    )
    if not alike:
        told = f"The definitions of exports in {exports_folder} are not those of the backup"
        typer.echo(f"{told}; to have them, copy {folder / DEFINITIONS} and set PIM_EXPORTS to the copy.", err=True)


def _facts(session: Session) -> Mapping[str, Any]:
    from pim.catalog.store import count_product_models, count_products
    from pim.versioning.store import head_revision

    return {
        "revision": head_revision(session),
        "products": count_products(session),
        "product_models": count_product_models(session),
    }


def _in_use(session: Session) -> str | None:
    from pim.access.accounts import list_users
    from pim.versioning.store import head_revision

    revision, users = head_revision(session), list_users(session)
    if revision:
        return f"a catalogue at revision {revision}"
    return f"{len(users)} users" if users else None
