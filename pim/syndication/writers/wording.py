"""The words that in-store feeds add to an item's own text, in the language of the feed.

They are a lookup file of the export's folder: language (or locale) → name → text with `{blanks}`; a new language is
a new entry there.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pim.base.errors import ConfigurationError, known

DEFAULT_LANGUAGE = "en"


class Wording:
    """Words of one locale: those of the locale, else of its language, else the English ones."""

    def __init__(self, path: Path, locale: str) -> None:
        try:
            entries: Mapping[str, Mapping[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError as missing:
            raise ConfigurationError(f"{path}: no such file; name the wording file in the option `words`") from missing
        self.path = path
        self.words: dict[str, str] = {}
        for language in (DEFAULT_LANGUAGE, locale.partition("_")[0], locale):
            self.words |= entries.get(language, {})

    def __call__(self, name: str, **blanks: Any) -> str:
        if name not in self.words:
            raise ConfigurationError(f"{self.path}: no wording {name!r}; {known(self.words)}")
        return self.words[name].format(**blanks)

    def variant(self, axes: Sequence[Mapping[str, Any]]) -> str:
        """`Vert · M`; a yes-or-no axis with its name, `Allumage piézo : Oui`."""
        return " · ".join(
            f"{axis['name']}{self('colon')}{axis['value']}" if isinstance(axis.get("data"), bool) else axis["value"]
            for axis in axes
        )
