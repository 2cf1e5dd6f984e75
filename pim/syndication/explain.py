"""Lineage of an item: for every cell where it comes from, what was made of it, and what the item schema says."""

from typing import Any

import msgspec
from sqlmodel import Session

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.base.settings import Settings
from pim.catalog.model import PRODUCT_MODEL, Attribute, Entity, Resolved, Root
from pim.exports.load import definition_digest, load_definition
from pim.exports.model import GRAIN_ROOT, ExportDefinition
from pim.syndication import store
from pim.syndication.compiled_export import LocaleMapping, compile_export
from pim.syndication.model import FieldViolation
from pim.syndication.outcome import Outcome
from pim.syndication.run_facts import facts_of
from pim.syndication.subject import Subject
from pim.syndication.trace import Trace, Written, trace_field
from pim.versioning.history import history, value_history
from pim.versioning.model import CREATED
from pim.versioning.snapshot import Snapshot, open_snapshot

ACCEPTED, REJECTED, LEFT_OUT = "accepted", "rejected", "left_out"


class LocaleExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict`: accepted, rejected (by the item schema, with its `violations`), or left_out of the assortment (`why`
    says by which rule, product by product)."""

    locale: str
    verdict: str
    why: dict[str, str]
    violations: list[FieldViolation]
    fields: dict[str, Trace]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One item as of one revision. `publication` is the current one when it shows that revision, made by the very
    definition there is now when `same_definition`."""

    export: str
    item: str
    kind: str
    root: str
    revision: int
    publication: int | None
    same_definition: bool
    locales: list[LocaleExplanation]


def explain(
    session: Session,
    settings: Settings,
    export: str,
    code: str,
    field: str | None = None,
    locale: str | None = None,
    as_of: int | None = None,
) -> Explanation:
    """Of the item that shows the product (or model) `code`, as of the current publication's revision, or that of
    `as_of`, or now when nothing is published. `field` is a dotted path.

    `session` must be in a REPEATABLE READ transaction that has read nothing yet. Raises NotFound for a product, locale
    or field that is not there.
    """
    definition = load_definition(settings.exports_folder / export)
    current = store.current_publication(session, export)
    snapshot = open_snapshot(session, as_of if as_of is not None else current.revision if current else None)
    compiled = compile_export(definition, snapshot, facts_of(snapshot), settings)
    if locale is not None and locale not in compiled.locales:
        raise NotFound(f"export `{export}` has no locale `{locale}`; {known(compiled.locales)}")
    root, shown = _item_of(snapshot, definition, code)
    outcome = next(one for one in compiled.outcomes(root) if one.key == shown.code)
    digest = definition_digest(settings.exports_folder / export)
    return Explanation(
        export=export,
        item=outcome.key,
        kind=outcome.kind,
        root=root.key,
        revision=snapshot.revision,
        publication=current.number if current and current.revision == snapshot.revision else None,
        same_definition=current is not None and current.definition_digest == digest,
        locales=[
            _in_locale(definition, mapping, root, shown, outcome, field, _written(snapshot))
            for mapping in compiled.mappings
            if locale in (None, mapping.locale)
        ],
    )


def _item_of(snapshot: Snapshot, definition: ExportDefinition, code: str) -> tuple[Root, Resolved]:
    """The root, and what the item is of: the root's head, or one of its products."""
    found = _find(snapshot, code)
    ancestors = found.ancestors
    key = f"{PRODUCT_MODEL}/{ancestors[0].code}" if ancestors else f"{found.kind}/{found.code}"
    root = next(iter(snapshot.roots_with([key])))
    if definition.grain == GRAIN_ROOT:
        return root, root.head
    if found.kind == PRODUCT_MODEL:
        variants = [one.code for one in root.products if found.code in (a.code for a in one.ancestors)]
        raise NotFound(
            f"items of export `{definition.name}` are products; `{code}` is a product model, ask for one of its "
            f"variants: {', '.join(variants) or 'it has none'}"
        )
    return root, found


def _find(snapshot: Snapshot, code: str) -> Resolved:
    try:
        return snapshot.product(code)
    except NotFound:
        pass
    try:
        return snapshot.product_model(code)
    except NotFound:
        raise NotFound(f"there was no product or product model `{code}` at revision {snapshot.revision}") from None


def _in_locale(
    definition: ExportDefinition,
    mapping: LocaleMapping,
    root: Root,
    shown: Resolved,
    outcome: Outcome,
    field: str | None,
    written: Written,
) -> LocaleExplanation:
    by_root = definition.grain == GRAIN_ROOT
    products = root.products if by_root else (shown,)
    why = {one.code: out.reason for one in products if (out := mapping.selection.why_out(one)) is not None}
    selected: Any = mapping.select(root if by_root else shown)
    if selected is None:
        return LocaleExplanation(locale=mapping.locale, verdict=LEFT_OUT, why=why, violations=[], fields={})
    subject = Subject(selected.head, selected) if by_root else Subject(selected)
    violations = outcome.rejected.get(mapping.locale, [])
    return LocaleExplanation(
        locale=mapping.locale,
        verdict=REJECTED if mapping.locale in outcome.rejected else ACCEPTED,
        why=why,
        violations=[one for one in violations if field is None or _concerns(one.field, field)],
        fields=_fields(definition, mapping, subject, field, written),
    )


def _fields(
    definition: ExportDefinition, mapping: LocaleMapping, subject: Subject, field: str | None, written: Written
) -> dict[str, Trace]:
    fields = definition.mapping["item"] if definition.grain == GRAIN_ROOT else definition.mapping
    if field is None:
        traces = {name: trace_field(spec, subject, mapping.context, written) for name, spec in fields.items()}
        return {name: trace for name, trace in traces.items() if trace.value is not None}
    name, *rest = field.split(".")
    if name not in fields:
        message = f"export `{definition.name}` has no field `{name}`; {known(fields, 80)}"
        raise InvalidInput([Violation("field", "unknown_field", message)])
    trace = trace_field(fields[name], subject, mapping.context, written)
    for step in rest:
        within = trace.parts
        if step not in within and len(within) == 1 and "0" in within:
            within = within["0"].parts
        if step not in within:
            message = f"`{field}`: there is no `{step}` in it; {known(within, 80)}"
            raise InvalidInput([Violation("field", "unknown_field", message)])
        trace = within[step]
    return {field: trace}


def _concerns(one: str, field: str) -> bool:
    return one == field or one.startswith(field + ".") or field.startswith(one + ".")


def _written(snapshot: Snapshot) -> Written:
    def written(
        owner: Entity, attribute: Attribute, locale: str | None, scope: str | None
    ) -> tuple[int, str, str | None] | None:
        if attribute.code not in snapshot.structure.attributes:
            return None
        session, cell = snapshot.session, (attribute.code, locale, scope)
        came = (entry for entry in history(session, owner) if entry.path == CREATED)
        for entry in (*value_history(session, owner, *cell), *came):
            if entry.revision <= snapshot.revision:
                return entry.revision, entry.author, entry.reason
        return None

    return written
