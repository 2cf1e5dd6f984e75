"""`as_of` and `draft` where they would change nothing: refused, so that nobody takes what is now for what was."""

from litestar.handlers import BaseRouteHandler

from pim.api.dialect_errors import BASE
from pim.api.identity import Connection
from pim.api.index import BELOW
from pim.api.openapi.operation import Operation, operations_of
from pim.api.past import AS_OF
from pim.api.previewing import DRAFT
from pim.base.errors import InvalidInput, Violation


def check_applicable(connection: Connection, handler: BaseRouteHandler) -> None:
    """A guard. Raises InvalidInput."""
    operation = _asked(connection, handler)
    declared = {parameter.name for parameter in operation.parameters} if operation else set()
    asked = f"{connection.scope.get('method')} {connection.url.path.removeprefix(BASE)}"
    way_out = "leave it out, or read products, product models, records, assets or the structure with it"
    problems = [
        Violation(one.name, "not_applicable", f"`{one.name}` does not apply to {asked}; {way_out}")
        for one in (AS_OF, DRAFT)
        if one.name in connection.query_params and one.name not in declared
    ]
    if problems:
        raise InvalidInput(problems)


def _asked(connection: Connection, handler: BaseRouteHandler) -> Operation | None:
    """Of a handler that answers several addresses, what it says of this one."""
    told = operations_of(handler)
    for ending, operation in zip(handler.opt.get(BELOW, ()), told[1:], strict=False):
        if connection.url.path.endswith(ending):
            return operation
    return told[0] if told else None
