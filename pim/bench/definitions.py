"""The definitions of exports that are measured: ours, but they keep little, and of Google's there is only the file that
the loop by hand writes."""

import shutil
from pathlib import Path

import yaml

from pim.exports.inheritance import EXPORT_FILE

GOOGLE = "google_merchant"
BY_HAND = "rss"
"""The writer of that file."""
KEPT = 2
"""Publications of an export: at a million products the feeds that are measured take 14 GB each time."""


def write_definitions(exports: Path, folder: Path) -> Path:
    """A copy of the folder of definitions below `folder`."""
    copy = folder / exports.name
    shutil.copytree(exports, copy)
    for path in copy.glob(f"*/{EXPORT_FILE}"):
        definition = yaml.safe_load(path.read_text("utf-8")) | {"keep": KEPT}
        if path.parent.name == GOOGLE:
            definition["files"] = [file for file in definition["files"] if file["writer"] == BY_HAND]
        path.write_text(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), "utf-8")
    return copy
