"""Several texts in one cell: `red, blue`. A separator or backslash within a text stands behind a backslash."""

import re


def split_cell(cell: str, separator: str) -> list[str]:
    texts, at, escaped = [""], 0, False
    while at < len(cell):
        if escaped or (cell[at] == "\\" and at + 1 < len(cell)):
            texts[-1] += cell[at] if escaped else ""
            escaped = not escaped
            at += 1
        elif cell.startswith(separator, at):
            texts.append("")
            at += len(separator)
        else:
            texts[-1] += cell[at]
            at += 1
    return [text for part in texts if (text := part.strip())]


def join_cell(texts: list[str], separator: str) -> str:
    return separator.join(_escaped(text, separator) for text in texts)


def _escaped(text: str, separator: str) -> str:
    return re.sub(f"\\\\|{re.escape(separator[0])}", lambda found: "\\" + found[0], text)
