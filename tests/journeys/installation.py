"""An installation driven from outside, through its command line, as a person would."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).parent / "pim"


@dataclass(frozen=True)
class PimInstallation:
    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.environment, "PIM_HOME": str(self.home)}
        command = [str(PROGRAM), *map(str, arguments)]
        return subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """(exit code, standard output, standard error)"""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=400)
        return process.returncode, out, err

    def ok(self, *arguments: str | Path) -> str:
        code, out, err = self.run(*arguments)
        assert code == 0, f"pim {' '.join(map(str, arguments))} ended with {code}: {err}"
        return out

    def json(self, *arguments: str | Path) -> Any:
        return json.loads(self.ok(*arguments, "--json"))

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`pim serve`, for as long as the block lasts, from when it says that it serves."""
        process = self.start("serve")
        assert process.stdout is not None
        assert "Serving on" in process.stdout.readline()
        try:
            yield
        finally:
            process.terminate()
            process.communicate(timeout=60)

    def files(self, export: str) -> dict[str, Path]:
        """File name → local path of the export's current feeds."""
        return {row["file"]: Path(row["path"]) for row in self.json("status")["exports"] if row["name"] == export}
