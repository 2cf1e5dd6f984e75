"""What a path holds: which of the formats we read, its files, and the digest by which the same content is known."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from pim.base.errors import InvalidInput, Violation
from pim.intake.model import Part
from pim.intake.readers import akeneo_csv, fixtures, linked
from pim.intake.readers.csv_lines import DELIMITERS
from pim.intake.sheets import read_sheet
from pim.intake.sheets.model import OURS, ColumnMapping
from pim.intake.sheets.worksheets import WORKBOOK, format_of

_CHUNK = 1024 * 1024
_TABLE_SUFFIXES = (".csv", ".tsv", ".tab")

Parts = Callable[[Path, Mapping[Path, int]], list[Part]]


@dataclass(frozen=True, slots=True)
class Content:
    """Something that can be imported. `files` hold documents; media are named relative to `folder`. `mapping` says how
    the columns of a sheet are read; None for what is no sheet."""

    format: str
    path: Path
    folder: Path
    files: list[Path]
    parts: Parts
    mapping: ColumnMapping | None = None


def recognise(path: Path, mapping: ColumnMapping | None = None) -> Content:
    """Raises InvalidInput, one line that says what was looked for, when the path is nothing we read, or is no sheet
    though a column mapping is given."""
    path = path.absolute()
    if path.is_dir():
        content = _folder(path)
    elif path.is_file():
        content = _file(path, mapping)
    else:
        raise _not_recognised(path, "there is no such file or folder")
    if mapping is not None and content.mapping is None:
        message = f"`{path}` is no sheet ({content.format}): a column mapping is of no use for it; leave it out"
        raise InvalidInput([Violation("mapping", "no_sheet", message)])
    return content


def _folder(path: Path) -> Content:
    csv_files, ndjson_files = akeneo_csv.find_files(path), fixtures.find_files(path)
    if csv_files and ndjson_files:
        found = f"`{csv_files[0].name}` of an Akeneo export and `{ndjson_files[0].name}` of our own format"
        raise _not_recognised(path, f"it holds both {found}; keep one of the two sets")
    if csv_files:
        return Content("akeneo_csv", path, path, csv_files, akeneo_csv.parts)
    if ndjson_files:
        return Content("fixtures", path, path, ndjson_files, fixtures.parts)
    raise _not_recognised(path, "the folder holds none of the files we know")


def _file(path: Path, mapping: ColumnMapping | None) -> Content:
    with path.open("rb") as file:
        start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{") or (not start and path.suffix in (".ndjson", ".jsonl")):
        return Content("ndjson", path, path.parent, [path], linked.parts)
    if mapping is not None or format_of(path) == WORKBOOK or _is_table(path, start):
        chosen = mapping or OURS
        parts = partial(read_sheet.parts, mapping=chosen)
        return Content(format_of(path), path, path.parent, [path], parts, chosen)
    raise _not_recognised(path, "the file does not begin with a JSON object, and its name and header are no table's")


def _is_table(path: Path, start: bytes) -> bool:
    header = start.partition(b"\n")[0]
    return path.suffix.lower() in _TABLE_SUFFIXES or any(sign.encode() in header for sign in DELIMITERS)


def _not_recognised(path: Path, why: str) -> InvalidInput:
    message = (
        f"`{path}` cannot be imported: {why}; looked for an Akeneo export folder (products.csv, families.csv, …), "
        "a folder of ours (products.ndjson, families.ndjson, …), a file of products as NDJSON, one document a line, "
        "and a sheet of products (.csv, .tsv, .xlsx, .xls, .ods)"
    )
    return InvalidInput([Violation("path", "not_recognised", message)])


def digest_of(content: Content) -> tuple[str, dict[Path, int]]:
    """SHA-256 over the names and bytes of all files, media and column mapping included, and how many lines each
    document file has."""
    whole = hashlib.sha256(content.format.encode())
    lines: dict[Path, int] = {}
    for file in _all_files(content):
        name = file.relative_to(content.folder).as_posix()
        if file in content.files:
            digest, lines[file] = _digest_and_lines(file)
        else:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").digest()
        whole.update(name.encode("utf-8", "surrogateescape") + b"\0" + digest)
    if content.mapping not in (None, OURS):
        whole.update(msgspec.json.encode(content.mapping))
    return whole.hexdigest(), lines


def _all_files(content: Content) -> Iterator[Path]:
    if content.path.is_file():
        yield content.path
        return
    for folder, folders, names in os.walk(content.folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(folder, name)).is_file())


def _digest_and_lines(file: Path) -> tuple[bytes, int]:
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return digest.digest(), lines + (last != b"\n")
