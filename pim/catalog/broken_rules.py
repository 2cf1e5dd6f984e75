"""Broken rules as they are noted down: shared by everything that checks a piece of structure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pim.base.errors import Violation, known
from pim.catalog.model import Labels

Broken = list[Violation]

CODE = re.compile(r"[a-zA-Z0-9_]{1,255}", re.ASCII)
MAX_LABEL = 255


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


def check_labels(
    labels: Labels, before: Labels, locales: Mapping[str, Any], broken: Broken, of: str = "", path: str = "labels"
) -> None:
    """A label that was there already may be in a locale that is gone by now. `of` says whose labels, `path` where."""
    for locale, text in labels.items():
        if locale not in locales and locale not in before:
            message = f"{of}label in `{locale}`: that locale does not exist; {known(locales)}"
            add(broken, f"{path}.{locale}", "unknown_locale", message)
        if len(text) > MAX_LABEL:
            message = f"{of}label in `{locale}` has {len(text)} characters; at most {MAX_LABEL} fit"
            add(broken, f"{path}.{locale}", "too_long", message)
