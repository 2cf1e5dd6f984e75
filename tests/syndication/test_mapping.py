"""Mappings: which value a field takes, and what is made of it on the way."""

from datetime import UTC, datetime

import pytest

from pim.base.errors import ConfigurationError, ItemRejected
from pim.syndication.context import mapping_context
from tests.syndication.makers import (
    a_definition,
    a_model_entity,
    a_product,
    a_product_entity,
    a_root,
    a_structure,
    an_entity,
    attribute,
    category,
    channel,
    family,
    field,
    option,
    rendered,
    value,
)

NAME = attribute("name", localizable=True)
META = attribute("meta_title", localizable=True)
PRICE = attribute("price", "price_collection")
SALE = attribute("sale_price", "price_collection")
START, END = attribute("sale_start", "date"), attribute("sale_end", "date")
WEIGHT = attribute("weight", "metric", metric_family="Weight")
COLOR = attribute("color", "simpleselect", labels={"fr_FR": "Couleur", "en_GB": "Colour"})
RED = option("color", "red", fr_FR="Rouge", en_GB="Red")


def test_the_first_attribute_that_has_a_value_is_taken() -> None:
    tent = a_product(name=[value("Bivouac", "fr_FR")])
    assert field({"from": ["meta_title", "name"]}, tent, NAME, META) == "Bivouac"


def test_the_items_locale_beats_the_order_of_attributes() -> None:
    tent = a_product(meta_title=[value("Bivouac tent", "en_GB")], name=[value("Tente Bivouac", "fr_FR")])
    assert field({"from": ["meta_title", "name"]}, tent, NAME, META) == "Tente Bivouac"


def test_a_missing_locale_falls_back_along_the_chain() -> None:
    tent = a_product(name=[value("Bivouac tent", "en_GB")])
    assert rendered({"n": "name", "l": {"locale_of": "name"}}, tent, NAME).fields == {"n": "Bivouac tent", "l": "en_GB"}


def test_a_locale_without_fallback_stays_empty() -> None:
    tent = a_product(name=[value("Tente", "fr_FR")])
    assert rendered({"name": "name"}, tent, NAME, locale="en_GB").fields == {}


def test_an_attribute_of_other_locales_does_not_speak() -> None:
    index = attribute("index", localizable=True, available_locales=["en_GB"])
    tent = a_product(index=[value("7", "en_GB")])
    assert field("index", tent, index, fallbacks={}) is None


def test_the_channels_own_text_beats_that_of_its_fallbacks() -> None:
    text = attribute("text", scopable=True)
    tent = a_product(text=[value("web", scope="web"), value("shop", scope="shop")])
    assert field("text", tent, text, scope_fallbacks=["web"]) == "shop"
    assert field("text", a_product(text=[value("web", scope="web")]), text, scope_fallbacks=["web"]) == "web"


def test_an_attribute_the_catalogue_does_not_have_is_empty() -> None:
    assert field({"from": ["unheard_of", "name"]}, a_product(name=[value("Tente", "fr_FR")]), NAME) == "Tente"


def test_the_identifier_is_read_from_the_product() -> None:
    assert field("sku", a_product("TENT-9"), attribute("sku", "identifier")) == "TENT-9"


def test_a_price_is_the_amount_in_the_currency_of_the_locale() -> None:
    tent = a_product(price=[value([{"amount": "249.90", "currency": "EUR"}, {"amount": "215", "currency": "GBP"}])])
    mapping = {"price": {"from": "price", "then": ["money"]}, "plain": "price"}
    assert rendered(mapping, tent, PRICE).fields == {"price": "249.90 EUR", "plain": "249.90"}
    assert rendered(mapping, tent, PRICE, locale="en_GB").fields == {"price": "215.00 GBP", "plain": "215"}


def test_a_price_in_another_currency_is_no_price() -> None:
    tent = a_product(price=[value([{"amount": "249.90", "currency": "USD"}])])
    assert field({"from": "price", "then": ["money"]}, tent, PRICE) is None


def test_a_measure_arrives_in_the_channels_unit() -> None:
    tent = a_product(weight={"amount": "2.4", "unit": "KILOGRAM"})
    grams = channel(conversion_units={"weight": "GRAM"})
    assert field("weight", tent, WEIGHT, grams) == {"amount": "2400", "unit": "GRAM"}


def test_label_gives_the_words_of_the_locale_or_its_fallback() -> None:
    blue = option("color", "blue", en_GB="Blue")
    spec = {"from": "color", "then": ["label"]}
    assert field(spec, a_product(color="red"), COLOR, RED) == "Rouge"
    assert field(spec, a_product(color="blue"), COLOR, blue) == "Blue"
    assert field(spec, a_product(color="grey"), COLOR, RED) == "grey"


def test_a_lookup_maps_codes_and_drops_what_it_does_not_know() -> None:
    spec = {"from": "color", "map": {"red": "#F00"}, "default": "#000"}
    assert field(spec, a_product(color="red"), COLOR) == "#F00"
    assert field(spec, a_product(color="blue"), COLOR) == "#000"


def test_a_lookup_maps_true_and_false_and_any_other() -> None:
    bundle = attribute("bundle", "boolean")
    assert field({"from": "bundle", "map": {"false": "no"}}, a_product(bundle=False), bundle) == "no"
    assert field({"from": "color", "map": {"*": "other"}}, a_product(color="red"), COLOR) == "other"


def test_an_object_with_nothing_but_constants_is_left_out() -> None:
    spec = {"fields": {"@type": {"const": "Brand"}, "name": "name", "in": "$locale"}}
    assert field(spec, a_product(), NAME) is None
    brand = field(spec, a_product(name=[value("Nivôse", "fr_FR")]), NAME)
    assert brand == {"@type": "Brand", "name": "Nivôse", "in": "fr_FR"}


def test_an_object_about_what_the_catalogue_does_not_have_is_left_out() -> None:
    spec = {"fields": {"@type": {"const": "Person"}, "name": "author"}}
    assert field(spec, a_product(name=[value("Tente", "fr_FR")]), NAME) is None


def test_an_object_without_a_field_it_requires_is_left_out() -> None:
    spec = {"fields": {"name": "name", "price": {"from": "price", "then": ["number"]}}, "requires": ["price"]}
    assert field(spec, a_product(name=[value("Tente", "fr_FR")]), NAME, PRICE) is None
    priced = a_product(price=[{"amount": "249.90", "currency": "EUR"}])
    assert field(spec, priced, NAME, PRICE) == {"price": 249.9}


def test_a_list_flattens_lists_and_drops_what_is_empty() -> None:
    tags = attribute("tags", "multiselect")
    spec = {"each": ["color", "tags", "name"], "then": [{"join": "/"}]}
    assert field(spec, a_product(color="red", tags=["a", "b"]), COLOR, tags, NAME) == "red/a/b"


def test_the_smallest_of_several_prices_is_compared_as_a_number() -> None:
    tent = a_product(
        price=[value([{"amount": "100.00", "currency": "EUR"}])],
        sale_price=[value([{"amount": "99", "currency": "EUR"}])],
    )
    assert field({"each": ["price", "sale_price"], "then": ["minimum", "money"]}, tent, PRICE, SALE) == "99.00 EUR"


def test_a_scalar_transform_is_applied_to_each_entry() -> None:
    tags = attribute("tags", "multiselect")
    assert field({"from": "tags", "then": ["upper"]}, a_product(tags=["a", "b"]), tags) == ["A", "B"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"color": "present"}, True),
        ({"color": "absent"}, False),
        ({"color": {"is": "red"}}, True),
        ({"color": {"in": ["blue", "red"]}}, True),
        ({"color": {"not_in": ["blue"]}}, True),
        ({"name": {"is_not": "x"}}, True),
        ({"name|color": {"is": "red"}}, True),
        ({"sale_price": {"below": "price"}}, True),
        ({"price": {"below": "sale_price"}}, False),
        ({"price": {"below": "name"}}, False),
        ({"color": "present", "name": "present"}, False),
        ({"$country": {"in": ["GB"]}}, False),
        ({"$kind": {"is": "product"}}, True),
    ],
)
def test_when_decides_whether_a_field_is_there(condition: dict[str, object], holds: bool) -> None:
    tent = a_product(
        color="red",
        price=[value([{"amount": "100", "currency": "EUR"}])],
        sale_price=[value([{"amount": "9.5", "currency": "EUR"}])],
    )
    found = field({"const": "yes", "when": condition}, tent, COLOR, NAME, PRICE, SALE)
    assert found == ("yes" if holds else None)


@pytest.mark.parametrize(
    ("as_of", "price", "next_change"),
    [
        (datetime(2026, 2, 27, 22, tzinfo=UTC), None, datetime(2026, 2, 27, 23, tzinfo=UTC)),
        (datetime(2026, 2, 27, 23, tzinfo=UTC), "99.00 EUR", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        (datetime(2026, 3, 1, 22, 59, tzinfo=UTC), "99.00 EUR", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        (datetime(2026, 3, 1, 23, tzinfo=UTC), None, None),
    ],
)
def test_a_sale_holds_on_its_days_in_the_shops_time_zone(
    as_of: datetime, price: str | None, next_change: datetime | None
) -> None:
    tent = a_product(
        sale_price=[value([{"amount": "99", "currency": "EUR"}])],
        sale_start="2026-02-28T00:00:00+00:00",
        sale_end="2026-03-01T00:00:00+00:00",
    )
    spec = {"from": "sale_price", "within": {"start": "sale_start", "end": "sale_end"}, "then": ["money"]}
    item = rendered({"sale": spec}, tent, SALE, START, END, as_of=as_of, timezone="Europe/Paris")
    assert item.fields.get("sale") == price
    assert item.next_change_at == next_change


def test_a_period_runs_from_the_first_midnight_to_the_last_second() -> None:
    tent = a_product(sale_start="2026-03-28", sale_end="2026-03-29")
    spec = {"period": {"start": "sale_start", "end": "sale_end"}}
    period = field(spec, tent, START, END, timezone="Europe/Paris")
    assert period == "2026-03-28T00:00:00+01:00/2026-03-29T23:59:59+02:00"


def test_a_reduction_is_rounded_down_and_never_negative() -> None:
    spec = {"percent_off": {"before": "price", "now": "sale_price"}}
    prices = {"price": [value([{"amount": "199.90", "currency": "EUR"}])]}
    assert (
        field(spec, a_product(**prices, sale_price=[value([{"amount": "160", "currency": "EUR"}])]), PRICE, SALE) == 19
    )
    dearer = a_product(**prices, sale_price=[value([{"amount": "210", "currency": "EUR"}])])
    assert field(spec, dearer, PRICE, SALE) is None


def test_a_unit_price_is_that_of_one_kilogram() -> None:
    honey = a_product(price=[value([{"amount": "6.25", "currency": "EUR"}])], weight={"amount": "500", "unit": "GRAM"})
    spec = {"unit_price": {"price": "price", "content": "weight"}}
    assert field(spec, honey, PRICE, WEIGHT) == {
        "amount": "12.50",
        "currency": "EUR",
        "quantity": "1",
        "unit": "KILOGRAM",
    }
    assert field({**spec, "then": ["unit_price_text"]}, honey, PRICE, WEIGHT) == "12,50\u00a0€/kg"


def test_the_category_is_the_deepest_of_the_channels_tree() -> None:
    entities = [category("master"), category("camping", "master", fr_FR="Camper"), category("tents", "camping")]
    tent = a_product(categories=["camping", "elsewhere", "tents"])
    mapping = {"code": "$category", "path": {"from": "$category_path", "then": ["label", {"join": " > "}]}}
    outside = category("elsewhere", "other")
    item = rendered(mapping, tent, *entities, category("other"), outside)
    assert item.fields == {"code": "tents", "path": "Camper > tents"}


def test_for_each_makes_an_object_of_every_entry() -> None:
    entities = [category("master"), category("camping", "master", fr_FR="Camper"), category("tents", "camping")]
    give = {"fields": {"position": "$position", "name": {"from": "$entry", "then": ["label"]}}}
    spec = {"for_each": {"list": "$category_path", "give": give}}
    assert field(spec, a_product(categories=["tents"]), *entities) == [
        {"position": 1, "name": "Camper"},
        {"position": 2, "name": "tents"},
    ]


def test_details_tell_attributes_as_people_read_them() -> None:
    tents = family("tents", "weight", "color", "name")
    tent = a_product(family="tents", color="red", weight={"amount": "2.40", "unit": "KILOGRAM"})
    spec = {"details": {"attributes": "$family", "keys": {"label": "name", "text": "value", "raw": "data"}}}
    found = {
        entry["label"]: (entry["text"], entry["raw"]) for entry in field(spec, tent, tents, WEIGHT, COLOR, RED, NAME)
    }
    assert found["Couleur"] == ("Rouge", "red")
    assert found["weight"] == ("2,4\u00a0kg", {"amount": "2.40", "unit": "KILOGRAM"})


def test_across_locales_speaks_every_locale() -> None:
    tent = a_product(name=[value("Tente", "fr_FR"), value("Tent", "en_GB")])
    assert field({"across_locales": "name"}, tent, NAME) == {"fr_FR": "Tente", "en_GB": "Tent"}


def test_a_template_is_given_its_names_and_the_constants() -> None:
    tent = a_product(name=[value("Tente", "fr_FR")])
    spec = {
        "template": "{{ n }}{% if x %} {{ x }}{% endif %} – {{ shop }} ({{ country }})",
        "with": {"n": "name", "x": "color"},
    }
    assert field(spec, tent, NAME, COLOR, constants={"shop": "Cap"}) == "Tente – Cap (FR)"


def test_a_template_that_fails_rejects_the_item() -> None:
    spec = {"template": "{{ 1 // n }}", "with": {"n": {"const": 0}}}
    with pytest.raises(ItemRejected, match="template"):
        field(spec, a_product())


def test_constants_may_differ_by_locale() -> None:
    constants = {"*": {"carrier": "DHL"}, "fr_FR": {"carrier": "Colissimo"}}
    mapping = {"carrier": "$constants.carrier", "link": {"const": "x", "then": [{"prefix": "{carrier}/{language}/"}]}}
    french = rendered(mapping, a_product(), locale_constants=constants)
    british = rendered(mapping, a_product(), locale_constants=constants, locale="en_GB")
    assert french.fields == {"carrier": "Colissimo", "link": "Colissimo/fr/x"}
    assert british.fields == {"carrier": "DHL", "link": "DHL/en/x"}


SIZES = an_entity(
    "family_variant",
    "by_size",
    family="boots",
    variant_attribute_sets=[{"level": 1, "axes": ["size"], "attributes": []}],
)
SIZE = attribute("size", "simpleselect")


def test_variants_inherit_and_stand_in_the_item_of_their_root() -> None:
    model = a_model_entity("aubrac", "boots", "by_size", name=[value("Aubrac", "fr_FR")])
    root = a_root(
        model,
        a_product_entity("A-41", parent="aubrac", size="41"),
        a_product_entity("A-42", parent="aubrac", size="42"),
    )
    mapping = {
        "item": {
            "id": "$code",
            "sizes": {"variants": {"from": "size"}},
            "variants": {"variants": "one"},
            "by": "$axes",
        },
        "variants": {
            "one": {
                "id": "$code",
                "name": "name",
                "of": "$parent",
                "size": {"details": {"attributes": "$axes", "keys": "value"}},
            }
        },
    }
    assert rendered(mapping, root, SIZES, SIZE, NAME, family("boots", "name", "size")).fields == {
        "id": "aubrac",
        "sizes": ["41", "42"],
        "variants": [
            {"id": "A-41", "name": "Aubrac", "of": "aubrac", "size": ["41"]},
            {"id": "A-42", "name": "Aubrac", "of": "aubrac", "size": ["42"]},
        ],
        "by": ["size"],
    }


def test_what_variants_will_change_counts_for_their_root() -> None:
    model = a_model_entity("aubrac", "boots", "by_size")
    root = a_root(model, a_product_entity("A-41", parent="aubrac", size="41", sale_end="2026-03-05"))
    mapping = {"item": {"id": "$code", "on_sale": {"variants": {"const": True, "within": {"end": "sale_end"}}}}}
    item = rendered(mapping, root, SIZES, SIZE, END, family("boots"))
    assert item.next_change_at == datetime(2026, 3, 6, tzinfo=UTC)


def test_what_one_product_lacks_does_not_hide_what_another_has() -> None:
    """Fields are planned for each set of attributes: one product's plan is not another's."""
    mapping = {code: code for code in ("a", "b", "c", "d", "e", "f", "g")}
    entities = [attribute(code) for code in mapping]
    structure_of = {"a": "1", "c": "3"}
    assert rendered(mapping, a_product(**structure_of), *entities).fields == structure_of
    assert rendered(mapping, a_product(b="2"), *entities).fields == {"b": "2"}


def test_a_channel_the_catalogue_does_not_have_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"`store`.*known: shop"):
        mapping_context(a_definition({}, channel=["store"]), a_structure(), "fr_FR", datetime(2026, 3, 1, tzinfo=UTC))
