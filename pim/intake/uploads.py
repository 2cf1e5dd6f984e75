"""Files that were handed to us to be imported: kept in object storage, so that any worker on any host can take them."""

import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pim.base.errors import InvalidInput, NotFound, Violation
from pim.base.object_storage import CHUNK, ObjectStorage

FOLDER = "uploads/"
ARCHIVE = ".zip"
LARGEST = 20 * 2**30
"""Bytes that an archive may unpack to."""

MOST_FILES = 200_000


def keep_upload(storage: ObjectStorage, name: str, source: Path | BinaryIO) -> str:
    """The key under which the file is kept. Of `name` only the last part counts, and its ending."""
    clean = "".join(letter if letter.isprintable() and letter not in '\\/:"' else "_" for letter in Path(name).name)
    key = f"{FOLDER}{secrets.token_hex(12)}/{clean[-100:].lstrip('.') or 'upload'}"
    storage.put(key, source, "application/octet-stream")
    return key


@contextmanager
def opened_upload(storage: ObjectStorage, key: str, work: Path) -> Iterator[Path]:
    """The file, or the folder that an archive holds, below the folder `work`, which is made and goes at the end."""
    shutil.rmtree(work, ignore_errors=True)  # of an attempt that was killed
    work.mkdir(parents=True)
    try:
        path = work / key.rpartition("/")[2]
        with storage.open(key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        yield _unpacked(path) if path.suffix.lower() == ARCHIVE else path
    finally:
        shutil.rmtree(work, ignore_errors=True)


def sweep_uploads(storage: ObjectStorage, before: datetime) -> int:
    """Deletes the files that were handed in before this moment; returns how many."""
    swept = 0
    for key in list(storage.list(FOLDER)):
        try:
            old = storage.stat(key).modified < before
        except NotFound:  # another worker was faster
            continue
        if old:
            storage.delete(key)
            swept += 1
    return swept


def _unpacked(path: Path) -> Path:
    """The folder with the documents: the archive's only folder, or its top. Raises InvalidInput."""
    folder = path.with_suffix("")
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, path.name)
            archive.extractall(folder)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise _refused(f"`{path.name}` cannot be unpacked: {error}; pack it anew, without a password") from error
    path.unlink()
    inside = [one for one in folder.iterdir() if one.name not in ("__MACOSX", ".DS_Store")]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _check(archive: zipfile.ZipFile, name: str) -> None:
    """`extractall` itself keeps every file inside the folder."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise _refused(f"`{name}` holds {len(entries):,} files; {MOST_FILES:,} is the most, split it")
    if (size := sum(entry.file_size for entry in entries)) > LARGEST:
        raise _refused(f"`{name}` unpacks to {size:,} bytes; {LARGEST:,} is the most, split it")


def _refused(message: str) -> InvalidInput:
    return InvalidInput([Violation("file", "unreadable_archive", message)])
