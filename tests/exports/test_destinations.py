"""Destinations of an export: typed, checked, and without a say in what is rendered."""

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import yaml

from pim.base.errors import InvalidInput
from pim.base.settings import data_folder
from pim.exports.destinations import AnyDestination, Destination, SftpDestination
from pim.exports.load import definition_digest, load_definition
from tests.exports.test_load import EXPORT, folder_with

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbjYXd1"
FOLDER = {"name": "mirror", "transport": "folder", "path": "/srv/feeds"}
SFTP = {"name": "partner", "transport": "sftp", "host": "h", "user": "u", "host_key": HOST_KEY, "password": "SECRET"}
S3 = {"name": "bucket", "transport": "s3", "bucket": "b"}
HTTP = {"name": "hook", "transport": "http", "url": "https://partner.example/in/{file}"}


def with_destinations(at: Path, *destinations: dict[str, Any]) -> Path:
    return folder_with(at, EXPORT + yaml.safe_dump({"destinations": list(destinations)}, sort_keys=False, width=999))


def test_destinations_are_typed_by_their_transport(tmp_path: Path) -> None:
    found = load_definition(with_destinations(tmp_path, FOLDER, SFTP, S3, HTTP)).destinations
    assert [type(one).__struct_config__.tag for one in found] == ["folder", "sftp", "s3", "http"]
    assert isinstance(found[1], SftpDestination)
    assert (found[1].port, found[1].attempts) == (22, 10)


@pytest.mark.parametrize(
    ("destination", "message"),
    [
        ({"name": "x", "path": "/x"}, "`transport` is missing"),
        (FOLDER | {"transport": "ftp"}, "export.yaml:7: unknown transport `ftp`; known: folder, http, s3, sftp"),
        (FOLDER | {"host": "x"}, "export.yaml:9: unknown key `host`; known: archive, attempts, checksum"),
        (FOLDER | {"path": "srv"}, "`destinations.0.path` is `srv`; it must match ^/"),
        (SFTP | {"password": "hunter2!"}, "`destinations.0.password` is `hunter2!`; it must match ^[A-Z]"),
        (SFTP | {"host_key": "SHA256:abc"}, "`destinations.0.host_key` is `SHA256:abc`; it must match"),
        ({k: v for k, v in SFTP.items() if k != "host_key"}, "`host_key` is missing"),
        ({k: v for k, v in SFTP.items() if k != "password"}, "will want a `password` or a `key`"),
        (SFTP | {"passphrase": "P"}, "`passphrase` opens a `key`, and there is none"),
        (S3 | {"access_key": "A"}, "`access_key` and `secret_key` go together"),
        (S3 | {"kms_key": "k"}, "`kms_key` means something only with `encryption: aws:kms`"),
        (HTTP | {"headers": {"Authorization": "Bearer x"}}, "header `Authorization` is not written here"),
        (HTTP | {"url": "https://x.example/{name}"}, "unknown `{name}` in `url`; known: file"),
        (HTTP | {"url": "https://x.example/in"}, "several files would be PUT to one address"),
        (FOLDER | {"file_name": "{export}_{day}.xml"}, "unknown `{day}` in `file_name`; known: date, export"),
        (FOLDER | {"manifest": "{file}.json"}, "unknown `{file}` in `manifest`; known: date, export, number"),
        (FOLDER | {"file_name": "feed.xml"}, "`feed.xml` gives several files the same name; use {file}"),
        (FOLDER | {"file_name": "../{file}"}, "it must be a path of names separated by single slashes"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_wrong_with_a_destination_is_said(tmp_path: Path, destination: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_definition(with_destinations(tmp_path, destination))
    assert any(message in violation.message for violation in caught.value.violations), caught.value


def test_two_destinations_have_two_names(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="two destinations are called `mirror`"):
        load_definition(with_destinations(tmp_path, FOLDER, S3 | {"name": "mirror"}))


@pytest.mark.parametrize("struct", get_args(AnyDestination))
def test_a_destination_has_the_properties_of_its_schema(struct: type[Destination]) -> None:
    schema = json.loads((data_folder("schemas") / "channel_export.schema.json").read_text("utf-8"))
    told = schema["$defs"][f"{struct.__struct_config__.tag}_destination"]["properties"]
    assert set(told) == {field.name for field in msgspec.structs.fields(struct)} | {"transport"}


def test_when_and_where_a_feed_goes_makes_no_other_feed(tmp_path: Path) -> None:
    before = definition_digest(folder_with(tmp_path))
    changed = {"destinations": [FOLDER], "schedule": "0 4 * * *", "gate": {"removed": 0.5}, "keep": 9}
    assert definition_digest(folder_with(tmp_path, EXPORT + yaml.safe_dump(changed))) == before
    assert definition_digest(folder_with(tmp_path, EXPORT + "timezone: Europe/Paris\n")) != before


@pytest.mark.parametrize(
    ("poll", "message"),
    [
        ({"destination": "gone", "files": "*"}, "there is no destination `gone`; known: hook, mirror"),
        ({"destination": "mirror"}, "`mirror` is of `transport: folder`, so `poll` needs `files`"),
        ({"destination": "hook"}, "`hook` is of `transport: http`, so `poll` needs `url`"),
        ({"destination": "hook", "url": "https://p.example/r", "files": "*"}, "where `files` means nothing"),
        ({"destination": "hook", "url": "reports.csv"}, "`feedback.poll.url` is `reports.csv`; it must match"),
    ],
)
def test_reports_lie_where_the_destination_has_them(tmp_path: Path, poll: dict[str, Any], message: str) -> None:
    feedback = {"feedback": {"format": "amazon", "poll": poll}}
    definition = EXPORT + yaml.safe_dump({"destinations": [FOLDER, HTTP], **feedback}, sort_keys=False, width=999)
    with pytest.raises(InvalidInput) as caught:
        load_definition(folder_with(tmp_path, definition))
    assert message in str(caught.value)
