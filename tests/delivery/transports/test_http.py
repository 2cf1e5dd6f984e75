"""Delivery over HTTP, against a receiver on loopback."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pim.base.errors import PermanentFailure, TemporaryFailure
from pim.delivery.signature import new_secret, signed_headers
from pim.delivery.transports import open_transport
from pim.exports.destinations import HttpDestination
from tests.delivery.receiver import Receiver, receiving
from tests.delivery.transports.parcels import a_parcel, cutting, quiet
from tests.makers import NOW


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def put(url: str, content: bytes = b"sku\nA\n", environment: Any = {}, told: Any = quiet, **fields: Any) -> str:  # noqa: B006
    destination = HttpDestination(name="hook", url=url, **fields)
    with open_transport(destination, environment, lambda: NOW) as transport:
        return transport.put(a_parcel("fr/shop é.csv", content), told)


def test_a_file_is_put_whole_to_its_address(receiver):
    answer = put(receiver.url + "/in/{file}", bearer="FEED_TOKEN", environment={"FEED_TOKEN": "s3cret"})
    (came,) = receiver.received
    assert answer == "201 Created: thank you"
    assert (came.method, came.path, came.body) == ("PUT", "/in/fr/shop%20%C3%A9.csv", b"sku\nA\n")
    assert (came.headers["authorization"], came.headers["content-length"]) == ("Bearer s3cret", "6")
    digest = base64.b64encode(hashlib.sha256(came.body).digest()).decode()
    assert came.headers["content-digest"] == f"sha-256=:{digest}:"
    assert "transfer-encoding" not in came.headers


def test_a_post_says_the_name_and_the_same_key_each_time(receiver):
    receiver.answers = [(500, {})]
    with pytest.raises(TemporaryFailure, match=r"answers 500 Internal Server Error: said so"):
        put(receiver.url + "/in", method="POST", headers={"X-Seller": "12"})
    put(receiver.url + "/in", method="POST", headers={"X-Seller": "12"})
    first, second = receiver.received
    assert first.headers == second.headers
    assert (first.headers["x-seller"], first.headers["idempotency-key"]) == ("12", "delivery-7-0")
    assert first.headers["content-disposition"] == "attachment; filename*=UTF-8''fr%2Fshop%20%C3%A9.csv"


def test_a_signature_is_what_the_standard_gives_as_an_example():
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    at = NOW.fromtimestamp(1614265330, NOW.tzinfo)
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, [body[:5], body[5:]])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_large_file_is_signed_and_sent(receiver):
    secret, content = new_secret(), bytes(range(256)) * 20_000
    told: list[int] = []
    put(receiver.url, content, {"FEED_SECRET": secret}, told.append, signature="FEED_SECRET")
    (came,) = receiver.received
    signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode() + came.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert (came.body, came.headers["webhook-signature"]) == (content, f"v1,{expected}")
    assert told[-1] == len(content)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180.0), ("soon", None)],
)
def test_who_is_too_busy_says_when_to_come_back(receiver, header, seconds):
    receiver.answers = [(429, {"Retry-After": header})]
    with pytest.raises(TemporaryFailure, match="answers 429 Too Many Requests") as caught:
        put(receiver.url)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "message"), [(401, "answers 401 Unauthorized"), (413, "answers 413"), (307, "has moved to /new")]
)
def test_what_will_not_pass_needs_a_person(receiver, status, message):
    receiver.answers = [(status, {"Location": "/new"})]
    with pytest.raises(PermanentFailure, match=message):
        put(receiver.url)


def test_a_slow_server_may_be_faster_later(receiver):
    receiver.slow = True
    with pytest.raises(TemporaryFailure, match=r"took too long to answer \(ReadTimeout\)"):
        put(receiver.url, timeout=0.05)


def test_a_cut_connection_leaves_nothing(receiver):
    with cutting(receiver.port, after=2_000_000) as port, pytest.raises(TemporaryFailure, match="cannot be reached"):
        put(f"http://127.0.0.1:{port}", bytes(30_000_000))
    assert receiver.received == []


def test_a_secret_that_is_none_is_named(receiver):
    with pytest.raises(PermanentFailure, match="no base64 text behind `whsec_`"):
        put(receiver.url, environment={"FEED_SECRET": "whsec_é"}, signature="FEED_SECRET")


def test_a_token_that_is_no_header_stays_out_of_what_is_told(receiver):
    put(receiver.url + "/{file}", bearer="FEED_TOKEN", environment={"FEED_TOKEN": "s3cret\n"})
    assert receiver.received[0].headers["authorization"] == "Bearer s3cret"
    with pytest.raises(PermanentFailure, match=r"a header of the request is not valid") as caught:
        put(receiver.url + "/{file}", bearer="FEED_TOKEN", environment={"FEED_TOKEN": "s3\ncret"})
    assert "s3" not in str(caught.value)


def test_what_may_be_a_key_in_an_address_stays_out_of_what_is_told(receiver):
    receiver.answers = [(403, {})]
    keyed = receiver.url.replace("http://", "http://camille:s3cret@") + "/{file}?signature=s3cret"
    with pytest.raises(PermanentFailure, match=r"^PUT http://127.0.0.1:\d+/fr/shop%20%C3%A9.csv answers 403") as caught:
        put(keyed)
    assert "s3cret" not in str(caught.value)
    assert receiver.received[0].path.endswith("?signature=s3cret")
