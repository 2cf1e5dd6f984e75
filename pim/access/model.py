"""Who may do what, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pim.base.errors import InvalidInput, Violation, known

REACHES = ("attribute_groups", "locales", "categories")


@dataclass(frozen=True, slots=True)
class Reach:
    """Codes of what a user gets at; None is everything. A category stands for all below it too."""

    attribute_groups: frozenset[str] | None = None
    locales: frozenset[str] | None = None
    categories: frozenset[str] | None = None

    @property
    def is_everything(self) -> bool:
        return self == EVERYTHING


EVERYTHING = Reach()


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signed in. What is out of `view` is not there for them; what is out of `edit` cannot be changed, and
    nobody edits what they do not see."""

    id: int
    username: str
    roles: frozenset[str]
    view: Reach = EVERYTHING
    edit: Reach = EVERYTHING


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens, in clear for the only time."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is not let in, in words for them."""

    message: str


def reach_of(stored: Mapping[str, Sequence[str]]) -> Reach:
    """From its stored form: `{"locales": ["fr_FR"]}`; what is not named is everything."""
    return Reach(**{name: frozenset(codes) for name, codes in stored.items()})


def stored_reach(limits: Sequence[str]) -> dict[str, list[str]]:
    """From the command line: `locales=fr_FR,en_GB`, any number of them. Raises InvalidInput on other words."""
    stored: dict[str, list[str]] = {}
    for limit in limits:
        name, equals, codes = limit.partition("=")
        if name not in REACHES or not equals:
            message = f"the limit `{limit}` is not `what=code,code`; write locales=fr_FR,en_GB ({known(REACHES)})"
            raise InvalidInput([Violation("limits", "unknown_limit", message)])
        stored.setdefault(name, []).extend(code for code in codes.split(",") if code)
    return stored
