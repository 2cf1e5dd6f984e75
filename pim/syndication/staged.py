"""Finished files of a publication, still in the run's folder, and their gzip twins."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pim.syndication.segments import gzip_twin

FEED, PART, RECORD = "feed", "part", "record"
"""What a file is to its publication: a feed under the name its definition gives, a file that accompanies one, or what
we keep for ourselves (indexes, the report, the items behind an artifact)."""

RECORDS = "records/"
GZIP = ".gz"


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One finished file, still in the run's folder. `bytes` and `sha256` are of the plain representation, which is the
    file that `path` names; `twin` is its gzip representation, None where compressing makes no sense. `feed` is the name
    of the feed it belongs to, empty for what belongs to the whole publication."""

    name: str
    feed: str
    role: str
    locale: str | None
    media_type: str
    path: Path
    bytes: int
    sha256: str
    twin: Path | None = None
    gzip_bytes: int | None = None
    gzip_sha256: str | None = None
    items: int = 0
    rejected: int = 0


Stage = Callable[[StagedFile], None]


def staged_file(path: Path, name: str, feed: str, locale: str | None, role: str, media_type: str) -> StagedFile:
    """A finished file of a feed with its digest, and its twin where its type compresses."""
    plain = StagedFile(name, feed, role, locale, media_type, path, path.stat().st_size, sha256_of(path))
    return _with_twin(plain) if compresses(media_type) else plain


def staged_record(path: Path, name: str, feed: str, locale: str | None) -> StagedFile:
    """What we keep for ourselves, compressed only."""
    return as_record(_with_twin(StagedFile(name, feed, RECORD, locale, "application/x-ndjson", path, 0, "")))


def as_record(file: StagedFile) -> StagedFile:
    """The twin of a staged file, kept instead of it."""
    if file.twin is None or file.gzip_bytes is None or file.gzip_sha256 is None:
        raise ValueError(f"{file.name} has no gzip twin to keep")
    return StagedFile(
        f"{RECORDS}{file.name}{GZIP}", file.feed, RECORD, file.locale, "application/gzip", file.twin, file.gzip_bytes,
        file.gzip_sha256,
    )  # fmt: skip


def _with_twin(file: StagedFile) -> StagedFile:
    twin = file.path.with_name(file.path.name + ".twin")
    gzip_twin(file.path, twin)
    return replace(file, twin=twin, gzip_bytes=twin.stat().st_size, gzip_sha256=sha256_of(twin))


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compresses(media_type: str) -> bool:
    kind = media_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind.endswith(("json", "xml", "javascript", "ndjson")) or kind == "image/svg+xml"
