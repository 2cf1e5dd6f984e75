"""Brings a database to the shape this program expects: Alembic's migrations, applied by the first process that comes.

`python -m pim.base.migrations "what changes"` drafts the next one from the difference between tables and database.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from pim import __version__
from pim.base.errors import ConfigurationError
from pim.base.settings import data_folder

_LOCK = 0x70696D  # "pim": the advisory lock of whoever migrates


def migrate(engine: Engine, folder: Path | None = None) -> None:
    """Applies what is pending, all or nothing; processes that come at once wait for the first.

    Raises ConfigurationError when the database has been migrated by a newer program.
    """
    config = _config(folder)
    script = ScriptDirectory.from_config(config)
    wanted = set(script.get_heads())
    with engine.connect() as connection:
        if _reached(connection) == wanted:
            return
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        reached = _reached(connection)
        _refuse_newer(reached, {revision.revision for revision in script.walk_revisions()})
        if reached != wanted:
            config.attributes["connection"] = connection
            command.upgrade(config, "heads")


def pending(engine: Engine, folder: Path | None = None) -> list[str]:
    """What `migrate` would have to do, and what it could not: [] when the database is as this program expects."""
    wanted = set(ScriptDirectory.from_config(_config(folder)).get_heads())
    with engine.connect() as connection:
        reached = _reached(connection)
    return sorted(wanted ^ reached)


def draft(message: str, engine: Engine, folder: Path | None = None) -> Sequence[Path]:
    """Writes a migration from what the tables say and the database lacks; to be read and corrected by its author."""
    config = _config(folder)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        scripts = command.revision(config, message, autogenerate=True)
    written = scripts if isinstance(scripts, list) else [scripts]
    return [Path(script.path) for script in written if script]


def _config(folder: Path | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder or data_folder("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _reached(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _refuse_newer(reached: set[str], known: set[str]) -> None:
    if unknown := sorted(reached - known):
        raise ConfigurationError(
            f"the database is at migration `{', '.join(unknown)}`, which this program ({__version__}) does not know: "
            "a newer one has used it; install that version, or restore a backup of before"
        )


if __name__ == "__main__":
    import sys

    from pim.base.database import open_database
    from pim.base.settings import read_settings

    subject = " ".join(sys.argv[1:])
    if not subject or subject.startswith("-"):
        sys.exit("usage: python -m pim.base.migrations WHAT THE MIGRATION DOES")
    with open_database(read_settings()) as database:
        for path in draft(subject, database.engine):
            print(path)
