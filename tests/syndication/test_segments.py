import gzip
import io
import json
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from pim.syndication.segments import (
    SEGMENT_ROOTS,
    IndexWriter,
    Segment,
    SegmentedFile,
    begins_segment,
    deflated,
    inflated,
    read_index,
)
from pim.syndication.sequence_output import SequenceOutput
from pim.syndication.staged import FEED, PART, StagedFile
from pim.syndication.writers import WRITERS
from pim.syndication.writers.json_array import JsonArrayWriter
from pim.syndication.writers.json_lines import JsonLinesWriter
from pim.syndication.writers.shards import ShardsWriter
from pim.syndication.writers.sitemap import SitemapWriter
from tests.syndication.feeds import a_feed, a_rejection, an_outcome
from tests.syndication.incremental import codes_and_beginnings

segments = st.lists(st.lists(st.binary(min_size=1, max_size=200), max_size=5), max_size=12)


@given(segments, st.binary(max_size=20), st.sampled_from([b"", b",\n"]), st.binary(max_size=20))
def test_the_twin_of_any_feed_is_one_gzip_member_that_inflates_to_the_plain_file(parts, header, separator, footer):
    with TemporaryDirectory() as folder:
        plain, twin = Path(folder, "plain"), Path(folder, "twin")
        file = SegmentedFile(header, separator, footer, plain, twin)
        for number, items in enumerate(parts):
            segment = Segment(separator)
            for index, content in enumerate(items):
                segment.add(f"product/{number}-{index}", "product/x", content)
            file.append(segment.sealed("", None), 0)
        file.close()
        member = zlib.decompressobj(31)
        assert member.decompress(twin.read_bytes()) == plain.read_bytes()
        assert member.eof
        assert member.unused_data == b""
        assert plain.read_bytes() == header + separator.join(c for items in parts for c in items) + footer


@given(segments)
def test_the_index_finds_every_segment_in_both_files_and_every_item_in_its_segment(parts):
    with TemporaryDirectory() as folder:
        plain, twin = Path(folder, "plain"), Path(folder, "twin")
        file = SegmentedFile(b"<", b",", b">", plain, twin)
        index = IndexWriter(Path(folder, "index"))
        for number, items in enumerate(parts):
            segment = Segment(b",")
            for at, content in enumerate(items):
                segment.add(f"product/{number}-{at}", "product/x", content)
            index.add(file.append(segment.sealed(str(number), str(number + 1)), 0))
        file.close()
        index.close()
        records = list(read_index(io.BytesIO(Path(folder, "index").read_bytes())))
        for record, items in zip(records, parts, strict=True):
            content = plain.read_bytes()[record.offset : record.offset + record.length]
            block = twin.read_bytes()[record.gzip_offset : record.gzip_offset + record.gzip_length]
            assert inflated(block) == content
            assert isal_zlib.crc32(content) == record.crc
            assert [content[item.offset : item.offset + item.length] for item in record.items] == items


def test_a_deflated_segment_can_be_copied_anywhere():
    first, second = b"first" * 100, b"second" * 100
    member = zlib.decompressobj(-15)
    assert member.decompress(deflated(second) + deflated(first) + deflated(second)) == second + first + second


def test_about_one_root_in_thirty_two_begins_a_segment():
    begins = sum(begins_segment(f"product/SKU-{number}") for number in range(32_000))
    assert 850 < begins < 1150


def test_where_a_part_begins_a_segment_does():
    keys = [f"product/{number}" for number in range(50_000)]
    begins = [key for key in keys if begins_segment(key, SEGMENT_ROOTS * 64)]
    assert begins
    assert all(begins_segment(key) for key in begins)


def stage_all(output: SequenceOutput, cuts: int = 1, outcomes=()) -> dict[str, StagedFile]:
    for number, outcome in enumerate(outcomes):
        if number and not number % cuts:
            output.cut(outcome.root_key)
        output.take(outcome)
    output.cut(None)
    staged: dict[str, StagedFile] = {}
    output.close(lambda file: staged.update({file.name: file}))
    return staged


def output_of(writer, folder: Path) -> SequenceOutput:
    folder.mkdir(exist_ok=True)
    return SequenceOutput(writer._feed if hasattr(writer, "_feed") else a_feed("feed.json"), writer, None, folder)


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 7))
def test_an_array_is_valid_json_however_its_segments_fall(accepted, cuts):
    with TemporaryDirectory() as folder:
        outcomes = [an_outcome(f"{n:03}") if good else a_rejection(f"{n:03}") for n, good in enumerate(accepted)]
        output = output_of(JsonArrayWriter(a_feed("feed.json")), Path(folder))
        feed = stage_all(output, cuts, outcomes)["feed.json"]
        ids = [item["id"] for item in json.loads(feed.path.read_bytes())]
        assert ids == [f"{n:03}" for n, good in enumerate(accepted) if good]
        assert (feed.items, feed.rejected) == (accepted.count(True), accepted.count(False))


def test_a_rejected_item_stands_in_the_index_of_its_segment(tmp_path):
    output = output_of(JsonLinesWriter(a_feed()), tmp_path)
    staged = stage_all(output, 2, [an_outcome("A"), a_rejection("B"), an_outcome("C")])
    with gzip.open(staged["records/feed.json.index.jsonl.gz"].path) as lines:
        records = list(read_index(lines))
    assert [[item.id for item in record.items] for record in records] == [["product/A"], ["product/C"]]
    assert [rejected.id for rejected in records[0].rejected] == ["product/B"]
    assert [(record.start, record.until) for record in records] == [("", "product/C"), ("product/C", None)]


def test_the_same_items_cut_elsewhere_give_the_same_plain_bytes(tmp_path):
    outcomes = [an_outcome(f"{number}") for number in range(20)]
    once = stage_all(output_of(JsonArrayWriter(a_feed()), tmp_path / "a"), 3, outcomes)["feed.json"]
    again = stage_all(output_of(JsonArrayWriter(a_feed()), tmp_path / "b"), 7, outcomes)["feed.json"]
    assert once.sha256 == again.sha256


def sitemap_of(folder: Path, pages: int, entries: int) -> dict[str, StagedFile]:
    writer = SitemapWriter(a_feed("sitemap.xml", locale=None))
    writer.parting = type(writer.parting)(roots=1 << 40, entries=entries, bytes=1 << 30, gzip_bytes=1 << 30)
    outcomes = [
        an_outcome(f"{n:03}", loc=f"https://shop.example/{n}", lastmod=f"2026-01-{n + 1:02}") for n in range(pages)
    ]
    return stage_all(output_of(writer, folder), 2, outcomes)


def test_a_sitemap_that_fits_is_one_file(tmp_path):
    staged = sitemap_of(tmp_path, 10, 10)
    assert b"<urlset" in staged["sitemap.xml"].path.read_bytes()
    assert not [file for file in staged.values() if file.role == PART]


def test_a_sitemap_beyond_its_limit_becomes_parts_and_an_index_of_them(tmp_path):
    staged = sitemap_of(tmp_path, 10, 4)
    index = staged["sitemap.xml"].path.read_bytes()
    assert index.count(b"<sitemap>") == 3
    assert b"https://pim.example/feeds/demo/sitemap-2.xml" in index
    assert b"<lastmod>2026-01-04</lastmod>" in index
    assert [file.items for file in staged.values() if file.role == PART] == [4, 4, 2]
    assert staged["sitemap.xml"].items == 10


@pytest.mark.parametrize(("most", "parts"), [(4, [4, 4, 2]), (10, [])])
def test_only_a_document_that_would_hold_too_many_entries_becomes_several_whole_ones(tmp_path, most, parts):
    feed = a_feed("feed.json", options={"most": most, "list": "messages", "envelope": {"version": "2"}})
    outcomes = [an_outcome(code) for code in codes_and_beginnings("P", 0, 10)]
    staged = stage_all(output_of(WRITERS["json"](feed), tmp_path), 2, outcomes)
    documents = [file for file in staged.values() if file.role == PART] or [staged["feed.json"]]
    read = [json.loads(document.path.read_bytes()) for document in documents]
    assert [len(one["messages"]) for one in read] == (parts or [10])
    assert all(one["version"] == "2" for one in read)


def test_a_sheet_that_would_be_too_long_becomes_several_with_headers_of_their_own(tmp_path):
    feed = a_feed("feed.csv", options={"most_bytes": 20, "columns": ["id"]})
    outcomes = [an_outcome(f"{n:03}") for n in range(6)]
    staged = stage_all(output_of(WRITERS["csv"](feed), tmp_path), 1, outcomes)
    parts = [file for file in staged.values() if file.role == PART]
    assert [file.path.read_bytes().split() for file in parts] == [
        [b"id", b"000", b"001", b"002"], [b"id", b"003", b"004", b"005"],
    ]  # fmt: skip
    assert [one["name"] for one in json.loads(staged["feed.csv"].path.read_bytes())["parts"]] == [
        "feed-1.csv", "feed-2.csv",
    ]  # fmt: skip


def shards_of(folder: Path, items: int, most: int) -> dict[str, StagedFile]:
    feed = a_feed("catalog-fr_FR.json", options={"shard_bytes": most})
    outcomes = [an_outcome(f"{n:03}", text=f"{n * 7919}" * 40, updated_at=f"2026-01-{n + 1:02}") for n in range(items)]
    return stage_all(output_of(ShardsWriter(feed), folder), 2, outcomes)


def test_the_manifest_of_shards_tells_their_digests_sizes_and_counts(tmp_path):
    staged = shards_of(tmp_path, 20, 700)
    manifest = json.loads(staged["catalog-fr_FR.json"].path.read_bytes())
    shards = {file.name: file for file in staged.values() if file.role == PART}
    assert len(shards) > 1
    assert manifest["total"] == 20 == sum(shard["count"] for shard in manifest["shards"])
    assert manifest["generated_at"] == "2026-01-20"
    lines: list[bytes] = []
    for entry in manifest["shards"]:
        file = shards[entry["url"].removeprefix("https://pim.example/feeds/demo/")]
        assert (entry["sha256"], entry["bytes"]) == (file.sha256, file.path.stat().st_size)
        assert entry["bytes"] <= 700
        assert file.sha256[:16] in file.name
        lines += gzip.decompress(file.path.read_bytes()).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"{n:03}" for n in range(20)]


def test_one_changed_item_changes_its_shard_and_no_other(tmp_path):
    before = {file.name for file in shards_of(tmp_path / "a", 20, 700).values() if file.role == PART}
    feed = a_feed("catalog-fr_FR.json", options={"shard_bytes": 700})
    outcomes = [an_outcome(f"{n:03}", text=f"{n * 7919}" * 40, updated_at=f"2026-01-{n + 1:02}") for n in range(19)]
    outcomes.append(an_outcome("019", text="new", updated_at="2026-02-01"))
    staged = stage_all(output_of(ShardsWriter(feed), tmp_path / "b"), 2, outcomes)
    after = {file.name for file in staged.values() if file.role == PART}
    assert len(before - after) == 1
    assert [file.role for file in staged.values()].count(FEED) == 1
