"""Where the publications of an export are delivered to: its `destinations`, typed."""

from typing import Literal

import msgspec


class Destination(msgspec.Struct, frozen=True, kw_only=True, tag_field="transport"):
    """What all transports have. `files` are patterns of published names, in which `*` is anything. `file_name`,
    `archive` (the one file that `pack: zip` makes) and `manifest` are names made of NAME_FACTS. With `checksum` each
    file is followed by one with its SHA-256, with `manifest` all of them by one that lists them. `attempts` is how
    often a delivery is tried before a person is asked. `sends: changes` is for those who take partial updates: after
    the first delivery, files hold only the items that say something else than what was delivered last."""

    name: str
    sends: Literal["everything", "changes"] = "everything"
    files: tuple[str, ...] = ("*",)
    file_name: str = "{file}"
    pack: Literal["gzip", "zip"] | None = None
    archive: str = "{export}.zip"
    checksum: bool = False
    manifest: str | None = None
    attempts: int = 10


class FolderDestination(Destination, frozen=True, kw_only=True, tag="folder"):
    """A folder that the workers see; `path` is absolute."""

    path: str


class S3Destination(Destination, frozen=True, kw_only=True, tag="s3"):
    """A bucket of Amazon S3 or of anything that speaks like it at `endpoint`. `access_key` and `secret_key` name
    variables; without them the usual AWS environment holds. `encryption` is what the server is asked to encrypt with.
    `checksums: false` is for servers that know none of the newer ones."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    encryption: Literal["AES256", "aws:kms"] | None = None
    kms_key: str | None = None
    checksums: bool = True


class SftpDestination(Destination, frozen=True, kw_only=True, tag="sftp"):
    """`host_key` is the server's public key, or keys, as in a known_hosts file: no other server is spoken to.
    `password`, `key` (a private key in OpenSSH's or PEM form) and its `passphrase` name variables."""

    host: str
    user: str
    host_key: str | list[str]
    port: int = 22
    folder: str = ""
    password: str | None = None
    key: str | None = None
    passphrase: str | None = None


class HttpDestination(Destination, frozen=True, kw_only=True, tag="http"):
    """`{file}` in `url` is the name of the file. `bearer` and `signature` name variables: a token, and the secret with
    which requests are signed (Standard Webhooks). `timeout` is in seconds, for each step of a request."""

    url: str
    method: Literal["PUT", "POST"] = "PUT"
    headers: dict[str, str] = {}
    bearer: str | None = None
    signature: str | None = None
    timeout: float = 60


AnyDestination = FolderDestination | S3Destination | SftpDestination | HttpDestination


def transport_of(destination: Destination) -> str:
    """What export.yaml calls it."""
    return str(destination.__struct_config__.tag)
