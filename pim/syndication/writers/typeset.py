"""The typesetter's process: `python typeset.py WORKSHOP FONTS` reads one job a line and answers each with one line.

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
        try:
            typst.compile(
                str(workshop / job["template"]),
                output=str(workshop / job["output"]),
                root=str(workshop),
                font_paths=fonts,
                sys_inputs={"data": job["data"]},
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
