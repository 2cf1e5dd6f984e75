"""What the API says to requests that are wrong: the documented status, and a message that names the thing, the value
and the way out. One server for the whole table: nothing that is refused changes what the next request meets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from pim.access import store
from pim.access.tokens import ACCESS_LIFETIME, grant_tokens
from pim.api.bodies import COLLECTION
from pim.base.clock import now
from pim.base.database import Database, open_database
from pim.base.object_storage import open_storage
from tests.access.makers import a_connection, a_user
from tests.api.clients import API, a_token
from tests.api.servers import serving
from tests.catalog.table_makers import COLUMNS, row
from tests.conftest import copied_database, settings_in
from tests.makers import a_product, a_product_model, an_attribute, given, value, values

LINES = {"Content-Type": COLLECTION}
SHOE = a_product_model("shoe", family="shoes", family_variant="shoes_color")
THERE = [
    an_attribute("chart", "table", table_configuration=COLUMNS),
    SHOE,
    a_product("shoe-red", parent="shoe", values=values(color="red", ean="123")),
    a_product("tent", values=values(name={"fr_FR": "Tente"})),
]


@pytest.fixture(scope="module")
def server(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Its address, and tokens by who they are of."""
    settings = settings_in(tmp_path_factory.mktemp("bad_input"), copied_database(template_url))
    with open_database(settings) as database:
        given(database, *THERE)
        tokens = {role: a_token(database, role) for role in ("administrator", "reader", "editor")}
        tokens |= {"expired": an_expired_token(database), "forged": "x" * 43}
        tokens["french"] = a_token(database, "editor", edit={"locales": ["fr_FR"]})
        with serving(settings, database, open_storage(settings), {}) as base:
            yield base, tokens


def an_expired_token(database: Database) -> str:
    user_id = a_user(database, "yesterday", ["administrator"])
    a_connection(database, "yesterday")
    with database.session() as session:
        connection = store.connection_row(session, "yesterday")
        assert connection is not None
        long_ago = now() - ACCESS_LIFETIME - timedelta(minutes=1)
        return grant_tokens(session, user_id, connection.id, uuid4(), long_ago).access_token


@dataclass(frozen=True)
class Ask:
    """A request; `who` is the one of the tokens that it shows, None for none."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    who: str | None = "administrator"
    files: Any = None


def product(**fields: Any) -> Ask:
    return Ask("POST", "/products", {"identifier": "new", **fields})


def valued(code: str, data: Any, locale: str | None = None, scope: str | None = None) -> Ask:
    return product(values={code: value(data, locale, scope)})


def search(**conditions: Any) -> Ask:
    return Ask("GET", "/products", query={"search": json.dumps(conditions)})


def listed(**query: str) -> Ask:
    return Ask("GET", "/products", query=query)


def lines(*documents: Any, path: str = "/products") -> Ask:
    written = (one if isinstance(one, str) else json.dumps(one) for one in documents)
    return Ask("PATCH", path, "\n".join(written), LINES)


def an_attribute_with(**fields: Any) -> Ask:
    return Ask("POST", "/attributes", {"code": "new", "type": "pim_catalog_text", "group": "general", **fields})


Case = tuple[str, Ask, int, list[str]]
"""(name, request, status, what the answer says)"""

BODIES: list[Case] = [
    ("no JSON", Ask("POST", "/products", '{"identifier": '), 400, ["Invalid json", "truncated"]),
    ("a broken object", Ask("POST", "/products", '{"identifier": x}'), 400, ["Invalid json", "byte 15"]),
    ("no object", Ask("POST", "/products", "[1]"), 400, ["an object is needed, not an array"]),
    ("nothing", Ask("POST", "/products", ""), 400, ["Invalid json"]),
    ("no text", Ask("POST", "/products", b'{"identifier": "\xff"}'), 400, ["Invalid json"]),
    ("endless nesting", Ask("POST", "/products", "[" * 100_000), 400, ["Invalid json"]),
    ("a form", Ask("POST", "/products", "a=b", {"Content-Type": "application/x-www-form-urlencoded"}), 415,
     ["`application/x-www-form-urlencoded`", "send `Content-Type: application/json`"]),
    ("a batch as JSON", Ask("PATCH", "/products", "{}", {"Content-Type": "application/json"}), 415,
     ["`application/json`", COLLECTION]),
    ("only HTML wanted", Ask("GET", "/products", headers={"Accept": "text/html"}), 406,
     ["`text/html`", "accept `application/json`"]),
    ("too large a body", Ask("POST", "/products", b" " * 11_000_000), 413, ["10,000,000 bytes", "send less"]),
    ("101 lines", lines(*["{}"] * 101), 413, ["100 is the maximum", "you sent 101"]),
    ("no lines", lines("", ""), 400, ["one JSON object a line"]),
    ("an unknown property", product(colour="red"), 422,
     ['Property "colour" does not exist', "Known:", "identifier", "/api/rest/v1"]),
]  # fmt: skip

LINE_BY_LINE: list[Case] = [
    ("a line that is no JSON", lines("{"), 400, ["Invalid json"]),
    ("a line without a name", lines({"enabled": True}), 422, ["Identifier is missing", "`identifier`"]),
    ("a line too long", lines('"' + "x" * 1_000_001 + '"'), 413, ["1,000,000 characters"]),
    ("a line with an unknown property", lines({"identifier": "new", "nam": 1}), 422, ['"nam"', "Known:"]),
    ("a line of structure", replace(lines({"code": "shoes", "labels": {}}, path="/families"), who="editor"), 403,
     ["structure", "administrator"]),
]  # fmt: skip

PRODUCTS: list[Case] = [
    ("a flag that is none", product(enabled="yes"), 422, ["`enabled`", '"yes"', "boolean"]),
    ("a list that is none", product(categories="outdoor"), 422, ["`categories`", '"outdoor"', "array"]),
    ("values that are none", product(values=[]), 422, ["`values`", "object"]),
    ("a value without data", product(values={"pages": [{"locale": None, "scope": None}]}), 422, ["data", "required"]),
    ("an identifier that is taken", Ask("POST", "/products", {"identifier": "tent"}), 422, ["`tent`", "patch it"]),
    ("an identifier with a comma", Ask("POST", "/products", {"identifier": "a,b"}), 422, ["`a,b`", "comma"]),
    ("an identifier too long", Ask("POST", "/products", {"identifier": "x" * 256}), 422, ["256 characters", "255"]),
    ("no identifier", Ask("POST", "/products", {}), 422, ["Identifier is missing", "products-uuid"]),
    ("another name than the address", Ask("PATCH", "/products/tent", {"identifier": "b"}), 422, ['"b"', '"tent"']),
    ("a uuid that is none", Ask("GET", "/products-uuid/tent"), 422, ["`tent` is not a uuid", "write it like"]),
    ("a product that is not there", Ask("GET", "/products/nothing"), 404, ["`nothing`", "does not exist"]),
    ("deleting what is not there", Ask("DELETE", "/products/nothing"), 404, ["`nothing`", "does not exist"]),
    ("an unknown family", product(family="shoez"), 422, ["`shoez`", "known: books, shoes"]),
    ("an unknown category", product(categories=["x"]), 422, ["category `x`", "known: home, master, outdoor"]),
    ("an unknown group", product(groups=["x"]), 422, ["group `x`", "known: gifts"]),
    ("an unknown parent", product(parent="x"), 422, ["product model `x`", "create it before"]),
    ("an unknown association type", product(associations={"x": {"products": []}}), 422, ["`x`", "known: pair, set, u"]),
    ("an unknown associate", product(associations={"upsell": {"products": ["x"]}}), 422, ["`x`", "create it before"]),
    ("itself associated", Ask("PATCH", "/products/tent", {"associations": {"upsell": {"products": ["tent"]}}}), 422,
     ["tent", "itself"]),
    ("a quantity of nothing", product(quantified_associations={"set": {"products": [
        {"identifier": "tent", "quantity": 0}]}}), 422, ["quantity", "0", "from 1 to"]),
    ("the same axes twice", product(parent="shoe", values=values(color="red")), 422,
     ["axes (red)", "`shoe-red`", "choose another combination"]),
    ("no axes", product(parent="shoe"), 422, ["axis `color`", "needs one"]),
    ("a value of another level", product(parent="shoe", values=values(color="blue", pages=3)), 422,
     ["`pages`", "level", "known:"]),
]  # fmt: skip

VALUES: list[Case] = [
    ("an unknown attribute", valued("colour", "red"), 422, ["`colour` does not exist", "known: chart, color"]),
    ("an unknown locale", valued("name", "x", "xx_XX"), 422, ["`name`", "`xx_XX`", "known: en_GB, fr_FR"]),
    ("a locale that no channel speaks", valued("name", "x", "de_DE"), 422, ["`de_DE` is not active", "known:"]),
    ("an unknown channel", valued("description", "x", "fr_FR", "shop"), 422, ["`shop`", "known: print, web"]),
    ("a locale the channel does not speak", valued("description", "x", "en_GB", "print"), 422,
     ["`en_GB`", "`print`", "fr_FR"]),
    ("a locale for what has none", valued("pages", 3, "fr_FR"), 422, ["`pages`", "not localizable", "null", "`fr_FR`"]),
    ("no locale for what has one", valued("name", "x"), 422, ["`name`", "is localizable: give a locale"]),
    ("a channel for what has none", valued("pages", 3, None, "web"), 422, ["not scopable", "null", "`web`"]),
    ("no channel for what has one", valued("description", "x", "fr_FR"), 422, ["is scopable", "known: print, web"]),
    ("a text too long", valued("name", "x" * 256, "fr_FR"), 422, ["`name`", "256 characters", "255"]),
    ("a number for a text", valued("name", 3, "fr_FR"), 422, ["`name`", "3 is not a text"]),
    ("a NUL", valued("name", "a\0b", "fr_FR"), 422, ["NUL", "remove"]),
    ("a wrong option", valued("color", "pink"), 422, ["`color`", "`pink`", "known: blue, green, red"]),
    ("a wrong option among others", valued("tags", ["new", "old"]), 422, ["`tags`", "`old`", "known: new, sale"]),
    ("one option for many", valued("tags", "new"), 422, ["`new` is not a list of codes"]),
    ("a text for a number", valued("pages", "many"), 422, ["`pages`", "`many`", "write it like 12.5"]),
    ("half a page", valued("pages", 1.5), 422, ["1.5", "only whole numbers"]),
    ("too small a number", valued("pages", 0), 422, ["0 is below", "1"]),
    ("a measure without unit", valued("weight", 3), 422, ["`weight`", "3", '"unit"']),
    ("an unknown unit", valued("weight", {"amount": 1, "unit": "INCH"}), 422, ["`INCH`", "known: GRAM, KILOGRAM"]),
    ("a price without currency", valued("price", 9), 422, ["`price`", "9", '"currency"']),
    ("an unknown currency", valued("price", [{"amount": 1, "currency": "XXX"}]), 422, ["`XXX`", "known: EUR, GBP"]),
    ("a date that is none", valued("release", "31/12/2026"), 422, ["`31/12/2026`", "write it like 2026-11-22"]),
    ("a day that never was", valued("release", "2026-02-30"), 422, ["`2026-02-30`"]),
    ("a word for yes", valued("waterproof", "yes"), 422, ["`yes`", "neither true nor false"]),
    ("a picture that is not there", valued("picture", "a/b.png"), 422, ["`a/b.png`", "upload it first"]),
    ("a picture of another kind", valued("picture", "a/b.tiff"), 422, ["`tiff`", "png"]),
    ("an EAN that is taken", valued("ean", "123"), 422, ["`ean`", "`123`", "another product", "unique"]),
    ("a cell that is wrong", valued("chart", [row("m", "big")]), 422, ["row 1", "`chest`", "`big`", "12.5"]),
    ("a row twice", valued("chart", [row("m"), row("m")]), 422, ["row 2", "`m`", "row 1"]),
    ("a column that is not there", valued("chart", [row("m", hat=1)]), 422, ["row 1", "`hat`", "known: chest"]),
]  # fmt: skip

READING: list[Case] = [
    ("a search that is no JSON", Ask("GET", "/products", query={"search": "{"}), 400, ["`search` is no JSON"]),
    ("a search that is no object", Ask("GET", "/products", query={"search": "3"}), 422, ["3", '"operator"']),
    ("an unknown property", search(colour=[{"operator": "=", "value": 1}]), 404, ["`colour`", "properties:"]),
    ("an unknown operator", search(name=[{"operator": "LIKE", "value": "a", "locale": "fr_FR"}]), 422,
     ["`LIKE`", "`name`", "CONTAINS"]),
    ("a wrong value", search(enabled=[{"operator": "=", "value": "yes"}]), 422, ["`yes`", "neither true nor false"]),
    ("a condition that is none", search(enabled=True), 422, ["`enabled`", "True", '"operator"']),
    ("no locale", search(name=[{"operator": "EMPTY"}]), 422, ["locale", "search_locale"]),
    ("a column that is not there", search(chart=[{"operator": "EMPTY", "value": {"column": "x"}}]), 422,
     ["`x`", "known: chest"]),
    ("too large a page", listed(limit="101"), 422, ["100", "101"]),
    ("a limit that is none", listed(limit="many"), 422, ['"many"', "write 1 or more"]),
    ("page nought", listed(page="0"), 422, ['"0"', "page"]),
    ("too far a page", listed(page="101", limit="100"), 422, ["10000", "search_after"]),
    ("an unknown pagination", listed(pagination_type="offset"), 422, ["`offset`", "known: page, search_after"]),
    ("a cursor of somebody else's", listed(pagination_type="search_after", search_after="?"), 422,
     ["cursor", "`search_after` from the link `next`"]),
    ("a flag that is none", listed(with_count="maybe"), 422, ["`with_count`", "`maybe`", "true or false"]),
    ("scores that are no flag", listed(with_quality_scores="A"), 422, ["`with_quality_scores`", "`A`"]),
    ("an unknown channel", listed(scope="shop"), 422, ["`shop`", "known: print, web"]),
    ("an unknown locale", listed(locales="xx_XX"), 422, ["`xx_XX`", "known:"]),
    ("an unknown attribute", listed(attributes="colour"), 422, ["`colour`", "known:"]),
]  # fmt: skip

STRUCTURE: list[Case] = [
    ("an unknown type", an_attribute_with(type="pim_catalog_colour"), 422, ["`pim_catalog_colour`", "known:"]),
    ("a code with blanks", an_attribute_with(code="a b"), 422, ["`a b`", "a–z"]),
    ("a code that is taken", an_attribute_with(code="name"), 422, ["`name`", "patch it"]),
    ("no type", Ask("POST", "/attributes", {"code": "new", "group": "general"}), 422, ["`new`", "needs `type`"]),
    ("no group", Ask("POST", "/attributes", {"code": "new", "type": "pim_catalog_text"}), 422, ["a group", "gen"]),
    ("another type than before", Ask("PATCH", "/attributes/name", {"type": "pim_catalog_number"}), 422,
     ["type is 'pim_catalog_text' for good"]),
    ("a label in no language", an_attribute_with(labels={"xx_XX": "?"}), 422, ["`xx_XX`", "known:"]),
    ("a pattern that is none", an_attribute_with(validation_rule="regexp", validation_regexp="("), 422, ["`(`"]),
    ("a table of one column", an_attribute_with(type="pim_catalog_table", table_configuration=COLUMNS[:1]), 422,
     ["1 columns", "2 to 10"]),
    ("a family with an unknown attribute", Ask("POST", "/families", {"code": "new", "attributes": ["x"]}), 422,
     ["`x`", "known:"]),
    ("a channel that speaks nothing", Ask("POST", "/channels", {
        "code": "new", "locales": [], "currencies": ["EUR"], "category_tree": "master"}), 422, ["`new`", "one locale"]),
    ("a channel with a branch for a tree", Ask("PATCH", "/channels/web", {"category_tree": "home"}), 422,
     ["`home`", "master"]),
    ("an option of what has none", Ask("POST", "/attributes/name/options", {"code": "x"}), 422, ["`name`", "selects"]),
    ("an option of nothing", Ask("GET", "/attributes/nothing/options"), 404, ["`nothing`"]),
    ("a variant of nothing", Ask("GET", "/families/nothing/variants"), 404, ["`nothing`"]),
    ("a category below itself", Ask("PATCH", "/categories/master", {"parent": "home"}), 422, ["`master`", "`home`"]),
    ("deleting an attribute in use", Ask("DELETE", "/attributes/color"), 409, ["`color`", "family `shoes`"]),
    ("deleting an option in use", Ask("DELETE", "/attributes/color/options/red"), 409, ["`red`", "`shoe-red`"]),
    ("deleting a locale in use", Ask("DELETE", "/locales/fr_FR"), 409, ["`fr_FR`", "channel `web`"]),
    ("units as an object", Ask("PATCH", "/measurement-families", {}), 400, ["array"]),
    ("a code that differs from the address", Ask("PATCH", "/families/shoes", {"code": "boots"}), 422,
     ['"boots"', '"shoes"']),
]  # fmt: skip

DOORS: list[Case] = [
    ("nobody", Ask("GET", "/products", who=None), 401, ["Authentication is required", "Authorization: Bearer"]),
    ("a forged token", Ask("GET", "/products", who="forged"), 401, ["invalid", "/api/oauth/v1/token"]),
    ("an expired token", Ask("GET", "/products", who="expired"), 401, ["expired", "refresh token"]),
    ("another scheme", Ask("GET", "/products", headers={"Authorization": "Basic eDp5"}, who=None), 401, ["Bearer"]),
    ("a reader who writes", Ask("PATCH", "/products/tent", {"enabled": False}, who="reader"), 403, ["editor"]),
    ("an editor of structure", Ask("PATCH", "/families/shoes", {"labels": {}}, who="editor"), 403, ["administrator"]),
    ("a locale out of reach", Ask("PATCH", "/products/tent", {"values": values(name={"en_GB": "Tent"})}, who="french"),
     403, ["`en_GB`"]),
    ("a path that is not there", Ask("GET", "/prodcts"), 404, ["`/api/rest/v1/prodcts`", "GET /api/rest/v1"]),
    ("a NUL in an address", Ask("GET", "/asset-families/a%00b/attributes/c/options"), 404, ["NUL", "remove"]),
    ("a NUL in a parameter", Ask("GET", "/products", query={"draft": "a\0b"}), 422, ["`draft`", "NUL", "remove"]),
    ("a method that is not there", Ask("PUT", "/products", {}), 405, ["PUT", "allowed: ", "PATCH", "POST"]),
    ("writing to the index", Ask("POST", "", {}), 405, ["POST", "`/api/rest/v1`", "allowed: ", "GET"]),
    ("a state that is over", Ask("PATCH", "/products/tent", {"enabled": False}, {"If-Match": '"1-0123456789abcdef"'}),
     412, ["changed at revision", "you saw 1", "read it again"]),
    ("a state that never was", Ask("PATCH", "/products/tent", {"enabled": False}, {"If-Match": '"x"'}), 412, ['"x"']),
    ("a file for nothing", Ask("POST", "/media-files", files={"file": ("a.png", b"x")}), 422, ["product"]),
    ("a file for a text", Ask("POST", "/media-files", files={
        "file": ("a.png", b"x"),
        "product": (None, '{"identifier": "tent", "attribute": "ean"}')}), 422, ["`ean`", "known: picture"]),
    ("a file that is not there", Ask("GET", "/media-files/a/b.png"), 404, ["a/b.png"]),
]  # fmt: skip

CASES = [case for table in (BODIES, PRODUCTS, VALUES, READING, STRUCTURE, DOORS) for case in table]


def answered(server: tuple[str, dict[str, str]], ask: Ask) -> httpx.Response:
    base, tokens = server
    headers = dict(ask.headers) | ({"Authorization": f"Bearer {tokens[ask.who]}"} if ask.who else {})
    body: dict[str, Any] = {"content": ask.body} if isinstance(ask.body, str | bytes) else {"json": ask.body}
    if ask.files or ask.body is None:
        body = {"files": ask.files} if ask.files else {}
    return httpx.request(ask.method, base + API + ask.path, params=ask.query, headers=headers, timeout=30, **body)


@pytest.mark.parametrize(("ask", "status", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_wrong_is_told_with_the_way_out(server, ask, status, words):
    answer = answered(server, ask)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["code"] == status
    assert [word for word in words if word not in said(told)] == [], said(told)


@pytest.mark.parametrize(
    ("ask", "status", "words"), [case[1:] for case in LINE_BY_LINE], ids=[case[0] for case in LINE_BY_LINE]
)
def test_a_line_that_is_wrong_is_told_by_itself(server, ask, status, words):
    answer = answered(server, ask)
    assert answer.status_code == 200
    [line] = [json.loads(text) for text in answer.text.split("\n")]
    assert (line["line"], line["status_code"]) == (1, status)
    assert [word for word in words if word not in said(line)] == [], said(line)


def said(told: dict[str, Any]) -> str:
    """Everything that is there for people to read."""
    errors = (error["message"] for error in told.get("errors", ()))
    links = told.get("_links", {}).get("documentation", {}).get("href", "")
    return "\n".join([told["message"], *errors, links])
