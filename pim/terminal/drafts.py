"""Drafts, and what stands against merging them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pim.terminal.shown import console, new_table, shortened

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.versioning.drafts.model import MergeConflict


def print_drafts(drafts: Sequence[Mapping[str, Any]]) -> None:
    table = new_table(
        "draft", "state", "who", "reviewed by", "changed (UTC)", "starts (UTC)", "ends (UTC)", "revision>", "reason"
    )
    for one in drafts:
        changed = f"{one['updated']:%Y-%m-%d %H:%M:%S}"
        names = (one["code"], one["state"].replace("_", " "), one["author"], one["reviewer"] or "")
        times = (f"{one[name]:%Y-%m-%d %H:%M}" if one[name] else "" for name in ("starts_at", "ends_at"))
        table.add_row(*names, changed, *times, str(one["revision"] or ""), shortened(one["reason"]))
    console().print(table)


def print_draft(draft: Mapping[str, Any]) -> None:
    print_drafts([draft])
    edits = new_table("edit>", "of", "what", "from", "to")
    for one in draft["edits"]:
        what = {"+": "create", "-": "delete"}.get(one["path"])
        old, new = ("", "") if what else (shortened(one["base"], 40), shortened(one["data"], 40))
        edits.add_row(str(one["edit"]), _entity(one), what or _cell(one), old, new)
    events = new_table("when (UTC)", "who", "did", "comment")
    for one in draft["events"]:
        events.add_row(f"{one['at']:%Y-%m-%d %H:%M:%S}", one["author"], one["what"], one["comment"] or "")
    console().print("", edits, "", events)
    if draft["stays"]:
        stays = new_table("stays though the draft has ended", "why")
        for one in draft["stays"]:
            stays.add_row(one["subject"], one["message"])
        console().print("", stays)


def print_conflicts(conflicts: Sequence[MergeConflict]) -> None:
    table = new_table("edit>", "of", "what", "base", "draft", "catalogue", "why")
    for one in (asdict(conflict) for conflict in conflicts):
        what = {"+": "create", "-": "delete"}.get(one["path"])
        sides = ("", "", "") if what else (shortened(one[side], 30) for side in ("base", "ours", "theirs"))
        table.add_row(str(one["edit"]), _entity(one), what or _cell(one), *sides, shortened(one["message"], 120))
    console().print(table)


def _entity(row: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (row["kind"], row["owner"], row["code"])))


def _cell(row: Mapping[str, Any]) -> str:
    place = ", ".join(filter(None, (row["locale"], row["scope"])))
    return f"{row['attribute'] or row['path']}{f' ({place})' if place else ''}"
