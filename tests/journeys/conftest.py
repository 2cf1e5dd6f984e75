from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.journeys.installation import PimInstallation


@pytest.fixture(scope="session")
def demo() -> Iterator[PimInstallation]:
    """The demo, once for all journeys: imported, rendered, published. Tests that change it bring their own."""
    with TemporaryDirectory(prefix="pim-demo-") as home:
        installation = PimInstallation(Path(home))
        installation.ok("demo", "--no-serve")
        yield installation


@pytest.fixture
def fresh() -> Iterator[PimInstallation]:
    with TemporaryDirectory(prefix="pim-fresh-") as home:
        yield PimInstallation(Path(home))
