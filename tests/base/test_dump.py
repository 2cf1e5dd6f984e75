"""Which of PostgreSQL's own programs reads a server: ours, a newer one of the machine's, or none."""

from pathlib import Path

import pytest

from pim.base.dump import program_for
from pim.base.errors import ConfigurationError
from pim.base.postgres_server import MAJOR, program

NEWER = MAJOR + 1


def a_pg_dump(folder: Path, version: str) -> str:
    folder.mkdir(exist_ok=True)
    path = folder / "pg_dump"
    path.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
    path.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize("server", [15, MAJOR])
def test_ours_reads_what_is_not_newer(tmp_path: Path, server: int) -> None:
    assert program_for(server, "pg_dump", a_pg_dump(tmp_path, f"{NEWER}.1")) == program("pg_dump")


def test_a_newer_server_is_read_by_a_newer_program_of_the_machine(tmp_path: Path) -> None:
    assert program_for(NEWER, "pg_dump", a_pg_dump(tmp_path, f"{NEWER}beta1 (Debian)")) == tmp_path / "pg_dump"


@pytest.mark.parametrize(
    ("version", "told"), [(None, "there is none on the PATH"), (f"{MAJOR}.4", f"pg_dump of PostgreSQL {MAJOR};")]
)
def test_a_server_that_is_too_new_says_what_to_install(tmp_path: Path, version: str | None, told: str) -> None:
    search = a_pg_dump(tmp_path, version) if version else str(tmp_path)
    with pytest.raises(ConfigurationError) as refused:
        program_for(NEWER, "pg_dump", search)
    assert told in str(refused.value)
    assert f"install the client programs of PostgreSQL {NEWER}" in str(refused.value)
