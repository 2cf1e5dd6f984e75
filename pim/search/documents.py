"""Products as documents of an index: their texts in fields, as their readers see them."""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from pim.catalog.linked import LABEL as LINKED_LABEL
from pim.catalog.linked import target_of
from pim.catalog.model import Attribute, Document, Labels, Resolved
from pim.catalog.store import linked_by_code
from pim.catalog.structure import Structure
from pim.search.analysis import code_token, index_tokens, language_of
from pim.search.fields import EVERYBODY, label_attributes, rank_of
from pim.search.model import BARRIER, CODE, SHORT, Field, SearchDocument

Texts = dict[Field, list[str]]
"""In the order in which a reader would meet them."""

LinkedLabels = Mapping[tuple[str, str, str], Labels]
"""(kind, owner, code) of a record or an asset → its label by locale."""

_TAG = re.compile(r"<[^>]*>")
_LONGEST_CODE = 64


class DocumentMaker:
    """Makes documents by one structure, and remembers what many products say alike."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.locales = sorted(structure.active_locales)
        labels = label_attributes(structure)
        ranks = {code: rank_of(attribute, structure) for code, attribute in structure.attributes.items()}
        self._ranked = [(code, rank) for code, rank in ranks.items() if rank is not None]
        self._ranked.sort(key=lambda one: one[0] not in labels)
        self._analysed: Callable[[str, str], list[str]] = lru_cache(100_000)(
            lambda text, language: index_tokens([text], language, BARRIER)
        )

    def document(self, product: Resolved, linked: LinkedLabels) -> SearchDocument:
        texts = self.texts(product, linked)
        return SearchDocument(
            product.entity.id, {field.name: self._tokens(field, said) for field, said in texts.items()}
        )

    def texts(self, product: Resolved, linked: LinkedLabels) -> Texts:
        """Every text by which the product can be found."""
        found: Texts = {Field(CODE, EVERYBODY, ""): list(_codes(product))}
        document = product.document
        for code, rank in self._ranked:
            if code in document["values"]:
                attribute = self.structure.attributes[code]
                for locale, text in self._said(attribute, document["values"][code], linked):
                    self._put(found, attribute, rank, locale, text)
        for locale in self.locales:
            places = list(self._places(document, locale))
            found.setdefault(Field(SHORT, EVERYBODY, locale), []).extend(dict.fromkeys(places))
        return found

    def _put(self, found: Texts, attribute: Attribute, rank: str, locale: str | None, text: str) -> None:
        """What has no locale is there in all of them, in the words of each language."""
        group = attribute.group or EVERYBODY
        if attribute.type == "pim_catalog_text" and (rank == CODE or _is_code(text)):
            found.setdefault(Field(CODE, group, ""), []).append(text)
        if rank == CODE:
            return
        for one in self.locales if locale is None else [locale]:
            said = found.setdefault(Field(rank, group, one), [])
            if text not in said:
                said.append(text)

    def _said(
        self, attribute: Attribute, values: Sequence[Mapping[str, Any]], linked: LinkedLabels
    ) -> Iterator[tuple[str | None, str]]:
        """(locale, text) of everything that an attribute says; None is all locales."""
        for value in values:
            locale, data = value["locale"], value["data"]
            if locale is not None and locale not in self.structure.active_locales:
                continue
            match attribute.type:
                case "pim_catalog_text":
                    yield locale, str(data)
                case "pim_catalog_textarea":
                    yield locale, plain(str(data))
                case "pim_catalog_number":
                    yield locale, str(data)
                case "pim_catalog_metric":
                    yield locale, self._measure(attribute, data)
                case _:
                    for code in data if isinstance(data, list) else [data]:
                        labels = self._labels(attribute, str(code), linked)
                        yield from self._labelled(locale, str(code), labels)

    def _labelled(self, locale: str | None, code: str, labels: Labels) -> Iterator[tuple[str | None, str]]:
        for one in self.locales if locale is None else [locale]:
            yield one, labels.get(one) or code

    def _labels(self, attribute: Attribute, code: str, linked: LinkedLabels) -> Labels:
        target = target_of(attribute)
        if target is not None:
            return linked.get((*target, code), {})
        option = self.structure.options.get(attribute.code, {}).get(code)
        return option.labels if option else {}

    def _measure(self, attribute: Attribute, data: Mapping[str, Any]) -> str:
        family = self.structure.measurement_families.get(attribute.metric_family or "")
        unit = family.units.get(data["unit"]) if family else None
        return f"{data['amount']} {unit.symbol if unit and unit.symbol else data['unit'].lower()}"

    def _places(self, document: Document, locale: str) -> Iterator[str]:
        """What its family is called, its categories, and those above them."""
        family = self.structure.families.get(document["family"] or "")
        if family and family.labels.get(locale):
            yield family.labels[locale]
        for code in document["categories"]:
            if code in self.structure.categories:
                path = self.structure.category_path(code)
                yield from (category.labels[locale] for category in path if category.labels.get(locale))

    def _tokens(self, field: Field, texts: Sequence[str]) -> list[str]:
        if field.rank == CODE:
            return [token for token in map(code_token, dict.fromkeys(texts)) if token]
        language = language_of(field.locale)
        tokens: list[str] = []
        for text in texts:
            if tokens:
                tokens.append(BARRIER)
            tokens += self._analysed(text, language)
        return tokens


def linked_labels(session: Session, products: Sequence[Resolved], structure: Structure) -> LinkedLabels:
    """Of all the records and assets that these products link to."""
    wanted: dict[tuple[str, str], set[str]] = {}
    links = [(code, target) for code, one in structure.attributes.items() if (target := target_of(one)) is not None]
    for product in products:
        for code, target in links:
            for value in product.document["values"].get(code, ()):
                data = value["data"]
                wanted.setdefault(target, set()).update(data if isinstance(data, list) else [data])
    return {
        (kind, owner, entity.code): _label_of(entity.document)
        for (kind, owner), codes in wanted.items()
        for entity in linked_by_code(session, kind, owner, codes)
    }


def plain(text: str) -> str:
    """Without the marks of HTML."""
    return html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text


def _label_of(document: Document) -> Labels:
    return {value["locale"]: value["data"] for value in document["values"].get(LINKED_LABEL, ()) if value["locale"]}


def _codes(product: Resolved) -> Iterator[str]:
    """What a product is called by, and the product models above it."""
    if product.document["identifier"] is not None:
        yield product.document["identifier"]
    if product.entity.uuid is not None:
        yield str(product.entity.uuid)
    yield from (model.code for model in product.ancestors)


def _is_code(text: str) -> bool:
    """A text in one piece that has digits: a manufacturer's number, an ISBN."""
    return len(text) <= _LONGEST_CODE and " " not in text and any(letter.isdigit() for letter in text)
