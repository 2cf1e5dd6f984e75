"""What the grammar cannot say about the destinations of an export."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from pim.base.errors import Violation, known
from pim.exports.destinations import AnyDestination, HttpDestination, S3Destination, SftpDestination
from pim.exports.file_names import NAME_FACTS, PLACEHOLDER, file_facts, name_at
from pim.exports.located_yaml import Located, YamlPath
from pim.exports.model import ExportDefinition

_FACTS = {name: name for name in NAME_FACTS}
_LOCALES = ("aa_AA", "bb_BB")
"""Two that stand for any two."""


def check_destinations(definition: ExportDefinition, export: Located) -> Iterator[Violation]:
    names = [destination.name for destination in definition.destinations]
    for at, destination in enumerate(definition.destinations):
        path: YamlPath = ("destinations", at)
        if names.index(destination.name) != at:
            yield export.violation((*path, "name"), "duplicate", f"two destinations are called `{destination.name}`")
        for key, code, message in _problems(destination, definition):
            yield export.violation((*path, key), code, message)


def _problems(destination: AnyDestination, definition: ExportDefinition) -> Iterator[tuple[str, str, str]]:
    """(key, code, message)"""
    names_are_right = True
    for key in ("file_name", "archive", "manifest"):
        for code, message in _name_problems(key, getattr(destination, key) or "", whole=key != "file_name"):
            names_are_right = False
            yield key, code, message
    if names_are_right:
        yield from _collisions(destination, definition)
    if isinstance(destination, S3Destination):
        yield from _s3_problems(destination)
    elif isinstance(destination, SftpDestination):
        yield from _sftp_problems(destination)
    elif isinstance(destination, HttpDestination):
        yield from _http_problems(destination)


def _name_problems(key: str, template: str, whole: bool) -> Iterator[tuple[str, str]]:
    """`whole`: of everything that is sent, so without what only one file has."""
    allowed = [name for name in NAME_FACTS if not whole or name not in file_facts("", None)]
    for name in PLACEHOLDER.findall(template):
        if name not in allowed:
            yield "unknown_name", f"unknown `{{{name}}}` in `{key}`; {known(allowed)}"
    if template and any(part in ("", ".", "..") for part in template.split("/")):
        yield "file_name", f"`{key}` is `{template}`; it must be a path of names separated by single slashes"


def _collisions(destination: AnyDestination, definition: ExportDefinition) -> Iterator[tuple[str, str, str]]:
    """Of the feeds as the definition names them; what accompanies them is seen when they are there."""
    published = {
        file.name.replace("{locale}", locale or ""): locale
        for file in definition.files
        for locale in (_LOCALES if "{locale}" in file.name else (None,))
    }
    chosen = {name: locale for name, locale in published.items() if is_chosen(destination, name)}
    given = [name_at(destination.file_name, _FACTS | file_facts(*file)) for file in chosen.items()]
    if len(set(given)) < len(given):
        message = f"`{destination.file_name}` gives several files the same name; use {{file}}, {{stem}} or {{locale}}"
        yield "file_name", "duplicate", message
    if isinstance(destination, HttpDestination) and destination.method == "PUT" and "{file}" not in destination.url:
        more = destination.checksum or destination.manifest
        if more or (len(given) > 1 and destination.pack != "zip"):
            yield "url", "duplicate", "several files would be PUT to one address; write `{file}` into it"


def is_chosen(destination: AnyDestination, name: str) -> bool:
    """Whether the file published under this name goes there. `{locale}` in a pattern is any locale."""
    return any(fnmatchcase(name, pattern.replace("{locale}", "*")) for pattern in destination.files)


def _s3_problems(destination: S3Destination) -> Iterator[tuple[str, str, str]]:
    if (destination.access_key is None) != (destination.secret_key is None):
        yield "access_key", "credentials", "`access_key` and `secret_key` go together: name both variables, or none"
    if destination.kms_key is not None and destination.encryption != "aws:kms":
        yield "kms_key", "encryption", "`kms_key` means something only with `encryption: aws:kms`"


def _sftp_problems(destination: SftpDestination) -> Iterator[tuple[str, str, str]]:
    if destination.password is None and destination.key is None:
        yield "password", "credentials", "the server will want a `password` or a `key`; name the variable that holds it"
    if destination.passphrase is not None and destination.key is None:
        yield "passphrase", "credentials", "`passphrase` opens a `key`, and there is none"


def _http_problems(destination: HttpDestination) -> Iterator[tuple[str, str, str]]:
    for name in PLACEHOLDER.findall(destination.url):
        if name != "file":
            yield "url", "unknown_name", f"unknown `{{{name}}}` in `url`; known: file"
    for name in destination.headers:
        if name.lower() in ("authorization", "content-length", "content-type", "host"):
            message = (
                f"header `{name}` is not written here: secrets are named (`bearer`), the rest follows from the file"
            )
            yield "headers", "header", message
