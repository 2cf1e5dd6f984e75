"""Which program rendered a feed: another one may write other bytes from the same catalogue."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

RENDERERS = (
    "babel", "isal", "jinja2", "jsonschema-rs", "msgspec", "nh3", "pikepdf", "pillow", "python-stdnum",
    "typst", "zxing-cpp",
)  # fmt: skip
"""Libraries whose version can change the bytes of a feed."""

SOURCES = {".py", ".ttf", ".otf", ".j2", ".typ"}


@cache
def program_digest(public_url: str) -> str:
    """SHA-256 over the sources of this package, the versions of what it renders with, and the address it writes into
    what it renders."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(path for path in package.rglob("*") if path.suffix in SOURCES):
        digest.update(f"{path.relative_to(package).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for library in RENDERERS:
        digest.update(f"{library}={version(library)}\0".encode())
    digest.update(public_url.encode())
    return digest.hexdigest()
