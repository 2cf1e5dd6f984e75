"""Signatures of Standard Webhooks: who has the secret can tell that a request is ours, whole, and of now.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""

import base64
import hmac
import secrets
from binascii import Error as NotBase64
from collections.abc import Iterable
from datetime import datetime

from pim.base.errors import PermanentFailure

PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(secret: str, id: str, at: datetime, body: Iterable[bytes]) -> dict[str, str]:
    """`id` is the same in every attempt, `at` is when this one is made. Raises PermanentFailure when the secret is
    none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (NotBase64, ValueError) as error:
        raise PermanentFailure(f"the secret that signs is no base64 text behind `{PREFIX}`; make a new one") from error
    timestamp = str(int(at.timestamp()))
    signing = hmac.new(key, f"{id}.{timestamp}.".encode(), "sha256")
    for chunk in body:
        signing.update(chunk)
    signature = f"v1,{base64.b64encode(signing.digest()).decode()}"
    return {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}
