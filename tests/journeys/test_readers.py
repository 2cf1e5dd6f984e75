"""Who pulls a feed reads it whole, whatever becomes of the runs that make it and whichever program reads."""

import hashlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import httpx
import lxml.html
import pytest

from pim.versioning.store import head_revision
from tests.api.servers import serving
from tests.browser import chromium, in_a_browser
from tests.makers import a_product, commit, given
from tests.syndication.incremental import PRODUCTS, assert_as_if_whole, both_grains, codes_and_beginnings
from tests.syndication.runs import a_hat, an_export, run, storage_of
from tests.syndication.stopping import stopped
from tests.syndication.test_run_export import once_the_lock_is_free

CODES = codes_and_beginnings("P", 6, 4)
MOMENTS = [("root spliced", 2), ("range rendered", 2), ("made current", 2)]


def test_who_pulls_while_runs_are_killed_and_repeated_reads_only_whole_feeds(database, settings):
    """Each goes on from the last publication; where ranges are rendered, a new definition wants all of an export."""
    given(database, *(a_hat(code) for code in CODES), a_hat("Z", price=None))
    exports = both_grains(settings, keep=1)
    newest = whole_feeds(database, exports)
    run(database, exports)
    known = set(newest)
    with serving(exports, database, storage_of(exports), {}) as url, reading(url, newest) as seen:
        for number, (moment, times) in enumerate(MOMENTS):
            commit(database, *(a_hat(code, f"1{number}.00") for code in CODES[::3]), a_hat(f"new{number}"))
            if moment == "range rendered":
                both_grains(exports, {**PRODUCTS, "tagline": "$family"}, keep=1)
            newest = whole_feeds(database, exports)
            known |= newest
            with stopped(exports, moment, times) as (process, victim):
                os.kill(victim, signal.SIGKILL)
                process.wait(timeout=60)
            once_the_lock_is_free(database, exports)
    assert newest <= seen <= known
    assert_as_if_whole(database, exports)


Feeds = set[tuple[str, str]]
"""(path below /feeds, SHA-256)"""


def whole_feeds(database, settings) -> Feeds:
    """As a run makes them that nobody disturbs, which copies nothing."""
    with database.session() as session:
        revision = head_revision(session)
    result = run(database, settings, as_of=revision)
    return {(f"{export.name}/{feed.file}", feed.sha256) for export in result.exports for feed in export.feeds}


@contextmanager
def reading(url: str, feeds: Feeds) -> Iterator[Feeds]:
    """What somebody sees who pulls these feeds again and again, until after the block."""
    seen: Feeds = set()
    ended = threading.Event()
    reader = threading.Thread(target=read_in_a_loop, args=(url, sorted(dict(feeds)), ended, seen))
    reader.start()
    try:
        yield seen
    finally:
        ended.set()
        reader.join(timeout=30)


def read_in_a_loop(url: str, paths: list[str], ended: threading.Event, seen: Feeds) -> None:
    """In both encodings. What has been read is asked for again only if it changed."""
    had: dict[tuple[str, str], tuple[str, str]] = {}
    last = False
    with httpx.Client(base_url=f"{url}/feeds/") as client:
        while not last:
            last = ended.wait(0.2)
            for path, encoding in product(paths, ("gzip", "identity")):
                tag, digest = had.get((path, encoding), ("", ""))
                answer = client.get(path, headers={"Accept-Encoding": encoding, "If-None-Match": tag})
                if answer.status_code != 304:
                    digest = sha256(answer.content) if answer.status_code == 200 else f"status {answer.status_code}"
                    had[path, encoding] = answer.headers.get("etag", ""), digest
                seen.add((path, digest))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


READ_IN_A_PAGE = """<pre id="read"></pre><script>
  const asked = new XMLHttpRequest();
  asked.open("GET", "FEED", false);
  asked.overrideMimeType("text/plain; charset=x-user-defined");
  asked.send();
  const hex = (letter) => (letter.charCodeAt(0) & 255).toString(16).padStart(2, "0");
  read.textContent = Array.from(asked.responseText, hex).join("");
</script>"""


@in_a_browser
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl: apt-get install curl to read feeds with it")
def test_every_program_reads_the_same_of_a_feed_whose_segments_were_copied(database, settings, tmp_path):
    codes = codes_and_beginnings("P", 30, 8)
    given(database, *(a_hat(code) for code in codes))
    exports = an_export(settings, files=[{"name": "{locale}.xml", "writer": "rss"}])
    run(database, exports)
    commit(database, a_hat(codes[4], en="Cap", fr="Béret"), a_product(codes[9], enabled=False))
    (made,) = run(database, exports).exports
    assert made.copied_from == 1
    (expected,) = [feed.sha256 for feed in made.feeds if feed.file == "fr_FR.xml"]
    with serving(exports, database, storage_of(exports), {}) as base:
        feed = f"{base}/feeds/shop/fr_FR.xml"
        twin = output_of("curl", "-sS", "-H", "Accept-Encoding: gzip", feed)
        read = {
            "curl": output_of("curl", "-sS", "--compressed", feed),
            "httpx": httpx.get(feed).content,
            "gunzip": output_of("gunzip", "-c", given=twin),
            "chromium": read_by_chromium(feed, tmp_path),
        }
    assert twin.startswith(b"\x1f\x8b")
    assert {program: sha256(content) for program, content in read.items()} == dict.fromkeys(read, expected)


def output_of(*command: str, given: bytes = b"") -> bytes:
    return subprocess.run(command, input=given, capture_output=True, timeout=60, check=True).stdout


def read_by_chromium(feed: str, folder: Path) -> bytes:
    """What a script gets. The page is a file, so the browser has to be told that it may read from a server."""
    page = folder / "page.html"
    page.write_text(READ_IN_A_PAGE.replace("FEED", feed))
    shown = chromium("--disable-web-security", "--dump-dom", f"file://{page}", profile=folder / "profile")
    return bytes.fromhex(lxml.html.fromstring(shown.stdout).get_element_by_id("read").text_content())
