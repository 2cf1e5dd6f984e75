"""Delivery over SFTP, against the real OpenSSH."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from pim.base.errors import PermanentFailure, TemporaryFailure
from pim.delivery.transports import open_transport
from pim.delivery.transports.sftp import open_sftp
from tests.delivery.transports.parcels import a_parcel, cutting, quiet
from tests.delivery.transports.ssh_servers import SERVER, Sshd, asking_for_a_password, private, public, running

FULL = f"""#!/bin/sh
trap "" XFSZ
ulimit -f 2000
exec {SERVER}
"""
"""A server on whose disk files of more than a megabyte find no room."""


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with running(SERVER) as server:
        yield server


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_arrives_in_its_folder_and_replaces_the_one_before(sshd, there):
    sshd.put(there, b"before")
    assert sshd.put(there, b"sku\nA\n").startswith(f"renamed to {there}/fr/shop.csv at ")
    assert files(there) == {"shop.csv": b"sku\nA\n"}


def test_a_reader_never_sees_a_part_of_a_file(sshd, there):
    whole = [bytes([letter]) * 5_000_000 for letter in b"abc"]
    sshd.put(there, whole[0])
    over, seen = threading.Event(), set()

    def look():
        while not over.is_set():
            seen.add((there / "fr" / "shop.csv").read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for content in whole[1:]:
        sshd.put(there, content)
    over.set()
    reader.join()
    assert seen <= set(whole)


def test_a_cut_connection_may_be_tried_again_and_leaves_what_was_there(sshd, there):
    sshd.put(there, b"before")
    with (
        cutting(sshd.port, after=3_000_000) as port,
        pytest.raises(TemporaryFailure, match=r"the connection to .* failed"),
    ):
        sshd.put(there, bytes(9_000_000), port=port)
    assert (there / "fr" / "shop.csv").read_bytes() == b"before"
    sshd.put(there, b"after")
    assert files(there) == {"shop.csv": b"after"}


def test_what_stops_halfway_is_taken_away(sshd, there):
    def stop(gone):
        raise ValueError(gone)

    with pytest.raises(ValueError, match="1048576"):
        sshd.put(there, bytes(3_000_000), stop)
    assert files(there) == {}


def test_a_full_disk_may_have_room_later(there, tmp_path):
    (script := tmp_path / "full").write_text(FULL)
    script.chmod(0o755)
    with running(str(script)) as server:
        server.put(there, b"before")
        with pytest.raises(TemporaryFailure, match="failed: Failure; its disk may be full"):
            server.put(there, bytes(3_000_000))
    assert files(there) == {"shop.csv": b"before"}


def test_a_changed_host_key_needs_a_person_and_is_told_both_keys(sshd, there):
    other = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(PermanentFailure) as caught:
        sshd.put(there, b"x", host_key=public(other))
    offered = asyncssh.import_public_key(sshd.host_key).get_fingerprint()
    assert f"has another host key than the pinned one: {offered}, not {other.get_fingerprint()}" in str(caught.value)
    assert files(there) == {}


def test_a_host_key_of_another_kind_is_another_host_key(sshd, there):
    other = public(asyncssh.generate_private_key("ecdsa-sha2-nistp256"))
    with pytest.raises(PermanentFailure, match=r"has another host key than the pinned one: SHA256:.*, not SHA256:"):
        sshd.put(there, b"x", host_key=other)
    sshd.put(there, b"x", host_key=[other, sshd.host_key])


def test_wrong_credentials_need_a_person(sshd, there):
    with pytest.raises(PermanentFailure, match=r"refuses: Permission denied.*check user, secret, folder and rights"):
        sshd.put(there, b"x", key=private(asyncssh.generate_private_key("ssh-ed25519")))
    with pytest.raises(PermanentFailure, match="the variable FEED_KEY holds no private key that opens"):
        sshd.put(there, b"x", key="hunter2")


def test_a_key_opens_with_its_passphrase(sshd, there):
    key = asyncssh.import_private_key(sshd.client_key).export_private_key(passphrase="sésame").decode()
    destination = sshd.destination(there, passphrase="FEED_PASS")
    with open_transport(destination, {"FEED_KEY": key, "FEED_PASS": "sésame"}) as transport:
        transport.put(a_parcel("a", b"x"), quiet)
    assert files(there) == {"a": b"x"}


def test_a_password_opens_where_no_key_is_asked_for(there):
    with asking_for_a_password("camille", "sésame") as server:
        fields = {"user": "camille", "key": None, "password": "FEED_PASSWORD"}
        destination = server.destination(there, **fields)
        with open_transport(destination, {"FEED_PASSWORD": "sésame"}) as transport:
            transport.put(a_parcel("a", b"x"), quiet)
        with (
            pytest.raises(PermanentFailure, match=r"camille@127.0.0.1:\d+ refuses: Permission denied"),
            open_transport(destination, {"FEED_PASSWORD": "hunter2"}),
        ):
            pass
    assert files(there) == {"a": b"x"}


def test_a_server_that_is_away_may_come_back(sshd, there):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(TemporaryFailure, match=r"the connection to .* failed"):
        sshd.put(there, b"x", port=port)


def test_what_others_left_there_is_found_and_read(sshd, there):
    for name in ("in/b.csv", "in/a.csv", "in/.c.csv", "in/d.txt", "in/e.csv/x"):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_text(name)
    with open_sftp(sshd.destination(there), {"FEED_KEY": sshd.client_key}) as transport:
        found = transport.found("in/*.csv")
        assert [(one.name, one.bytes) for one in found] == [("in/a.csv", 8), ("in/b.csv", 8)]
        assert transport.read("in/a.csv") == b"in/a.csv"
        assert transport.found("out/*.csv") == []
        before = found[0].version
        (there / "in/a.csv").write_text("other content")
        assert transport.found("in/a.csv")[0].version != before
