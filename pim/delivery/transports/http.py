"""Delivery to an address that takes files by PUT or POST. Whether half a file may be seen there is up to its server: it
gets the length and digest of the whole one first."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import httpx

from pim.base.clock import Clock
from pim.base.object_storage import CHUNK
from pim.delivery.http_answers import checked_answer, http_errors, without_secrets
from pim.delivery.parcel import Parcel
from pim.delivery.signature import signed_headers
from pim.delivery.transports.contract import Environment, Told, secret
from pim.exports.destinations import HttpDestination


@contextmanager
def open_http(destination: HttpDestination, environment: Environment, clock: Clock) -> Iterator["HttpTransport"]:
    signing = secret(environment, destination.signature) if destination.signature else None
    with http_client(destination, environment) as client:
        yield HttpTransport(destination, client, signing, clock)


def http_client(destination: HttpDestination, environment: Environment) -> httpx.Client:
    """One that shows the destination's headers and token with each request."""
    headers = dict(destination.headers)
    if destination.bearer:
        token = secret(environment, destination.bearer).strip()  # files of secrets end with a line
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Client(headers=headers, timeout=destination.timeout)


class HttpTransport:
    def __init__(self, destination: HttpDestination, client: httpx.Client, signing: str | None, clock: Clock) -> None:
        self._destination, self._client, self._signing, self._clock = destination, client, signing, clock

    def put(self, parcel: Parcel, told: Told) -> str:
        there = self._destination
        url = there.url.replace("{file}", quote(parcel.name))
        where = f"{there.method} {without_secrets(url)}"
        with http_errors(where):
            sending = self._client.stream(
                there.method, url, headers=self._headers(parcel), content=_told_of(parcel, told)
            )
            with sending as answer:
                return checked_answer(where, answer, self._clock())

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        digest = base64.b64encode(bytes.fromhex(parcel.sha256)).decode()
        headers = {
            "Content-Type": parcel.media_type,
            "Content-Length": str(parcel.bytes),
            "Content-Digest": f"sha-256=:{digest}:",
            "Idempotency-Key": f"delivery-{parcel.id}",
        }
        if self._destination.method == "POST":
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(parcel.name, safe='')}"
        if self._signing is None:
            return headers
        signed = signed_headers(self._signing, f"delivery-{parcel.id}", self._clock(), _chunks(parcel))
        parcel.stream.seek(0)
        return headers | signed


def _told_of(parcel: Parcel, told: Told) -> Iterator[bytes]:
    gone = 0
    for chunk in _chunks(parcel):
        yield chunk
        gone += len(chunk)
        told(gone)


def _chunks(parcel: Parcel) -> Iterator[bytes]:
    while chunk := parcel.stream.read(CHUNK):
        yield chunk
