"""Files that outlive their maker (media, publications) behind one small interface: a local folder, or S3.

Keys are slash paths (`media/9f/86d0….jpg`). `put` is atomic: a reader sees the old bytes or the new, never a part, and
once it returns they survive a power cut. Missing keys raise NotFound, a store that is away TemporaryFailure, one that
refuses PermanentFailure.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from pim.base.errors import ConfigurationError, InvalidInput, Violation, known
from pim.base.settings import Settings

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """`etag` changes whenever the bytes are replaced; it means nothing between two stores."""

    size: int
    etag: str
    modified: datetime


class ObjectStorage(Protocol):
    def put(self, key: str, source: bytes | Path | BinaryIO, media_type: str) -> None:
        """Stores or replaces. A stream is read from where it stands and left open."""

    def adopt(self, key: str, path: Path, media_type: str) -> None:
        """As `put` of a file that nobody will write to any more, without a second copy where one disk holds both."""

    def copy(self, key: str, to: str) -> None:
        """As `put` of what is under `key`, without reading it."""

    def open(self, key: str) -> BinaryIO:
        """A seekable stream of the whole object, to be closed by the caller."""

    def read_range(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to but not including `end`, in chunks; cut off at the end like a slice."""

    def stat(self, key: str) -> Stored: ...

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Also when it is gone already."""

    def list(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with this text, in byte order."""

    def local_path(self, key: str) -> Path | None:
        """Where programs that want a file find it; None when the store has no files."""


def open_storage(settings: Settings) -> ObjectStorage:
    """The store named by PIM_STORAGE_URL: empty, a path, `file:///path`, or
    `s3://bucket/prefix?endpoint=https://…&region=…` with secrets from the usual AWS environment.
    """
    from pim.base.local_storage import LocalFolder
    from pim.base.s3_storage import S3Bucket

    url = settings.storage_url
    parts = urlsplit(url)
    if not url:
        return LocalFolder(settings.home / "storage")
    if parts.scheme == "" or (parts.scheme == "file" and parts.netloc in ("", "localhost")):
        return LocalFolder(Path(unquote(parts.path) if parts.scheme else url).expanduser().absolute())
    if parts.scheme == "s3" and parts.netloc:
        options = _options(url, parts.query)
        return S3Bucket(parts.netloc, unquote(parts.path).strip("/"), options.get("endpoint"), options.get("region"))
    raise ConfigurationError(
        f"PIM_STORAGE_URL is `{url}`; write file:///folder or s3://bucket/prefix?endpoint=https://…"
    )


@contextmanager
def as_stream(source: bytes | Path | BinaryIO) -> Iterator[BinaryIO]:
    """What `put` was given, as a stream to read; closed only when it was opened here."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        yield BytesIO(source) if isinstance(source, bytes) else source


def checked(key: str) -> str:
    """The key itself, or InvalidInput when it could leave its store or not be stored in both."""
    problem = _problem(key)
    if problem:
        raise InvalidInput([Violation("key", "invalid_key", f"the storage key `{key}` {problem}")])
    return key


def _problem(key: str) -> str:
    parts = key.split("/")
    if not key or key.startswith("/") or any(part in ("", ".", "..") for part in parts):
        return "must be a path of names separated by single slashes, without `.` and `..`"
    if "\\" in key or any(ord(letter) < 32 or ord(letter) == 127 for letter in key):
        return "must hold no backslash and no control character"
    if parts[0] == ".incoming":
        return "must not begin with `.incoming`, where we keep unfinished files"
    if len(key.encode()) > 900 or any(len(part.encode()) > 255 for part in parts):
        return "is too long: 900 bytes are the limit, 255 for each part"
    return ""


def _options(url: str, query: str) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(query).items()}
    if unknown := sorted(options.keys() - {"endpoint", "region"}):
        raise ConfigurationError(f"PIM_STORAGE_URL `{url}` has `{unknown[0]}`; {known(['endpoint', 'region'])}")
    if "endpoint" in options and not options["endpoint"].startswith(("http://", "https://")):
        raise ConfigurationError(f"PIM_STORAGE_URL `{url}`: the endpoint must begin with https:// or http://")
    return options
