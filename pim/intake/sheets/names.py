"""Codes that people write as labels: options, families, categories."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pim.catalog.model import Structured
from pim.catalog.structure import Structure
from pim.intake.sheets.folding import folded

BETWEEN = " > "
"""Between the labels of a category's path, root first."""


class Ambiguous(ValueError):
    """A label that several things have; `codes` are theirs."""

    def __init__(self, label: str, codes: Iterable[str]) -> None:
        self.codes = sorted(codes)
        super().__init__(f"label `{label}` is that of several: {', '.join(self.codes)}; write the code")


@dataclass(frozen=True, slots=True)
class Names:
    """What one kind of thing may be called, in one locale or (without labels) by code alone."""

    codes: frozenset[str]
    by_label: dict[str, tuple[str, ...]]
    labels: dict[str, str]

    def code_of(self, text: str) -> str:
        """A code means itself; then comes the label. Unknown texts are returned, for the rules to name them. Raises
        Ambiguous."""
        if text in self.codes:
            return text
        found = self.by_label.get(folded(text), ())
        if len(found) > 1:
            raise Ambiguous(text, found)
        return found[0] if found else text

    def knows(self, text: str) -> bool:
        return text in self.codes or folded(text) in self.by_label

    def written(self, code: str) -> str:
        """The label where it leads back to this code, else the code."""
        label = self.labels.get(code, "")
        alone = label not in self.codes and self.by_label.get(folded(label)) == (code,)
        return label if alone and label == label.strip() else code


def option_names(attribute: str, locale: str | None, structure: Structure) -> Names:
    options = structure.options.get(attribute, {})
    return _names(options, _labelled(options.values(), locale))


def family_names(locale: str | None, structure: Structure) -> Names:
    return _names(structure.families, _labelled(structure.families.values(), locale))


def category_names(locale: str | None, structure: Structure) -> Names:
    """A category is also known by the labels of its path: `Outdoor > Tents`, where `Tents` are several."""
    if locale is None:
        return _names(structure.categories, ())
    paths = (
        (code, BETWEEN.join(category.label(locale) for category in structure.category_path(code)))
        for code in structure.categories
    )
    return _names(structure.categories, [*_labelled(structure.categories.values(), locale), *paths])


def _labelled(things: Iterable[Structured], locale: str | None) -> Iterator[tuple[str, str]]:
    if locale is not None:
        yield from ((thing.code, label) for thing in things if (label := thing.labels.get(locale)))


def _names(codes: Iterable[str], labelled: Iterable[tuple[str, str]]) -> Names:
    by_label: dict[str, set[str]] = {}
    labels: dict[str, str] = {}
    for code, label in labelled:
        by_label.setdefault(folded(label), set()).add(code)
        labels.setdefault(code, label)
    return Names(frozenset(codes), {label: tuple(sorted(found)) for label, found in by_label.items()}, labels)
