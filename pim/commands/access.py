"""`pim user` and `pim connection`: who may sign in, and which programs."""

import sys
from typing import Annotated

import typer

from pim import terminal
from pim.base.clock import now
from pim.base.installation import installation
from pim.terminal import AsJson

user = typer.Typer(no_args_is_help=True, help="Make, change, list and disable those who may sign in.")
connection = typer.Typer(no_args_is_help=True, help="Make, list and disable programs that use the REST API.")


@user.command("create")
def create_user(
    username: str,
    role: Annotated[list[str], typer.Option(help="reader, editor, publisher or administrator; may repeat.")],
    view: Annotated[list[str] | None, typer.Option(help="See only these: locales=fr_FR,en_GB; may repeat.")] = None,
    edit: Annotated[list[str] | None, typer.Option(help="Edit only these: categories=tents; may repeat.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
) -> None:
    """Let somebody in. Without --password-stdin a password is made and printed, once."""
    from pim.access import accounts
    from pim.access.credentials import new_secret
    from pim.access.model import stored_reach
    from pim.versioning.store import current_structure

    password = sys.stdin.readline().rstrip("\n") if password_stdin else new_secret()
    limits = stored_reach(view or []), stored_reach(edit or [])
    with installation() as here, here.database.session() as session:
        accounts.create_user(session, username, password, role, now(), current_structure(session), *limits)
    typer.echo(f"User {username} ({', '.join(sorted(set(role)))}) is made.")
    if not password_stdin:
        typer.echo(f"password: {password}\nKeep it now; it is not shown again.")


@user.command("change")
def change_user(
    username: str,
    role: Annotated[list[str] | None, typer.Option(help="Instead of the roles there are; may repeat.")] = None,
    view: Annotated[list[str] | None, typer.Option(help="Instead of what is seen; '' lifts the limit.")] = None,
    edit: Annotated[list[str] | None, typer.Option(help="Instead of what is edited; '' lifts the limit.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read a new one from stdin.")] = False,
    new_password: Annotated[bool, typer.Option("--new-password", help="Make a new one and print it.")] = False,
) -> None:
    """Give somebody other roles, limits or a password. A new password ends every sign-in made with the old one."""
    from pim.access import accounts
    from pim.access.credentials import new_secret
    from pim.access.model import stored_reach
    from pim.versioning.store import current_structure

    if password_stdin and new_password:
        raise typer.BadParameter("give --password-stdin or --new-password, not both")
    if not (role or view or edit or password_stdin or new_password):
        raise typer.BadParameter("say what changes: --role, --view, --edit, --password-stdin or --new-password")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else new_secret() if new_password else None
    limits = [None if given is None else stored_reach([one for one in given if one]) for given in (view, edit)]
    with installation() as here, here.database.session() as session:
        accounts.change_user(session, username, current_structure(session), role, password, *limits)
    typer.echo(f"User {username} is changed.")
    if new_password:
        typer.echo(f"password: {password}\nKeep it now; it is not shown again.")


@user.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List users with their roles and limits."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        users = accounts.list_users(session)
    terminal.print_json(users) if as_json else terminal.print_users(users)


@user.command("disable")
def disable_user(username: str) -> None:
    """Close the door: sign-ins are refused and tokens open nothing, from now on."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        accounts.disable_user(session, username, now())
    typer.echo(f"User {username} is disabled.")


@user.command("enable")
def enable_user(username: str) -> None:
    """Let somebody in again who was disabled."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        accounts.enable_user(session, username)
    typer.echo(f"User {username} may sign in again.")


@connection.command("create")
def create_connection(code: str, as_json: AsJson = False) -> None:
    """Make a client id and a secret for a program. The secret is printed once."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        client_id, secret = accounts.create_connection(session, code, now())
    if as_json:
        terminal.print_json({"code": code, "client_id": client_id, "secret": secret})
    else:
        typer.echo(f"client id: {client_id}\nsecret:    {secret}\nKeep the secret now; it is not shown again.")


@connection.command("list")
def list_connections(as_json: AsJson = False) -> None:
    """List connections with their client ids."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        connections = accounts.list_connections(session)
    terminal.print_json(connections) if as_json else terminal.print_connections(connections)


@connection.command("disable")
def disable_connection(code: str) -> None:
    """Refuse a program: its tokens open nothing, from now on."""
    from pim.access import accounts

    with installation() as here, here.database.session() as session:
        accounts.disable_connection(session, code, now())
    typer.echo(f"Connection {code} is disabled.")
