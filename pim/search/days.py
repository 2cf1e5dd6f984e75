"""Days and moments as people type them, as conditions."""

import re
from datetime import date

from pim.catalog.model import Attribute
from pim.search.query_language import FilterTyped
from pim.search.reader import NEGATED, Condition, Misread, Reader

_MOMENT = re.compile(r"(<=|>=|!=|<|>|=)?\s*(\d{4}-\d\d-\d\d)")
_MOMENTS = re.compile(r"(\d{4}-\d\d-\d\d)\s*\.\.\s*(\d{4}-\d\d-\d\d)")
_DAYS = re.compile(r"(\d{1,5})d")


def day(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    """A day as products hold it."""
    if found := _MOMENTS.fullmatch(one.text):
        pair = [_real_day(found[1]), _real_day(found[2])]
        return [{"operator": "NOT BETWEEN" if one.negated else "BETWEEN", "value": pair}]
    operator, typed = _moment(one)
    match operator:
        case "<=" | ">=":
            ends = ["0001-01-01", typed] if operator == "<=" else [typed, "9999-12-31"]
            return [{"operator": "BETWEEN", "value": ends}]
    return [{"operator": operator, "value": typed}]


def instant(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    """Whole days (UTC) of something that happened at a moment; `7d` is the last seven days."""
    if (found := _DAYS.fullmatch(one.text)) and not one.negated:
        return [{"operator": "SINCE LAST N DAYS", "value": int(found[1])}]
    if found := _MOMENTS.fullmatch(one.text):
        pair = [f"{_real_day(found[1])} 00:00:00", f"{_real_day(found[2])} 23:59:59"]
        return [{"operator": "NOT BETWEEN" if one.negated else "BETWEEN", "value": pair}]
    operator, typed = _moment(one)
    first, last = f"{typed} 00:00:00", f"{typed} 23:59:59"
    match operator:
        case "=" | "!=":
            return [{"operator": "BETWEEN" if operator == "=" else "NOT BETWEEN", "value": [first, last]}]
        case "<=":
            return [{"operator": "BETWEEN", "value": ["0001-01-01 00:00:00", last]}]
        case ">":
            return [{"operator": "NOT BETWEEN", "value": ["0001-01-01 00:00:00", last]}]
        case ">=":
            return [{"operator": "BETWEEN", "value": [first, "9999-12-31 23:59:58"]}]
    return [{"operator": "<", "value": first}]


def _moment(one: FilterTyped) -> tuple[str, str]:
    found = _MOMENT.fullmatch(one.text)
    if found is None:
        raise Misread(f"`{one.text}` is no day; write {one.name}:2026-11-22, {one.name}:>2026-11-22 or two with ..")
    operator = found[1] or "="
    return (NEGATED[operator] if one.negated else operator), _real_day(found[2])


def _real_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Misread(f"`{text}` is no day of the calendar") from None
