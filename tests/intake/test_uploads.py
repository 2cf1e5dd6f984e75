"""Files that were handed in: kept, opened again anywhere, unpacked, swept."""

import io
import zipfile
from datetime import timedelta

import pytest

from pim.base.clock import now
from pim.base.errors import InvalidInput, NotFound
from pim.intake import uploads
from pim.intake.inbox import keep_from_inbox
from pim.intake.uploads import keep_upload, opened_upload, sweep_uploads


def an_archive(**files: str) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    packed.seek(0)
    return packed


def unpacked(storage, tmp_path, archive: io.BytesIO) -> list[str]:
    with opened_upload(storage, keep_upload(storage, "set.zip", archive), tmp_path / "work") as folder:
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a\nb.csv", "prix été.csv", "x" * 300 + ".csv", ""])
def test_any_name_is_kept_safely_and_its_ending_stays(storage, tmp_path, name):
    key = keep_upload(storage, name, io.BytesIO(b"sku\n"))
    assert key.count("/") == 2
    assert name.endswith(".csv") == key.endswith(".csv")
    with opened_upload(storage, key, tmp_path / "work") as path:
        assert (path.parent, path.read_bytes()) == (tmp_path / "work", b"sku\n")
    assert not (tmp_path / "work").exists()


def test_an_archive_is_opened_as_the_folder_it_holds(storage, tmp_path):
    flat = an_archive(**{"products.csv": "sku", "files/a.png": "x"})
    assert unpacked(storage, tmp_path, flat) == ["files/a.png", "products.csv"]
    nested = an_archive(**{"export/products.csv": "sku", "__MACOSX/x": ""})
    assert unpacked(storage, tmp_path, nested) == ["products.csv"]


def test_an_archive_cannot_write_beside_its_folder(storage, tmp_path):
    assert unpacked(storage, tmp_path, an_archive(**{"../../evil.csv": "sku"})) == ["evil.csv"]
    assert not list(tmp_path.rglob("evil.csv"))


def test_an_archive_that_cannot_be_unpacked_says_so(storage, tmp_path, monkeypatch):
    with pytest.raises(InvalidInput, match=r"`set.zip` cannot be unpacked: .*pack it anew"):
        unpacked(storage, tmp_path, io.BytesIO(b"PK no archive"))
    monkeypatch.setattr(uploads, "LARGEST", 10)
    with pytest.raises(InvalidInput, match="unpacks to 11 bytes; 10 is the most"):
        unpacked(storage, tmp_path, an_archive(**{"products.csv": "x" * 11}))


def test_uploads_are_swept_when_they_are_old(storage):
    keep_upload(storage, "a.csv", io.BytesIO(b""))
    assert sweep_uploads(storage, now() - timedelta(days=1)) == 0
    assert sweep_uploads(storage, now() + timedelta(days=1)) == 1
    assert list(storage.list("uploads/")) == []


def test_the_inbox_gives_a_copy_of_what_lies_there_now(settings, storage, tmp_path):
    nightly = settings.home / "inbox" / "nightly"
    (nightly / "files").mkdir(parents=True)
    (nightly / "products.csv").write_text("sku")
    (nightly / "files" / "a.png").write_text("x")
    key = keep_from_inbox(settings, storage, "nightly")
    (nightly / "products.csv").write_text("changed meanwhile")
    with opened_upload(storage, key, tmp_path / "work") as folder:
        assert (folder / "products.csv").read_text() == "sku"
        assert (folder / "files" / "a.png").exists()
    with pytest.raises(NotFound, match="known: nightly"):
        keep_from_inbox(settings, storage, "weekly")
