"""What a print catalogue says and looks like beside its products: book.yaml and words.yaml of the export's folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pim.base.errors import ConfigurationError, known
from pim.syndication.writers.pictures import kept_by_jpeg

TINT = 0.88
"""Share of white in the pale form of a chapter's colour, on which pictures stand."""


@dataclass(frozen=True, slots=True)
class ChapterLook:
    colour: str
    tint: str
    intro: str | None


@dataclass(frozen=True, slots=True)
class PrintStyle:
    """Texts in one language. `chapters` is by category code."""

    language: str
    region: str
    texts: Mapping[str, Any]
    words: Mapping[str, str]
    palette: tuple[str, ...]
    chapters: Mapping[str, Mapping[str, Any]]

    def look(self, code: str, number: int) -> ChapterLook:
        """Of the chapter that is `number` in the book, counted from 1."""
        own = self.chapters.get(code, {})
        colour = own.get("colour") or self.palette[(number - 1) % len(self.palette)]
        return ChapterLook(
            colour, kept_by_jpeg(paled(colour)), _spoken(own["intro"], self.language) if "intro" in own else None
        )


def load_style(folder: Path, locale: str) -> PrintStyle:
    """Raises ConfigurationError where a file or a needed entry is missing."""
    language, _, region = locale.partition("_")
    book, words = _read(folder / "book.yaml"), _read(folder / "words.yaml")
    missing = [name for name in ("shop", "site", "title", "colour", "accent", "palette") if not book.get(name)]
    if missing:
        raise ConfigurationError(f"{folder / 'book.yaml'} lacks `{'`, `'.join(missing)}`; it has {known(book)}")
    texts = {name: _spoken(book.get(name, ""), language) for name in book if name not in ("palette", "chapters")}
    return PrintStyle(
        language=language,
        region=region,
        texts=texts,
        words=words.get(language) or words["en"],
        palette=tuple(book["palette"]),
        chapters=book.get("chapters") or {},
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path} is missing; a print catalogue takes its words from it") from error


def _spoken(value: Any, language: str) -> Any:
    """The value in the language, or `*`; a value that is not by language is itself."""
    if isinstance(value, dict):
        return value.get(language, value.get("*", ""))
    return value


def paled(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * TINT):02x}" for part in (red, green, blue))
