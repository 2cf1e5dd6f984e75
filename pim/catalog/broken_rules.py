"""Broken rules as they are noted down: shared by everything that checks a piece of structure."""

from collections.abc import Iterable, Mapping
from typing import Any

from pim.base.errors import Violation, known

Broken = list[Violation]


def add(broken: Broken, path: str, code: str, message: str) -> None:
    broken.append(Violation(path, code, message))


def check_immutable(new: Any, old: Any, fields: Iterable[str], subject: str, broken: Broken) -> None:
    for field in fields:
        if old is not None and getattr(new, field) != getattr(old, field):
            message = f"{subject}: {field} is {getattr(old, field)!r} for good; make a new one instead"
            add(broken, field, "immutable", message)


def check_known(
    path: str,
    codes: list[str],
    there: Mapping[str, Any] | frozenset[str],
    what: str,
    subject: str,
    broken: Broken,
    at_least_one: bool = False,
) -> None:
    if at_least_one and not codes:
        add(broken, path, "required", f"{subject} needs at least one {what}")
    for code in codes:
        if code not in there:
            message = f"{subject} names the {what} `{code}`, which does not exist; {known(there)}"
            add(broken, path, f"unknown_{what.rpartition(' ')[2]}", message)
