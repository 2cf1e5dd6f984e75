"""The segments of a range on their way from a helper to its run: one object each, gone when the run ends."""

import tarfile
from collections.abc import Collection
from pathlib import Path
from uuid import uuid4

from pim.base.object_storage import ObjectStorage

RANGES = "ranges"


def folder_of_run(run_id: int) -> str:
    return f"{RANGES}/{run_id}"


def send_range(storage: ObjectStorage, run_id: int, number: int, folder: Path) -> str:
    """Stores what was left in `folder` and answers its key. Two who send the same range never meet."""
    key = f"{folder_of_run(run_id)}/{number}-{uuid4().hex}.tar"
    packed = folder.with_name(f"{folder.name}.tar")
    with tarfile.open(packed, "w") as archive:
        archive.add(folder, arcname=".")
    storage.put(key, packed, "application/x-tar")
    packed.unlink()
    return key


def fetch_range(storage: ObjectStorage, key: str, folder: Path) -> None:
    """Raises NotFound, and TarError for what is no archive."""
    with storage.open(key) as stored, tarfile.open(fileobj=stored, mode="r:") as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", _as_it_is)
        archive.extractall(folder)


def _as_it_is(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    """Python knows filters since 3.11.4; what lies here is a helper's own."""
    return member


def sweep_ranges(storage: ObjectStorage, alive: Collection[int]) -> None:
    """Deletes what was stored for runs that are not among the living."""
    kept = {str(run_id) for run_id in alive}
    for key in list(storage.list(f"{RANGES}/")):
        if key.split("/")[1] not in kept:
            storage.delete(key)
