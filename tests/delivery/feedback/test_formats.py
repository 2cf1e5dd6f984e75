"""Reports as those write them who send them, and what is wrong with others."""

from typing import Any

import msgspec
import pytest

from pim.base.errors import InvalidInput
from pim.delivery.feedback.formats import READERS
from pim.delivery.feedback.lineage import our_field
from pim.delivery.feedback.model import ReportedIssue
from pim.exports.feedback import Feedback
from tests.delivery.feedback.makers import amazon

GOOGLE = (
    '"Item ID","Title","Country","Issue title","Attribute name","Severity","Issue detail"\n'
    "TEN-1,Tent,FR,Missing value,gtin,Disapproved,Add a GTIN\n"
    "TEN-2,Tent,FR,Image too small,image link,Warning,\n"
)
MIRAKL = (
    "shop_sku;title;errors;warnings\n"
    '"TEN-1";"Tente";"1000|The attribute \'brand\' (Brand) is required, 2004|The value ""x"" is not in the list";""\n'
    '"TEN-2";"Tente 2";"";"3001|A second picture is missing"\n'
    '"TEN-3";"Tente 3";"";""\n'
)
OFFERS = 'sku,price,error-line,error-message\nTEN-1,0,2,"The price must be greater than 0"\n'


def read(format: str, content: str | bytes, **feedback: Any) -> list[ReportedIssue]:
    given = msgspec.convert({"format": format, **feedback}, Feedback)
    return READERS[format](content if isinstance(content, bytes) else content.encode(), given)


def told(issues: list[ReportedIssue]) -> list[tuple[str, str, str | None, str | None, str]]:
    return [(one.item, one.severity, one.code, one.field, one.message) for one in issues]


def test_a_processing_report_of_amazons_is_read() -> None:
    issue = {"messageId": 5, "sku": "C", "code": "99022", "severity": "ERROR", "message": "not enough values",
             "attributeName": "purchasable_offer.our_price"}  # fmt: skip
    expected = [("C", "error", "99022", "purchasable_offer.our_price", "not enough values")]
    assert told(read("amazon", amazon(issue))) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"issues": [], "summary": {}}', "header"),
        (amazon({"severity": "FATAL", "message": "x"}), "issues.0.severity"),
        (b"<report/>", "the report is no JSON"),
    ],
)
def test_what_is_no_report_of_amazons_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read("amazon", content)


def test_googles_item_issues_are_read_by_their_headers() -> None:
    assert told(read("google", GOOGLE.encode("utf-16"))) == [
        ("TEN-1", "error", None, "gtin", "Missing value: Add a GTIN"),
        ("TEN-2", "warning", None, "image link", "Image too small"),
    ]


def test_mirakls_reports_say_several_things_of_one_line() -> None:
    assert told(read("mirakl", MIRAKL)) == [
        ("TEN-1", "error", "1000", None, "The attribute 'brand' (Brand) is required"),
        ("TEN-1", "error", "2004", None, 'The value "x" is not in the list'),
        ("TEN-2", "warning", "3001", None, "A second picture is missing"),
    ]
    assert told(read("mirakl", OFFERS)) == [("TEN-1", "error", None, None, "The price must be greater than 0")]


def test_a_sheet_is_read_by_the_columns_that_the_definition_names() -> None:
    columns = {"item": "Ref", "field": "Champ", "message": "Motif", "severity": "Gravité", "value": "Valeur"}
    content = "Ref;Champ;Motif;Gravité;Valeur\nTEN-1;prix;trop cher;bloquant;99\n"
    (issue,) = read("csv", content, columns=columns, severities={"bloquant": "error"})
    assert (issue.item, issue.field, issue.severity, issue.value) == ("TEN-1", "prix", "error", "99")
    with pytest.raises(InvalidInput, match="line 2: severity `bloquant` is unknown"):
        read("csv", content, columns=columns)
    with pytest.raises(InvalidInput, match="no column for the item: SKU; known: champ, gravité, motif"):
        read("csv", content, columns={**columns, "item": "SKU"})


@pytest.mark.parametrize(
    ("content", "given"),
    [
        (b'{"result": {"errors": [{"offer": {"sku": "A"}, "why": ["dear"]}]}}', {"list": "result.errors"}),
        (b'[{"offer": {"sku": "A"}, "why": ["dear"]}]', {}),
        (b'{"offer": {"sku": "A"}, "why": ["dear"]}\n{"offer": {"sku": "B"}, "why": ["ugly"]}', {}),
    ],
)
def test_a_document_is_read_by_dotted_paths(content: bytes, given: dict[str, Any]) -> None:
    issues = read("json", content, columns={"item": "offer.sku", "message": "why.0"}, **given)
    assert (issues[0].item, issues[0].message) == ("A", "dear")
    with pytest.raises(InvalidInput, match=r"the report has no `a\.b`"):
        read("json", b'{"c": []}', columns={"item": "x", "message": "y"}, list="a.b")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("price", "offer.price"),
        ("Image Link", "image_link"),
        ("purchasable_offer.our_price", "attributes.purchasable_offer"),
        ("Prix", "offer.price"),
        ("colour", None),
    ],
)
def test_their_fields_are_found_among_ours(theirs: str, ours: str | None) -> None:
    targets = ["offer", "offer.price", "image_link", "attributes.purchasable_offer", "attributes"]
    assert our_field(theirs, {"Prix": "offer.price"}, targets) == ours
