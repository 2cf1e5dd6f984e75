"""The folder `PIM_HOME`/inbox, where other programs leave what shall be imported, each under a name of its own."""

import tempfile
import zipfile
from pathlib import Path

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.intake.uploads import keep_upload


def keep_from_inbox(settings: Settings, storage: ObjectStorage, code: str) -> str:
    """What lies there under this name, a folder or one file with any ending, as it is now: the key of a copy, so that
    it may be replaced while it waits and imported on another host. Raises NotFound, and InvalidInput for two."""
    path = _find(settings.home / "inbox", code)
    if path.is_file():
        return keep_upload(storage, path.name, path)
    work = settings.home / "tmp"
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=work, suffix=".zip") as packed:
        _pack(path, Path(packed.name))
        return keep_upload(storage, f"{code}.zip", Path(packed.name))


def _find(inbox: Path, code: str) -> Path:
    there = [path for path in inbox.iterdir() if not path.name.startswith(".")] if inbox.is_dir() else []
    found = [path for path in there if path.name == code or (path.is_file() and path.stem == code)]
    if not found:
        names = known({path.stem if path.is_file() else path.name for path in there})
        raise NotFound(
            f"There is nothing to import as `{code}`: put a folder or a file of that name in {inbox}; {names}"
        )
    if len(found) > 1:
        both = ", ".join(sorted(path.name for path in found))
        message = f"`{code}` is ambiguous: {inbox} holds {both}; keep one of them"
        raise InvalidInput([Violation("code", "ambiguous", message)])
    return found[0]


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
