"""A size chart: the table attribute that tests use."""

from typing import Any

from pim.versioning.model import Edit
from tests.makers import an_attribute

SIZES: dict[str, Any] = {
    "code": "size",
    "data_type": "select",
    "labels": {"fr_FR": "Taille", "en_GB": "Size"},
    "options": [{"code": code, "labels": {"en_GB": code.upper(), "fr_FR": f"Taille {code}"}} for code in "sml"],
}
CHEST: dict[str, Any] = {
    "code": "chest",
    "data_type": "number",
    "labels": {"fr_FR": "Poitrine"},
    "validations": {"min": 20, "max": 200},
    "is_required_for_completeness": True,
}
LOAD: dict[str, Any] = {"code": "load", "data_type": "measurement", "measurement_family_code": "Weight"}
NOTE: dict[str, Any] = {"code": "note", "data_type": "text", "validations": {"max_length": 20}}
SLIM: dict[str, Any] = {"code": "slim", "data_type": "boolean"}
SINCE: dict[str, Any] = {"code": "since", "data_type": "date"}
FIT: dict[str, Any] = {"code": "fit", "data_type": "select", "options": [{"code": "wide"}, {"code": "close"}]}
COLUMNS = [SIZES, CHEST, LOAD, NOTE, SLIM, SINCE, FIT]


def a_size_chart(*columns: dict[str, Any], **fields: Any) -> Edit:
    return an_attribute("chart", "table", table_configuration=list(columns or COLUMNS), **fields)


def row(size: str, chest: Any = None, **cells: Any) -> dict[str, Any]:
    return {"size": size, **({} if chest is None else {"chest": chest}), **cells}
