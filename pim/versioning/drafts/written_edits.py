"""Edits as people write them for a draft: `{"kind": "product", "code": "LIV-CAR", "patch": {…}}`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pim.base.errors import InvalidInput, Violation, known, shown
from pim.catalog.model import OWNED_KINDS, PRODUCT
from pim.versioning.model import Edit
from pim.versioning.names import KINDS

FIELDS = ("kind", "owner", "code", "uuid", "patch", "delete")


def read_edits(documents: Iterable[Any]) -> list[Edit]:
    """Raises InvalidInput with everything that is wrong, and where: `edits.3.kind`."""
    problems: list[Violation] = []
    edits = [_read(document, f"edits.{n}", problems) for n, document in enumerate(documents)]
    if problems:
        raise InvalidInput(problems)
    return [edit for edit in edits if edit is not None]


def _read(document: Any, at: str, problems: list[Violation]) -> Edit | None:
    if not isinstance(document, dict):
        problems.append(Violation(at, "wrong_type", f"{shown(document)} is no edit; write an object; {known(FIELDS)}"))
        return None
    wrong = dict(_problems(document))
    problems += (Violation(f"{at}.{name}", "invalid_edit", message) for name, message in wrong.items())
    if wrong:
        return None
    uuid = document.get("uuid")
    patch = None if document.get("delete") else document["patch"]
    return Edit(document["kind"], document.get("code"), patch, document.get("owner", ""), UUID(uuid) if uuid else None)


def _problems(document: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """(field, what is wrong with it)"""
    for name in document.keys() - set(FIELDS):
        yield name, f"an edit has no `{name}`; {known(FIELDS)}"
    kind, owner, patch, delete = (document.get(name) for name in ("kind", "owner", "patch", "delete"))
    if kind not in KINDS:
        yield "kind", f"`kind` is {shown(kind)}; {known(KINDS, len(KINDS))}"
        return
    fields = OWNED_KINDS.get(kind, ())
    if fields and not (isinstance(owner, str) and owner.count("/") == len(fields) - 1):
        yield "owner", f"`owner` of this {kind} is {shown(owner)}; write its {'/'.join(fields)}"
    if owner and not fields:
        yield "owner", f"a {kind.replace('_', ' ')} has no owner; leave `owner` out"
    yield from _naming_problems(document, kind)
    if not isinstance(delete or False, bool):
        yield "delete", f"`delete` is {shown(delete)}; write true, or a `patch`"
    if bool(delete) == (patch is not None):
        yield "patch", "an edit has a `patch`, or `delete`: true"
    elif patch is not None and not isinstance(patch, dict):
        yield "patch", f"`patch` is {shown(patch)}; write an object with what shall be different"


def _naming_problems(document: dict[str, Any], kind: str) -> Iterable[tuple[str, str]]:
    code, uuid = document.get("code"), document.get("uuid")
    if uuid is not None and (kind != PRODUCT or not _is_uuid(uuid)):
        yield "uuid", f"`uuid` is {shown(uuid)}; write the uuid of a product"
    if uuid is None and not (isinstance(code, str) and code):
        yield "code", f"`code` is {shown(code)}; write the code of what is edited, of a product its identifier"
    elif code is not None and not isinstance(code, str):
        yield "code", f"`code` is {shown(code)}; write a text"


def _is_uuid(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(UUID(text))
    except ValueError:
        return False
