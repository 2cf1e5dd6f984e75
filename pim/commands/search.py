"""`pim search`: words, filters and facets over the products of this installation."""

from typing import Annotated

import typer

from pim import terminal
from pim.access.model import User
from pim.base.clock import now
from pim.base.errors import InvalidInput, Violation
from pim.base.installation import installation
from pim.catalog.model import Document
from pim.terminal import AsJson
from pim.terminal.search import print_results, print_saved

searches = typer.Typer(no_args_is_help=True, help="Searches that are kept under a name.")
_EVERYTHING = frozenset({"administrator"})


def search(
    text: Annotated[str, typer.Argument(metavar="QUERY", help='Words, "phrases", field:value, -word.')] = "",
    locale: Annotated[str | None, typer.Option(help="Look into texts of this locale only.")] = None,
    scope: Annotated[str | None, typer.Option(help="The channel that filters mean.")] = None,
    sort: Annotated[str | None, typer.Option(help="identifier, updated, price@EUR, …; with - turned round.")] = None,
    facets: Annotated[str | None, typer.Option(help="What to count, with commas: family,brand; `usual`.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Show so many.")] = 20,
    saved: Annotated[str | None, typer.Option(help="Ask a saved search; what is given here goes before it.")] = None,
    save: Annotated[str | None, typer.Option(help="Save the search under this code, for everybody.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find products. The index is brought up to the newest revision first."""
    from pim.search import saved as kept
    from pim.search.facets import usual_facets
    from pim.search.find import SearchAsked, Searcher
    from pim.search.followed_index import FollowedIndex
    from pim.search.results import SearchDoor
    from pim.search.results import search as ask
    from pim.versioning.store import current_structure

    given: Document = {"q": text, "locale": locale, "scope": scope, "sort": sort, "facets": facets}
    given = {name: value for name, value in given.items() if value}
    with installation() as here:
        user = _user()
        with here.database.session() as session:
            if saved is not None:
                given = {**kept.get_search(session, saved, user.username).settings, **given}
            if save is not None:
                kept.save_search(session, save, {**given, "shared": True}, user.username, now())
            searcher = Searcher(user, current_structure(session))
            usual = usual_facets(searcher.reader(given.get("locale"), given.get("scope")))
        if not given.get("q") and saved is None:
            message = "say what to look for: `pim search tente`, or a filter like `family:tents`"
            raise InvalidInput([Violation("q", "required", message)])
        names = usual if given.get("facets") == "usual" else [n for n in given.get("facets", "").split(",") if n]
        asked = SearchAsked(
            given.get("q", ""), given.get("locale"), given.get("scope"), given.get("sort", ""), limit=limit
        )
        door = SearchDoor(
            here.database, FollowedIndex(here.database, here.settings), user, here.settings.exports_folder, None
        )
        found = ask(door, asked, facets=names, with_count=True, up_to_now=True)
    terminal.print_json(found) if as_json else print_results(found)


@searches.command("list")
def list_searches(as_json: AsJson = False) -> None:
    """List saved searches: yours, and those that others share."""
    from pim.search import saved

    with installation() as here, here.database.session() as session:
        rows = [saved.as_document(row) for row in saved.list_searches(session, _user().username)]
    terminal.print_json(rows) if as_json else print_saved(rows)


@searches.command("delete")
def delete_search(code: Annotated[str, typer.Argument(help="The code of the saved search.")]) -> None:
    """Delete a saved search."""
    from pim.search import saved

    with installation() as here, here.database.session() as session:
        saved.delete_search(session, code, _user().username)
    typer.echo(f"Saved search {code} is deleted.")


def _user() -> User:
    """Whoever works on the host itself sees everything."""
    return User(0, terminal.author(), _EVERYTHING)
