"""Exports that extend another one: what is theirs is laid over what they inherit, and the result is whole in itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pim.base.errors import InvalidInput, Violation, known
from pim.exports.item_schema import fields_of, root_node
from pim.exports.located_yaml import Located, YamlPath, read_yaml
from pim.exports.model import GRAIN_ROOT, specification

EXPORT_FILE = "export.yaml"
MAPPING_FILE = "mapping.yaml"
EXTENDS = "extends"
LIKE = "like"
"""In a mapping: what the inherited field of that name is."""

ITS_OWN = ("labels", "schedule", "destinations", "feedback", "token")
"""Nobody delivers to another's destination: these keys are never inherited."""

Merges = Callable[[YamlPath], bool]
"""Whether the object at a path is laid over the inherited one key by key; else it takes its place whole."""


def read_file(folder: Path, name: str) -> tuple[Located, list[Violation]]:
    """One YAML file of an export's folder, and what is wrong with its YAML."""
    shown, path = f"{folder.name}/{name}", folder / name
    if not path.is_file():
        return Located(shown, None), [Violation("", "missing_file", f"{shown}: the file is missing")]
    try:
        return read_yaml(shown, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        return Located(shown, None), [Violation("", "encoding", f"{shown}: not UTF-8 (byte {error.start})")]


def extended_folders(folder: Path) -> list[Path]:
    """The export's folder, then that of the export it extends, and so on. Raises InvalidInput when one of them is not
    there, or when they go round in a circle."""
    folders = [folder]
    while True:
        export, _ = read_file(folders[-1], EXPORT_FILE)
        name = export.data.get(EXTENDS) if isinstance(export.data, dict) else None
        if not isinstance(name, str):
            return folders
        base = folder.parent / name
        if base in folders:
            circle = " → ".join([each.name for each in folders[folders.index(base) :]] + [name])
            raise InvalidInput([export.violation((EXTENDS,), "loop", f"exports extend each other: {circle}")])
        if not (base / EXPORT_FILE).is_file():
            others = [path.parent.name for path in folder.parent.glob(f"*/{EXPORT_FILE}") if path.parent != folder]
            message = f"export `{name}` is not there; {known(others)}"
            raise InvalidInput([export.violation((EXTENDS,), "unknown_export", message)])
        folders.append(base)


def read_inherited(folders: list[Path]) -> tuple[Located, Located, list[Violation]]:
    """export.yaml and mapping.yaml of the first of these folders, laid over those of the others in their order."""
    violations: list[Violation] = []
    whole: list[Located] = []
    for name, laid_over in ((EXPORT_FILE, _export_over), (MAPPING_FILE, _mapping_over)):
        found: Located | None = None
        for folder in reversed(folders):
            own, wrong = read_file(folder, name)
            violations += wrong
            found = own if found is None or wrong else laid_over(own, found, violations)
        assert found is not None  # the export itself is one of them
        whole.append(found)
    return whole[0], whole[1], violations


def without_unknown_fields(mapping: Located, grain: str, item_schema: dict[str, Any]) -> Located:
    """The mapping without those inherited fields that the item schema does not have. One's own stay: mistakes."""
    top: YamlPath = ("item",) if grain == GRAIN_ROOT else ()
    allowed = fields_of(root_node(item_schema))
    fields = mapping.data["item"] if top else mapping.data
    if allowed is None:
        return mapping
    kept = {name: field for name, field in fields.items() if name in allowed or (*top, name) not in mapping.elsewhere}
    data = {**mapping.data, "item": kept} if top else kept
    return Located(mapping.file, data, mapping.lines, mapping.elsewhere)


def _of_export(path: YamlPath) -> bool:
    return len(path) < (3 if path[:1] == ("locale_constants",) else 2)


def _of_products(path: YamlPath) -> bool:
    """A field is one's own or inherited, never half of each."""
    return path == ()


def _of_roots(path: YamlPath) -> bool:
    """Fields are below `item` and below each of `variants`."""
    return path in ((), ("item",), ("variants",)) or (len(path) == 2 and path[0] == "variants")


def _is_root(mapping: Any) -> bool:
    return isinstance(mapping, dict) and {"item"} <= mapping.keys() <= {"item", "variants"}


def _export_over(own: Located, base: Located, violations: list[Violation]) -> Located:
    inherited = base.data
    if isinstance(inherited, dict):
        inherited = {key: value for key, value in inherited.items() if key not in ITS_OWN}
    return _over(_Overlay(own, _of_export, violations), inherited, base)


def _mapping_over(own: Located, base: Located, violations: list[Violation]) -> Located:
    """Of products over products or roots over roots; over products, roots take only what some `like` names."""
    inherited, overlay = base.data, _Overlay(own, _of_products, violations, fields=True)
    if _is_root(base.data):
        overlay.merges = _of_roots
    elif _is_root(own.data):
        overlay.merges, overlay.by_name_only = _of_roots, True
        inherited = {"item": inherited, "variants": dict.fromkeys(own.data.get("variants") or {}, inherited)}
    return _over(overlay, inherited, base)


def _over(overlay: "_Overlay", inherited: Any, base: Located) -> Located:
    own = overlay.own
    data = overlay.merged(own.data, inherited, ())
    lines, elsewhere = {**own.lines}, {}
    for path, line in base.lines.items():
        if path not in lines and not any(path[:length] in overlay.replaced for length in range(len(path) + 1)):
            lines[path] = line
            elsewhere[path] = base.elsewhere.get(path, base.file)
    return Located(own.file, data, lines, elsewhere)


@dataclass
class _Overlay:
    """Lays one file over what it inherits; `replaced` are the paths where its own took the place of another whole.
    `fields`: it is fields that are laid over, and `like` means something in them. `by_name_only`: nothing comes by
    itself, only what some `like` names."""

    own: Located
    merges: Merges
    violations: list[Violation]
    fields: bool = False
    replaced: set[YamlPath] = field(default_factory=set)
    by_name_only: bool = False

    def merged(self, own: Any, base: Any, path: YamlPath) -> Any:
        """`null` takes away what would be inherited."""
        if own is None and not path:
            return base  # an empty file adds nothing
        if not (isinstance(own, dict) and isinstance(base, dict) and self.merges(path)):
            self.replaced.add(path)
            return own
        inherited = {} if self.by_name_only else base
        whole = {key: value for key, value in inherited.items() if own.get(key, value) is not None}
        for key, value in own.items():
            at = (*path, key)
            if value is None:
                self._check_taken_away(key, base, at)
            elif key in base and self.merges(at):
                whole[key] = self.merged(value, base[key], at)
            else:
                self.replaced.add(at)
                whole[key] = self._named(value, base, at) if self.fields else value
        return whole

    def _check_taken_away(self, key: str, base: dict[str, Any], at: YamlPath) -> None:
        if key not in base:
            message = f"`{key}: null` takes away what is not inherited; {known(base, 60)}"
            self.violations.append(self.own.violation(at, "nothing_inherited", message))

    def _named(self, spec: Any, base: dict[str, Any], at: YamlPath) -> Any:
        """The specification with every `like` in it, however deep, put in place."""
        if not isinstance(spec, dict):
            return spec
        if isinstance(spec.get(LIKE), str):
            return self._like(spec, base, at)
        made = dict(spec)
        for key, inner in spec.items():
            if key in ("fields", "with", "for_each") and isinstance(inner, dict):
                made[key] = {name: self._named(one, base, (*at, key, name)) for name, one in inner.items()}
            elif key in ("each", "first_of") and isinstance(inner, list):
                made[key] = [self._named(one, base, (*at, key, i)) for i, one in enumerate(inner)]
            elif key in ("variants", "across_locales"):
                made[key] = self._named(inner, base, (*at, key))
        return made

    def _like(self, own: dict[str, Any], base: dict[str, Any], at: YamlPath) -> Any:
        """The inherited field that is named, with the other keys laid over its own."""
        name, changes = own[LIKE], {key: value for key, value in own.items() if key != LIKE}
        if name not in base:
            message = f"`{LIKE}` names no inherited field: `{name}`; {known(base, 60)}"
            self.violations.append(self.own.violation((*at, LIKE), "nothing_inherited", message))
            return changes
        laid = {**specification(base[name]), **changes}
        return {key: value for key, value in laid.items() if value is not None}
