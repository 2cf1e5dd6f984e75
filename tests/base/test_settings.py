"""Settings that depend on each other."""

import pytest

from pim.base.errors import ConfigurationError
from pim.base.settings import read_settings

OWN = {"PIM_DATABASE_URL": "postgresql://pim@db.example/pim"}
WORKERS = [({}, 1), (OWN, 0), ({"PIM_SERVE_WORKERS": "0"}, 0), ({**OWN, "PIM_SERVE_WORKERS": "3"}, 3)]


@pytest.mark.parametrize(("environment", "workers"), WORKERS)
def test_a_server_brings_a_worker_where_nobody_else_does(environment, workers):
    assert read_settings(environment).serve_workers == workers


@pytest.mark.parametrize("text", ["many", "-1", "65", "1.5"])
def test_a_number_of_workers_that_cannot_be_is_named(text):
    with pytest.raises(ConfigurationError, match=f"PIM_SERVE_WORKERS is `{text}`"):
        read_settings({"PIM_SERVE_WORKERS": text})
