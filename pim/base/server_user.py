"""As whom the embedded server runs: PostgreSQL refuses root, so for root it runs as a system user of its own.

That user must be able to pass through the folders above its data and above the program. Where it cannot, we add the
right to pass (o+x, not to list) and say so.
"""

import logging
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pim.base.errors import ConfigurationError

NAME = "pgserver"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class User:
    name: str
    uid: int
    gid: int

    def as_popen(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_user(data: Path) -> User | None:
    """Nobody special unless we are root: then the owner of the data folder, and `pgserver` for a new one."""
    if os.geteuid() != 0:
        return None
    import pwd

    owner = data.stat().st_uid
    if owner == 0:
        if any(data.iterdir()):
            raise ConfigurationError(
                f"the data folder {data} belongs to root, as whom PostgreSQL refuses to run; `chown -R {NAME} {data}`"
            )
        entry = _ensure_user()
    else:
        try:
            entry = pwd.getpwuid(owner)
        except KeyError:
            raise ConfigurationError(
                f"the data folder {data} belongs to user id {owner}, unknown here; `chown -R {NAME} {data}`"
            ) from None
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid)


def give(folder: Path, user: User | None) -> None:
    if user:
        os.chown(folder, user.uid, user.gid)


def open_the_way(path: Path, user: User) -> None:
    """Lets everyone pass through the folders above `path`, and read the program where a strict umask hid it."""
    installation = path.parent.parent
    if path.is_file() and not (path.stat().st_mode & stat.S_IXOTH and installation.stat().st_mode & stat.S_IROTH):
        for place in (installation, installation.parent.with_name(f"{installation.parent.name}.libs")):
            for part in (place, *place.rglob("*")):
                runs = part.is_dir() or part.stat().st_mode & stat.S_IXUSR
                _allow(part, stat.S_IROTH | (stat.S_IXOTH if runs else 0), user, silent=True)
    for folder in path.resolve().parents:
        _allow(folder, stat.S_IXOTH, user)


def _allow(path: Path, right: int, user: User, silent: bool = False) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & right == right:
        return
    try:
        path.chmod(mode | right)
    except OSError as error:
        raise ConfigurationError(
            f"the embedded database runs as user `{user.name}`, who may not pass through {path} ({error.strerror}); "
            f"`chmod o+x {path}`, set PIM_HOME to another place, or run pim as an ordinary user"
        ) from error
    if not silent:
        _logger.warning("the embedded database runs as user `%s`: %s is now open to pass (o+x)", user.name, path)


def _ensure_user() -> Any:
    import pwd

    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return pwd.getpwnam(NAME)  # made by us, or by another process at the same moment
    except (OSError, KeyError) as error:
        raise ConfigurationError(
            f"PostgreSQL refuses to run as root, and the system user `{NAME}` cannot be made; make one "
            f"(`{' '.join(command)}`), run pim as an ordinary user, or set PIM_DATABASE_URL to a server of your own"
        ) from error
