"""What the answers of other servers mean for who sent them something."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from pim.base.errors import PermanentFailure, TemporaryFailure

_PASSING = (408, 425, 429)
_SHOWN = 500


def without_secrets(url: str) -> str:
    """The address as it may be shown and kept: parameters and what stands before the host may be somebody's key."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


@contextmanager
def http_errors(where: str) -> Iterator[None]:
    """Errors on the way to an answer, as ours."""
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise PermanentFailure(f"{where} is no address: {error}") from error
    except httpx.TimeoutException as error:
        raise TemporaryFailure(f"{where} took too long to answer ({type(error).__name__})") from error
    except httpx.DecodingError as error:
        raise TemporaryFailure(f"what {where} answers cannot be unpacked: {error}") from error
    except httpx.LocalProtocolError:  # which names the header's value, perhaps a token
        message = f"{where} cannot be asked: a header of the request is not valid; look at its secrets"
        raise PermanentFailure(message) from None
    except httpx.TransportError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise PermanentFailure(f"{where} has a certificate that cannot be trusted: {error}") from error
        raise TemporaryFailure(f"{where} cannot be reached: {error or type(error).__name__}") from error


def checked_answer(where: str, answer: httpx.Response, at: datetime) -> str:
    """The answer in a few words, when it says yes. The body is read only as far as it is shown."""
    said = f"{answer.status_code} {answer.reason_phrase}".strip()
    if text := _beginning(answer):
        said = f"{said}: {text}"
    if answer.is_success:
        return said
    if answer.is_redirect:
        raise PermanentFailure(f"{where} has moved to {answer.headers.get('location')}; write the new address")
    if answer.status_code in _PASSING or answer.is_server_error:
        raise TemporaryFailure(f"{where} answers {said}", retry_after(answer.headers.get("retry-after"), at))
    raise PermanentFailure(f"{where} answers {said}")


def retry_after(header: str | None, at: datetime) -> float | None:
    """Seconds from `at`; the header is a number of them, or a date (RFC 9110)."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - at).total_seconds())


def _beginning(answer: httpx.Response) -> str:
    found = b""
    for chunk in answer.iter_bytes(_SHOWN):
        found += chunk
        if len(found) >= _SHOWN:
            break
    return " ".join(found[:_SHOWN].decode("utf-8", "replace").split())
