"""A backup is a folder: the database in one file, every stored file under its key, the definitions of exports, and a
manifest, which is written last. Without it a backup is not finished.

It is taken while others work: the database as of one moment, and every file that was there at that moment. Files come
before what names them, so they are copied before the database is read and once more after it.
"""

import mimetypes
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text
from sqlmodel import Session

from pim import __version__
from pim.base.database import Database
from pim.base.dump import dump_database, load_database
from pim.base.errors import Conflict, InvalidInput, NotFound, Violation
from pim.base.installation import Installation
from pim.base.migrations import migrate
from pim.base.object_storage import ObjectStorage

MANIFEST, DUMP, STORAGE, DEFINITIONS = "backup.json", "database.dump", "storage", "channel_exports"
FORMAT = 1


class Manifest(msgspec.Struct, frozen=True):
    """`facts` is what the program says of the catalogue at that moment: its revision, say."""

    format: int
    made: datetime
    program: str
    dump_sha256: str
    files: int
    bytes: int
    facts: dict[str, Any]


def write_backup(here: Installation, folder: Path, facts: Callable[[Session], Mapping[str, Any]]) -> Manifest:
    """Raises Conflict when something is in the way."""
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty; name a folder that is not there yet")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # there are password digests in it
    copied: dict[str, str] = {}
    _copy_files(here.storage, folder / STORAGE, copied)
    known = _dump(here.database, folder / DUMP, facts)
    _copy_files(here.storage, folder / STORAGE, copied)
    shutil.copytree(here.settings.exports_folder, folder / DEFINITIONS)
    sizes = [(folder / STORAGE / key).stat().st_size for key in copied]
    digest = _digest(folder / DUMP)
    manifest = Manifest(FORMAT, datetime.now(UTC), __version__, digest, len(sizes), sum(sizes), dict(known))
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Of a whole backup. Raises NotFound or InvalidInput."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except OSError:
        message = f"{folder} holds no backup: there is no {MANIFEST}, which is written last; take another one"
        raise NotFound(message) from None
    except msgspec.DecodeError as error:
        raise InvalidInput([Violation(MANIFEST, "unreadable", f"{folder / MANIFEST} is damaged: {error}")]) from error
    if manifest.format != FORMAT:
        message = f"{folder} has format {manifest.format}, this program reads {FORMAT}; use version {manifest.program}"
        raise InvalidInput([Violation("format", "unknown", message)])
    if not (folder / DUMP).is_file() or _digest(folder / DUMP) != manifest.dump_sha256:
        message = f"{folder / DUMP} is not what was written there; take another backup"
        raise InvalidInput([Violation(DUMP, "damaged", message)])
    return manifest


def restore_backup(here: Installation, folder: Path, in_use: Callable[[Session], str | None]) -> Manifest:
    """Into an installation that nobody has used: `in_use` says what it holds. Raises Conflict when it holds something.

    Files come first: what names them is never there without them."""
    manifest = read_manifest(folder)
    with here.database.session() as session:
        held = in_use(session)
    if held is not None:
        raise Conflict(f"this installation holds {held}; restore into an empty one: set PIM_HOME or PIM_DATABASE_URL")
    root = folder / STORAGE
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        key = path.relative_to(root).as_posix()
        here.storage.put(key, path, mimetypes.guess_type(key)[0] or "application/octet-stream")
    load_database(here.database, folder / DUMP)
    migrate(here.database.engine)
    return manifest


def same_definitions(folder: Path, exports_folder: Path) -> bool:
    """Whether an installation has the definitions that a backup was taken with."""
    return _contents(folder / DEFINITIONS) == _contents(exports_folder)


def _dump(database: Database, file: Path, facts: Callable[[Session], Mapping[str, Any]]) -> Mapping[str, Any]:
    with database.snapshot_session() as session:
        snapshot: str = session.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        dump_database(database, file, snapshot)
        return facts(session)


def _copy_files(storage: ObjectStorage, folder: Path, copied: dict[str, str]) -> None:
    """Those that are not in `copied` (key → ETag) as they are. What is deleted meanwhile nobody needs."""
    for key in storage.list():
        try:
            stored = storage.stat(key)
            if copied.get(key) == stored.etag:
                continue
            target = folder / key
            target.parent.mkdir(parents=True, exist_ok=True)
            with storage.open(key) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
        except NotFound:
            continue
        copied[key] = stored.etag


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
