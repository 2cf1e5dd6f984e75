from pim.intake.model import Record
from pim.intake.readers.akeneo_structure import TABLES, read_standard_measures, read_table
from tests.makers import a_structure


def entries_of(tmp_path, name, text):
    path = tmp_path / f"{name}.csv"
    path.write_text(text, "utf-8")
    return list(read_table(path, TABLES[name]))


def patches(tmp_path, name, text):
    return [entry.edit.patch for entry in entries_of(tmp_path, name, text) if isinstance(entry, Record)]


def test_an_attribute_keeps_only_what_its_row_says(tmp_path):
    text = "code;type;group;localizable;max_characters;negative_allowed;available_locales;label-fr_FR\n"
    (patch,) = patches(tmp_path, "attributes", text + "name;pim_catalog_text;general;1;200;;fr_FR,en_GB;Nom\n")
    assert patch == {
        "labels": {"fr_FR": "Nom"}, "guidelines": {}, "localizable": True, "negative_allowed": None,
        "max_characters": 200, "available_locales": ["fr_FR", "en_GB"], "group": "general", "type": "pim_catalog_text",
    }  # fmt: skip


def test_a_channel_names_its_tree_and_units(tmp_path):
    header = "code;locales;currencies;tree;conversion_units;label-fr_FR\n"
    text = 'web;fr_FR;"EUR,GBP";master;weight:GRAM,height:METER;\n'
    assert patches(tmp_path, "channels", header + text) == [
        {
            "locales": ["fr_FR"], "currencies": ["EUR", "GBP"], "category_tree": "master",
            "conversion_units": {"weight": "GRAM", "height": "METER"}, "labels": {"fr_FR": ""},
        }
    ]  # fmt: skip


def test_a_family_variant_has_a_set_a_level(tmp_path):
    header = "code;family;variant-axes_1;variant-axes_2;variant-attributes_1;variant-attributes_2\n"
    two, one = patches(tmp_path, "family_variants", header + "a;shoes;color;size;name,color;ean\nb;shoes;size;;ean;\n")
    assert two["variant_attribute_sets"] == [
        {"level": 1, "axes": ["color"], "attributes": ["name", "color"]},
        {"level": 2, "axes": ["size"], "attributes": ["ean"]},
    ]
    assert [level["level"] for level in one["variant_attribute_sets"]] == [1]


def test_requirements_are_listed_a_channel(tmp_path):
    text = "code;attributes;requirements-web;requirements-print\nshoes;sku,name;name;\n"
    (patch,) = patches(tmp_path, "families", text)
    assert patch["attribute_requirements"] == {"web": ["name"], "print": []}


def test_parents_come_before_their_children_whatever_the_order(tmp_path):
    text = "code;parent\nleaf;branch\nother;\nbranch;root\nroot;\nstray;unknown\n"
    found = [e.edit.code for e in entries_of(tmp_path, "categories", text) if isinstance(e, Record)]
    assert found == ["other", "root", "branch", "leaf", "stray"]


def test_categories_in_a_circle_are_still_handed_on(tmp_path):
    found = entries_of(tmp_path, "categories", "code;parent\na;b\nb;a\n")
    assert {e.edit.code for e in found if isinstance(e, Record)} == {"a", "b"}


def test_an_unknown_column_is_told_once(tmp_path):
    header, *_ = entries_of(tmp_path, "groups", "code;type;colour\na;related;red\nb;related;red\n")
    assert [problem.column for problem in header.problems] == ["colour"]


def test_measures_that_the_set_names_are_brought_along(tmp_path):
    path = tmp_path / "attributes.csv"
    path.write_text("code;metric_family\nheight;Length\nweight;Weight\nodd;Homemade\nname;\n")
    found = list(read_standard_measures(path, a_structure()))
    assert [record.edit.code for record in found] == ["Length"]  # Weight is there already, Homemade nobody knows
    assert found[0].edit.patch["units"]["INCH"]["labels"] == {"en_GB": "Inch", "fr_FR": "Pouce"}


def test_the_columns_of_a_table_stand_in_a_cell_as_json(tmp_path):
    columns = '[{""code"":""size"",""data_type"":""select"",""options"":[{""code"":""m""}]}]'
    text = f'code;type;table_configuration\nchart;pim_catalog_table;"{columns}"\nname;pim_catalog_text;\n'
    chart, name = patches(tmp_path, "attributes", text)
    assert chart["table_configuration"] == [{"code": "size", "data_type": "select", "options": [{"code": "m"}]}]
    assert "table_configuration" not in name
