from datetime import UTC, datetime

from PIL import Image

from pim.base.local_storage import LocalFolder
from pim.catalog.media import code_of, describe_media, media_key, store_media

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_picture(path, size=(6, 4)):
    Image.new("RGB", size, "red").save(path)
    return path


def test_a_picture_is_described_by_what_it_is_not_by_its_name(tmp_path):
    media = describe_media(a_picture(tmp_path / "photo.png").rename(tmp_path / "photo.jpg"), "photo.jpg")
    assert (media.media_type, media.width, media.height) == ("image/png", 6, 4)


def test_the_same_name_and_content_have_the_same_code(tmp_path):
    first, other = a_picture(tmp_path / "a.png"), a_picture(tmp_path / "b.png", (7, 4))
    assert code_of(first) == describe_media(first.read_bytes(), "a.png").code
    assert code_of(first) != code_of(other)
    assert describe_media(first, "other.png").code.endswith("_other.png")


def test_a_code_keeps_the_name_readable_and_harmless():
    assert describe_media(b"x", "Été à la mer (2).JPG").code.endswith("_Ete_a_la_mer_2_.JPG")
    assert describe_media(b"x", "../..").code.endswith("_file")
    assert len(describe_media(b"x", "n" * 300 + ".png").code) < 160
    assert describe_media(b"x", "n" * 300 + ".png").code.endswith(".png")


def test_what_is_no_picture_is_known_by_its_ending():
    media = describe_media(b"%PDF-1.7", "notice.pdf")
    assert (media.media_type, media.width, media.size) == ("application/pdf", None, 8)
    assert describe_media(b"broken", "photo.png").media_type == "image/png"
    assert describe_media(b"?", "unknown").media_type == "application/octet-stream"


def test_a_file_is_stored_once(database, tmp_path):
    storage = LocalFolder(tmp_path / "storage")
    for _ in range(2):
        with database.session() as session:
            media = store_media(session, storage, b"hello", "hello.txt", NOW)
    assert list(storage.list()) == [media_key(media.code)]
    with storage.open(media_key(media.code)) as stream:
        assert stream.read() == b"hello"
