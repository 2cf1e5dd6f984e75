"""A file on its way: what is sent of a plan, made from stored files just before."""

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

import msgspec
from isal import igzip

from pim.base.object_storage import CHUNK, ObjectStorage
from pim.delivery.model import ParcelPlan, Source

_IN_MEMORY = 8 * 2**20
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of all members of an archive: packed again, it has the same bytes."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """`stream` is seekable and stands at its start. `id` is the same in every attempt."""

    id: str
    name: str
    media_type: str
    stream: BinaryIO
    bytes: int
    sha256: str


@contextmanager
def open_parcel(
    storage: ObjectStorage, id: str, plan: ParcelPlan, before: Sequence[ParcelPlan], facts: dict[str, Any]
) -> Iterator[Parcel]:
    """`before` are the parcels that have arrived already; `facts` begin the manifest. Raises NotFound when a stored
    file is gone."""
    with ExitStack() as stack:
        if plan.what == "file" and plan.pack is None:
            (source,) = plan.sources
            stream = stack.enter_context(storage.open(source.key))
            size, digest = source.bytes, source.sha256
        else:
            stream = cast(BinaryIO, stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)))
            _write(storage, plan, before, facts, stream)
            size, digest = _measured(stream)
        yield Parcel(id, plan.name, plan.media_type, stream, size, digest)


def _write(
    storage: ObjectStorage, plan: ParcelPlan, before: Sequence[ParcelPlan], facts: dict[str, Any], to: IO[bytes]
) -> None:
    if plan.what == "checksum":
        of = before[-1]
        to.write(f"{of.sha256}  {of.name.rpartition('/')[2]}\n".encode())
    elif plan.what == "manifest":
        files = [_listed(parcel) for parcel in before if parcel.what == "file"]
        to.write(msgspec.json.format(msgspec.json.encode({**facts, "files": files}), indent=2) + b"\n")
    elif plan.pack == "zip":
        _write_zip(storage, plan.sources, to)
    else:
        (source,) = plan.sources
        with storage.open(source.key) as plain, _gzip(to) as packed:
            shutil.copyfileobj(plain, packed, CHUNK)


def _gzip(to: IO[bytes]) -> BinaryIO:
    """Level 2: higher ones write other bytes on other processors."""
    return cast(BinaryIO, igzip.IGzipFile("", "wb", 2, fileobj=to, mtime=0))  # type: ignore[no-untyped-call]


def _write_zip(storage: ObjectStorage, sources: Sequence[Source], to: IO[bytes]) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sources:
            member = zipfile.ZipInfo(source.name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.file_size = source.bytes
            with storage.open(source.key) as plain, archive.open(member, "w") as packed:
                shutil.copyfileobj(plain, packed, CHUNK)


def _measured(stream: BinaryIO) -> tuple[int, str]:
    size = stream.tell()
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return size, digest.hexdigest()


def _listed(parcel: ParcelPlan) -> dict[str, Any]:
    held: list[dict[str, Any]] = [
        {"name": source.name, "locale": source.locale, "items": source.items} for source in parcel.sources
    ]
    if parcel.pack == "zip":  # else what is in it has the digest of the whole
        for member, source in zip(held, parcel.sources, strict=True):
            member |= {"bytes": source.bytes, "sha256": source.sha256}
    return {"name": parcel.name, "bytes": parcel.bytes, "sha256": parcel.sha256, "holds": held}
