"""What a person meets at the keyboard when something is wrong: one line, what and what to do, no traceback."""

import socket

import pytest

from tests.journeys.installation import PimInstallation

COMMANDS = {
    ("export", "nowhere"): "export `nowhere` does not exist",
    ("exports", "report", "website"): "website",
    ("history", "NOPE"): "there is no product or product model `NOPE`",
    ("revert", "7"): "revision 7 does not exist; the newest is 0",
    ("import", "/nonexistent"): "/nonexistent",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory, template_url):
    """An installation on a database of the tests' server."""
    return PimInstallation(tmp_path_factory.mktemp("empty"), {"PIM_DATABASE_URL": template_url})


@pytest.mark.parametrize(("command", "said"), COMMANDS.items(), ids=[" ".join(command) for command in COMMANDS])
def test_an_error_is_one_line_that_names_the_thing(empty, command, said):
    code, out, err = empty.run(*command)
    assert code == 1
    assert not out
    assert err.startswith("pim: ")
    assert err.count("\n") == 1
    assert said in err


def test_a_server_that_is_away_is_said_in_a_line(tmp_path):
    away = PimInstallation(tmp_path, {"PIM_DATABASE_URL": "postgresql://pim:secret@127.0.0.1:9/pim"})
    code, _, err = away.run("status")
    assert (code, err.count("\n")) == (1, 1)
    assert "127.0.0.1" in err
    assert "secret" not in err


def test_a_port_that_is_taken_is_said_in_a_line(empty):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = PimInstallation(empty.home, {**empty.environment, "PIM_PORT": str(port)})
        code, _, err = busy.run("serve")
    assert (code, err.count("\n")) == (1, 1)
    assert f"127.0.0.1:{port} is taken" in err


def test_the_status_of_an_empty_catalogue_is_empty(empty):
    status = empty.json("status")
    assert {schedule["due_since"] for schedule in status.pop("schedules")} == {None}
    assert status == {"revision": 0, "products": 0, "product_models": 0, "exports": []}
