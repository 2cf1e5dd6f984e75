"""Passwords and random secrets: how they are made, kept and compared."""

import hashlib
import hmac
import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pim.base.errors import InvalidInput, Violation

SHORTEST_PASSWORD = 12

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106 for 64 MiB
_few = BoundedSemaphore(2)  # each hash takes 64 MiB: many sign-ins at once must not take the machine's memory
_nobody = "$argon2id$v=19$m=65536,t=3,p=4$0tNEc6Ff9iuqo/G1AcL4GQ$faTfN8lTCnXgMWu5kS65kQATJ29ldb6OsHLrRG2fTY0"


def new_secret() -> str:
    """256 random bits in letters that need no quoting anywhere."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """For secrets of our own making: nobody guesses 256 bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def is_secret(secret: str, stored: bytes) -> bool:
    return hmac.compare_digest(digest(secret), stored)


def hash_password(password: str) -> str:
    """Raises InvalidInput when it is too short to keep anybody out."""
    if len(password) < SHORTEST_PASSWORD:
        message = f"the password has {len(password)} characters; use {SHORTEST_PASSWORD} or more"
        raise InvalidInput([Violation("password", "too_short", message)])
    with _few:
        return _hasher.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Takes as long for a user who does not exist (None), so that time tells nobody who does."""
    try:
        with _few:
            return _hasher.verify(stored or _nobody, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
