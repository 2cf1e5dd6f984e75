"""An SSH server of a test's own: OpenSSH, and asyncssh for passwords, which OpenSSH asks the system about."""

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncssh
import pytest

from pim.delivery.transports import open_transport
from pim.exports.destinations import SftpDestination
from tests.delivery.transports.parcels import a_parcel, quiet

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
SERVER = "/usr/lib/openssh/sftp-server"


@dataclass(frozen=True)
class Sshd:
    port: int
    host_key: str
    client_key: str

    def destination(self, folder: Path, **fields: Any) -> SftpDestination:
        told = {"host": "127.0.0.1", "port": self.port, "host_key": self.host_key, "user": getpass.getuser()}
        return SftpDestination(**(told | {"name": "partner", "folder": str(folder), "key": "FEED_KEY"} | fields))

    def put(self, folder: Path, content: bytes, told: Any = quiet, key: str | None = None, **fields: Any) -> str:
        environment = {"FEED_KEY": key or self.client_key}
        with open_transport(self.destination(folder, **fields), environment) as transport:
            return transport.put(a_parcel("fr/shop.csv", content), told)


def private(key: asyncssh.SSHKey) -> str:
    return key.export_private_key().decode()


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


@contextmanager
def running(subsystem: str) -> Iterator[Sshd]:
    """An sshd of our own on a free port, which lets one key in."""
    if SSHD is None:
        pytest.skip("sshd is missing: install Debian's openssh-server")
    host, client = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    with TemporaryDirectory(prefix="pim-tests-") as name, socket.create_server(("127.0.0.1", 0)) as taken:
        folder, port = Path(name), taken.getsockname()[1]
        (folder / "host").write_text(private(host))
        (folder / "host").chmod(0o600)
        (folder / "client.pub").write_text(public(client) + "\n")
        (folder / "config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/client.pub\n"
            f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"
            f"MaxStartups 100\nSubsystem sftp {subsystem}\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        taken.close()
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "config"], stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert "Server listening" in line, line
            yield Sshd(port, public(host), private(client))
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def asking_for_a_password(user: str, password: str) -> Iterator[Sshd]:
    class Asking(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, given: str) -> bool:
            return (username, given) == (user, password)

    host = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    listening = asyncssh.listen("127.0.0.1", 0, server_factory=Asking, server_host_keys=[host], sftp_factory=True)
    server = loop.run_until_complete(listening)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Sshd(server.get_port(), public(host), client_key="")
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=20)
        server.close()
        loop.close()
