"""Doing something to the catalogue to see what comes of it, and taking it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """What is written inside is undone at the end, and its locks are let go."""
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        if savepoint.is_active:
            savepoint.rollback()
