"""The closest entries of a channel's product taxonomy for categories of the catalogue, by the words of their names.

A category and an entry are as close as the cosine of the words of their names, each weighed by how few entries use it,
and a little as that of what stands above them. Where both have names in several languages, the closest counts.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pim.base.errors import InvalidInput, Violation
from pim.catalog.structure import Structure
from pim.search.analysis import language_of, words

VERSION = re.compile(r"#\s*Google_Product_Taxonomy_Version:\s*(\S+)")
LINE = re.compile(r"(\d+) - (.+)")
LOCALE_IN_NAME = re.compile(r"(?<![A-Za-z])([a-z]{2})[-_][A-Z]{2}(?![A-Za-z])")

NAME, ABOVE = 0.75, 0.25
"""What the name counts, and what stands above it."""
SURE, AHEAD = 0.75, 0.06
"""A suggestion is sure when it is this close, and this much closer than the next."""

Vector = dict[str, float]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Of one language, as its file gives it: paths from the top by id."""

    language: str
    version: str
    paths: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Closest:
    id: str
    path: str
    closeness: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`closest` first; none where no word is shared."""

    category: str
    label: str
    closest: Sequence[Closest]

    @property
    def sure(self) -> bool:
        if not self.closest or self.closest[0].closeness < SURE:
            return False
        return len(self.closest) == 1 or self.closest[0].closeness - self.closest[1].closeness >= AHEAD


def read_taxonomy(name: str, text: str) -> Taxonomy:
    """A file as Google publishes it (`taxonomy-with-ids.fr-FR.txt`): lines `ID - Path > Path` below the version. Raises
    InvalidInput naming the line."""
    found = LOCALE_IN_NAME.search(name)
    if found is None:
        message = f"`{name}` does not say its language; call it as Google does: taxonomy-with-ids.fr-FR.txt"
        raise InvalidInput([Violation("taxonomy", "language", message)])
    version, paths = "", {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            head = VERSION.match(line)
            version = head.group(1) if head else version
            continue
        entry = LINE.fullmatch(line.strip())
        if entry is None:
            message = f"{name}:{number}: `{line[:60]}` is no line of a taxonomy; expected `ID - Path > Path`"
            raise InvalidInput([Violation("taxonomy", "line", message)])
        paths[entry.group(1)] = tuple(part.strip() for part in entry.group(2).split(" > "))
    if not paths:
        raise InvalidInput([Violation("taxonomy", "empty", f"{name}: there is no entry in it")])
    return Taxonomy(found.group(1), version, paths)


def categories_of(structure: Structure, tree: str) -> list[str]:
    """Those below the root of the tree, each followed by what is below it."""
    below: list[str] = []
    pending = list(reversed(structure.children.get(tree, [])))
    while pending:
        below.append(pending.pop())
        pending += reversed(structure.children.get(below[-1], []))
    return below


def suggest(
    structure: Structure, categories: Sequence[str], taxonomies: Sequence[Taxonomy], most: int = 3
) -> Iterator[Suggestion]:
    """For each of the categories the closest entries, those of the newest taxonomy only: ids do not come back."""
    newest = max(taxonomies, key=lambda taxonomy: taxonomy.version)
    indexes = [_Index(taxonomy) for taxonomy in taxonomies]
    for code in categories:
        paths = _names_of(structure, code)
        best: dict[str, float] = defaultdict(float)
        for index in indexes:
            if index.taxonomy.language in paths:
                for id, close in index.closeness(paths[index.taxonomy.language]).items():
                    best[id] = max(best[id], close)
        ranked = sorted(((close, id) for id, close in best.items() if id in newest.paths), key=_best_first)
        closest = [Closest(id, " > ".join(newest.paths[id]), round(close, 3)) for close, id in ranked[:most]]
        yield Suggestion(code, _label(paths, code), closest)


def _best_first(ranked: tuple[float, str]) -> tuple[float, int]:
    return -ranked[0], int(ranked[1])


class _Index:
    """The entries of one taxonomy by the words of their names, and of what stands above them."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        used = Counter(token for path in taxonomy.paths.values() for token in self._tokens(path))
        self._rarity = {token: math.log(1 + len(taxonomy.paths) / count) for token, count in used.items()}
        self._rarest = math.log(1 + len(taxonomy.paths))
        self._names = self._inverted(slice(-1, None))
        self._above = self._inverted(slice(None, -1))

    def closeness(self, path: Path) -> Vector:
        """Of every entry that shares a word of its name with the path's, from 0 to 1."""
        names = self._shared(self._names, path[-1:])
        above = self._shared(self._above, path[:-1])
        return {id: NAME * close + ABOVE * above.get(id, 0.0) for id, close in names.items()}

    def _inverted(self, part: slice) -> dict[str, list[tuple[str, float]]]:
        by_token: dict[str, list[tuple[str, float]]] = {}
        for id, path in self.taxonomy.paths.items():
            for token, weight in self._vector(path[part]).items():
                by_token.setdefault(token, []).append((id, weight))
        return by_token

    def _shared(self, by_token: dict[str, list[tuple[str, float]]], path: Path) -> Vector:
        found: dict[str, float] = defaultdict(float)
        for token, weight in self._vector(path).items():
            for id, other in by_token.get(token, ()):
                found[id] += weight * other
        return found

    def _vector(self, path: Path) -> Vector:
        """Of length one. A word that no entry uses is as rare as can be."""
        weighed = {token: self._rarity.get(token, self._rarest) for token in self._tokens(path)}
        length = math.sqrt(sum(weight * weight for weight in weighed.values()))
        return {token: weight / length for token, weight in weighed.items()}

    def _tokens(self, path: Path) -> set[str]:
        return {token for name in path for word in words(name, self.taxonomy.language) for token in word.tokens[:1]}


def _names_of(structure: Structure, code: str) -> dict[str, Path]:
    """The labels from below the tree's root down to the category, by language."""
    line = []
    at: str | None = code
    while at is not None and structure.categories[at].parent is not None:
        line.append(structure.categories[at].labels)
        at = structure.categories[at].parent
    languages = {language_of(locale): locale for labels in line for locale in labels}
    return {
        language: tuple(labels[locale] for labels in reversed(line) if labels.get(locale))
        for language, locale in languages.items()
        if line and line[0].get(locale)
    }


def _label(paths: Mapping[str, Path], code: str) -> str:
    return paths.get("en", next(iter(paths.values()), (code,)))[-1]
