"""Pages of what a query finds, by number or behind a cursor that the query knows already."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Request, Response
from sqlalchemy import Select, func, select
from sqlmodel import Session

from pim.api.bodies import JSON
from pim.api.paging import Asked, hal_page
from pim.base.errors import InvalidInput, Violation
from pim.catalog.model import Document

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """`more` says whether others follow; `count` how many there are in all, when that was asked."""

    rows: list[T]
    more: bool
    count: int | None


def sliced(query: Select[*tuple[Any, ...]], asked: Asked) -> Select[*tuple[Any, ...]]:
    """One more than the page holds, which tells whether others follow."""
    return query.limit(asked.limit + 1).offset((asked.page - 1) * asked.limit if asked.page is not None else 0)


def listed(
    everything: Sequence[T], asked: Asked, key: Callable[[T], Any], after: Callable[[str], Any] = str
) -> Found[T]:
    """The page of a short list that is in memory, in order of `key`; `after` makes a key of a cursor."""
    rows = list(everything)
    if asked.after is not None:
        rows = [row for row in rows if key(row) > after(asked.after)]
    start = (asked.page - 1) * asked.limit if asked.page is not None else 0
    count = len(everything) if asked.with_count else None
    return Found(rows[start : start + asked.limit], len(rows) > start + asked.limit, count)


def streamed(rows: Iterator[T], asked: Asked) -> tuple[Found[T], str | None]:
    """The page of what is read row by row, and the cursor behind it: how many rows came before."""
    after = cursor_numbers(asked, 1)
    start = after[0] if after else ((asked.page or 1) - 1) * asked.limit
    page = list(islice(rows, start, start + asked.limit + 1))
    count = start + len(page) + sum(1 for _ in rows) if asked.with_count else None
    shown = found(page, asked, count)
    return shown, str(start + len(shown.rows)) if shown.rows else None


def found(rows: list[T], asked: Asked, count: int | None) -> Found[T]:
    """`rows` are those of `sliced`."""
    return Found(rows[: asked.limit], len(rows) > asked.limit, count)


def answer_page(
    request: Request[Any, Any, Any],
    path: str,
    asked: Asked,
    page: Found[T],
    item: Callable[[T], Document],
    cursor: Callable[[T], object],
) -> Response[bytes]:
    """`cursor` says of a row what the page after it begins behind."""
    last = str(cursor(page.rows[-1])) if page.rows else None
    document = hal_page(request, path, asked, [item(row) for row in page.rows], last, page.more, page.count)
    return Response(msgspec.json.encode(document), media_type=JSON)


def counted(session: Session, query: Select[*tuple[Any, ...]], asked: Asked) -> int | None:
    """Of the whole list, so of a query without a cursor."""
    if not asked.with_count:
        return None
    count: int = session.execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()
    return count


def cursor_numbers(asked: Asked, length: int) -> tuple[int, ...] | None:
    """The cursor as so many numbers, `12` or `12.3`. Raises InvalidInput for one that was never ours."""
    if asked.after is None:
        return None
    parts = asked.after.split(".")
    if len(parts) != length or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        message = "The cursor is not one of ours; take `search_after` from the link `next` of a page"
        raise InvalidInput([Violation("search_after", "unknown_cursor", message)])
    return tuple(map(int, parts))
