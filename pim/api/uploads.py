"""A file in a request, as the body itself or as a part of a form: received piece by piece, never whole in memory."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from anyio import to_thread
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from sqlmodel import Session

from pim.api.paging import is_true, parameters_of
from pim.base.errors import InvalidInput, Violation, known
from pim.base.object_storage import CHUNK, ObjectStorage
from pim.base.settings import Settings
from pim.intake.recognise import recognise
from pim.intake.sheets.store import get_mapping
from pim.intake.uploads import ARCHIVE, keep_upload

LARGEST = 4 * 2**30  # bytes

ENDINGS = {
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/vnd.akeneo.collection+json": ".ndjson",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/octet-stream": "",
}
"""Media types of a body → what the name of its file ends in when the request gives none."""

OPTIONS = ("dry_run", "mapping", "name")

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived, and how it is to be taken in. `mapping` is the code of a column mapping."""

    path: Path
    storage: ObjectStorage
    dry_run: bool
    mapping: str | None

    def check(self, session: Session) -> None:
        """Raises InvalidInput for what is nothing we read, NotFound for a mapping that is not there. What is in an
        archive is looked at when it is unpacked."""
        mapping = get_mapping(session, self.mapping) if self.mapping is not None else None
        if self.path.suffix.lower() != ARCHIVE:
            recognise(self.path, mapping)

    def keep(self) -> str:
        return keep_upload(self.storage, self.path.name, self.path)


@asynccontextmanager
async def received(request: AnyRequest, settings: Settings, storage: ObjectStorage) -> AsyncIterator[Upload]:
    """The file is there until the block ends. Raises HTTPException 415 and InvalidInput."""
    work = settings.home / "tmp"
    work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=work, prefix="upload-") as folder:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        options = parameters_of(request)
        if unknown := [name for name in options if name not in OPTIONS]:
            raise _refused(unknown[0], f"The parameter `{unknown[0]}` is not known; {known(OPTIONS)}", "unknown")
        if kind == "multipart/form-data":
            path = await _of_form(request, Path(folder), options)
        elif kind in ENDINGS:
            path = Path(folder, _name(options.get("name") or f"upload{ENDINGS[kind]}"))
            await _of_body(request, path)
        else:
            raise HTTPException(
                f"`{kind or 'none'}` is no type of a file we read; send multipart/form-data with a part `file`, or "
                f"one of: {', '.join(ENDINGS)}",
                status_code=415,
            )
        problems: list[Violation] = []
        dry_run = is_true(options, "dry_run", problems)
        if problems:
            raise InvalidInput(problems)
        yield Upload(path, storage, dry_run, options.get("mapping") or None)


async def _of_body(request: AnyRequest, path: Path) -> None:
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in request.stream():
            await file.write(chunk)
    if not path.stat().st_size:
        raise _refused("file", "The body is empty; send the file in it")


async def _of_form(request: AnyRequest, folder: Path, options: dict[str, str]) -> Path:
    """What the form says beside the file is added to `options`."""
    form = await request.form()
    upload = file_part(form)
    if unknown := [name for name in form if name not in ("file", *OPTIONS)]:
        raise _refused(unknown[0], f"The part `{unknown[0]}` is not known; {known(('file', *OPTIONS))}", "unknown")
    options |= {name: str(form[name]) for name in OPTIONS if name in form}
    path = folder / _name(options.get("name") or upload.filename)
    await to_thread.run_sync(copy_part, upload, path)
    await upload.close()
    return path


def file_part(form: Mapping[str, Any]) -> UploadFile:
    """Raises InvalidInput for a form without one."""
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise _refused("file", "The part `file` is missing; send the file in it, with its name")
    return upload


def copy_part(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        copyfileobj(upload.file, file, CHUNK)


def _name(given: str) -> str:
    """The last part of it, without what a file name may not hold."""
    clean = "".join(letter for letter in Path(given.replace("\\", "/")).name if letter.isprintable())
    return clean[-100:].lstrip(".") or "upload"


def _refused(path: str, message: str, rule: str = "required") -> InvalidInput:
    return InvalidInput([Violation(path, rule, message)])
