"""What an export's assortment takes and leaves out, and by which rule, without rendering anything."""

from collections import Counter
from collections.abc import Iterator

import msgspec
from sqlmodel import Session

from pim.base.errors import InvalidInput, Violation, known
from pim.base.settings import Settings
from pim.catalog.model import Root
from pim.exports.load import load_definition
from pim.syndication.assortment import RULES, LeftOut
from pim.syndication.compiled_export import CompiledExport, compile_export
from pim.syndication.run_facts import facts_of
from pim.versioning.snapshot import open_snapshot

TAKEN, LEFT_OUT = "taken", "left_out"


class PreviewRow(msgspec.Struct, frozen=True, kw_only=True):
    """One product in the `locales` in which the assortment says the same of it. `rule` is the key of the assortment
    that leaves it out, None for one that is taken."""

    item: str
    kind: str
    root: str
    locales: list[str]
    verdict: str
    rule: str | None
    reason: str | None


class LocaleCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Products; `by_rule` of those that are left out."""

    locale: str
    taken: int
    left_out: int
    by_rule: dict[str, int]


class Preview:
    """One reading of the catalogue. `counts` are of the rows that have come so far, before they were narrowed."""

    def __init__(self, compiled: CompiledExport) -> None:
        self.revision = compiled.snapshot.revision
        self._compiled = compiled
        self._tally: Counter[tuple[str, str | None]] = Counter()

    def rows(
        self, verdict: str | None = None, rule: str | None = None, item: str | None = None
    ) -> Iterator[PreviewRow]:
        """In the order of the feeds. Raises InvalidInput for a verdict or rule that does not exist."""
        problems = [
            Violation(name, "unknown", f"`{name}` is `{asked}`; {known(there)}")
            for name, asked, there in (("verdict", verdict, (TAKEN, LEFT_OUT)), ("rule", rule, RULES))
            if asked is not None and asked not in there
        ]
        if problems:
            raise InvalidInput(problems)
        return (
            row
            for root in self._compiled.snapshot.roots()
            for row in self._of(root)
            if verdict in (None, row.verdict) and rule in (None, row.rule) and item in (None, row.item)
        )

    @property
    def counts(self) -> list[LocaleCounts]:
        return [self._in_locale(locale) for locale in self._compiled.locales]

    def _in_locale(self, locale: str) -> LocaleCounts:
        by_rule = {rule: count for rule in RULES if (count := self._tally[locale, rule])}
        return LocaleCounts(
            locale=locale, taken=self._tally[locale, None], left_out=sum(by_rule.values()), by_rule=by_rule
        )

    def _of(self, root: Root) -> Iterator[PreviewRow]:
        for product in root.products:
            said: dict[LeftOut | None, list[str]] = {}
            for mapping in self._compiled.mappings:
                out = mapping.selection.why_out(product)
                said.setdefault(out, []).append(mapping.locale)
                self._tally[mapping.locale, out.rule if out else None] += 1
            for out, locales in said.items():
                rule, reason = out or (None, None)
                yield PreviewRow(
                    item=product.code, kind=product.kind, root=root.key, locales=locales,
                    verdict=LEFT_OUT if out else TAKEN, rule=rule, reason=reason,
                )  # fmt: skip


def preview(session: Session, settings: Settings, export: str, as_of: int | None = None) -> Preview:
    """Of the definition there is now, on the catalogue of now or of the revision `as_of`. `session` must be in a
    REPEATABLE READ transaction that has read nothing yet; the rows are read in it."""
    definition = load_definition(settings.exports_folder / export)
    snapshot = open_snapshot(session, as_of)
    return Preview(compile_export(definition, snapshot, facts_of(snapshot), settings))
