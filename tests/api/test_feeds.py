import gzip
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from pim.base.database import Database, open_database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.catalog.tables import MediaFileRow
from tests.api.servers import serving
from tests.conftest import copied_database, settings_in
from tests.makers import commit, given
from tests.syndication.runs import FILES, a_hat, an_export, run

SECRET = "s3cret-of-the-shop"
MEDIA = "ab/cd/hat.png"

client = httpx.Client(verify=False)


@dataclass(frozen=True)
class Shop:
    """A served catalogue whose exports `shop` and `closed` (which needs a token) are published."""

    url: str
    database: Database
    settings: Settings

    def feed(self, file: str = "fr_FR.jsonl") -> str:
        return f"{self.url}/feeds/shop/{file}"


@pytest.fixture(scope="module")
def shop(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = settings_in(tmp_path_factory.mktemp("home"), copied_database(template_url))
    with open_database(settings) as database:
        given(database, *(a_hat(f"HAT-{number:03}") for number in range(40)))
        an_export(settings, "closed", token="SHOP_TOKEN")
        shards = {"name": "app-{locale}.json", "writer": "shards"}
        settings = an_export(settings, files=[*FILES, {"name": "rss-{locale}.xml", "writer": "rss"}, shards])
        run(database, settings)
        storage = open_storage(settings)
        storage.put(f"media/{MEDIA}", b"picture", "image/png")
        with database.session() as session:
            session.add(a_media_file())
        with serving(settings, database, storage, {"SHOP_TOKEN": SECRET}) as url:
            yield Shop(url, database, settings)


def a_media_file() -> MediaFileRow:
    digest = hashlib.sha256(b"picture").hexdigest()
    return MediaFileRow(
        code=MEDIA, original_filename="hat.png", media_type="image/png", size=7, sha256=digest, width=None, height=None,
        created=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


def plain(url: str, **headers: str) -> httpx.Response:
    return client.get(url, headers={"Accept-Encoding": "identity", **headers})


def test_a_feed_comes_complete_with_its_type_length_and_digest(shop):
    answer = plain(shop.feed())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert len(answer.content.splitlines()) == 40


def test_text_says_its_encoding(shop):
    assert plain(shop.feed("fr_FR.csv")).headers["content-type"] == "text/csv; charset=utf-8"


def test_what_comes_compressed_is_the_same(shop):
    compressed = client.get(shop.feed())
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.content == plain(shop.feed()).content


def test_each_encoding_has_its_own_tag_and_both_say_what_they_vary_by(shop):
    one, other = plain(shop.feed()), client.get(shop.feed())
    assert one.headers["etag"] != other.headers["etag"]
    assert one.headers["vary"] == other.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip", "gzip"), ("gzip;q=0", None), ("*", "gzip"), ("*;q=0.1, identity;q=0.5", None), ("br", None),
     ("identity, gzip;q=0.5", None), ("deflate, gzip;q=0.8", "gzip"), ("gzip;q=rubbish", None)],
)  # fmt: skip
def test_gzip_is_sent_only_where_it_is_welcome(shop, accept, encoding):
    answer = plain(shop.feed(), **{"Accept-Encoding": accept})
    assert answer.headers.get("content-encoding") == encoding


def test_a_known_tag_is_answered_without_a_body(shop):
    first = plain(shop.feed())
    for tag in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = plain(shop.feed(), **{"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_the_tag_of_one_encoding_does_not_stand_for_the_other(shop):
    compressed = client.get(shop.feed())
    assert plain(shop.feed(), **{"If-None-Match": compressed.headers["etag"]}).status_code == 200


def test_a_date_decides_only_where_no_tag_does(shop):
    first = plain(shop.feed())
    modified = first.headers["last-modified"]
    assert plain(shop.feed(), **{"If-Modified-Since": modified}).status_code == 304
    assert plain(shop.feed(), **{"If-Modified-Since": "Mon, 02 Jan 2006 15:04:05 GMT"}).status_code == 200
    assert plain(shop.feed(), **{"If-Modified-Since": modified, "If-None-Match": '"x"'}).status_code == 200
    assert plain(shop.feed(), **{"If-Modified-Since": "yesterday"}).status_code == 200


def test_head_says_what_get_would_and_sends_nothing(shop):
    get, head = plain(shop.feed()), client.head(shop.feed(), headers={"Accept-Encoding": "identity"})
    names = ["content-length", "etag", "last-modified", "content-type", "cache-control", "accept-ranges"]
    assert head.content == b""
    assert [head.headers[name] for name in names] == [get.headers[name] for name in names]


@pytest.mark.parametrize(("wanted", "part"), [("bytes=0-9", slice(10)), ("bytes=10-", slice(10, None)), ("bytes=-5", slice(-5, None)), ("bytes=5-9999999", slice(5, None))])  # fmt: skip  # noqa: E501
def test_a_range_is_that_part_of_the_file(shop, wanted, part):
    whole = plain(shop.feed()).content
    answer = plain(shop.feed(), Range=wanted)
    assert (answer.status_code, answer.content) == (206, whole[part])
    start, end, _ = part.indices(len(whole))
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"


def test_a_range_applies_to_the_representation_chosen(shop):
    headers = {"Accept-Encoding": "gzip"}
    with client.stream("GET", shop.feed(), headers=headers) as answer:
        whole = b"".join(answer.iter_raw())
    with client.stream("GET", shop.feed(), headers={**headers, "Range": "bytes=3-20"}) as answer:
        assert b"".join(answer.iter_raw()) == whole[3:21]
    assert gzip.decompress(whole) == plain(shop.feed()).content


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_file_is_refused_with_its_length(shop, wanted):
    length = len(plain(shop.feed()).content)
    answer = plain(shop.feed(), Range=wanted)
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{length}")


@pytest.mark.parametrize("wanted", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-"])
def test_a_range_we_do_not_serve_is_answered_with_the_whole(shop, wanted):
    assert plain(shop.feed(), Range=wanted).status_code == 200


def test_a_broken_off_pull_goes_on_only_with_the_same_bytes(shop):
    first = plain(shop.feed())
    for fits in (first.headers["etag"], first.headers["last-modified"]):
        assert plain(shop.feed(), **{"Range": "bytes=5-", "If-Range": fits}).status_code == 206
    for stale in ('"old"', f"W/{first.headers['etag']}", "Mon, 02 Jan 2006 15:04:05 GMT"):
        assert plain(shop.feed(), **{"Range": "bytes=5-", "If-Range": stale}).status_code == 200


def test_a_name_that_carries_its_digest_is_cached_for_good_others_are_asked_again(shop):
    manifest = plain(shop.feed("app-fr_FR.json"))
    assert manifest.headers["cache-control"] == "no-cache"
    (entry,) = manifest.json()["shards"]
    shard = plain(f"{shop.url}/{entry['url'].removeprefix('http://pim.example/')}")
    assert shard.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashlib.sha256(shard.content).hexdigest() == entry["sha256"]
    assert len(gzip.decompress(shard.content).splitlines()) == entry["count"] == 40


def test_a_shard_of_the_former_manifest_stays_while_its_publication_is_kept(shop):
    (entry,) = plain(shop.feed("app-en_GB.json")).json()["shards"]
    commit(shop.database, a_hat("HAT-000", en="Bonnet", fr="Chapeau HAT-000"))
    run(shop.database, shop.settings, "shop")
    (newer,) = plain(shop.feed("app-en_GB.json")).json()["shards"]
    assert newer["url"] != entry["url"]
    assert plain(f"{shop.url}/{entry['url'].removeprefix('http://pim.example/')}").status_code == 200


@pytest.mark.parametrize(
    ("path", "detail"),
    [("shop/nothing.xml", "export `shop` has no file `nothing.xml`; known: all.json, app-en_GB.json"),
     ("nowhere/x.xml", "export `nowhere` has no publication; known: closed, shop"),
     ("shop/records/report.jsonl.gz", "export `shop` has no file `records/report.jsonl.gz`"),
     ("shop/../closed/all.json", ""), ("shop/%2e%2e/closed/all.json", "")],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_that_names_what_is(shop, path, detail):
    answer = client.get(f"{shop.url}/feeds/{path}")
    if answer.status_code == 401:  # the client itself has resolved the dots
        return
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["detail"].startswith(detail)


def test_a_feed_with_a_token_opens_to_its_bearer_only(shop):
    feed = f"{shop.url}/feeds/closed/all.json"
    refused = client.get(feed)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="feeds"')
    assert client.get(feed, params={"token": "wrong"}).status_code == 401
    assert client.get(feed, params={"token": SECRET}).status_code == 200
    opened = client.get(feed, headers={"Authorization": f"Bearer {SECRET}"})
    assert (opened.status_code, opened.headers["cache-control"]) == (200, "private, no-cache")


def test_a_token_never_reaches_the_log(shop, lines):
    client.get(f"{shop.url}/feeds/closed/all.json", params={"x": "1", "token": SECRET})
    assert "closed/all.json" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_the_list_names_every_feed_and_no_secret(shop):
    listed = client.get(f"{shop.url}/feeds")
    exports = {export["name"]: export for export in listed.json()["exports"]}
    assert [exports[name]["needs_token"] for name in ("closed", "shop")] == [True, False]
    assert "http://pim.example/feeds/shop/fr_FR.jsonl" in [file["url"] for file in exports["shop"]["files"]]
    assert SECRET not in listed.text


def test_a_reader_never_sees_half_a_feed_while_new_ones_are_published(shop):
    stop, seen = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            answer = plain(shop.feed())
            is_whole = answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
            seen.append((answer.status_code, is_whole))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(4):
        commit(shop.database, a_hat("HAT-001", fr=f"Chapeau {number}", en="Hat HAT-001"))
        run(shop.database, shop.settings, "shop")
    stop.set()
    reader.join()
    assert len(seen) > 10
    assert set(seen) == {(200, True)}


def test_a_media_file_comes_by_its_code_and_may_be_kept_for_good(shop):
    answer = plain(f"{shop.url}/media/{MEDIA}")
    assert (answer.content, answer.headers["content-type"]) == (b"picture", "image/png")
    assert "immutable" in answer.headers["cache-control"]
    assert plain(f"{shop.url}/media/{MEDIA}", **{"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert plain(f"{shop.url}/media/no/such.png").json()["detail"] == "media file `no/such.png` does not exist"


def test_another_method_is_refused_as_a_problem(shop):
    answer = client.post(shop.feed())
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
