"""Names of files with `{placeholders}` in them, and what these mean where files are delivered."""

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

NAME_FACTS = ("export", "file", "stem", "extension", "locale", "number", "revision", "date", "time")
"""What a name at a destination may be made of: `{export}`; the file's published name, whole and in its two parts; its
locale; the number and revision of the publication, and the day (`20261122`) and time (`193000`) at which it went out,
in the export's time zone."""


def name_at(template: str, facts: Mapping[str, str]) -> str:
    """The name that a checked template gives; `facts` has every one of NAME_FACTS."""
    return PLACEHOLDER.sub(lambda found: facts[found[1]], template)


def file_facts(name: str, locale: str | None) -> dict[str, str]:
    """Those of NAME_FACTS that a published file brings."""
    stem, dot, extension = name.rpartition(".")
    return {"file": name, "stem": stem if dot else name, "extension": extension if dot else "", "locale": locale or ""}
