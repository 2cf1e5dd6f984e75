"""Where the files of a publication are in object storage."""

from pim.base.object_storage import ObjectStorage
from pim.syndication.tables import PublicationRow


def folder_of(publication: PublicationRow) -> str:
    return f"exports/{publication.export}/{publication.number}"


def clear_folder(storage: ObjectStorage, folder: str, but: str | None = None) -> None:
    """Deletes what is in it, except below `but`."""
    for key in list(storage.list(folder + "/")):
        if but is None or not key.startswith(f"{folder}/{but}"):
            storage.delete(key)
