"""Words in French and English, with both engines, in the demo catalogue."""

from dataclasses import replace

import pytest
from sqlmodel import col

from pim.access.model import Reach
from pim.base.errors import InvalidInput
from pim.catalog.store import among, products, resolve_all
from pim.catalog.tables import ProductRow
from pim.search.documents import DocumentMaker, linked_labels
from pim.search.facets import count_facets
from pim.search.shown import highlights, surface
from pim.search.similar import similar
from tests.makers import a_product, commit, given, values
from tests.search.conftest import READER, codes_of

SAME = [
    ("fr_FR", "tente", "Tentes"),
    ("fr_FR", "réchaud", "rechauds"),
    ("fr_FR", "amande grillée", "AMANDES GRILLEES"),
    ("fr_FR", "sac couchage", "sacs de couchage"),
    ("fr_FR", "café d'Éthiopie", "cafe ethiopie"),
    ("en_GB", "tent", "tents"),
    ("en_GB", "hiking boot", "Hiking boots"),
    ("en_GB", "the sleeping bag", "sleeping bags"),
]


@pytest.mark.parametrize(("locale", "one", "other"), SAME)
def test_accents_plurals_and_small_words_make_no_difference(demo, locale, one, other):
    found = demo(one, locale=locale)
    assert found == demo(other, locale=locale)
    assert found


FOUND_FIRST = [
    ("fr_FR", "amandes", "AMA-THY-150"),
    ("fr_FR", "150g amandes", "AMA-THY-150"),
    ("fr_FR", "TEN-BIV2-VRT", "TEN-BIV2-VRT"),
    ("en_GB", "ten biv2 vrt", "TEN-BIV2-VRT"),
    ("fr_FR", "9501101011373", "TEN-BIV2-VRT"),
    ("fr_FR", "950110101137", "TEN-BIV2-VRT"),
    ("en_GB", "AT-2602", "TEN-BIV2-ORG"),
    ("fr_FR", '"à gaz"', "REC-BRA"),
    ("fr_FR", "Maud Larzac", "LIV-TRA"),
]


@pytest.mark.parametrize(("locale", "text", "wanted"), FOUND_FIRST)
def test_names_measures_and_identifiers_find_what_they_name(demo, locale, text, wanted):
    assert demo(text, locale=locale)[0] == wanted


def test_what_a_product_is_called_counts_more_than_what_is_said_of_it(demo):
    assert all(code.startswith("TEN-") for code in demo("tente", locale="fr_FR")[:10])


def test_an_identifier_begins_like_those_it_finds(demo):
    assert set(demo("TEN-BIV")) == set(demo("identifier:TEN-BIV*"))
    assert len(demo("ten-biv2")) == 2


def test_labels_of_options_families_and_categories_find_their_products(demo):
    assert set(demo("altaterre", locale="en_GB")) >= set(demo("brand:altaterre"))
    assert set(demo("éclairage", locale="fr_FR")) >= set(demo("family:lamps"))
    assert set(demo("camper", locale="fr_FR")) >= set(demo("category:camping"))


MISTYPED = [("fr_FR", "chausure", "chaussure"), ("fr_FR", "tnete", "tente"), ("en_GB", "sleping", "sleeping")]


@pytest.mark.parametrize(("locale", "typed", "meant"), MISTYPED)
def test_a_mistyped_word_finds_what_was_meant_and_says_so(demo, locale, typed, meant):
    def read(session, found, searcher):
        documents = [
            one.document for one in resolve_all(session, products(session, col(ProductRow.id) == found.ids[0]))
        ]
        (correction,) = found.matching.corrections
        return (
            correction.typed,
            surface(correction, documents, searcher.structure, [locale]),
            codes_of(session, found.ids),
        )

    told, instead, found = demo.ask(typed, read, locale=locale)
    assert told == typed
    assert instead.startswith(meant)
    assert set(found) >= set(demo(f'"{meant}"', locale=locale))


def test_a_word_that_nobody_wrote_is_taken_for_a_beginning(demo):
    assert demo("frontal", locale="fr_FR") == demo("frontale", locale="fr_FR")
    assert set(demo("chauss*", locale="fr_FR")) >= set(demo("chaussures", locale="fr_FR"))


def test_words_are_all_wanted_and_those_with_a_minus_are_not(demo):
    assert set(demo("tente bivouac", locale="fr_FR")) < set(demo("tente", locale="fr_FR"))
    without = demo("tente -bivouac", locale="fr_FR")
    assert set(without) == set(demo("tente", locale="fr_FR")) - set(demo("bivouac", locale="fr_FR"))
    assert without


def test_a_phrase_is_found_only_as_it_stands(demo):
    assert demo('"lampe frontale"', locale="fr_FR")
    assert demo('"frontale lampe"', locale="fr_FR") == []


def test_words_that_say_nothing_find_nothing_and_are_told(demo):
    ignored, found = demo.ask("le de la", lambda s, found, w: (found.matching.ignored, found.ids), locale="fr_FR")
    assert ignored == ("le", "de", "la")
    assert found == ()


def test_words_and_filters_hold_at_once(demo):
    tents = set(demo("tente", locale="fr_FR"))
    assert set(demo("tente -family:tents", locale="fr_FR")) == tents - set(demo("family:tents"))
    assert set(demo("tente price:<200EUR", locale="fr_FR")) == tents & set(demo("price:<200EUR"))


def test_pages_follow_each_other_without_gap_or_repetition(demo):
    whole = demo("tente enabled:yes", locale="fr_FR")
    paged, after = [], 0
    while after is not None:
        codes, after = demo.ask(
            "tente enabled:yes",
            lambda session, found, _: (codes_of(session, found.ids), found.next),
            locale="fr_FR", limit=5, after=after,
        )  # fmt: skip
        paged += codes
    assert paged == whole


@pytest.mark.parametrize("sort", ["identifier", "-identifier", "price@EUR", "-price@EUR", "updated", "name@fr_FR"])
def test_every_order_shows_the_same_products_page_by_page(demo, sort):
    paged, after = [], 0
    while after is not None:
        codes, after = demo.ask(
            "tente",
            lambda session, found, _: (codes_of(session, found.ids), found.next),
            sort=sort,
            limit=4,
            after=after,
        )
        paged += codes
    assert paged == demo("tente", sort=sort)
    assert sorted(paged) == sorted(demo("tente"))
    if sort == "identifier":
        assert paged == sorted(paged)


def test_words_are_marked_where_texts_say_them_and_all_else_is_escaped(demo):
    def read(session, found, searcher):
        (one,) = resolve_all(session, products(session, col(ProductRow.id) == found.ids[0]))
        document = {**one.document, "values": {**one.document["values"]}}
        name = [{"locale": "fr_FR", "scope": None, "data": "Tentes < toiles & tente"}]
        document["values"]["name"] = name
        return [mark.html for mark in highlights(document, searcher.structure, found.matching, ["fr_FR"])]

    first, *_ = demo.ask("tente", read, locale="fr_FR")
    assert first == "<em>Tentes</em> &lt; toiles &amp; <em>tente</em>"


def test_similar_products_share_what_few_others_have(demo):
    def read(session, found, searcher):
        opened = demo.opened()
        (one,) = resolve_all(session, products(session, among(col(ProductRow.id), found.ids)))
        maker = DocumentMaker(searcher.structure)
        document = maker.document(one, linked_labels(session, [one], searcher.structure))
        hits = similar(opened, document, searcher.fields(opened, None), 5)
        return codes_of(session, [entity_id for entity_id, _ in hits.ranked])

    alike = demo.ask("identifier:TEN-BIV2-VRT", read)
    assert len(alike) == 5
    assert "TEN-BIV2-VRT" not in alike
    assert all(code.startswith("TEN-") for code in alike[:3])


def test_who_does_not_see_a_group_or_a_locale_does_not_find_by_it(demo):
    few = replace(READER, view=Reach(attribute_groups=frozenset({"pricing"})))
    assert demo("bivouac", few, locale="fr_FR") == []
    assert demo("9501101011373", few) == []
    assert demo("TEN-BIV2-VRT", few) == ["TEN-BIV2-VRT"]
    english = replace(READER, view=Reach(locales=frozenset({"en_GB"})))
    assert demo("réchaud à gaz", english) == []
    assert demo("gas stove", english)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("name@fr_FR:tente", {}),
        ("name:tente", {"locale": "fr_FR"}),
        ("complete:ecommerce/fr_FR", {}),
        ("enabled:yes", {"locale": "fr_FR", "sort": "name"}),
    ],
)
def test_a_locale_that_one_does_not_see_is_not_there(demo, text, asked):
    english = replace(READER, view=Reach(locales=frozenset({"en_GB"})))
    with pytest.raises(InvalidInput, match="fr_FR"):
        demo(text, english, **asked)


def test_facets_show_the_locales_that_one_sees(demo):
    english = replace(READER, view=Reach(locales=frozenset({"en_GB"})))

    def shown(session, found, searcher):
        (facet,) = count_facets(session, found.chosen, ["complete"], searcher.reader(None, None))
        return " ".join(value.value for value in facet.values)

    assert "fr_FR" in demo.ask("enabled:yes", shown)
    assert "fr_FR" not in demo.ask("enabled:yes", shown, english)


def test_a_word_that_nobody_says_any_more_is_corrected(followed):
    given(followed.database, a_product("lamp", values=values(name={"en_GB": "Tante lamp"})))
    assert followed("tante") == ["lamp"]
    commit(followed.database, a_product("lamp", values=values(name={"en_GB": "Tente lamp"})))
    assert followed("tante") == ["lamp"]


def test_a_cursor_that_nobody_was_given_finds_nothing(demo):
    assert demo("tente", after=10**17) == []


def test_who_sees_some_categories_finds_what_is_in_them_or_in_none(demo):
    few = replace(READER, view=Reach(categories=frozenset({"camping"})))
    seen = set(demo("category:camping") + demo("category:none"))
    assert set(demo("tente", few, locale="fr_FR")) == set(demo("tente", locale="fr_FR")) & seen
    assert set(demo("enabled:yes", few)) == set(demo("enabled:yes")) & seen
