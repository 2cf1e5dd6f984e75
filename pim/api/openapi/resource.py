"""The six operations that most resources of the catalogue have, in the words of one of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pim.api.batches import MOST_LINES
from pim.api.bodies import COLLECTION
from pim.api.openapi.answers import ARRAY, BATCH, EMPTY, UNCHANGED, sends, sends_page, sends_tagged, writes
from pim.api.openapi.operation import Answer, Content, Operation, Parameter, Schema
from pim.api.openapi.parameters import CURSORS, IF_MATCH, IF_NONE_MATCH, PAGING, SEARCH, WITH_COUNT, in_path
from pim.api.openapi.shapes import a_list, a_page, a_ref
from pim.catalog.model import Document

_PAGING = {"pages": PAGING, "cursors": CURSORS, "whole": (), "whole or counted": (WITH_COUNT,)}

_READ_ON = {
    "pages": "Follow `_links.next` until it is missing.",
    "cursors": "Follow `_links.next` until it is missing; there are no numbered pages.",
    "whole": "All of them at once, as an array.",
    "whole or counted": "All of them at once, as an array; with a count, as a page.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceWords:
    """`one` and `many` are as a sentence has them ("family variant"); `shape` names the schema of what is read.
    `existing` is in the demo catalogue, `sample` may be written to it and then be deleted."""

    tag: str
    one: str
    many: str
    shape: str
    written_shape: str = ""
    """Empty: that of what is read, with `Input` behind its name."""
    key: str = "code"
    path: str
    above: Sequence[Parameter] = ()
    """Parameters of the path before the resource's own: the family of a variant."""
    existing: str
    sample: Document
    paging: str = "pages"
    """As in `pim.api.structure.Resource`."""
    in_arrays: bool = False
    """Whether batches are JSON arrays rather than lines."""
    upsert: Document = field(default_factory=lambda: {"labels": {"en_GB": "Another name"}})
    advice: str = ""

    def list_all(self, *parameters: Parameter, errors: Sequence[int] = ()) -> Operation:
        return Operation(
            id=f"list{camel(self.many)}",
            tag=self.tag,
            summary=f"List {self.many}",
            description=f"{self.advice}\n\n{_READ_ON[self.paging]}".strip(),
            path=self.path,
            parameters=[*self.above, *_PAGING[self.paging], SEARCH, *parameters],
            answers={200: self._listed()},
            errors=(400, 404, 422, *errors),
        )

    def upsert_many(self) -> Operation:
        documents = [self.sample, {**self.upsert, self.key: self.existing}]
        lines = Content(a_lines_list(self._required()), COLLECTION, "\n".join(map(json.dumps, documents)))
        array = Content(a_lines_list(self._required()), example=documents)
        return Operation(
            id=f"upsert{camel(self.many)}",
            tag=self.tag,
            summary=f"Create or update up to {MOST_LINES} {self.many}",
            description=f"{'An array of documents' if self.in_arrays else 'One JSON document a line'}, each naming its "
            f"`{self.key}`, all of them one changeset. Each is taken or refused by itself, and later ones see earlier "
            "ones. The answer is 200 even when every one is refused.",
            path=self.path,
            parameters=self.above,
            body=[array if self.in_arrays else lines],
            answers={200: ARRAY if self.in_arrays else BATCH},
            errors=(404,) if self.above else (),
        )

    def create(self, must_name: bool = True) -> Operation:
        return Operation(
            id=f"create{camel(self.one)}",
            tag=self.tag,
            summary=f"Create {self._a}",
            description=f"Refused with 422 when there is one with this `{self.key}` already.",
            path=self.path,
            parameters=self.above,
            body=[Content(self._required() if must_name else self._input, example=self.sample)],
            answers={201: writes("Created", self._links() if must_name else None)},
            errors=(409, *((404,) if self.above else ())),
        )

    def get_one(self, *parameters: Parameter, errors: Sequence[int] = ()) -> Operation:
        return Operation(
            id=f"get{camel(self.one)}",
            tag=self.tag,
            summary=f"Get {self._a}",
            path=self._path_of_one,
            parameters=[*self.above, self._name(), IF_NONE_MATCH, *parameters],
            answers={200: sends_tagged(self.shape, f"The {self.one}"), 304: UNCHANGED},
            errors=(404, *errors),
        )

    def upsert_one(self) -> Operation:
        return Operation(
            id=f"upsert{camel(self.one)}",
            tag=self.tag,
            summary=f"Create or update {self._a}",
            description="Objects merge; scalars and arrays replace; what is left out stays as it is. What is the same "
            "as before makes no new revision.",
            path=self._path_of_one,
            parameters=[*self.above, self._name(), IF_MATCH],
            body=[Content(self._input, example=self.upsert)],
            answers={201: writes("Created"), 204: writes("Updated, or the same as before")},
            errors=(404, 409, 412),
        )

    def delete_one(self, description: str = "Refused with 409 while something needs it.") -> Operation:
        return Operation(
            id=f"delete{camel(self.one)}",
            tag=self.tag,
            summary=f"Delete {self._a}",
            description=description,
            path=self._path_of_one,
            parameters=[*self.above, self._name(self.sample.get(self.key)), IF_MATCH],
            answers={204: EMPTY},
            errors=(404, 409, 412, 422),
        )

    def _listed(self) -> Answer:
        if self.paging == "pages" or self.paging == "cursors":
            return sends_page(self.shape, f"A page of {self.many}")
        whole = a_list(a_ref(self.shape))
        counted = {"anyOf": [whole, a_page(a_ref(self.shape))]}
        return sends(whole if self.paging == "whole" else counted, f"All {self.many}")

    @property
    def _a(self) -> str:
        return f"{'an' if self.one[0] in 'aeio' else 'a'} {self.one}"

    @property
    def _path_of_one(self) -> str:
        return f"{self.path}/{{{self.key}}}"

    def _name(self, example: str | None = None) -> Parameter:
        return in_path(self.key, f"The {self.key} of the {self.one}", example or self.existing)

    @property
    def _input(self) -> Schema:
        return a_ref(self.written_shape or f"{self.shape}Input")

    def _required(self) -> Schema:
        return {"allOf": [self._input], "required": [self.key]}

    def _links(self) -> dict[str, Any]:
        """Where what was created is found, for programs that follow the document."""
        names = {parameter.name: f"$request.path.{parameter.name}" for parameter in self.above}
        there = {**names, self.key: f"$request.body#/{self.key}"}
        return {verb: {"operationId": f"{verb}{camel(self.one)}", "parameters": there} for verb in ("get", "delete")}


def a_lines_list(line: Schema) -> Schema:
    """The lines as an array, as OpenAPI 3.2 reads such media types; on the wire they stand one below the other."""
    return {**a_list(line), "minItems": 1, "maxItems": MOST_LINES}


def camel(words: str) -> str:
    """`family variant` → `FamilyVariant`"""
    return "".join(word.capitalize() for word in words.split())
