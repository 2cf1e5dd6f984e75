"""What a mapping is about: one product or product model, while it is mapped."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pim.catalog.model import Document, Resolved, Root


class Subject:
    """One product or product model being mapped. `changes` collects the instants at which the outcome will differ;
    the variants of a root share theirs with it. `entry` and `position` are those of the `for_each` at
    work. `axes` are filled in by the first who asks."""

    __slots__ = ("_variants", "axes", "changes", "document", "entry", "position", "resolved", "root", "values")

    def __init__(self, resolved: Resolved, root: Root | None = None, changes: list[datetime] | None = None) -> None:
        self.resolved = resolved
        self.document: Document = resolved.document
        self.values: dict[str, Any] = resolved.document["values"]
        self.root = root
        self.changes: list[datetime] = [] if changes is None else changes
        self.axes: list[str] | None = None
        self.entry: Any = None
        self.position = 0
        self._variants: list[Subject] | None = None

    @property
    def variants(self) -> "list[Subject]":
        if self._variants is None:
            products = self.root.products if self.root else ()
            self._variants = [Subject(product, None, self.changes) for product in products]
        return self._variants


Getter = Callable[[Subject], Any]
"""Answers None for nothing: no value, empty text, empty list."""
