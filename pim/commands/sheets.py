"""`pim mappings` and `pim products`: what the columns of sheets mean, and products written into sheets."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pim import terminal
from pim.base.clock import now
from pim.base.installation import Installation, installation
from pim.terminal import AsJson

if TYPE_CHECKING:  # what this needs is imported where it is used
    from pim.intake.sheets.model import ColumnMapping

mappings = typer.Typer(no_args_is_help=True, help="Say what the columns of other people's sheets mean.")
products = typer.Typer(no_args_is_help=True, help="Write products into sheets.")


@mappings.command("list")
def list_mappings(as_json: AsJson = False) -> None:
    """List saved column mappings."""
    from pim.intake.sheets import store

    with installation() as here, here.database.session() as session:
        found = [store.as_document(row) for row in store.list_mappings(session)]
    terminal.print_json(found) if as_json else terminal.print_mappings(found)


@mappings.command("show")
def show_mapping(code: str, as_json: AsJson = False) -> None:
    """Print a saved column mapping, as YAML that can be edited and saved again."""
    from pim.intake.sheets import mapping_file, store

    with installation() as here, here.database.session() as session:
        mapping = store.get_mapping(session, code)
    terminal.print_json(mapping.as_document()) if as_json else typer.echo(mapping_file.as_yaml(mapping), nl=False)


@mappings.command("suggest")
def suggest_mapping(
    path: Annotated[Path, typer.Argument(help="Somebody's sheet: CSV or a workbook.")],
    code: Annotated[str | None, typer.Option(help="A name for the column mapping; none: that of the file.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook; none: the first.")] = None,
) -> None:
    """Print a column mapping for a sheet, guessed from its headers and cells, to be read over and saved."""
    from pim.intake.sheets import mapping_file
    from pim.intake.sheets.suggest import suggest_mapping
    from pim.versioning.store import current_structure

    with installation() as here, here.database.session() as session:
        mapping = suggest_mapping(path, current_structure(session), code or mapping_file.code_for(path), sheet)
    typer.echo(mapping_file.as_yaml(mapping), nl=False)


@mappings.command("check")
def check_mapping(path: Path) -> None:
    """Check a column mapping (.yaml, .json) against the catalogue; nothing is saved."""
    with installation() as here:
        mapping = mapping_named(here, str(path))
    typer.echo(f"{path}: as it should be, {len(mapping.columns)} columns.")


@mappings.command("save")
def save_mapping(
    path: Annotated[Path, typer.Argument(help="A column mapping (.yaml, .json).")],
    code: Annotated[str | None, typer.Option(help="Its name, instead of the one in the file.")] = None,
) -> None:
    """Check a column mapping and save it under its code, in place of the one there is."""
    from msgspec.structs import replace

    from pim.intake.sheets import store

    with installation() as here:
        mapping = mapping_named(here, str(path))
        mapping = replace(mapping, code=code or mapping.code or path.stem)
        with here.database.session() as session:
            is_new = store.save_mapping(session, mapping, terminal.author(), now())
    typer.echo(f"Column mapping {mapping.code} is {'saved' if is_new else 'replaced'}.")


@mappings.command("delete")
def delete_mapping(code: str) -> None:
    """Delete a saved column mapping. What was imported by it stays."""
    from pim.intake.sheets import store

    with installation() as here, here.database.session() as session:
        store.delete_mapping(session, code)
    typer.echo(f"Column mapping {code} is deleted.")


@products.command("export")
def export_products(
    path: Annotated[Path, typer.Argument(help="The sheet to write: .xlsx or .csv.")],
    search: Annotated[str | None, typer.Option(help="Which products, in the grammar of the API.")] = None,
    family: Annotated[str | None, typer.Option(help="Only products of this family.")] = None,
    attributes: Annotated[str | None, typer.Option(help="Only these, with commas between them.")] = None,
    locales: Annotated[str | None, typer.Option(help="Only values in these, with commas between them.")] = None,
    scope: Annotated[str | None, typer.Option(help="Only values of these channels, with commas between them.")] = None,
    models: Annotated[bool, typer.Option("--models", help="Product models, too.")] = False,
    mapping: Annotated[str | None, typer.Option(help="Columns of a column mapping: its name, or a file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write products into a sheet that imports back without a change."""
    from pim.intake.sheets.model import OURS
    from pim.intake.sheets.write_products import Wanted, write_products

    wanted = Wanted(search, family, _codes(attributes), _codes(locales), _codes(scope), models)
    with installation() as here:
        written = write_products(here.database, path, wanted, mapping_named(here, mapping) if mapping else OURS)
    terminal.print_json(written) if as_json else terminal.print_written(written)


def _codes(written: str | None) -> frozenset[str] | None:
    return frozenset(code.strip() for code in written.split(",") if code.strip()) if written else None


def mapping_named(here: Installation, name: str) -> "ColumnMapping":
    """A saved column mapping, or the one in a file."""
    from pim.intake.sheets import mapping_file, store
    from pim.versioning.store import current_structure

    with here.database.session() as session:
        if mapping_file.is_file_name(name):
            return mapping_file.load_mapping(Path(name), current_structure(session))
        return store.get_mapping(session, name)
