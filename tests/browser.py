"""Debian's Chromium, for tests that need a real browser."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

in_a_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium: apt-get install chromium to open the page in it"
)


def chromium(*arguments: str, profile: Path) -> subprocess.CompletedProcess[str]:
    """Runs it until it has done what the arguments ask for. `profile` is a folder of its own."""
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
