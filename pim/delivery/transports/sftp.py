"""Delivery to an SFTP server that is known by its host key. A file goes under a hidden name and is renamed when all
of it has arrived, which on the server is one step."""

import asyncio
import stat
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Any, TypeVar

import asyncssh

from pim.base.errors import PermanentFailure, TemporaryFailure
from pim.delivery.parcel import Parcel
from pim.delivery.transports.contract import Environment, FoundFile, Told, secret
from pim.exports.destinations import SftpDestination

PATIENCE = 60.0
"""Seconds without an answer after which the other side counts as away."""

BLOCK = 1024 * 1024
"""Written at once, as many requests in flight: one after the other, each would wait for the line."""

HOST_KEY_KINDS = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
)  # fmt: skip

T = TypeVar("T")

_REFUSED = (
    asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath,
    asyncssh.SFTPOpUnsupported, asyncssh.SFTPWriteProtect, asyncssh.SFTPNotADirectory, asyncssh.SFTPFileIsADirectory,
    asyncssh.SFTPInvalidFilename, asyncssh.ProtocolNotSupported, asyncssh.IllegalUserName, asyncssh.KeyExchangeFailed,
)  # fmt: skip


@contextmanager
def open_sftp(destination: SftpDestination, environment: Environment) -> Iterator["SftpTransport"]:
    pinned = _pinned(destination)
    known = {"known_hosts": (pinned, [], []), "server_host_key_algs": _kinds(pinned)}
    options = {**_credentials(destination, environment), **known}
    with asyncio.Runner() as runner:
        transport = SftpTransport(destination, runner)
        transport.connect(options)
        try:
            yield transport
        finally:
            transport.close()


class SftpTransport:
    def __init__(self, destination: SftpDestination, runner: asyncio.Runner) -> None:
        self._destination, self._runner = destination, runner
        self._where = f"{destination.user}@{destination.host}:{destination.port}"
        self._folder = PurePosixPath(destination.folder)
        self._client: asyncssh.SFTPClient
        self._connection: asyncssh.SSHClientConnection

    def connect(self, options: dict[str, Any]) -> None:
        asked = _HostKeyAsked()
        try:
            self._run(self._connect({**options, "client_factory": lambda: asked}))
        except asyncssh.HostKeyNotVerifiable as error:
            pinned = ", ".join(key.get_fingerprint() for key in _pinned(self._destination))
            raise PermanentFailure(
                f"{self._where} has another host key than the pinned one: {asked.offered}, not {pinned}; ask its owner "
                "whether it was changed, and write the new one into `host_key`"
            ) from error

    def put(self, parcel: Parcel, told: Told) -> str:
        path = self._folder / parcel.name
        self._run(self._put(parcel, path, told))
        return f"renamed to {path} at {self._where}"

    def found(self, pattern: str) -> list[FoundFile]:
        """What others have put there, by name; not what is still under a hidden one."""
        return sorted(self._run(self._found(pattern)))

    def read(self, name: str) -> bytes:
        return self._run(self._read(self._folder / name))

    def close(self) -> None:
        with suppress(asyncssh.Error, OSError):
            self._connection.close()
            self._runner.run(self._connection.wait_closed())

    async def _connect(self, options: dict[str, Any]) -> None:
        there = self._destination
        self._connection = await asyncssh.connect(
            there.host, there.port, username=there.user, config=None, agent_path=None, connect_timeout=PATIENCE,
            keepalive_interval=PATIENCE / 4, **options,
        )  # fmt: skip
        self._client = await self._connection.start_sftp_client()

    async def _put(self, parcel: Parcel, path: PurePosixPath, told: Told) -> None:
        unfinished = path.with_name(f".{path.name}.part")
        if not await self._client.isdir(path.parent):
            await self._client.makedirs(path.parent, exist_ok=True)
        try:
            await self._write(parcel, unfinished, told)
            await self._rename(unfinished, path)
        except BaseException:
            with suppress(asyncssh.Error, OSError):
                await self._client.remove(unfinished)
            raise

    async def _write(self, parcel: Parcel, path: PurePosixPath, told: Told) -> None:
        gone = 0
        async with self._client.open(path, "wb") as file:
            while block := parcel.stream.read(BLOCK):
                async with asyncio.timeout(PATIENCE):
                    await file.write(block)
                gone += len(block)
                told(gone)
        arrived = (await self._client.stat(path)).size
        if arrived != parcel.bytes:
            raise TemporaryFailure(f"{self._where} has {arrived} bytes of `{parcel.name}`, not {parcel.bytes}")

    async def _rename(self, unfinished: PurePosixPath, path: PurePosixPath) -> None:
        """Servers without the renaming that replaces get the plain one, which wants the place empty."""
        try:
            await self._client.posix_rename(unfinished, path)
        except asyncssh.SFTPOpUnsupported:
            with suppress(asyncssh.SFTPNoSuchFile):
                await self._client.remove(path)
            await self._client.rename(unfinished, path)

    async def _found(self, pattern: str) -> list[FoundFile]:
        try:
            entries = await self._client.glob_sftpname(self._folder / pattern)
        except asyncssh.SFTPNoSuchFile:  # which is how nothing at all is told
            return []
        paths = [(PurePosixPath(str(entry.filename)), entry.attrs) for entry in entries]
        return [
            FoundFile(str(path.relative_to(self._folder)), f"{attrs.mtime}-{attrs.size}", attrs.size or 0)
            for path, attrs in paths
            if not path.name.startswith(".") and stat.S_ISREG(attrs.permissions or 0)
        ]

    async def _read(self, path: PurePosixPath) -> bytes:
        async with asyncio.timeout(PATIENCE), self._client.open(path, "rb") as file:
            content: bytes = await file.read()
        return content

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(work)
        except asyncssh.HostKeyNotVerifiable:
            raise
        except _REFUSED as error:
            raise PermanentFailure(f"{self._where} refuses: {error}; check user, secret, folder and rights") from error
        except asyncssh.SFTPFailure as error:
            raise TemporaryFailure(f"{self._where} failed: {error}; its disk may be full") from error
        except TimeoutError as error:
            raise TemporaryFailure(f"{self._where} has not answered for {PATIENCE:.0f} seconds") from error
        except (asyncssh.Error, OSError) as error:
            raise TemporaryFailure(f"the connection to {self._where} failed: {error}") from error


class _HostKeyAsked(asyncssh.SSHClient):
    """Is asked about host keys that are not pinned; says no, and remembers which one it was."""

    offered = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.offered = key.get_fingerprint()
        return False


def _pinned(destination: SftpDestination) -> list[asyncssh.SSHKey]:
    keys = destination.host_key if isinstance(destination.host_key, list) else [destination.host_key]
    try:
        return [asyncssh.import_public_key(key) for key in keys]
    except asyncssh.KeyImportError as error:
        raise PermanentFailure(f"`host_key` of destination `{destination.name}` is no public key: {error}") from error


def _kinds(pinned: list[asyncssh.SSHKey]) -> list[str]:
    """All that we know, pinned ones first: a server that has several keys shows that one, and one whose key is of
    another kind now shows which."""
    wanted = {algorithm.decode() for key in pinned for algorithm in key.sig_algorithms}
    return sorted(HOST_KEY_KINDS, key=lambda kind: kind not in wanted)


def _credentials(destination: SftpDestination, environment: Environment) -> dict[str, Any]:
    password = secret(environment, destination.password) if destination.password else None
    if destination.key is None:
        return {"password": password, "client_keys": None}
    passphrase = secret(environment, destination.passphrase) if destination.passphrase else None
    try:
        key = asyncssh.import_private_key(secret(environment, destination.key), passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise PermanentFailure(f"the variable {destination.key} holds no private key that opens: {error}") from error
    return {"password": password, "client_keys": [key]}
