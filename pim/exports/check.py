"""What the grammar cannot say about a definition: do the names in it mean something, do its files exist and parse."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jinja2

from pim.base.errors import Violation, known
from pim.exports.destination_check import check_destinations
from pim.exports.feedback import check_feedback
from pim.exports.file_names import PLACEHOLDER
from pim.exports.grammar import facts
from pim.exports.item_schema import Node, entries_of, field_of, fields_of, root_node
from pim.exports.located_yaml import Located, YamlPath
from pim.exports.model import GRAIN_ROOT, ExportDefinition, names_of, specification
from pim.exports.schedule import check_schedule, is_zone
from pim.exports.template import compile_template, undeclared_names

CONTEXT_NAMES = ("locale", "language", "country", "hreflang", "currency", "scope", "public_url")
"""What templates and `{name}` in prefixes may use beside the constants."""
TAKEN_NAMES = ("changes", "manifest.json")
"""Below the address of an export's feeds."""
NAMES_UNDER = ("from", "locale_of")
GROUPS_OF_NAMES = ("unit_price", "percent_off", "period", "within", "details")


def check_definition(definition: ExportDefinition, export: Located, mapping: Located) -> list[Violation]:
    """Every violation of a definition that already follows the grammar, in the order of the files."""
    walk = _Walk(definition, mapping)
    schema = root_node(definition.item_schema)
    if definition.grain == GRAIN_ROOT:
        found = list(walk.fields(definition.mapping["item"], ("item",), schema))
        for name, fields in definition.mapping.get("variants", {}).items():
            found += walk.fields(fields, ("variants", name), None, inside_variants=True)
    else:
        found = list(walk.fields(definition.mapping, (), schema))
    return [*_check_export(definition, export), *check_destinations(definition, export), *found]


def constant_names(definition: ExportDefinition) -> set[str]:
    special = definition.locale_constants.values()
    return {*definition.constants, *(name for constants in special for name in constants)}


def _check_export(definition: ExportDefinition, export: Located) -> Iterator[Violation]:
    for locale, chain in definition.fallbacks.items():
        if locale in chain or len(set(chain)) < len(chain):
            message = f"the locales {locale} falls back to come round again: {locale}, {', '.join(chain)}"
            yield export.violation(("fallbacks", locale), "loop", message)
    for name in names_in_conditions(definition.assortment.where):
        if name.startswith("$") and name not in facts():
            message = f"unknown `{name}`; {known(facts(), 60)}"
            yield export.violation(("assortment", "where"), "unknown_fact", message)
    yield from check_schedule(definition.schedule, export)
    if not is_zone(definition.timezone):
        message = f"unknown time zone `{definition.timezone}`; use an IANA name like Europe/Paris"
        yield export.violation(("timezone",), "unknown_timezone", message)
    top = definition.mapping["item"] if definition.grain == GRAIN_ROOT else definition.mapping
    yield from check_feedback(definition.feedback, top, definition.destinations, export)
    names = [file.name for file in definition.files]
    for at, file in enumerate(definition.files):
        if file.part is not None and file.part not in top:
            message = f"`part` names no field of the mapping: `{file.part}`; {known(top)}"
            yield export.violation(("files", at, "part"), "unknown_field", message)
        if file.name in TAKEN_NAMES:
            yield export.violation(
                ("files", at, "name"), "taken", f"`{file.name}` is an address of its own; choose another"
            )
        if names.index(file.name) != at:
            yield export.violation(("files", at), "duplicate", f"two files are called `{file.name}`")
        for name in PLACEHOLDER.findall(file.name):
            if name != "locale":
                message = f"`{{{name}}}` in a file's name is unknown; known: locale"
                yield export.violation(("files", at, "name"), "unknown_name", message)


@dataclass
class _Walk:
    """Goes through a mapping beside the item schema it fills."""

    definition: ExportDefinition
    mapping: Located

    def fields(
        self, fields: dict[str, Any], path: YamlPath, node: Node | None, inside_variants: bool = False
    ) -> Iterator[Violation]:
        allowed = fields_of(node)
        for name, field in fields.items():
            at = (*path, name)
            if allowed is not None and name not in allowed:
                message = f"field `{name}` is not in item schema {self.definition.schema}; {known(allowed, 60)}"
                yield self.mapping.violation(at, "unknown_field", message)
            yield from self.field(field, at, field_of(node, name), inside_variants)

    def field(self, field: Any, path: YamlPath, node: Node | None, inside: bool) -> Iterator[Violation]:
        spec = specification(field)
        yield from self._names(spec, path)
        yield from self._lookup(spec, path)
        yield from self._template(spec, path, inside)
        yield from self._steps(spec, path)
        yield from self._nested(spec, path, node, inside)

    def _nested(self, spec: dict[str, Any], path: YamlPath, node: Node | None, inside: bool) -> Iterator[Violation]:
        whole = None if "then" in spec else node
        if "fields" in spec:
            yield from self.fields(spec["fields"], (*path, "fields"), whole, inside)
        for name in spec.get("requires", ()):
            if name not in spec.get("fields", {}):
                message = f"`requires` names no field of this object: `{name}`; {known(spec.get('fields', {}), 60)}"
                yield self.mapping.violation((*path, "requires"), "unknown_field", message)
        for key, inner in (("each", entries_of(whole)), ("first_of", whole)):
            for i, entry in enumerate(spec.get(key, ())):
                yield from self.field(entry, (*path, key, i), inner, inside)
        if "for_each" in spec:
            yield from self.field(spec["for_each"]["list"], (*path, "for_each", "list"), None, inside)
            yield from self.field(spec["for_each"]["give"], (*path, "for_each", "give"), entries_of(whole), inside)
        if "across_locales" in spec:
            yield from self.field(spec["across_locales"], (*path, "across_locales"), None, inside)
        if "variants" in spec:
            yield from self._variants(spec["variants"], (*path, "variants"), entries_of(whole), inside)

    def _variants(self, field: Any, path: YamlPath, node: Node | None, inside: bool) -> Iterator[Violation]:
        if self.definition.grain != GRAIN_ROOT or inside:
            why = "a variant has no variants" if inside else "only `grain: root` has variants"
            yield self.mapping.violation(path, "variants", f"`variants` cannot stand here: {why}")
            return
        named = self.definition.mapping.get("variants", {})
        if not isinstance(field, str):
            yield from self.field(field, path, node, inside=True)
        elif field not in named:
            message = f"unknown mapping of variants `{field}`; {known(named)}"
            yield self.mapping.violation(path, "unknown_variants", message)
        else:
            missing = self.fields(named[field], ("variants", field), node, inside_variants=True)
            yield from (violation for violation in missing if violation.code == "unknown_field" and node is not None)

    def _names(self, spec: dict[str, Any], path: YamlPath) -> Iterator[Violation]:
        for at, name in names_in(spec):
            base, _, rest = name.partition(".")
            if not name.startswith("$"):
                if rest and at in ("details", "locale_of"):
                    message = f"`{name}` is of a record or an asset; `{at}` takes attributes of products"
                    yield self.mapping.violation((*path, at), "linked", message)
                continue
            if base in ("$entry", "$position") and "for_each" not in path:
                message = f"`{name}` means something only below `for_each`"
                yield self.mapping.violation((*path, at), "entry", message)
            if base not in facts() or (rest and base not in ("$constants", "$associations", "$entry", "$columns")):
                yield self.mapping.violation((*path, at), "unknown_fact", f"unknown `{name}`; {known(facts(), 60)}")
            elif base == "$constants" and rest not in constant_names(self.definition):
                message = f"unknown constant `{rest}`; {known(constant_names(self.definition), 60)}"
                yield self.mapping.violation((*path, at), "unknown_constant", message)

    def _lookup(self, spec: dict[str, Any], path: YamlPath) -> Iterator[Violation]:
        name = spec.get("map")
        if isinstance(name, str) and name not in self.definition.lookups:
            message = f"lookup file `{name}` is not in the folder; {known(self.definition.lookups)}"
            yield self.mapping.violation((*path, "map"), "missing_file", message)

    def _template(self, spec: dict[str, Any], path: YamlPath, inside: bool) -> Iterator[Violation]:
        if "with" in spec:
            if "template" not in spec and "template_file" not in spec:
                message = "`with` gives names to a template, and there is no template"
                yield self.mapping.violation((*path, "with"), "no_template", message)
            yield from self.fields(spec["with"], (*path, "with"), None, inside)
        file = spec.get("template_file")
        if file is not None and file not in self.definition.templates:
            message = f"template `{file}` is not in the folder; {known(self.definition.templates)}"
            yield self.mapping.violation((*path, "template_file"), "missing_file", message)
        elif file is not None or "template" in spec:
            source = spec["template"] if file is None else self.definition.templates[file]
            yield from self._source(source, file, spec.get("with", {}), path)

    def _source(self, source: str, file: str | None, names: dict[str, Any], path: YamlPath) -> Iterator[Violation]:
        at = (*path, "template" if file is None else "template_file")
        try:
            compile_template(source, file or "template")
            missing = undeclared_names(source) - {*names, *constant_names(self.definition), *CONTEXT_NAMES}
        except jinja2.TemplateSyntaxError as error:
            where = f"{file}:{error.lineno}" if file else f"line {error.lineno} of the template"
            yield self.mapping.violation(at, "template", f"{where}: {error.message}")
            return
        allowed = {*names, *constant_names(self.definition), *CONTEXT_NAMES}
        for name in sorted(missing):
            message = f"the template uses `{name}`, which `with` does not give; {known(allowed, 60)}"
            yield self.mapping.violation(at, "unknown_name", message)

    def _steps(self, spec: dict[str, Any], path: YamlPath) -> Iterator[Violation]:
        for i, step in enumerate(spec.get("then", ())):
            at = (*path, "then", i)
            if step == "label" and (i > 0 or "from" not in spec or "map" in spec):
                message = "`label` must be the first transform after `from`, where the codes still are codes"
                yield self.mapping.violation(at, "label", message)
            text = next(iter(step.values())) if isinstance(step, dict) else None
            if not isinstance(text, str) or next(iter(step)) not in ("prefix", "suffix", "absolute_url"):
                continue
            allowed = {*constant_names(self.definition), *CONTEXT_NAMES}
            for name in PLACEHOLDER.findall(text):
                if name not in allowed:
                    yield self.mapping.violation(at, "unknown_name", f"unknown `{{{name}}}`; {known(allowed, 60)}")


def names_in(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(key of the specification, attribute or fact) for everything it reads itself, nested fields left out."""
    for key in NAMES_UNDER:
        for name in names_of(spec.get(key, ())):
            yield key, name
    for key in GROUPS_OF_NAMES:
        for part, names in spec.get(key, {}).items():
            if part not in ("keys", "base", "except"):
                for name in names_of(names):
                    yield key, name
    yield from (("when", name) for name in names_in_conditions(spec.get("when", {})))


def names_in_conditions(conditions: dict[str, Any]) -> Iterator[str]:
    for source, condition in conditions.items():
        yield from source.split("|")
        if isinstance(condition, dict) and "below" in condition:
            yield from condition["below"].split("|")
