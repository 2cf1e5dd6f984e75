import pytest

from pim.base.errors import Violation
from pim.intake.model import Record, Unreadable
from pim.intake.readers import linked, ndjson
from tests.makers import a_small_catalogue, a_structure, brands_and_packshots, value

STRUCTURE = a_structure([*a_small_catalogue(), *brands_and_packshots()])


def entries(path, text):
    path.write_text(text, "utf-8")
    return {part.name: list(part.read(STRUCTURE)) for part in linked.parts(path, {path: 9})}


def test_models_and_products_of_one_file_are_taken_apart(tmp_path):
    text = (
        '{"identifier":"hat","parent":"sub"}\n{"code":"sub","parent":"root","values":{}}\n'
        '{"code":"root","family_variant":"shoes_color"}\n'
    )
    found = entries(tmp_path / "a.ndjson", text)
    assert {name: [entry.edit.code for entry in part] for name, part in found.items()} == {
        "records and assets": [],
        "links of records and assets": [],
        "product_models roots": ["root"],
        "product_models below": ["sub"],
        "products": ["hat"],
        "associations of a.ndjson": [],
    }


def test_records_come_first_and_then_what_they_link_to(tmp_path):
    told = '[{"locale":null,"channel":null,"data":"fanal"}]'
    lines = [
        f'{{"code":"lueur","reference_entity":"brand","values":{{"house":{told},"founded":{told}}}}}',
        '{"code":"fanal","reference_entity":"brand"}', '{"code":"front","asset_family":"packshot"}',
        '{"identifier":"hat"}',
    ]  # fmt: skip
    found = entries(tmp_path / "a.ndjson", "\n".join(lines))
    first, second = found["records and assets"], found["links of records and assets"]
    assert [(entry.edit.kind, entry.edit.owner, entry.edit.code) for entry in first] == [
        ("record", "brand", "lueur"), ("record", "brand", "fanal"), ("asset", "packshot", "front"),
    ]  # fmt: skip
    assert (list(first[0].edit.patch["values"]), list(second[0].edit.patch["values"])) == (["founded"], ["house"])
    assert (len(second), [entry.edit.code for entry in found["products"]]) == (1, ["hat"])


def test_associations_wait_for_the_second_pass(tmp_path):
    text = '{"identifier":"hat","associations":{"upsell":{"products":["cap"]}},"quantified_associations":{}}\n'
    found = entries(tmp_path / "a.ndjson", text)
    assert found["products"][0].edit.patch == {"identifier": "hat"}
    (second,) = found["associations of a.ndjson"]
    assert second.edit.patch == {"associations": {"upsell": {"products": ["cap"]}}}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"identifier":', "bad_json"),
        ("[1]", "not_an_object"),
        ('{"enabled":true}', "no_identifier"),
        ('{"identifier":"hat"}\n{"identifier":"hat"}', "repeated_in_file"),
    ],
)
def test_a_line_that_is_no_document_is_told(tmp_path, line, code):
    found = entries(tmp_path / "a.ndjson", f'{line}\n{{"identifier":"good"}}\n')["products"]
    assert [p.code for entry in found if isinstance(entry, Unreadable) for p in entry.problems] == [code]
    assert isinstance(found[-1], Record)


def test_bytes_that_are_no_utf8_are_told(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(b'{"identifier":"\xe9"}\n')
    (entry,) = ndjson.read_lines(tmp_path / "a.ndjson")
    assert entry[1].problems[0].code in ("bad_encoding", "bad_json")


def test_a_broken_rule_is_traced_to_its_place():
    document = {"family": "shoos", "values": {"name": value("Hat", "en_GB")}}
    origin = ndjson.JsonOrigin(document)
    assert origin.locate(Violation("family", "", "")) == ("family", "shoos")
    assert origin.locate(Violation("values.name", "", "", "name", "en_GB")) == ("values.name-en_GB", "Hat")
    assert origin.locate(Violation("values.name.0.data", "", "")) == ("values.name.0.data", "Hat")
