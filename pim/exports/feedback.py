"""What comes back from those who got a feed, as an export's definition describes it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import msgspec

from pim.base.errors import Violation, known
from pim.exports.destinations import AnyDestination, HttpDestination, transport_of
from pim.exports.located_yaml import Located, YamlPath

FORMATS = ("amazon", "google", "mirakl", "csv", "json")

PARTS = ("item", "field", "code", "severity", "message", "value", "locale")
"""What a line of a report may say of an item."""

Severity = Literal["error", "warning", "info"]


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """Reports that lie where feeds are delivered: in the destination of this name, under names like `files`. One of
    `transport: http` has no names: the report is what `url` answers with, asked with its headers and token."""

    destination: str
    files: str = ""
    url: str = ""


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """`format` is how reports are read. Of `csv` and `json`, `columns` says which column (or dotted path) holds each of
    PARTS, `delimiter` what stands between cells, `list` the dotted path of the list in a JSON document. `severities`
    translates their words, `fields` the names of their fields into ours. `item` is the field of our items that they
    name items by, where that is not the product's code."""

    format: Literal["amazon", "google", "mirakl", "csv", "json"]
    columns: dict[str, str] = {}
    delimiter: str | None = None
    list: str | None = None
    severities: dict[str, Severity] = {}
    fields: dict[str, str] = {}
    item: str | None = None
    poll: Polled | None = None


def check_feedback(
    feedback: Feedback | None, fields: Collection[str], destinations: Sequence[AnyDestination], export: Located
) -> Iterator[Violation]:
    """`fields` are those that the mapping has at its top."""
    if feedback is None:
        return
    at: YamlPath = ("feedback",)
    if feedback.format in ("csv", "json") and not {"item", "message"} <= feedback.columns.keys():
        message = f"`format: {feedback.format}` needs `columns` that say where `item` and `message` are"
        yield export.violation((*at, "columns"), "required", f"{message}; known: {', '.join(PARTS)}")
    for theirs, ours in feedback.fields.items():
        if ours.partition(".")[0] not in fields:
            message = f"`{theirs}` is said to be our field `{ours}`, which the mapping does not have"
            yield export.violation((*at, "fields", theirs), "unknown_field", f"{message}; {known(fields, 60)}")
    if feedback.item is not None and feedback.item not in fields:
        message = f"`item` names no field of the mapping: `{feedback.item}`; {known(fields, 60)}"
        yield export.violation((*at, "item"), "unknown_field", message)
    if feedback.poll is not None:
        yield from _check_poll(feedback.poll, destinations, export)


def _check_poll(poll: Polled, destinations: Sequence[AnyDestination], export: Located) -> Iterator[Violation]:
    at: YamlPath = ("feedback", "poll")
    destination = next((one for one in destinations if one.name == poll.destination), None)
    if destination is None:
        message = f"there is no destination `{poll.destination}`; {known([one.name for one in destinations])}"
        yield export.violation((*at, "destination"), "unknown_destination", message)
        return
    by_url = isinstance(destination, HttpDestination)
    wanted, useless = ("url", "files") if by_url else ("files", "url")
    transport = f"`{destination.name}` is of `transport: {transport_of(destination)}`"
    if not getattr(poll, wanted):
        means = "the address that answers with the report" if by_url else "names of reports, in which `*` is anything"
        yield export.violation(at, "required", f"{transport}, so `poll` needs `{wanted}`: {means}")
    if getattr(poll, useless):
        message = f"{transport}, where `{useless}` means nothing; leave it out, `{wanted}` says where reports are"
        yield export.violation((*at, useless), "not_applicable", message)
