"""Media files: kept once for equal name and content, under a code that says what they hold.

A code is `3/b/5/5/3b55…_photo.jpg`: the beginning of the content's SHA-256 and the name it came with. The same file
comes to the same code, so storing it again, or storing it halfway and being killed, does no harm.
"""

import hashlib
import mimetypes
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import SEEK_END
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from pim.base.object_storage import ObjectStorage, as_stream
from pim.catalog.store import known_media
from pim.catalog.tables import MediaFileRow

_DIGITS = 40
_LONGEST_NAME = 100
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """What is known of a file beside its bytes; `width` and `height` are None for what is no picture."""

    code: str
    original_filename: str
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None


def media_key(code: str) -> str:
    """Where a media file lies in object storage."""
    return f"media/{code}"


def media_code(sha256: str, filename: str) -> str:
    return f"{'/'.join(sha256[:4])}/{sha256[:_DIGITS]}_{_plain_name(filename)}"


def code_of(path: Path) -> str:
    """The code under which a local file is, or would be, stored."""
    with path.open("rb") as stream:
        return media_code(hashlib.file_digest(stream, "sha256").hexdigest(), path.name)


def describe_media(source: bytes | Path, filename: str) -> MediaFile:
    """Reads a file's digest, type and size in pixels. What Pillow cannot read is known by the end of its name."""
    with as_stream(source) as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
        size = stream.seek(0, SEEK_END)
        stream.seek(0)
        media_type = mimetypes.guess_type(filename)[0] or _UNKNOWN
        width, height = None, None
        try:
            with Image.open(stream) as picture:
                width, height = picture.size
                media_type = Image.MIME.get(picture.format or "", media_type)
        except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
            pass  # no picture, or one that only its owner can repair; its bytes are kept all the same
    return MediaFile(media_code(sha256, filename), filename, media_type, size, sha256, width, height)


def store_media(
    session: Session, storage: ObjectStorage, source: bytes | Path, filename: str, at: datetime
) -> MediaFile:
    """Keeps one file; equal name and content give the same code, and nothing is written twice."""
    media = describe_media(source, filename)
    if media.code not in known_media(session, [media.code]):
        storage.put(media_key(media.code), source, media.media_type)
        _record(session, [media], at)
    return media


def store_media_files(session: Session, storage: ObjectStorage | None, files: Mapping[str, Path], at: datetime) -> int:
    """Keeps many local files, given by `code_of` each. Without a storage they are only recorded, for a trial that will
    be rolled back. Returns how many were new."""
    there = known_media(session, files.keys())
    new = [(describe_media(path, path.name), path) for code, path in files.items() if code not in there]
    for media, path in new:
        if storage is not None:
            storage.put(media_key(media.code), path, media.media_type)
    _record(session, (media for media, _ in new), at)
    return len(new)


def _record(session: Session, media_files: Iterable[MediaFile], at: datetime) -> None:
    rows = [
        {
            "code": media.code, "original_filename": media.original_filename, "media_type": media.media_type,
            "size": media.size, "sha256": media.sha256, "width": media.width, "height": media.height, "created": at,
        }
        for media in media_files
    ]  # fmt: skip
    if rows:
        session.execute(insert(MediaFileRow).values(rows).on_conflict_do_nothing())


def _plain_name(filename: str) -> str:
    """Letters, digits, dots, dashes and underscores only, with its ending kept however long the name is."""
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._") or "file"
    if len(plain) <= _LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    ending = dot + ending if dot and len(ending) <= 10 else ""
    return (stem or plain)[: _LONGEST_NAME - len(ending)] + ending
