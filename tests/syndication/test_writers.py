import csv
import io
import json
import os
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from pim.base.errors import InvalidInput
from pim.syndication.model import Item
from pim.syndication.writers import check_writer
from pim.syndication.writers.delimited import csv_writer, tsv_writer
from pim.syndication.writers.json_array import JsonArrayWriter
from pim.syndication.writers.read_back import item_reader
from pim.syndication.writers.rss import RssWriter
from pim.syndication.writers.sitemap import SitemapWriter
from tests.syndication.feeds import a_feed, an_item

TEST_DATA = Path(os.environ.get("PIM_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
G = "{http://base.google.com/ns/1.0}"


def written(writer, *items: Item) -> bytes:
    return writer.header() + writer.separator.join(writer.item(item) for item in items) + writer.footer()


def rss_item(**fields) -> etree._Element:
    content = written(RssWriter(a_feed()), an_item(**fields))
    return etree.fromstring(content).find("channel/item")


def test_feedparser_reads_the_channel_and_its_items():
    feed = a_feed(options={"title": {"fr_FR": "Boutique", "*": "Shop"}, "link": "{shop_url}/{language}"},
                  constants={"shop_url": "https://shop.example"})  # fmt: skip
    read = feedparser.parse(written(RssWriter(feed), an_item(id="1", title="Tente & bâche", price="12.00 EUR")))
    assert not read.bozo
    assert (read.feed.title, read.feed.link) == ("Boutique", "https://shop.example/fr")
    assert (read.entries[0].title, read.entries[0].g_price) == ("Tente & bâche", "12.00 EUR")


def test_a_list_is_a_repeated_element_and_an_object_a_nested_group():
    item = rss_item(additional_image_link=["a", "b"], shipping=[{"country": "FR", "price": "4.90 EUR"}])
    assert [one.text for one in item.findall(G + "additional_image_link")] == ["a", "b"]
    assert item.find(f"{G}shipping/{G}country").text == "FR"


def test_empty_fields_leave_no_element():
    item = rss_item(id="1", gtin=None, mpn="", highlights=[], shipping={})
    assert [one.tag for one in item] == [G + "id"]


def test_the_memory_of_a_writer_of_rss_changes_no_byte():
    shared, writer = {"section": "Care & use"}, RssWriter(a_feed())
    for number in range(2_500):
        item = an_item(id=str(number % 1_100), detail=[shared, {"value": str(number)}])
        assert writer.item(item) == RssWriter(a_feed()).item(item)


def test_the_memory_of_a_writer_of_tsv_changes_no_byte():
    columns = [{"header": "a", "field": "detail", "parts": ["x", "y"]}, {"header": "b", "field": "detail"}]
    feed = a_feed(options={"columns": columns})
    shared, writer = {"y": "1,5", "x": "Care"}, tsv_writer(feed)
    for number in range(2_500):
        item = an_item(detail=[shared, {"x": str(number)}])
        assert writer.item(item) == tsv_writer(feed).item(item)


def test_text_that_xml_forbids_is_dropped_and_markup_is_escaped():
    item = rss_item(title="A\x00B\x1b<b>\ud800&\ufffe 5 > 4")
    assert item.find("title").text == "AB<b>& 5 > 4"


def test_title_link_and_description_are_plain_elements_inside_groups_they_are_not():
    item = rss_item(title="T", detail={"title": "inner"})
    assert item.find("title").text == "T"
    assert item.find(f"{G}detail/{G}title").text == "inner"


def test_a_field_that_is_no_element_name_is_refused():
    with pytest.raises(InvalidInput, match="`product detail` cannot be an XML element"):
        rss_item(**{"product detail": "x"})


def test_csv_takes_its_columns_from_the_item_schema_in_order():
    schema = {"properties": {"id": {}, "title": {}, "price": {}}}
    content = written(csv_writer(a_feed(item_schema=schema)), an_item(price="1", id="A", title='A "big", tent\nhere'))
    assert content.startswith(b"id,title,price\r\n")
    assert list(csv.reader(io.StringIO(content.decode(), newline="")))[1] == ["A", 'A "big", tent\nhere', "1"]


def test_a_formula_stays_as_it_is_in_a_machine_feed():
    content = written(csv_writer(a_feed(options={"columns": ["id"]})), an_item(id="=1+1"))
    assert content == b"id\r\n=1+1\r\n"


def test_tsv_joins_lists_and_groups_as_the_header_declares():
    columns = ["id", {"header": "shipping(country:price)", "field": "shipping", "parts": ["country", "price"]}, "tags"]
    fields = {"id": "A", "shipping": [{"price": "4.90 EUR", "country": "FR"}], "tags": ["wool, soft", "green"]}
    content = written(tsv_writer(a_feed(options={"columns": columns})), an_item(**fields))
    rows = list(csv.reader(io.StringIO(content.decode()), delimiter="\t"))
    assert rows == [["id", "shipping(country:price)", "tags"], ["A", "FR:4.90 EUR", '"wool, soft",green']]


def test_columns_of_a_group_stand_in_the_order_of_its_schema_and_say_so():
    rate = {"type": "object", "properties": {"country": {}, "service": {}, "price": {}}}
    schema = {"properties": {"id": {}, "rates": {"items": {"$ref": "#/$defs/rate"}}}, "$defs": {"rate": rate}}
    feed = a_feed(item_schema=schema, options={"part_headers": True, "except": ["id"]})
    item = an_item(rates=[{"price": "4.90 EUR", "country": "FR"}, {"country": "BE", "service": 'Day: "one", two'}])
    assert [
        cells for (cells,) in csv.reader(io.StringIO(written(tsv_writer(feed), item).decode()), delimiter="\t")
    ] == [
        "rates(country:service:price)",
        'FR::4.90 EUR,BE:"Day: ""one"", two":',
    ]


def test_groups_may_stand_in_their_cells_as_json():
    feed = a_feed(options={"columns": ["size", "links", "tags"], "groups": "json"})
    content = written(csv_writer(feed), an_item(size={"unit": "cm", "width": 4}, links=[{"url": "x"}], tags=["a", "b"]))
    (_, cells) = csv.reader(io.StringIO(content.decode()))
    assert cells == ['{"unit":"cm","width":4}', '[{"url":"x"}]', "a,b"]


def test_an_item_may_give_several_rows_that_see_the_item_behind_them():
    options = {"columns": ["handle", "title", "sku"], "rows": "variants", "first_row_only": ["title"]}
    item = an_item(handle="tent", title="Tent", variants=[{"sku": "A"}, {"sku": "B"}])
    rows = list(csv.reader(io.StringIO(written(csv_writer(a_feed(options=options)), item).decode())))
    assert rows[1:] == [["tent", "Tent", "A"], ["tent", "", "B"]]


def test_lists_stand_side_by_side_in_the_rows_and_the_longer_goes_on_alone():
    columns = ["handle", "sku", "src", {"header": "Option1 value", "field": "options.0.value"}]
    options = {"columns": columns, "rows": ["variants", "images"], "first_row_only": ["title"]}
    item = an_item(
        handle="tent", variants=[{"sku": "A", "options": [{"value": "Red"}]}], images=[{"src": "1"}, {"src": "2"}]
    )
    rows = list(csv.reader(io.StringIO(written(csv_writer(a_feed(options=options)), item).decode())))
    assert rows[1:] == [["tent", "A", "1", "Red"], ["tent", "", "2", ""]]


def test_columns_that_nobody_names_are_a_clear_error():
    with pytest.raises(InvalidInput, match="name its `columns`"):
        csv_writer(a_feed())


def test_an_envelope_holds_the_array_beside_its_constant_members():
    options = {"envelope": {"@context": "https://schema.org"}, "list": "@graph"}
    read = json.loads(written(JsonArrayWriter(a_feed(options=options)), an_item(id="1"), an_item(id="2")))
    assert read == {"@context": "https://schema.org", "@graph": [{"id": "1"}, {"id": "2"}]}


def test_the_envelope_names_constants_and_the_locale():
    options = {"envelope": {"header": {"seller": "{seller_id}", "locales": ["{locale}"], "most": 5}}}
    feed = a_feed(options=options, constants={"seller_id": "A1"})
    assert json.loads(written(JsonArrayWriter(feed)))["header"] == {"seller": "A1", "locales": ["fr_FR"], "most": 5}


def test_entries_of_an_item_stand_in_the_array_and_are_read_back():
    options = {"entries": "messages"}
    writer, item = JsonArrayWriter(a_feed(options=options)), an_item(messages=[{"sku": "A"}, {"sku": "B"}])
    assert json.loads(written(writer, item, an_item(messages=[{"sku": "C"}]))) == [
        {"sku": "A"},
        {"sku": "B"},
        {"sku": "C"},
    ]
    assert writer.item(an_item(messages=[])) == b""
    assert item_reader("json", options, writer.header())(writer.item(item)) == item.fields


def test_an_array_without_items_is_an_empty_array():
    assert json.loads(written(JsonArrayWriter(a_feed()))) == []


PAGES = {
    "fr_FR": {"loc": "https://shop.example/fr/p/tente?a=1&b=2", "lastmod": "2026-01-02", "images": ["https://i/1.png"]},
    "en_GB": {"loc": "https://shop.example/en/p/tent", "lastmod": "2026-01-03", "images": [{"loc": "https://i/1.png"}]},
}


def test_every_language_version_names_all_of_them_and_one_for_everyone_else():
    content = written(SitemapWriter(a_feed("sitemap.xml", locale=None)), an_item(**PAGES))
    found = [
        {link.get("hreflang"): link.get("href") for link in url.findall("{http://www.w3.org/1999/xhtml}link")}
        for url in etree.fromstring(content)
    ]
    expected = {"fr-FR": PAGES["fr_FR"]["loc"], "en-GB": PAGES["en_GB"]["loc"], "x-default": PAGES["fr_FR"]["loc"]}
    assert found == [expected, expected]


def test_a_sitemap_is_valid_by_the_protocols_schema():
    path = TEST_DATA / "schemas" / "sitemap" / "sitemap.xsd"
    if not path.is_file():
        pytest.skip(f"the sitemap schema is not at {path}; set PIM_TEST_DATA")
    relaxed = path.read_bytes().replace(b'processContents="strict"', b'processContents="lax"')
    content = written(SitemapWriter(a_feed("sitemap.xml", locale=None)), an_item(**PAGES), an_item("B", **PAGES))
    etree.XMLSchema(etree.fromstring(relaxed)).assertValid(etree.fromstring(content))


def test_a_page_without_address_is_no_entry():
    assert SitemapWriter(a_feed(locale="fr_FR")).item(an_item(lastmod="2026-01-01")) == b""


def test_an_unknown_writer_is_named_with_those_there_are():
    with pytest.raises(InvalidInput, match=r"`xls`; known: .*jsonl.*typst.*xlsx"):
        check_writer("demo", "feed.xls", "xls")
