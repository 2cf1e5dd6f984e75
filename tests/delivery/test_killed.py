"""Whatever is killed, a publication arrives whole, under the names it was given first."""

import os
import signal
import subprocess
import sys

from tests.delivery.makers import a_folder, attempt, delivering, outcomes, publish


def killed_after(here, row, parcels):
    environment = {
        **os.environ,
        "PIM_HOME": str(here.settings.home),
        "PIM_DATABASE_URL": here.database.url,
        "PIM_EXPORTS": str(here.settings.exports_folder),
    }
    command = [sys.executable, "-m", "tests.delivery.dying_delivery", str(row.id), str(parcels)]
    process = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)
    assert process.returncode == -signal.SIGKILL, process.stderr


def test_a_delivery_whose_process_was_killed_is_finished_by_another(settings, database, there):
    mirror = a_folder(there, file_name="{number}/{date}-{time}/{file}", manifest="{number}/manifest.json")
    here = delivering(settings, database, mirror)
    (row,) = publish(here)
    killed_after(here, row, 0)
    killed_after(here, row, 3)
    assert not (there / "1" / "manifest.json").exists()
    row = attempt(here, row, later=7200)
    assert (row.state, row.sent, outcomes(here, row)) == ("delivered", 6, ["interrupted", "interrupted", "delivered"])
    names = sorted(path.relative_to(there).as_posix() for path in there.rglob("*.*") if path.is_file())
    assert names == sorted(parcel["name"] for parcel in row.files)
