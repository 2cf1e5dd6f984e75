from pim.base.errors import Violation
from pim.intake.model import Record, Unreadable
from pim.intake.readers.akeneo_products import BELOW, ROOTS, read_associations, read_documents
from tests.makers import a_structure, value

STRUCTURE = a_structure()


def records(path, text, kind="product", which="all"):
    path.write_text(text, "utf-8")
    return [entry for entry in read_documents(path, kind, STRUCTURE, which) if isinstance(entry, Record)]


def values_of(tmp_path, header, row):
    (record,) = records(tmp_path / "products.csv", f"sku;{header}\nhat;{row}\n")
    return record.edit.patch["values"]


def test_cells_become_values_by_their_attribute_type(tmp_path):
    header = "name-fr_FR;weight;weight-unit;tags;waterproof;release;pages;price-EUR;price-GBP"
    assert values_of(tmp_path, header, "Chapeau;0.5;KILOGRAM;new, sale;1;2026-03-01;12;9.9;8") == {
        "name": value("Chapeau", "fr_FR"),
        "tags": value(["new", "sale"]),
        "waterproof": value(True),
        "release": value("2026-03-01"),
        "pages": value("12"),
        "weight": value({"amount": "0.5", "unit": "KILOGRAM"}),
        "price": value([{"amount": "9.9", "currency": "EUR"}, {"amount": "8", "currency": "GBP"}]),
    }


def test_an_empty_cell_makes_no_value(tmp_path):
    assert values_of(tmp_path, "name-fr_FR;weight;weight-unit;price-EUR", ";;GRAM;") == {}


def test_a_textarea_on_one_line_has_its_breaks_back(tmp_path):
    found = values_of(tmp_path, "description-fr_FR-web;name-fr_FR", r"un\ndeux;un\ndeux")
    assert found["description"][0]["data"] == "un\ndeux"
    assert found["name"][0]["data"] == r"un\ndeux"


def test_a_textarea_with_real_breaks_means_what_it_says(tmp_path):
    found = values_of(tmp_path, "description-fr_FR-web", '"dans C:\\neuf\nseul"')
    assert found["description"][0]["data"] == "dans C:\\neuf\nseul"


def test_measures_and_prices_may_stand_in_one_cell(tmp_path):
    found = values_of(tmp_path, "weight;price", "500 GRAM;9.90 EUR, 8 GBP")
    assert found["weight"][0]["data"] == {"amount": "500", "unit": "GRAM"}
    assert found["price"][0]["data"][1] == {"amount": "8", "currency": "GBP"}


def test_fields_beside_the_values(tmp_path):
    text = "sku;family;parent;categories;groups;enabled\nhat;shoes;;home,outdoor;gifts;0\ncap;;runner;;;\n"
    hat, cap = records(tmp_path / "products.csv", text)
    assert hat.edit.patch == {
        "family": "shoes", "categories": ["home", "outdoor"], "groups": ["gifts"], "enabled": False, "values": {},
    }  # fmt: skip
    assert cap.edit.patch == {"family": None, "parent": "runner", "categories": [], "groups": [], "values": {}}


def test_a_product_may_be_named_by_uuid_alone(tmp_path):
    uuid = "fc24e6c3-933c-4a93-8a81-e5c703d134d5"
    (record,) = records(tmp_path / "products.csv", f"uuid;sku;enabled\n{uuid};;1\n")
    assert (record.edit.code, str(record.edit.uuid)) == (None, uuid)


def test_root_models_come_before_those_below_them(tmp_path):
    text = "code;family_variant;parent\nsub;shoes_color_size;root\nroot;shoes_color_size;\n"
    path = tmp_path / "product_models.csv"
    assert [r.edit.code for r in records(path, text, "product_model", ROOTS)] == ["root"]
    assert [r.edit.code for r in records(path, text, "product_model", BELOW)] == ["sub"]
    assert records(path, text, "product_model", ROOTS)[0].edit.patch["family"] == "shoes"


def test_the_second_row_of_a_product_is_refused(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("sku;name-fr_FR\nhat;A\nhat;B\n")
    entry = list(read_documents(path, "product", STRUCTURE))[-1]
    assert isinstance(entry, Unreadable)
    assert (entry.line, entry.problems[0].column, entry.problems[0].value) == (3, "sku", "hat")
    assert "on line 2 already" in entry.problems[0].message


def test_associations_are_read_in_a_pass_of_their_own(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("sku;upsell-products;set-products;set-products-quantity\nhat;cap,scarf;cap,scarf;2|x\n")
    (first,) = records(path, path.read_text())
    (record,) = read_associations(path, "product", STRUCTURE)
    assert "associations" not in first.edit.patch
    assert record.edit.patch == {
        "associations": {"upsell": {"products": ["cap", "scarf"]}},
        "quantified_associations": {
            "set": {"products": [{"identifier": "cap", "quantity": 2}, {"identifier": "scarf", "quantity": 0}]}
        },
    }


def test_a_broken_rule_is_traced_to_its_column(tmp_path):
    (record,) = records(tmp_path / "products.csv", "sku;family;name-en_GB;price-GBP\nhat;shoos;Hat;9\n")
    assert record.origin.locate(Violation("family", "", "")) == ("family", "shoos")
    assert record.origin.locate(Violation("values.name", "", "", "name", "en_GB")) == ("name-en_GB", "Hat")
    assert record.origin.locate(Violation("values.price", "", "", "price")) == ("price-GBP", "9")
    assert record.origin.locate(Violation("identifier", "", "")) == ("sku", "hat")


def test_a_file_that_names_no_products_is_refused_as_a_whole(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("name-fr_FR\nChapeau\n")
    (entry,) = read_documents(path, "product", STRUCTURE)
    assert entry.problems[0].code == "no_identifier_column"
