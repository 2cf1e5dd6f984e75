"""Delivery into a folder: whole files only, whatever happens on the way."""

import resource
import threading

import pytest

from pim.base.errors import TemporaryFailure
from pim.delivery.transports import open_transport
from pim.exports.destinations import FolderDestination
from tests.delivery.transports.parcels import a_parcel, quiet


def put(folder, content, told=quiet):
    with open_transport(FolderDestination(name="mirror", path=str(folder)), {}) as transport:
        return transport.put(a_parcel("fr/shop.csv", content), told)


def test_a_file_is_written_below_the_folder(tmp_path):
    assert put(tmp_path, b"sku\n") == f"written to {tmp_path}/fr/shop.csv"
    assert (tmp_path / "fr" / "shop.csv").read_bytes() == b"sku\n"


def test_a_reader_never_sees_a_part_of_a_file(tmp_path):
    whole = [bytes([letter]) * 3_000_000 for letter in b"abcd"]
    put(tmp_path, whole[0])
    over, seen = threading.Event(), set()

    def look():
        while not over.is_set():
            seen.add((tmp_path / "fr" / "shop.csv").read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for content in whole[1:]:
        put(tmp_path, content)
    over.set()
    reader.join()
    assert seen <= set(whole)


def test_what_stops_halfway_leaves_the_file_of_before_and_nothing_else(tmp_path):
    put(tmp_path, b"before")

    def stop(gone):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, b"after", stop)
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "fr").iterdir()] == [("shop.csv", b"before")]


def test_a_full_disk_may_have_room_later(tmp_path):
    put(tmp_path, b"before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(TemporaryFailure, match=r"shop.csv cannot be written: there is no room left"):
            put(tmp_path, bytes(1_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "fr" / "shop.csv").read_bytes() == b"before"


def test_a_share_that_is_not_mounted_may_be_later(tmp_path):
    with pytest.raises(TemporaryFailure, match="is not there; make it, or mount what it is on"):
        put(tmp_path / "share", b"x")
