import gzip
from pathlib import Path

import pytest

from pim.base.errors import InvalidInput
from pim.exports.model import Gate
from pim.syndication.artifact_output import ArtifactOutput
from pim.syndication.gate import empty_feeds, reason_to_hold
from pim.syndication.outcome import shown_item
from pim.syndication.staged import FEED, PART, RECORD, compresses
from tests.syndication.feeds import a_feed, a_rejection, an_outcome


def made_by(write, folder: Path, *outcomes):
    output = ArtifactOutput(a_feed("labels.json"), write, None, folder)
    for outcome in outcomes:
        output.take(outcome)
    output.sequence.cut(None)
    staged = {}
    output.close(lambda file: staged.update({file.name: file}))
    return staged


def test_an_artifact_is_made_from_all_accepted_items_in_order(tmp_path):
    def write(feed, items, put):
        put(feed.name, " ".join(item.key for item in items).encode(), "application/json")
        put("a.png", b"png", "image/png")

    staged = made_by(write, tmp_path, an_outcome("A"), a_rejection("B"), an_outcome("C"))
    feed, picture = staged["labels.json"], staged["a.png"]
    assert feed.path.read_bytes() == b"A C"
    assert (feed.role, feed.items, feed.rejected) == (FEED, 2, 1)
    assert (picture.role, picture.twin, picture.feed) == (PART, None, "labels.json")
    assert feed.twin is not None
    assert gzip.decompress(feed.twin.read_bytes()) == b"A C"


def test_the_items_behind_an_artifact_are_kept_with_their_index(tmp_path):
    staged = made_by(lambda feed, items, put: put(feed.name, b"{}", "application/json"), tmp_path, an_outcome("A"))
    records = [file.name for file in staged.values() if file.role == RECORD]
    assert records == [
        f"records/labels.json.{name}.gz" for name in ("items.jsonl", "items.jsonl.index.jsonl", "files.json")
    ]
    assert b'"A"' in gzip.decompress(staged[records[0]].path.read_bytes())


def test_a_file_that_a_writer_made_elsewhere_is_taken_over(tmp_path):
    made = tmp_path / "elsewhere.pdf"
    made.write_bytes(b"%PDF")
    staged = made_by(lambda feed, items, put: put(feed.name, made, "application/pdf"), tmp_path / "o", an_outcome("A"))
    assert staged["labels.json"].path.read_bytes() == b"%PDF"


def test_two_files_of_one_name_are_refused(tmp_path):
    def write(feed, items, put):
        put("a.png", b"1", "image/png")
        put("a.png", b"2", "image/png")

    with pytest.raises(InvalidInput, match=r"two files are called `a\.png`"):
        made_by(write, tmp_path, an_outcome("A"))


def test_a_writer_that_does_not_make_its_feed_is_a_bug(tmp_path):
    with pytest.raises(RuntimeError, match=r"put no file of that name"):
        made_by(lambda feed, items, put: None, tmp_path, an_outcome("A"))


def test_a_file_may_show_one_part_of_the_item_in_every_locale_that_has_it():
    outcome = an_outcome("A", page={"loc": "x"})
    outcome.fields["en_GB"] = {"id": "A"}
    assert shown_item(outcome, None, "page").fields == {"fr_FR": {"loc": "x"}}
    assert shown_item(outcome, "fr_FR", "page").fields == {"loc": "x"}
    assert shown_item(outcome, "en_GB", "page") is None


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [("text/html; charset=utf-8", True), ("application/ld+json", True), ("application/rss+xml", True),
     ("image/svg+xml", True), ("image/png", False), ("application/pdf", False), ("application/gzip", False)],
)  # fmt: skip
def test_only_what_shrinks_gets_a_gzip_twin(media_type, expected):
    assert compresses(media_type) is expected


class Count:
    def __init__(self, items: int, rejected: int = 0) -> None:
        self.items, self.rejected = items, rejected


GATED = [
    ({"a": Count(0, 9)}, {}, "no item was accepted"),
    ({"a": Count(1)}, {}, None),
    ({"a": Count(80)}, {"a": Count(100)}, None),
    ({"a": Count(79)}, {"a": Count(100)}, "`a` would shrink from 100 to 79 items (21%; the limit is 20%)"),
    ({"a": Count(0), "b": Count(9)}, {"a": Count(5), "b": Count(9)}, "`a` would be empty; it has 5 items now"),
    (
        {"a": Count(6, 4)}, {"a": Count(9, 1)}, "`a` would shrink from 9 to 6 items (33%; the limit is 20%); "
        "`a` would reject 4 of 10 items (30% more than now; the limit is 20%)",
    ),
    ({"a": Count(60, 40)}, {"a": Count(60)}, "`a` would reject 40 of 100 items (40% more than now; the limit is 20%)"),
    ({"a": Count(100, 40)}, {"a": Count(100, 35)}, None),
    ({"new": Count(3)}, {"gone": Count(100)}, None),
]  # fmt: skip


@pytest.mark.parametrize(("feeds", "current", "reason"), GATED)
def test_the_gate_holds_what_shrinks_or_rejects_sharply(feeds, current, reason):
    assert reason_to_hold(Gate(), feeds, current) == reason


def test_only_a_feed_that_never_had_items_is_left_out():
    feeds = {"never": Count(0), "was": Count(0), "is": Count(1)}
    assert empty_feeds(feeds, {"was": Count(1)}) == ["never"]
