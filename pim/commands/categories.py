"""`pim exports categories`: a channel's product taxonomy for the categories of the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from pim import terminal
from pim.base.errors import ConfigurationError, Unreadable
from pim.base.installation import installation
from pim.terminal import AsJson

LOOKUP = "google_category_by_category.yaml"


def suggest_categories(
    name: str,
    taxonomy: Annotated[
        list[Path], typer.Option(help="A file of the taxonomy, as Google publishes it; once for each language.")
    ],
    lookup: Annotated[str, typer.Option(help="The lookup file to complete.")] = LOOKUP,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the suggestions, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Complete the lookup file of an export with the closest entry of the channel's taxonomy for each category that is
    not in it yet; what is unsure waits there behind `#?` for a person."""
    from pim.exports.load import load_definition
    from pim.exports.lookup_file import completed, lookup_path
    from pim.exports.scope import channel_of
    from pim.search.taxonomy import categories_of, read_taxonomy, suggest
    from pim.versioning.store import current_structure

    with installation() as here, here.database.session() as session:
        structure, folder = current_structure(session), here.settings.exports_folder / name
    definition = load_definition(folder)
    path, channel = lookup_path(folder, definition, lookup), channel_of(definition, structure)
    if channel is None:
        wanted = " or ".join(definition.channel)
        raise ConfigurationError(f"export `{name}` is for channel {wanted}, which this catalogue does not have")
    taxonomies = [read_taxonomy(file.name, _read(file)) for file in taxonomy]
    mapped = definition.lookups[lookup]
    missing = [code for code in categories_of(structure, channel.category_tree) if code not in mapped]
    found = list(suggest(structure, missing, taxonomies))
    sure = {one.category: (one.closest[0].id, one.closest[0].path) for one in found if one.sure}
    unsure = {one.category: [(each.id, each.path) for each in one.closest] for one in found if not one.sure}
    if not dry_run:
        path.write_text(completed(path.read_text("utf-8"), sure, unsure), encoding="utf-8")
    if as_json:
        terminal.print_json({"file": str(path), "written": not dry_run, "kept": len(mapped), "suggestions": found})
    else:
        terminal.print_category_suggestions(path, found, len(mapped), written=not dry_run)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"taxonomy {file} cannot be read: {error}") from error
