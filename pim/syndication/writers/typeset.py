"""The typesetter's process: `python typeset.py WORKSHOP FONTS` reads one job a line and answers each with one line.

A job names its template and data, and either the `output` to write or the `query` to answer from the laid-out page.

Run by its path, so that it imports nothing but Typst. It ends with its input: nobody is left behind when the parent is
killed.
"""

import json
import os
import sys
from pathlib import Path


def main(workshop: Path, fonts_folder: str) -> None:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts_folder])
    for line in sys.stdin:
        job = json.loads(line)
        answer: dict[str, object] = {}
        template, inputs = str(workshop / job["template"]), {"data": job["data"]}
        try:
            if "query" in job:
                found = typst.query(
                    template, job["query"], "value", True, root=str(workshop), font_paths=fonts, sys_inputs=inputs
                )
                answer["value"] = json.loads(found)
            else:
                typst.compile(
                    template,
                    output=str(workshop / job["output"]),
                    root=str(workshop),
                    font_paths=fonts,
                    sys_inputs=inputs,
                    timestamp=0,
                )
        except typst.TypstError as error:
            answer["error"] = error.diagnostic or error.message
        answer["memory"] = resident_bytes()
        print(json.dumps(answer), flush=True)


def resident_bytes() -> int:
    """Of this process; 0 where the system does not tell, which keeps one process for the whole catalogue."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
