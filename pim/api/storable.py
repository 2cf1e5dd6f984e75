"""Addresses that name what no database can hold."""

from litestar.handlers import BaseRouteHandler

from pim.api.identity import Connection
from pim.base.errors import InvalidInput, NotFound, Violation
from pim.catalog.attribute_types import holds_unstorable


def check_storable(connection: Connection, handler: BaseRouteHandler) -> None:
    """A guard. Raises NotFound for a path, InvalidInput for parameters."""
    if holds_unstorable([str(part) for part in connection.path_params.values()]):
        raise NotFound("nothing has a code with a NUL or half a surrogate pair in it; remove it from the address")
    problems = [
        Violation(name, "bad_character", f"`{name}` holds a NUL or half a surrogate pair; remove it")
        for name, text in connection.query_params.multi_items()
        if holds_unstorable([name, text])
    ]
    if problems:
        raise InvalidInput(problems)
