"""What a reader of products asks to see of them: the channel, the locales, the attributes, and what is added."""

from collections.abc import Mapping
from dataclasses import dataclass

from pim.api.paging import is_true
from pim.base.errors import InvalidInput, Violation, known
from pim.catalog.model import Channel
from pim.catalog.structure import Structure


@dataclass(frozen=True, slots=True)
class Reading:
    """None is everything."""

    channel: Channel | None = None
    locales: frozenset[str] | None = None
    attributes: frozenset[str] | None = None
    with_completenesses: bool = False
    with_attribute_options: bool = False
    convert_measurements: bool = False
    with_quality_scores: bool = False


def asked_reading(parameters: Mapping[str, str], structure: Structure) -> Reading:
    """Raises InvalidInput naming every unknown channel, locale and attribute."""
    problems: list[Violation] = []
    channel = None
    if scope := parameters.get("scope"):
        channel = structure.channels.get(scope)
        _check_known("scope", [scope], structure.channels, problems)
    locales = _codes(parameters, "locales", structure.locales, problems)
    if channel is not None:
        _check_spoken(channel, locales, problems)
        locales = frozenset(channel.locales) if locales is None else locales
    attributes = _codes(parameters, "attributes", structure.attributes, problems)
    flags = [
        is_true(parameters, name, problems)
        for name in ("with_completenesses", "with_attribute_options", "convert_measurements", "with_quality_scores")
    ]
    if flags[2] and "scope" not in parameters:
        message = "`convert_measurements` needs `scope`: units are chosen by channel"
        problems.append(Violation("convert_measurements", "scope_needed", message))
    if problems:
        raise InvalidInput(problems)
    return Reading(channel, locales, attributes, *flags)


def _codes(
    parameters: Mapping[str, str], name: str, there: Mapping[str, object], problems: list[Violation]
) -> frozenset[str] | None:
    written = parameters.get(name)
    if not written:
        return None
    codes = [code.strip() for code in written.split(",") if code.strip()]
    _check_known(name, codes, there, problems)
    return frozenset(codes)


def _check_known(name: str, codes: list[str], there: Mapping[str, object], problems: list[Violation]) -> None:
    what = {"scope": "Channel", "locales": "Locale", "attributes": "Attribute"}[name]
    problems += [
        Violation(name, "unknown", f"{what} `{code}` does not exist; {known(there)}")
        for code in codes
        if code not in there
    ]


def _check_spoken(channel: Channel, locales: frozenset[str] | None, problems: list[Violation]) -> None:
    for locale in sorted((locales or frozenset()) - set(channel.locales)):
        message = f"Channel `{channel.code}` does not have the locale `{locale}`; {known(channel.locales)}"
        problems.append(Violation("locales", "not_in_channel", message))
