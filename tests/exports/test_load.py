"""Definitions of exports: what is wrong with one is said at once, with file, line and the names that are known."""

from pathlib import Path

import pytest

from pim.base.errors import InvalidInput, NotFound
from pim.exports.load import definition_digest, load_definition, load_definitions, load_item_schema

EXPORT = """\
channel: [shop]
grain: product
schema: google_merchant/2026-11
files: [{name: "{locale}.xml", writer: rss}]
"""
ROOT = EXPORT.replace("product", "root")
MAPPING = "id: $code\ntitle: name\n"


def folder_with(at: Path, export: str = EXPORT, mapping: str = MAPPING, **files: str) -> Path:
    folder = at / "demo"
    folder.mkdir(exist_ok=True)
    (folder / "export.yaml").write_text(export, encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


INVALID: list[tuple[str, str, str, str]] = [
    # (what, export.yaml, mapping.yaml, the message)
    (
        "a key nobody knows",
        EXPORT + "chanel: [x]\n",
        MAPPING,
        "demo/export.yaml:5: unknown key `chanel`; known: assortment",
    ),
    ("a key twice", EXPORT + "grain: root\n", MAPPING, "demo/export.yaml:5: `grain` stands here a second time"),
    ("no YAML", "channel: [", MAPPING, "demo/export.yaml:1: not YAML"),
    ("no channel", EXPORT.replace("channel: [shop]\n", ""), MAPPING, "demo/export.yaml:1: `channel` is missing"),
    (
        "another grain",
        EXPORT.replace("product", "shelf"),
        MAPPING,
        "export.yaml:2: unknown grain `shelf`; known: product, root",
    ),
    ("another writer", EXPORT.replace("rss", "xls"), MAPPING, "export.yaml:4: unknown writer `xls`; known: csv, json"),
    (
        "no such schema",
        EXPORT.replace("google_merchant/", "gogle/"),
        MAPPING,
        "export.yaml:3: item schema `gogle/2026-11` is",
    ),
    (
        "a loop of locales",
        EXPORT + "fallbacks:\n  fr_FR: [en_GB, fr_FR]\n",
        MAPPING,
        "export.yaml:6: the locales fr_FR falls",
    ),
    (
        "a time zone",
        EXPORT + "timezone: Paris\n",
        MAPPING,
        "export.yaml:5: unknown time zone `Paris`; use an IANA name",
    ),
    ("a secret", EXPORT + "token: s3cret!\n", MAPPING, "export.yaml:5: `token` is `s3cret!`; it must match"),
    (
        "a part nobody maps",
        EXPORT.replace("rss}", "rss, part: page}"),
        MAPPING,
        "`part` names no field of the mapping: `page`",
    ),
    ("a wrong type", EXPORT + "keep: many\n", MAPPING, "export.yaml:5: `keep` is `many`; it must be a whole number"),
    (
        "two files",
        EXPORT.replace("[{", '[{name: "{locale}.xml", writer: csv}, {'),
        MAPPING,
        "two files are called `{locale}.xml`",
    ),
    (
        "a condition",
        EXPORT + "assortment: {where: {color: {like: x}}}\n",
        MAPPING,
        "unknown key `like`; known: below, in, is",
    ),
    (
        "an unknown field",
        EXPORT,
        "id: $code\ntitel: name\n",
        "demo/mapping.yaml:2: field `titel` is not in item schema google",
    ),
    (
        "a nested field",
        EXPORT,
        "shipping: {each: [{fields: {land: {const: FR}}}]}\n",
        "mapping.yaml:1: field `land` is not in",
    ),
    (
        "a required field that is none",
        EXPORT,
        "title: {fields: {a: name}, requires: [b]}\n",
        "`requires` names no field of this object: `b`; known: a",
    ),
    (
        "no source",
        EXPORT,
        "title: {then: [upper]}\n",
        "mapping.yaml:1: `title` takes its value from nowhere; needs one of: from",
    ),
    (
        "two sources",
        EXPORT,
        "title:\n  from: name\n  const: x\n",
        "mapping.yaml:1: `title` takes its value from `from` and from",
    ),
    (
        "an unknown transform",
        EXPORT,
        "title: {from: name, then: [strip]}\n",
        "unknown transform `strip`; known: absolute_url",
    ),
    (
        "a parameter too few",
        EXPORT,
        "title: {from: name, then: [truncate]}\n",
        "transform `truncate` needs a parameter",
    ),
    (
        "a parameter too many",
        EXPORT,
        "title: {from: name, then: [{upper: 3}]}\n",
        "transform `upper` takes no parameter",
    ),
    (
        "a parameter of another type",
        EXPORT,
        "title:\n  from: name\n  then:\n    - {truncate: ten}\n",
        "mapping.yaml:4: `title.then.0",
    ),
    ("label too late", EXPORT, "brand: {from: brand, then: [upper, label]}\n", "`label` must be the first transform"),
    ("an unknown fact", EXPORT, "title: $cod\n", "mapping.yaml:1: unknown `$cod`; known: $all_categories"),
    ("an entry of nothing", EXPORT, "title: $entry\n", "`$entry` means something only below `for_each`"),
    ("an unknown constant", EXPORT, "title: $constants.shop\n", "mapping.yaml:1: unknown constant `shop`; known: none"),
    (
        "an unknown placeholder",
        EXPORT,
        'link: {from: name, then: [{prefix: "{shop}/"}]}\n',
        "unknown `{shop}`; known: country",
    ),
    (
        "no lookup file",
        EXPORT,
        "title: {from: name, map: words.yaml}\n",
        "lookup file `words.yaml` is not in the folder",
    ),
    ("no template file", EXPORT, "title: {template_file: t.j2}\n", "template `t.j2` is not in the folder; known: none"),
    (
        "a template's syntax",
        EXPORT,
        'title: {template: "{% if %}"}\n',
        "line 1 of the template: Expected an expression",
    ),
    ("a template's filter", EXPORT, "title: {template: \"{{ 'a'|center }}\"}\n", "No filter named 'center'"),
    (
        "a template's name",
        EXPORT,
        'title: {template: "{{ nam }}", with: {name: name}}\n',
        "uses `nam`, which `with` does not give",
    ),
    (
        "with without template",
        EXPORT,
        "title: {from: name, with: {a: b}}\n",
        "`with` gives names to a template, and there is no",
    ),
    ("variants of a product", EXPORT, "title: {variants: {from: name}}\n", "only `grain: root` has variants"),
    ("no item", ROOT, MAPPING, "mapping.yaml:1: `item` is missing"),
    ("unknown variants", ROOT, "item: {title: {variants: all}}\n", "unknown mapping of variants `all`; known: none"),
    (
        "variants of variants",
        ROOT,
        "item: {title: {variants: v}}\nvariants: {v: {a: {variants: v}}}\n",
        "a variant has no variants",
    ),
]


@pytest.mark.parametrize(
    ("export", "mapping", "message"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
def test_a_mistake_is_shown_where_it_stands(tmp_path: Path, export: str, mapping: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_definition(folder_with(tmp_path, export, mapping))
    assert any(message in violation.message for violation in caught.value.violations), caught.value


def test_every_mistake_is_shown_at_once(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, EXPORT + "keep: 0\ntoken: x\n", "title: {then: []}\nid: {from: $code, then: [x]}\n")
    with pytest.raises(InvalidInput) as caught:
        load_definition(folder)
    assert len(caught.value.violations) == 4


def test_a_mistake_in_a_template_file_names_its_line(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, EXPORT, "title: {template_file: title.j2}\n", title__j2="fine\n{{ oh")
    with pytest.raises(InvalidInput, match=r"mapping.yaml:1: title.j2:2: "):
        load_definition(folder)


def test_no_and_dates_are_text_in_yaml(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path, EXPORT, "title: {from: name, map: words.yaml}\n", words__yaml="no: NO\nday: 2026-01-01\n"
    )
    assert load_definition(folder).lookups["words.yaml"] == {"no": "NO", "day": "2026-01-01"}


def test_an_anchor_with_additions_is_the_anchored_mapping_and_more(tmp_path: Path) -> None:
    mapping = "title: &name {from: name, then: [upper]}\nbrand: {<<: *name, then: [lower]}\n"
    definition = load_definition(folder_with(tmp_path, EXPORT, mapping))
    assert definition.mapping["brand"] == {"from": "name", "then": ["lower"]}


def test_the_digest_follows_what_a_rendering_depends_on(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    before = definition_digest(folder)
    (folder / "examples").mkdir()
    (folder / "examples" / "items.json").write_text("{}")
    assert definition_digest(folder) == before
    (folder / "mapping.yaml").write_text(MAPPING + "brand: brand\n")
    assert definition_digest(folder) != before


def test_all_definitions_are_loaded_and_all_mistakes_told(tmp_path: Path) -> None:
    for name, mapping in (("good", MAPPING), ("bad", "x: y\n"), ("worse", "z: y\n")):
        (tmp_path / name).mkdir()
        folder_with(tmp_path / name, mapping=mapping).rename(tmp_path / f"{name}_export")
    with pytest.raises(InvalidInput) as caught:
        load_definitions(tmp_path)
    assert [v.message.split("/")[0] for v in caught.value.violations] == ["bad_export", "worse_export"]


def test_a_name_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    folder_with(tmp_path)
    with pytest.raises(NotFound, match=r"export `dem`.*known: demo"):
        load_definition(tmp_path / "dem")
    with pytest.raises(NotFound, match=r"known: .*google_merchant/2026-11"):
        load_item_schema("nothing/2026-11")
