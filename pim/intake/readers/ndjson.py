"""NDJSON: one document of the dialect a line. A file of products, perhaps with product models, records and assets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from pim.base.errors import Violation
from pim.catalog.attribute_types import MEDIA_TYPES
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Value, owner_of
from pim.catalog.structure import Structure
from pim.intake.model import Entry, Part, Problem, Record, Unreadable
from pim.intake.seen_codes import SeenCodes
from pim.versioning.model import Edit

_decode = msgspec.json.Decoder().decode
_ASSOCIATIONS = ("associations", "quantified_associations")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class JsonOrigin:
    """The document that an edit was made of."""

    document: Document

    def locate(self, violation: Violation) -> tuple[str, Any]:
        if violation.attribute is None:
            return violation.path, _at(self.document, violation.path)
        place = [name for name in (violation.locale, violation.scope) if name]
        column = "-".join([f"values.{violation.attribute}", *place])
        values = _at(self.document, f"values.{violation.attribute}")
        for value in values if isinstance(values, list) else ():
            if isinstance(value, dict) and (value.get("locale"), value.get("scope", value.get("channel"))) == (
                violation.locale,
                violation.scope,
            ):
                return column, value.get("data")
        return column, None


def _at(document: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        elif isinstance(document, dict):
            document = document.get(key)
        else:
            return None
    return document


class Gist(msgspec.Struct):
    """What tells which pass a line is for. Reading no more than that is several times faster."""

    code: Any = msgspec.UNSET
    identifier: Any = msgspec.UNSET
    family_variant: Any = msgspec.UNSET
    reference_entity: Any = msgspec.UNSET
    asset_family: Any = msgspec.UNSET
    associations: Any = None
    quantified_associations: Any = None


_gist = msgspec.json.Decoder(Gist).decode


def is_model(gist: Gist) -> bool:
    """Product models have a code and products an identifier; `family_variant` is a product model's alone."""
    named_by_code = gist.code is not msgspec.UNSET and gist.identifier is msgspec.UNSET
    return (named_by_code or gist.family_variant is not msgspec.UNSET) and not is_linked(gist)


def is_linked(gist: Gist) -> bool:
    """Records name their reference entity, assets their asset family."""
    return gist.reference_entity is not msgspec.UNSET or gist.asset_family is not msgspec.UNSET


def associates(gist: Gist) -> bool:
    return bool(gist.associations or gist.quantified_associations)


def any_line(gist: Gist) -> bool:
    return True


def read_lines(path: Path, wanted: Callable[[Gist], bool] = any_line) -> Iterator[tuple[int, Document | Unreadable]]:
    """Every line that is not blank: a JSON object, or why it is none. Of objects only those that are `wanted`."""
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            text = raw.removeprefix(b"\xef\xbb\xbf").strip() if line == 1 else raw.strip()
            if text and (wanted is any_line or _is(wanted, text)):
                yield line, _document(line, text)


def _is(wanted: Callable[[Gist], bool], text: bytes) -> bool:
    """True also for what is no object, so that it is told."""
    try:
        return wanted(_gist(text))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True


def _document(line: int, text: bytes) -> Document | Unreadable:
    try:
        document = _decode(text)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        return _unreadable(line, text, error)
    if not isinstance(document, dict):
        return _unreadable(line, text, None)
    place = _place_of_nul(document) if b"\\u0000" in text else None
    if place is not None:
        message = f"line {line}: `{place}` holds a NUL; remove it"
        return Unreadable(line, "", [Problem(place, _start_of(text), "bad_character", message)])
    return document


def _unreadable(line: int, text: bytes, error: Exception | None) -> Unreadable:
    if isinstance(error, UnicodeDecodeError):
        message = f"line {line} is no UTF-8: {error.reason}"
        return Unreadable(line, "", [Problem("", _start_of(text), "bad_encoding", message)])
    if error is not None:
        return Unreadable(line, "", [Problem("", _start_of(text), "bad_json", f"line {line} is no JSON: {error}")])
    return Unreadable(line, "", [Problem("", _start_of(text), "not_an_object", f"line {line} is no JSON object")])


def _start_of(text: bytes) -> str:
    return text[:_SHOWN].decode("utf-8", "backslashreplace")


def _place_of_nul(data: Any) -> str | None:
    """The path of the first text with a NUL, which no database column takes; of the object, when it is in a key."""
    if isinstance(data, str):
        return "" if "\x00" in data else None
    if not isinstance(data, dict | list):
        return None
    items: Any = data.items() if isinstance(data, dict) else ((str(n), item) for n, item in enumerate(data))
    for key, item in items:
        if "\x00" in key:
            return ""
        below = _place_of_nul(item)
        if below is not None:
            return f"{key}.{below}".rstrip(".")
    return None


def kind_of(document: Document) -> str:
    """The rules of `is_linked` and `is_model`, for a whole document."""
    for kind, linked in LINKED.items():
        if linked.owner in document:
            return kind
    if "family_variant" in document or ("code" in document and "identifier" not in document):
        return PRODUCT_MODEL
    return PRODUCT


def product_parts(path: Path, lines: int, only: str = "") -> list[Part]:
    """Root product models, those below them, products, and associations; `only` one kind, where the file says which."""
    passes = []
    if only in ("", PRODUCT_MODEL):
        for name, below in (("product_models roots", False), ("product_models below", True)):
            read = partial(_read_models, path, only, below)
            passes.append(Part(name, "product_models", path.name, lines, False, read))
    if only in ("", PRODUCT):
        read = partial(_read_products, path, only)
        passes.append(Part("products", "products", path.name, lines, False, read))
    return passes if only else [*passes, association_part(path, lines)]


def association_part(path: Path, lines: int, only: str = "") -> Part:
    name = f"associations of {path.name}"
    read = partial(_read_associations, path, only)
    return Part(name, "associations", path.name, lines, False, read, second_pass=True)


def _read_models(path: Path, only: str, below: bool, structure: Structure) -> Iterator[Entry]:
    """With `only` the file holds nothing else and its unreadable lines are told by the first pass over it."""
    media, seen = _media_attributes(structure), SeenCodes()
    for line, found in read_lines(path, any_line if only else is_model):
        if isinstance(found, Unreadable):
            if only and not below:
                yield found
        elif (only or kind_of(found)) == PRODUCT_MODEL and bool(found.get("parent")) == below:
            yield _entry(line, found, PRODUCT_MODEL, media, seen)


def _read_products(path: Path, only: str, structure: Structure) -> Iterator[Entry]:
    media, seen = _media_attributes(structure), SeenCodes()
    for line, found in read_lines(path):
        if isinstance(found, Unreadable):
            yield found
        elif (only or kind_of(found)) == PRODUCT:
            yield _entry(line, found, PRODUCT, media, seen)


def _read_associations(path: Path, only: str, structure: Structure) -> Iterator[Entry]:
    for line, found in read_lines(path, associates):
        if isinstance(found, Unreadable):
            continue
        patch = {name: found[name] for name in _ASSOCIATIONS if found.get(name)}
        if patch:
            kind = only or kind_of(found)
            code, uuid = _names(found, kind)
            if code or uuid:
                yield Record(line, Edit(kind, code, patch, uuid=uuid), JsonOrigin(found))


def _entry(line: int, document: Document, kind: str, media: frozenset[str], seen: SeenCodes) -> Entry:
    """Everything but associations, which may point at lines further down."""
    field = "code" if kind == PRODUCT_MODEL else "identifier"
    code, uuid = _names(document, kind)
    name = code or str(uuid or "")
    if not name:
        shown = document.get(field)
        message = f"the document has no `{field}`" + ("" if kind == PRODUCT_MODEL else " and no uuid that is one")
        return Unreadable(line, "", [Problem(field, shown, "no_identifier", message)])
    first = seen.first_line(name, line)
    if first is not None:
        message = f"`{name}` is on line {first} already; keep one of the two lines"
        return Unreadable(line, name, [Problem(field, name, "repeated_in_file", message)])
    patch = {key: value for key, value in document.items() if key not in _ASSOCIATIONS}
    return Record(line, Edit(kind, code, patch, uuid=uuid), JsonOrigin(document), list(media_values(patch, media)))


def _names(document: Document, kind: str) -> tuple[str | None, UUID | None]:
    code = document.get("code" if kind == PRODUCT_MODEL else "identifier")
    code = code if isinstance(code, str) and code else None
    uuid = document.get("uuid") if kind == PRODUCT else None
    try:
        return code, UUID(uuid) if isinstance(uuid, str) else None
    except ValueError:
        return code, None  # its shape is refused with the rest of the document


def _media_attributes(structure: Structure) -> frozenset[str]:
    return frozenset(a.code for a in structure.attributes.values() if a.type in MEDIA_TYPES)


def media_values(document: Document, attributes: frozenset[str]) -> Iterator[Value]:
    """Well-shaped values whose data names a media file."""
    values = document.get("values")
    if not isinstance(values, dict):
        return
    for code in attributes & values.keys():
        for entry in values[code] if isinstance(values[code], list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("data"), str) and entry["data"]:
                yield entry  # type: ignore[misc]


def read_structure(path: Path, kind: str, structure: Structure) -> Iterator[Entry]:
    """Documents of one kind of structure; an option names its attribute and a family variant its family."""
    for line, found in read_lines(path):
        if isinstance(found, Unreadable):
            yield found
            continue
        code = found.get("code")
        if not isinstance(code, str) or not code:
            yield Unreadable(line, "", [Problem("code", code, "no_code", "the document has no `code`")])
        else:
            yield Record(line, Edit(kind, code, found, owner=owner_of(kind, found)), JsonOrigin(found))
