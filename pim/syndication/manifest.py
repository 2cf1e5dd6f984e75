"""What a publication was made from and what it holds, for whoever wants proof."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pim.exports.model import ExportDefinition
from pim.syndication.staged import PART, RECORD, StagedFile
from pim.syndication.tables import PublicationFileRow

MANIFEST, MANIFEST_ROLE = "manifest.json", "manifest"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a feed was made from: the same origin gives the same bytes. `draft` is the name of one that was applied to
    the revision for this feed alone."""

    revision: int
    committed_at: datetime
    definition_digest: str
    schema_version: str
    program_digest: str
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """One export, rendered and waiting in the run's folder."""

    definition: ExportDefinition
    origin: Origin
    scope: str
    locales: tuple[str, ...]
    files: list[StagedFile]
    items: int
    rejected: int


def manifest_of(build: Build, number: int | None, rows: Sequence[PublicationFileRow]) -> bytes:
    origin = build.origin
    manifest = {
        "export": build.definition.name,
        "publication": number,
        "revision": origin.revision,
        **({"draft": origin.draft} if origin.draft else {}),
        "committed_at": origin.committed_at,
        "definition_digest": origin.definition_digest,
        "schema": build.definition.schema,
        "schema_version": origin.schema_version,
        "program_digest": origin.program_digest,
        "scope": build.scope,
        "locales": build.locales,
        "items": build.items,
        "rejected": build.rejected,
        "files": [_entry(row) for row in rows if row.role != RECORD],
    }
    return _written(manifest)


def manifest_of_rollback(first: dict[str, Any], number: int, of: int) -> bytes:
    """That of the publication whose files go out again: what they were made from stays true of them."""
    return _written({**first, "publication": number, "rollback_of": of})


def _written(manifest: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def manifest_row(manifest: bytes, before: PublicationFileRow | None, at: datetime) -> PublicationFileRow:
    second = at.astimezone(UTC).replace(microsecond=0)
    return PublicationFileRow(
        publication_id=0,
        name=MANIFEST,
        role=MANIFEST_ROLE,
        locale=None,
        media_type="application/json",
        bytes=len(manifest),
        sha256=hashlib.sha256(manifest).hexdigest(),
        modified=max(second, before.modified + timedelta(seconds=1)) if before else second,
    )


def _entry(row: PublicationFileRow) -> dict[str, Any]:
    entry = {
        "name": row.name,
        "role": row.role,
        "locale": row.locale,
        "media_type": row.media_type,
        "bytes": row.bytes,
        "sha256": row.sha256,
    }
    if row.gzip_sha256 is not None:
        entry |= {"gzip_bytes": row.gzip_bytes, "gzip_sha256": row.gzip_sha256}
    return entry if row.role == PART else entry | {"items": row.items, "rejected": row.rejected}
