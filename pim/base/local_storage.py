"""Object storage in a local folder."""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pim.base.errors import Conflict, NotFound, PermanentFailure, TemporaryFailure
from pim.base.object_storage import CHUNK, Stored, as_stream, checked

_DAY = 86400.0


class LocalFolder:
    """One file a key. Unfinished files wait in `.incoming`; those of dead writers are swept away after a day."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / ".incoming"
        self._sweep()

    def put(self, key: str, source: bytes | Path | BinaryIO, media_type: str) -> None:
        with as_stream(source) as stream, self._errors(key), self._arriving(key) as unfinished:
            _write(unfinished, stream)

    def adopt(self, key: str, path: Path, media_type: str) -> None:
        with path.open("rb") as file:
            os.fsync(file.fileno())
        with self._errors(key), self._arriving(key) as unfinished:
            _link(path, unfinished)

    def copy(self, key: str, to: str) -> None:
        """A second name of the same file, which never changes; where the disk knows none, a copy."""
        source = self._path(key)
        with self._errors(key), self._arriving(to) as unfinished:
            _link(source, unfinished)

    def open(self, key: str) -> BinaryIO:
        with self._errors(key):
            return self._path(key).open("rb")

    def read_range(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        stream = self.open(key)  # now, so that a missing key is known before the first chunk
        return self._chunks(key, stream, start, end)

    def stat(self, key: str) -> Stored:
        with self._errors(key):
            path = self._path(key)
            found = path.stat()
            if not path.is_file():
                raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
            etag = f"{found.st_mtime_ns:x}-{found.st_ino:x}-{found.st_size:x}"
            return Stored(found.st_size, etag, datetime.fromtimestamp(found.st_mtime, UTC))

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        path = self._path(key)
        with suppress(NotFound), self._errors(key):
            path.unlink()
        with suppress(OSError):  # until the first folder that is not empty
            for folder in path.relative_to(self.root).parents[:-1]:
                (self.root / folder).rmdir()

    def list(self, prefix: str = "") -> Iterator[str]:
        top = self.root / prefix.rpartition("/")[0]
        if prefix and not top.resolve().is_relative_to(self.root.resolve()):
            return iter(())
        keys = (path.relative_to(self.root).as_posix() for path in _files(top, skip=self._incoming))
        return iter(sorted((key for key in keys if key.startswith(prefix)), key=str.encode))

    def local_path(self, key: str) -> Path | None:
        self.stat(key)
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    @contextmanager
    def _arriving(self, key: str) -> Iterator[Path]:
        """Where to write what is under the key once it is whole."""
        target = self._path(key)
        self._incoming.mkdir(parents=True, exist_ok=True)
        unfinished = self._incoming / secrets.token_hex(16)
        try:
            yield unfinished
            self._move(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)

    def _move(self, unfinished: Path, target: Path) -> None:
        created = [folder for folder in target.parents if folder.is_relative_to(self.root) and not folder.exists()]
        try:
            _rename(unfinished, target)
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise Conflict(
                f"`{target.relative_to(self.root)}` cannot be stored in {self.root}: {error.filename} is in the way; "
                "a name cannot be a file and a folder at once"
            ) from error
        for folder in {target.parent, *(folder.parent for folder in created)}:
            sync_folder(folder)

    def _chunks(self, key: str, stream: BinaryIO, start: int, end: int | None) -> Iterator[bytes]:
        with stream, self._errors(key):
            stream.seek(start)
            left = None if end is None else max(0, end - start)
            while chunk := stream.read(CHUNK if left is None else min(CHUNK, left)):
                left = None if left is None else left - len(chunk)
                yield chunk

    def _sweep(self) -> None:
        with suppress(OSError):
            for path in self._incoming.iterdir():
                if path.stat().st_mtime < time.time() - _DAY:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._explained(key, error) from error

    def _explained(self, key: str, error: OSError) -> Exception:
        if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
            return NotFound(f"there is no `{key}` in the storage {self.root}")
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return TemporaryFailure(f"the disk of the storage {self.root} is full; free some space and try again")
        return PermanentFailure(f"the storage {self.root} refuses `{key}`: {error.strerror} ({error.filename})")


def _write(path: Path, stream: BinaryIO) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(stream, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _link(source: Path, unfinished: Path) -> None:
    try:
        os.link(source, unfinished)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV):
            raise
        with source.open("rb") as stream:
            _write(unfinished, stream)


def _rename(unfinished: Path, target: Path) -> None:
    for attempt in range(10):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.replace(target)
            return
        except FileNotFoundError:  # a `delete` took the empty folder away between the two
            if attempt == 9:
                raise


def sync_folder(folder: Path) -> None:
    """Brings to disk which names are in the folder: else a file that was renamed may lose its name with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(top: Path, skip: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top):
        here = Path(folder)
        if here == skip:
            folders.clear()
        else:
            yield from (here / name for name in names)
