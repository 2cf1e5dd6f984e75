"""Typst, fenced in: in a process of its own, with our fonts only, in a folder of its own, without a clock.

The typesetter keeps what it has laid out for the next compile and cannot be told to forget, so a long catalogue would
fill the memory of whoever makes it. The process ends and another begins when it has grown past `MOST_MEMORY`.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from pim.base.errors import ConfigurationError
from pim.syndication.writers import typeset

FONTS = Path(__file__).parents[2] / "fonts"
ASSETS = ("*.typ", "*.svg")
MOST_MEMORY = 200 * 1024**2
LOG = "typeset.log"


class Typesetter:
    """Compiles the templates of an export's folder in a workshop, where data and pictures are laid beside them."""

    def __init__(self, templates: Path, workshop: Path) -> None:
        self.workshop = workshop
        self._process: subprocess.Popen[str] | None = None
        for pattern in ASSETS:
            for asset in sorted(templates.glob(pattern)):
                shutil.copyfile(asset, workshop / asset.name)

    def __enter__(self) -> "Typesetter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def lay(self, name: str, data: Mapping[str, Any]) -> None:
        """Writes `data` where a template finds it with `json(name)`."""
        (self.workshop / name).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    def compile(self, template: str, output: str, data: Mapping[str, Any]) -> Path:
        """The PDF that `template` makes of `data`, in the workshop under `output`."""
        self.lay(f"{output}.json", data)
        self._ask({"template": template, "data": f"{output}.json", "output": f"{output}.pdf"})
        return self.workshop / f"{output}.pdf"

    def query(self, template: str, label: str, output: str, data: Mapping[str, Any]) -> Any:
        """The value of the metadata that `template` sets under `label`; `output` names the data's file."""
        self.lay(f"{output}.json", data)
        return self._ask({"template": template, "data": f"{output}.json", "query": f"<{label}>"})["value"]

    def _ask(self, job: Mapping[str, str]) -> dict[str, Any]:
        process = self._process = self._process or self._begin()
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            self._end()
            said = (self.workshop / LOG).read_text(encoding="utf-8", errors="replace").strip()
            raise RuntimeError(f"the typesetter ended while at {job['data']}: {said[-500:] or 'it said nothing'}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ConfigurationError(f"{job['template']} does not compile: {answer['error']}")
        if answer["memory"] > MOST_MEMORY:
            self._end()
        return answer

    def _begin(self) -> "subprocess.Popen[str]":
        with (self.workshop / LOG).open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-P", typeset.__file__, str(self.workshop), str(FONTS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )

    def _end(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.communicate()
