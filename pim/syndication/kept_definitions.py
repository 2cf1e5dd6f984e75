"""The definitions by which publications were made, kept beside them: an old revision is rendered by its own."""

import io
import zipfile
from pathlib import Path

from sqlmodel import Session

from pim.base.errors import Conflict, InvalidInput, NotFound
from pim.base.object_storage import ObjectStorage
from pim.exports.inheritance import extended_folders
from pim.exports.load import defining_files, definition_digest
from pim.syndication.store import WITH_FILES, publication_of_revision
from pim.syndication.stored_publication import folder_of


def keep_definition(storage: ObjectStorage, folder: Path, digest: str) -> None:
    """The folder of an export and those it extends, without examples. What is kept under a digest never changes."""
    key = _key(folder.name, digest)
    if storage.exists(key):
        return
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in extended_folders(folder):
            for path in defining_files(each):
                archive.write(path, path.relative_to(folder.parent).as_posix())
    storage.put(key, packed.getvalue(), "application/zip")


def definition_then(
    session: Session, storage: ObjectStorage, exports_folder: Path, name: str, revision: int, program: str, work: Path
) -> Path:
    """The folder of definitions by which `name` is rendered as of a revision: that of the publication that showed it,
    unpacked into a folder of its own in `work` (another export may have extended another version of the same), else
    today's. Raises Conflict when it would not give the bytes of that publication."""
    made = publication_of_revision(session, name, revision)
    if made is None:
        return exports_folder
    what = f"publication {made.number} of `{name}` showed revision {revision}"
    kept = f"its files are kept, under {folder_of(made)}" if made.state in WITH_FILES else "its files are kept no more"
    if made.program_digest != program:
        raise Conflict(f"{what} and was made by another program, which may write other bytes; {kept}")
    if made.definition_digest == _digest(exports_folder / name):
        return exports_folder
    try:
        with storage.open(_key(name, made.definition_digest)) as packed, zipfile.ZipFile(packed) as archive:
            archive.extractall(work / name)
    except NotFound:
        raise Conflict(f"{what} by a definition that was not kept; today's would write other bytes; {kept}") from None
    if _digest(work / name / name) != made.definition_digest:
        raise Conflict(f"{what} by an item schema that has changed; {kept}")
    return work / name


def _digest(folder: Path) -> str | None:
    """None for a definition that cannot be read any more."""
    try:
        return definition_digest(folder)
    except (InvalidInput, NotFound, FileNotFoundError):
        return None


def _key(name: str, digest: str) -> str:
    return f"definitions/{name}/{digest}.zip"
