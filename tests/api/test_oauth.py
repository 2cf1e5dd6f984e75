import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Request, Router, get
from sqlalchemy import text

from pim import app
from pim.access import accounts
from pim.access.permissions import ADMINISTER, EDIT_PRODUCTS
from pim.api.identity import current_user, needs
from pim.base.clock import now
from pim.base.database import Database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from tests.access.makers import PASSWORD, Client, a_connection, a_user
from tests.api.servers import serving

TOKEN = "/api/oauth/v1/token"


@get("/api/rest/v1/who", guards=[needs()], sync_to_thread=True)
def who(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"user": current_user(request)}


@get("/edit", guards=[needs(EDIT_PRODUCTS)], sync_to_thread=True)
def edit() -> dict[str, str]:
    return {}


@get("/administer", guards=[needs(ADMINISTER)], sync_to_thread=True)
def administer() -> dict[str, str]:
    return {}


GUARDED = [who, Router("/api/rest/v1/guarded", route_handlers=[edit, administer])]


@dataclass(frozen=True)
class Door:
    """A served installation with the user `camille`, an editor, and the connection `shop`."""

    http: httpx.Client
    database: Database
    client: Client

    def ask(self, client: Client | None = None, **body: str) -> httpx.Response:
        used = client or self.client
        return self.http.post(TOKEN, json=body, auth=(used.id, used.secret))

    def sign_in(self, username: str = "camille", password: str = PASSWORD) -> httpx.Response:
        return self.ask(grant_type="password", username=username, password=password)

    def refresh(self, token: str) -> httpx.Response:
        return self.ask(grant_type="refresh_token", refresh_token=token)

    def get(self, token: str, path: str = "/api/rest/v1/who") -> httpx.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {token}"})

    def age(self, by: timedelta) -> None:
        """As if all tokens had been given that much earlier."""
        with self.database.session() as session:
            session.execute(
                text("UPDATE token SET access_until = access_until - :by, refresh_until = refresh_until - :by"),
                {"by": by},
            )


@contextmanager
def opened(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setattr(app, "ROUTES", [*app.ROUTES, *GUARDED])
    client = a_connection(database)
    a_user(database)
    with serving(settings, database, open_storage(settings), {}) as base, httpx.Client(base_url=base) as http:
        yield Door(http, database, client)


@pytest.fixture
def door(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    with opened(settings, database, monkeypatch) as door:
        yield door


def test_a_password_gives_a_pair_of_tokens_and_the_access_token_its_user(door: Door) -> None:
    answer = door.sign_in()
    assert answer.status_code == 200
    body = answer.json()
    assert {name: body[name] for name in ("expires_in", "token_type", "scope")} == {
        "expires_in": 3600, "token_type": "bearer", "scope": None,
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    assert door.get(body["access_token"]).json() == {"user": "camille"}


def test_a_form_does_as_well_as_json(door: Door) -> None:
    form = {"grant_type": "password", "username": "camille", "password": PASSWORD}
    in_body = {"client_id": door.client.id, "client_secret": door.client.secret}
    assert door.http.post(TOKEN, data=form, auth=(door.client.id, door.client.secret)).status_code == 200
    assert door.http.post(TOKEN, data=form | in_body).status_code == 200


def test_a_refresh_token_gives_another_pair(door: Door) -> None:
    first = door.sign_in().json()
    second = door.refresh(first["refresh_token"]).json()
    assert door.get(second["access_token"]).status_code == 200
    assert door.refresh(second["refresh_token"]).status_code == 200


def test_a_refresh_token_used_twice_ends_its_sign_in(door: Door) -> None:
    other = door.sign_in().json()
    first = door.sign_in().json()
    second = door.refresh(first["refresh_token"]).json()
    assert_refused(door.refresh(first["refresh_token"]), "Refresh token was used before")
    assert door.get(second["access_token"]).status_code == 401
    assert door.refresh(second["refresh_token"]).status_code == 422
    assert door.get(other["access_token"]).status_code == 200


def test_of_two_who_exchange_one_refresh_token_at_once_one_is_served(door: Door) -> None:
    token = door.sign_in().json()["refresh_token"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: door.refresh(token).status_code, range(4)))
    assert sorted(answers) == [200, 422, 422, 422]


def test_an_expired_access_token_is_refused_and_its_refresh_token_is_not(door: Door) -> None:
    granted = door.sign_in().json()
    door.age(timedelta(seconds=3601))
    assert_stranger(door.get(granted["access_token"]), "has expired")
    assert door.refresh(granted["refresh_token"]).status_code == 200


def test_a_refresh_token_lasts_14_days_and_is_then_forgotten(door: Door) -> None:
    token = door.sign_in().json()["refresh_token"]
    door.age(timedelta(days=14, seconds=1))
    assert_refused(door.refresh(token), "invalid or has expired")
    door.sign_in()
    with door.database.session() as session:
        assert session.execute(text("SELECT count(*) FROM token")).scalar_one() == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer forged", "Bearer é", "Bearer a b"])
def test_without_a_good_token_nobody_comes_in(door: Door, header: str) -> None:
    assert_stranger(door.http.get("/api/rest/v1/who", headers={"Authorization": header.encode("latin-1")}), "")


def test_a_forged_token_is_refused(door: Door) -> None:
    real: str = door.sign_in().json()["access_token"]
    assert_stranger(door.get(real[:-1] + ("A" if real[-1] != "A" else "B")), "is invalid")


def test_a_refresh_token_is_no_access_token(door: Door) -> None:
    assert_stranger(door.get(door.sign_in().json()["refresh_token"]), "is invalid")


def test_a_wrong_client_is_told_so(door: Door) -> None:
    for wrong in (Client(door.client.id, "wrong"), Client("nobody", door.client.secret), Client("", "")):
        answer = door.ask(wrong, grant_type="password", username="camille", password=PASSWORD)
        assert_refused(answer, 'Parameter "client_id" is missing or does not match any client, or secret is invalid')


def test_a_token_is_refreshed_only_through_the_connection_it_came_from(door: Door) -> None:
    token = door.sign_in().json()["refresh_token"]
    other = a_connection(door.database, "other")
    assert_refused(door.ask(other, grant_type="refresh_token", refresh_token=token), "Refresh token is invalid")


@pytest.mark.parametrize(("username", "password"), [("camille", "wrong password"), ("nobody", PASSWORD)])
def test_a_wrong_password_and_a_wrong_name_are_answered_alike(door: Door, username: str, password: str) -> None:
    assert_refused(door.sign_in(username, password), "No user found for the given username and password")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, '"grant_type" is ``; it must be one of: password, refresh_token'),
        ({"grant_type": "magic"}, '"grant_type" is `magic`'),
        ({"grant_type": "password", "username": "camille"}, '"password" is missing'),
        ({"grant_type": "password", "username": 1, "password": PASSWORD}, '"username" is missing'),
        ({"grant_type": "password", "username": "a\0b", "password": PASSWORD}, '"username" is missing'),
        ({"grant_type": "refresh_token"}, '"refresh_token" is missing'),
    ],
)
def test_what_is_missing_is_named(door: Door, body: dict[str, Any], told: str) -> None:
    assert_refused(door.ask(**body), told)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"<a/>", "application/xml", 415),
        (b"{" + b" " * 20_000 + b"}", "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(door: Door, content: bytes, kind: str, status: int) -> None:
    answer = door.http.post(TOKEN, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, status)


def test_a_disabled_user_is_out_at_once(door: Door) -> None:
    granted = door.sign_in().json()
    with door.database.session() as session:
        accounts.disable_user(session, "camille", now())
    assert_stranger(door.get(granted["access_token"]), "disabled")
    assert_refused(door.refresh(granted["refresh_token"]), "disabled")
    assert_refused(door.sign_in(), "No user found")


def test_a_disabled_connection_is_out_at_once(door: Door) -> None:
    granted = door.sign_in().json()
    with door.database.session() as session:
        accounts.disable_connection(session, "shop", now())
    assert_stranger(door.get(granted["access_token"]), "disabled")
    assert_refused(door.refresh(granted["refresh_token"]), "client_id")


def test_an_editor_comes_in_where_editors_may_and_no_further(door: Door) -> None:
    token = door.sign_in().json()["access_token"]
    assert door.get(token, "/api/rest/v1/guarded/edit").status_code == 200
    answer = door.get(token, "/api/rest/v1/guarded/administer")
    assert answer.status_code == 403
    assert "`camille` (editor) may not administer users" in answer.json()["message"]


def test_whoever_keeps_guessing_a_password_has_to_wait(door: Door) -> None:
    answers = [door.sign_in(password="wrong password") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 6


def test_the_hasty_are_told_when_to_come_again(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(replace(settings, rate_limit=1), database, monkeypatch) as door:
        token = door.sign_in().json()["access_token"]
        answers = [door.get(token) for _ in range(40)]
        assert [answer.status_code for answer in answers[:10]] == [200] * 10
        hasty = next(answer for answer in answers if answer.status_code == 429)
        assert hasty.headers["retry-after"] == "1"
        assert door.get(door.sign_in().json()["access_token"]).status_code == 200


def test_no_secret_reaches_a_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    granted = door.sign_in().json()
    door.get(granted["access_token"])
    door.sign_in(password="a wrong password")
    door.refresh(granted["refresh_token"])
    door.refresh(granted["refresh_token"])
    secrets = [PASSWORD, "a wrong password", door.client.secret, granted["access_token"], granted["refresh_token"]]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpcore", "httpx"))]
    assert any("refused" in line for line in ours)
    assert not [line for line in ours if any(secret in line for secret in secrets)]


def test_the_index_lists_the_routes_there_are_and_asks_for_no_token(door: Door) -> None:
    index = door.http.get("/api/rest/v1").json()
    assert index["authentication"]["fos_oauth_server_token"] == {"route": TOKEN, "methods": ["POST"]}
    assert index["routes"]["pim_api_who"] == {"route": "/api/rest/v1/who", "methods": ["GET"]}
    assert index["host"] == "http://pim.example"


def test_system_information_asks_for_no_token(door: Door) -> None:
    assert set(door.http.get("/api/rest/v1/system-information").json()) >= {"version", "edition"}


def assert_refused(answer: httpx.Response, message: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (422, 422)
    assert message in answer.json()["message"]


def assert_stranger(answer: httpx.Response, message: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, 401)
    assert message in answer.json()["message"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
