"""For which locale and channel a condition is meant: said beside it, taken from the search's defaults, or wrong."""

from collections.abc import Mapping
from typing import Any

from pim.base.errors import known, shown
from pim.catalog.filter_grammar import Asked, Unfit
from pim.catalog.model import Attribute

Place = tuple[str | None, str | None]
"""(locale, scope)"""


def filter_place(kind: str, written: Mapping[str, Any], asked: Asked) -> Place:
    """Raises Unfit for a place that is missing, that does not exist, or where the attribute has no values."""
    if kind == "completeness":
        return _completeness_place(written, asked)
    locale = _known_locale(written.get("locale"), asked)
    scope = _known_scope(written.get("scope"), asked)
    if asked.attribute is None:
        return None, None
    return _attribute_place(asked.attribute, locale, scope, asked)


def _attribute_place(attribute: Attribute, locale: str | None, scope: str | None, asked: Asked) -> Place:
    locale = _varying(attribute.localizable, "locale", locale, asked.locale)
    scope = _varying(attribute.scopable, "scope", scope, asked.scope)
    if (locale, scope) not in asked.structure.places(attribute):
        locales = known({place[0] for place in asked.structure.places(attribute) if place[0] and place[1] == scope})
        where = f" in channel `{scope}`" if scope else ""
        raise Unfit(f"the attribute has no values for locale `{locale}`{where}; {locales}")
    return locale, scope


def _varying(varies: bool, what: str, said: str | None, default: str | None) -> str | None:
    if varies and said is None and default is None:
        raise Unfit(f'the attribute varies by {what}; add "{what}" to the condition, or search_{what} to the query')
    if not varies and said is not None:
        raise Unfit(f"the attribute does not vary by {what}; leave out `{said}`")
    return (said or default) if varies else None


def _completeness_place(written: Mapping[str, Any], asked: Asked) -> Place:
    scope = _known_scope(written.get("scope"), asked) or asked.scope
    if scope is None:
        raise Unfit(f'completeness is of a channel; add "scope"; {known(asked.structure.channels)}')
    return _known_locale(written.get("locale"), asked) or asked.locale, scope


def completeness_locales(operator: str, place: Place, written: Mapping[str, Any], asked: Asked) -> tuple[str, ...]:
    """The locales of which one has to fit, or all with an operator for all: those named, else the channel's."""
    spoken = asked.structure.channels[place[1] or ""].locales
    named = [place[0]] if place[0] else spoken
    if operator.endswith("ON ALL LOCALES"):
        named = written.get("locales", spoken)
    if not isinstance(named, list) or not named or not all(isinstance(one, str) and one in spoken for one in named):
        raise Unfit(f"channel `{place[1]}` does not speak {shown(named)}; {known(spoken)}")
    return tuple(named)


def _known_locale(locale: Any, asked: Asked) -> str | None:
    if locale is not None and (not isinstance(locale, str) or locale not in asked.structure.active_locales):
        raise Unfit(f"locale {shown(locale)} is not active; {known(asked.structure.active_locales)}")
    return locale


def _known_scope(scope: Any, asked: Asked) -> str | None:
    if scope is not None and (not isinstance(scope, str) or scope not in asked.structure.channels):
        raise Unfit(f"channel {shown(scope)} does not exist; {known(asked.structure.channels)}")
    return scope
