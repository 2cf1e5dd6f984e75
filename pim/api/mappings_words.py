"""What the OpenAPI document says of column mappings, with examples that work on the demo catalogue."""

from pim.api.openapi.answers import EMPTY, sends, sends_page, writes
from pim.api.openapi.operation import Content, Operation
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import a_ref
from pim.api.openapi.wording import IMPORTS
from pim.catalog.model import Document

EXISTING = "price_list"
SAMPLE: Document = {
    "code": "supplier_sheet",
    "labels": "fr_FR",
    "decimal": ",",
    "columns": [
        {"header": "Référence", "target": "identifier"},
        {"header": "Prix TTC (€)", "target": "price-EUR"},
        {"header": "Poids (kg)", "target": "weight", "unit": "KILOGRAM"},
    ],
}
_SHAPE, _WRITTEN = "ColumnMapping", a_ref("ColumnMappingInput")
_CODE = in_path("code", "The code of the column mapping", EXISTING)

LIST = Operation(
    id="listImportMappings",
    tag=IMPORTS,
    summary="List column mappings",
    description="What the headers of people's sheets mean: `mapping` of an import names one of them.",
    parameters=PAGING,
    answers={200: sends_page(_SHAPE, "A page of column mappings, in order of their codes")},
    errors=(422,),
)
GET = Operation(
    id="getImportMapping",
    tag=IMPORTS,
    summary="Get a column mapping",
    parameters=[_CODE],
    answers={200: sends(_SHAPE, "The column mapping, with every setting")},
    errors=(404,),
)
CREATE = Operation(
    id="createImportMapping",
    tag=IMPORTS,
    summary="Create a column mapping",
    description="Checked against the catalogue: every problem is told. One that is there already is refused.",
    body=[Content(_WRITTEN, example=SAMPLE)],
    answers={201: writes("Created")},
)
UPSERT = Operation(
    id="upsertImportMapping",
    tag=IMPORTS,
    summary="Create or update a column mapping",
    description="What is left out stays as it is; `columns`, `constants` and `booleans` replace those there are.",
    parameters=[_CODE],
    body=[Content(_WRITTEN, example={"empty_cells": "keep"})],
    answers={201: writes("Created"), 204: writes("Updated")},
)
DELETE = Operation(
    id="deleteImportMapping",
    tag=IMPORTS,
    summary="Delete a column mapping",
    description="What was imported by it stays.",
    parameters=[in_path("code", "The code of the column mapping", SAMPLE["code"])],
    answers={204: EMPTY},
    errors=(404,),
)
