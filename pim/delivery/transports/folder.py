"""Delivery into a folder that the workers see: a mounted share, a web server's root, another program's inbox."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pim.base.errors import PermanentFailure, TemporaryFailure
from pim.base.local_storage import sync_folder
from pim.base.object_storage import CHUNK
from pim.delivery.parcel import Parcel
from pim.delivery.transports.contract import Told
from pim.exports.destinations import FolderDestination

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR)


@contextmanager
def open_folder(destination: FolderDestination) -> Iterator["FolderTransport"]:
    """Raises TemporaryFailure when the folder is not there: a share may be mounted in a moment."""
    root = Path(destination.path)
    if not root.is_dir():
        raise TemporaryFailure(f"the folder {root} is not there; make it, or mount what it is on")
    yield FolderTransport(root)


class FolderTransport:
    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, parcel: Parcel, told: Told) -> str:
        """Written beside its place under a hidden name, brought to disk, then renamed."""
        place = self._root / parcel.name
        unfinished = place.with_name(f".{place.name}.part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                _write(parcel, unfinished, told)
                os.replace(unfinished, place)
            except BaseException:
                with suppress(OSError):
                    unfinished.unlink()
                raise
            sync_folder(place.parent)
        except OSError as error:
            raise _explained(place, error) from error
        return f"written to {place}"


def _write(parcel: Parcel, path: Path, told: Told) -> None:
    gone = 0
    with path.open("wb") as file:
        while chunk := parcel.stream.read(CHUNK):
            file.write(chunk)
            gone += len(chunk)
            told(gone)
        file.flush()
        os.fsync(file.fileno())


def _explained(place: Path, error: OSError) -> Exception:
    if error.errno in _FULL:
        return TemporaryFailure(f"{place} cannot be written: there is no room left ({error.strerror})")
    if error.errno in _REFUSED:
        return PermanentFailure(f"{place} cannot be written: {error.strerror}; give the workers' user the right to")
    return TemporaryFailure(f"{place} cannot be written: {error.strerror or error}")
