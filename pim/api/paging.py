"""Pages of a list, as HAL: how the client asks for them, and the links from one to the next."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request

from pim.base.errors import InvalidInput, Violation
from pim.catalog.model import Document

LARGEST_LIMIT = 100
FARTHEST = 10_000
"""Products that numbered pages reach: behind them each page would cost more than the one before."""

_NOT_IN_NEXT = ("page", "search_after")


@dataclass(frozen=True, slots=True)
class Asked:
    """`page` is None for pagination by cursor, where `after` is the last name or id of the page before."""

    limit: int
    page: int | None
    after: str | None
    with_count: bool
    parameters: tuple[tuple[str, str], ...]
    """What the client sent, in its order, to say it again in the links."""


def parameters_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The query of the address; of a parameter given twice, the first."""
    return dict(request.query_params.items())


def asked_page(parameters: Mapping[str, str], farthest: int | None = None, only_cursors: bool = False) -> Asked:
    """Raises InvalidInput with everything that is wrong with the paging parameters. Lists with `only_cursors` have no
    numbered pages, and are long unless said otherwise."""
    problems: list[Violation] = []
    limit = asked_number(parameters, "limit", LARGEST_LIMIT if only_cursors else 10, problems, most=LARGEST_LIMIT)
    kind = parameters.get("pagination_type", "page")
    if only_cursors and kind == "page":
        kind = "search_after"
        if "page" in parameters:
            message = "This list has no numbered pages; follow the link `next` of a page"
            problems.append(Violation("page", "no_pages", message))
    if kind not in ("page", "search_after"):
        message = f"Pagination type `{kind}` does not exist; known: page, search_after"
        problems.append(Violation("pagination_type", "unknown", message))
    page, after = None, None
    if kind == "page":
        page = asked_number(parameters, "page", 1, problems)
        if farthest is not None and page * limit > farthest:
            message = f"Pages end after {farthest} items; use pagination_type=search_after to read on"
            problems.append(Violation("page", "too_far", message))
    elif parameters.get("search_after"):
        after = _opened(parameters["search_after"], problems)
    with_count = is_true(parameters, "with_count", problems)
    if problems:
        raise InvalidInput(problems)
    return Asked(limit, page, after, with_count, tuple(parameters.items()))


def is_true(parameters: Mapping[str, str], name: str, problems: list[Violation]) -> bool:
    written = parameters.get(name, "false")
    value = written.lower()
    if value not in ("true", "false", "1", "0", ""):
        problems.append(Violation(name, "wrong_type", f"`{name}` is `{written}`; write true or false"))
    return value in ("true", "1")


def hal_page(
    request: Request[Any, Any, Any], path: str, asked: Asked, items: Sequence[Document], last: str | None,
    more: bool, count: int | None,
) -> Document:  # fmt: skip
    """`last` is what the next page comes after; `more` whether there may be one."""
    base = address(request, path)
    kept = [(name, value) for name, value in asked.parameters if name not in _NOT_IN_NEXT]
    if asked.page is None:
        position = [("search_after", _closed(asked.after))] if asked.after is not None else []
        links = {"self": _href(base, [*kept, *position]), "first": _href(base, kept)}
        if more and last is not None:
            links["next"] = _href(base, [*kept, ("search_after", _closed(last))])
        page: Document = {"_links": links}
    else:
        at = asked.page
        links = {"self": _href(base, [*kept, ("page", str(at))]), "first": _href(base, [*kept, ("page", "1")])}
        if at > 1:
            links["previous"] = _href(base, [*kept, ("page", str(at - 1))])
        if more:
            links["next"] = _href(base, [*kept, ("page", str(at + 1))])
        page = {"_links": links, "current_page": at}
    if count is not None:
        page["items_count"] = count
    page["_embedded"] = {"items": list(items)}
    return page


def address(request: Request[Any, Any, Any], path: str, *names: str) -> str:
    """The absolute address of a resource on this server, as the client called it."""
    written = "".join("/" + quote(name, safe="/" if "/" in name else "") for name in names)
    return f"{str(request.base_url).rstrip('/')}/api/rest/v1{path}{written}"


def _href(base: str, parameters: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {"href": f"{base}?{urlencode(parameters)}" if parameters else base}


def asked_number(
    parameters: Mapping[str, str], name: str, default: int, problems: list[Violation], least: int = 1,
    most: int | None = None,
) -> int:  # fmt: skip
    """A parameter that counts something; the default when it is left out or wrong, which `problems` then says."""
    value = parameters.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) >= least):
        problems.append(Violation(name, "wrong_type", f'"{value}" is not a valid {name} number; write {least} or more'))
        return default
    if most is not None and int(value) > most:
        limit = f"You cannot request more than {most} items; you asked for {value}"
        message = limit if name == "limit" else f"`{name}` is {value}; {most} is the most"
        problems.append(Violation(name, "too_large", message))
    return int(value)


def _closed(name: str) -> str:
    return urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _opened(cursor: str, problems: list[Violation]) -> str | None:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (NotBase64, ValueError):
        message = f"The cursor `{cursor}` is not one of ours; take `search_after` from the link `next` of a page"
        problems.append(Violation("search_after", "unknown_cursor", message))
        return None
