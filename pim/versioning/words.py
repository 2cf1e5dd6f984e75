"""Two texts, word by word: what stayed, went and came."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

Step = Literal["same", "old", "new"]

_WORDS = re.compile(r"<[^<>]*>|\w+|\s+|[^\w\s<]+|<")
_SENTENCES = re.compile(r"[^.!?\n]*[.!?\n]+\s*|[^.!?\n]+")
_MOST_WORDS = 2_000
"""Longer texts are compared by sentences: the time grows with the square."""


def word_changes(old: str, new: str) -> list[tuple[Step, str]]:
    """What is `same` and `old` is the old text, what is `same` and `new` the new one. Tags of HTML are words."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) > _MOST_WORDS:
        before, after = _SENTENCES.findall(old), _SENTENCES.findall(new)
    return list(_joined(_steps(before, after)))


def _steps(before: list[str], after: list[str]) -> Iterator[tuple[Step, str]]:
    for what, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            yield "same", "".join(before[start:end])
            continue
        yield "old", "".join(before[start:end])
        yield "new", "".join(after[first:last])


def _joined(steps: Iterator[tuple[Step, str]]) -> Iterator[tuple[Step, str]]:
    """A blank between two words that both changed belongs to the change."""
    waiting: list[str] = ["", ""]
    for step, text in steps:
        if step != "same":
            waiting[step == "new"] += text
        elif text.isspace() and any(waiting):
            waiting = [waiting[0] + text, waiting[1] + text]
        else:
            yield from _told(*waiting)
            waiting = ["", ""]
            yield "same", text
    yield from _told(*waiting)


def _told(old: str, new: str) -> Iterator[tuple[Step, str]]:
    if old:
        yield "old", old
    if new:
        yield "new", new
