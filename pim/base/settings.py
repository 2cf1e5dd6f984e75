"""Settings from the environment, read once at the edge and passed down as a value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pim.base.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this installation keeps its things and how it is reached.

    `database_url` empty means the embedded server under `home`; `storage_url` empty means the folder `home`/storage.
    `rate_limit` is requests a second with one access token. `serve_workers` is how many workers a server runs beside
    itself. `render_workers` is how many processes render an export run; with less than two the run does it itself.
    `render_helpers` is how many other hosts are asked to help with it.
    `review_by_others` keeps those who wrote in a draft from approving it.
    `search` is which engine answers searches by words: whoosh, tantivy, or auto by the size of the catalogue.
    `log` is how log lines are written, text or json; `metrics_token` opens the metrics, empty to this host alone.
    """

    home: Path
    database_url: str
    storage_url: str
    exports_folder: Path
    public_url: str
    host: str
    port: int
    review_by_others: bool = False
    rate_limit: int = 100
    serve_workers: int = 0
    render_workers: int = 0
    render_helpers: int = 0
    log: str = "text"
    metrics_token: str = ""
    search: str = "auto"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises ConfigurationError naming the variable and its value."""
    host = environment.get("PIM_HOST", "127.0.0.1")
    port = _port(environment.get("PIM_PORT", "8000"))
    exports = environment.get("PIM_EXPORTS", "")
    database_url = environment.get("PIM_DATABASE_URL", "")
    return Settings(
        home=Path(environment.get("PIM_HOME", "./var")).expanduser().absolute(),
        database_url=database_url,
        storage_url=environment.get("PIM_STORAGE_URL", ""),
        exports_folder=Path(exports).expanduser().absolute() if exports else data_folder("channel_exports"),
        public_url=environment.get("PIM_PUBLIC_URL", f"http://{host}:{port}").rstrip("/"),
        host=host,
        port=port,
        review_by_others=_yes_or_no(environment.get("PIM_REVIEW_BY_OTHERS", "no")),
        rate_limit=_rate_limit(environment.get("PIM_RATE_LIMIT", "100")),
        serve_workers=_serve_workers(environment.get("PIM_SERVE_WORKERS", ""), embedded=not database_url),
        render_workers=_render_workers(environment.get("PIM_RENDER_WORKERS", "")),
        render_helpers=_render_helpers(environment.get("PIM_RENDER_HELPERS", ""), embedded=not database_url),
        log=_log(environment.get("PIM_LOG", "text")),
        metrics_token=environment.get("PIM_METRICS_TOKEN", ""),
        search=_search(environment.get("PIM_SEARCH", "auto")),
    )


def data_folder(name: str) -> Path:
    """A data folder that travels with the program: beside `pim/` in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parent.parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    raise ConfigurationError(f"the folder `{name}` is missing from this installation; reinstall the program")


def _log(text: str) -> str:
    if text in ("text", "json"):
        return text
    raise ConfigurationError(f"PIM_LOG is `{text}`; it must be text or json")


def _search(text: str) -> str:
    if text in ("auto", "whoosh", "tantivy"):
        return text
    raise ConfigurationError(f"PIM_SEARCH is `{text}`; it must be auto, whoosh or tantivy")


def _yes_or_no(text: str) -> bool:
    if text in ("yes", "no"):
        return text == "yes"
    raise ConfigurationError(f"PIM_REVIEW_BY_OTHERS is `{text}`; it must be yes or no")


def _port(text: str) -> int:
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise ConfigurationError(f"PIM_PORT is `{text}`; it must be a number from 1 to 65535")


def _rate_limit(text: str) -> int:
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise ConfigurationError(f"PIM_RATE_LIMIT is `{text}`; it must be a number of requests a second, 1 or more")


def _serve_workers(text: str, embedded: bool) -> int:
    """One where nothing else is installed; none beside a database of one's own, where workers are run on purpose."""
    if not text:
        return 1 if embedded else 0
    if text.isdigit() and int(text) <= 64:
        return int(text)
    raise ConfigurationError(f"PIM_SERVE_WORKERS is `{text}`; it must be a number of workers from 0 to 64")


def _render_workers(text: str) -> int:
    """One a processor that this process may use."""
    if not text:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if text.isdigit() and int(text) <= 64:
        return int(text)
    raise ConfigurationError(f"PIM_RENDER_WORKERS is `{text}`; it must be a number of processes from 0 to 64")


def _render_helpers(text: str, embedded: bool) -> int:
    """No other host reaches the embedded database."""
    if not text:
        return 0 if embedded else 16
    if text.isdigit() and int(text) <= 256:
        return int(text)
    raise ConfigurationError(f"PIM_RENDER_HELPERS is `{text}`; it must be a number of hosts from 0 to 256")
