"""What a publication sends to a destination, and under which names. Decided once, when the publication goes out."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from pim.base.errors import InvalidInput, Violation, known
from pim.delivery.model import ParcelPlan, Source
from pim.exports.destination_check import is_chosen
from pim.exports.destinations import AnyDestination
from pim.exports.file_names import file_facts, name_at
from pim.exports.model import ExportDefinition
from pim.syndication.staged import FEED, GZIP, PART
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow

GZIP_TYPE, ZIP_TYPE = "application/gzip", "application/zip"


def plan_parcels(
    definition: ExportDefinition,
    destination: AnyDestination,
    publication: PublicationRow,
    files: Iterable[PublicationFileRow],
    folder: str | None = None,
) -> list[ParcelPlan]:
    """In the order in which they are sent: each file, its checksum behind it, in the end the manifest. `folder` is
    where the files are stored, when these are not the publication's own.

    Raises InvalidInput when the destination's patterns choose no file, or two would have the same name there.
    """
    published = [file for file in files if file.role in (FEED, PART)]
    chosen = [file for file in published if is_chosen(destination, file.name)]
    if not chosen:
        patterns = ", ".join(f"`{pattern}`" for pattern in destination.files)
        names = known(file.name for file in published)
        message = f"publication {publication.number} of `{publication.export}` has no file like {patterns}; {names}"
        raise InvalidInput([Violation("files", "no_file", message)])
    facts = _facts(definition, publication)
    parcels = list(
        _with_checksums(_parcels(destination, folder or folder_of(publication), chosen, facts), destination.checksum)
    )
    if destination.manifest is not None:
        name = name_at(destination.manifest, facts)
        parcels.append(ParcelPlan(name=name, what="manifest", media_type="application/json"))
    _check_names(parcels, destination)
    return parcels


def _parcels(
    destination: AnyDestination,
    folder: str,
    chosen: Iterable[PublicationFileRow],
    facts: dict[str, str],
) -> Iterator[ParcelPlan]:
    named = [(name_at(destination.file_name, facts | file_facts(file.name, file.locale)), file) for file in chosen]
    if destination.pack == "zip":
        archive = name_at(destination.archive, facts)
        sources = [_source(folder, file, name) for name, file in named]
        yield ParcelPlan(name=archive, media_type=ZIP_TYPE, pack="zip", sources=sources)
        return
    for name, file in named:
        if destination.pack is None:
            yield ParcelPlan(name=name, media_type=file.media_type, sources=[_source(folder, file)])
        else:
            yield _gzipped(name.removesuffix(GZIP) + GZIP, folder, file)


def _gzipped(name: str, folder: str, file: PublicationFileRow) -> ParcelPlan:
    """The stored twin, where there is one."""
    plain = _source(folder, file)
    if file.gzip_bytes is None or file.gzip_sha256 is None:
        return ParcelPlan(name=name, media_type=GZIP_TYPE, pack="gzip", sources=[plain])
    twin = Source(
        key=plain.key + GZIP, name=file.name, bytes=file.gzip_bytes, sha256=file.gzip_sha256,
        locale=file.locale, items=file.items,
    )  # fmt: skip
    return ParcelPlan(name=name, media_type=GZIP_TYPE, sources=[twin])


def _source(folder: str, file: PublicationFileRow, name: str | None = None) -> Source:
    key = f"{folder}/{file.name}"
    return Source(
        key=key, name=name or file.name, bytes=file.bytes, sha256=file.sha256, locale=file.locale, items=file.items
    )


def _facts(definition: ExportDefinition, publication: PublicationRow) -> dict[str, str]:
    """Those of NAME_FACTS that all files share. The time is when the publication went out, whenever it is sent."""
    went_out = (publication.current_at or publication.created_at).astimezone(ZoneInfo(definition.timezone))
    return {
        "export": publication.export,
        "number": str(publication.number),
        "revision": str(publication.revision),
        "date": f"{went_out:%Y%m%d}",
        "time": f"{went_out:%H%M%S}",
    }


def _with_checksums(parcels: Iterable[ParcelPlan], wanted: bool) -> Iterator[ParcelPlan]:
    for parcel in parcels:
        yield parcel
        if wanted:
            yield ParcelPlan(name=f"{parcel.name}.sha256", what="checksum", media_type="text/plain; charset=utf-8")


def _check_names(parcels: Iterable[ParcelPlan], destination: AnyDestination) -> None:
    """Also of what is within an archive."""
    for names in ([p.name for p in parcels], [s.name for p in parcels if p.pack == "zip" for s in p.sources]):
        twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        if twice:
            message = f"destination `{destination.name}` would get two files called `{twice[0]}`; use {{file}} in names"
            raise InvalidInput([Violation("file_name", "duplicate", message)])
