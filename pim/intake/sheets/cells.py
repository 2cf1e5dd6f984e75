"""What a cell of somebody's sheet means, as the text or list of texts that our own tables would have there.

Cells of workbooks are typed (number, date, boolean); those of CSV are texts. What is wrong with a cell is a BadCell.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from pim.base.workbook import EXACT_DIGITS
from pim.catalog.attribute_types import PRICES
from pim.catalog.gtin import LENGTHS, valid_gtin
from pim.catalog.model import Attribute, MeasurementFamily
from pim.intake.sheets.cell_lists import split_cell
from pim.intake.sheets.folding import folded
from pim.intake.sheets.names import Ambiguous, Names

Notes = list[str]
"""What was read otherwise than it is written, to be told."""

Convert = Callable[[Any, Notes], Any]

TRUE = frozenset({"1", "true", "yes", "y", "oui", "o", "vrai", "x", "on"})
FALSE = frozenset({"0", "false", "no", "n", "non", "faux", "off"})

_SHORTENED = re.compile(r"\d[.,]?\d*E\+?\d+", re.IGNORECASE)
_AROUND = re.compile(r"[\s\u00a0\u202f]")
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD"}
_MONEY = re.compile(r"\s*(?:€|£|\$|EUR|GBP|USD|CHF|[A-Z]{3})\s*")
_PRICE = re.compile(r"([+-]?[\d][\d\s\u00a0\u202f.,']*)\s*(€|£|\$|[A-Z]{3})")
_MEASURE = re.compile(r"([+-]?[\d.,][\d\s\u00a0\u202f.,']*(?:[eE][+-]?\d+)?)\s*(.*)", re.DOTALL)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class BadCell(ValueError):
    """`code` is the rule's stable name; the message says what would be right."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def is_empty(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Any, notes: Notes) -> str:
    """12.0 is `12`; a number of more digits than a spreadsheet keeps is refused, since its last ones are lost."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        text = number_text(cell)
        if len(text.lstrip("-").partition(".")[0]) > EXACT_DIGITS:
            message = (
                f"{text} is a number of more than {EXACT_DIGITS} digits, and the spreadsheet has lost the last ones"
            )
            raise BadCell("digits_lost", f"{message}; format the column as text and type it again")
        return text
    return cell.isoformat() if isinstance(cell, date | datetime | time) else str(cell)


def stripped(cell: Any, notes: Notes) -> str:
    return as_text(cell, notes).strip()


def number_text(cell: int | float) -> str:
    """As a spreadsheet shows it: 15 digits, no exponent, no `.0`."""
    if isinstance(cell, int):
        return str(cell)
    text = format(Decimal(format(cell, f".{EXACT_DIGITS}g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def gtin(repair_texts: bool) -> Convert:
    """An article number. Of one that became a number the leading zeros are put back, where its check digit says that it
    is a GTIN without them; texts are taken as they are, unless `repair_texts`."""

    def convert(cell: Any, notes: Notes) -> str:
        text = as_text(cell, notes).strip()
        if isinstance(cell, str) and _SHORTENED.fullmatch(text):
            message = f"`{text}` was shortened by a spreadsheet program, and its last digits are lost"
            raise BadCell("digits_lost", f"{message}; format the column as text and type the number again")
        if (isinstance(cell, str) and not repair_texts) or not (text.isascii() and text.isdigit()):
            return text
        whole = text.zfill(min((length for length in LENGTHS if length >= len(text)), default=0))
        if whole == text or valid_gtin(whole) is None:
            return text
        notes.append("an article number that had lost its leading zeros got them back")
        return whole

    return convert


def number(decimal: str | None) -> Convert:
    def convert(cell: Any, notes: Notes) -> str:
        return parse_number(cell, decimal)

    return convert


def parse_number(cell: Any, decimal: str | None) -> str:
    """Canonical text of a number: `1 234,50` with the decimal sign `,` is `1234.50`. What could be read in two ways is
    refused, and so is what is no number at all."""
    if isinstance(cell, bool) or not isinstance(cell, str):
        return as_text(cell, [])
    text = _AROUND.sub("", cell).replace("'", "").replace("’", "").replace("−", "-")
    other = {",": ".", ".": ",", None: ","}[decimal]
    if decimal == "," and _grouped_once(text, ".") and "," not in text:
        raise BadCell("ambiguous_number", f"`{cell}` may be {text.replace('.', '')} or {text}; write 1234 or 1,234")
    if decimal != "," and "," in text and not _grouped(text, ",", "."):
        way_out = 'write 12.5, or set `decimal: ","` in the column mapping'
        raise BadCell("decimal_comma", f"`{cell}` has a comma that is no decimal sign here; {way_out}")
    if decimal != "," and _grouped_once(text, ",") and "." not in text:
        raise BadCell(
            "ambiguous_number", f"`{cell}` may be {text.replace(',', '')} or a decimal; write it without comma"
        )
    if decimal == "," and "." in text and not _grouped(text, ".", ","):
        raise BadCell("decimal_point", f"`{cell}` has a point, but decimals stand behind a comma here; write 12,5")
    plain = text.replace(other, "")
    plain = plain.replace(",", ".") if decimal == "," else plain
    if not _PLAIN.fullmatch(plain):
        raise BadCell("wrong_type", f"`{cell}` is not a number; write it like {'12,5' if decimal == ',' else '12.5'}")
    return plain


def _grouped(text: str, sign: str, decimal: str) -> bool:
    """Whether `sign` stands before every three digits of the whole part, and nowhere else."""
    whole = text.partition(decimal)[0].lstrip("+-")
    return re.fullmatch(rf"\d{{1,3}}({re.escape(sign)}\d{{3}})+", whole) is not None


def _grouped_once(text: str, sign: str) -> bool:
    return text.count(sign) == 1 and _grouped(text, sign, "\0")


def amount(decimal: str | None) -> Convert:
    """A number with or without the sign or code of its currency, which the column has said already."""

    def convert(cell: Any, notes: Notes) -> str:
        return parse_number(_MONEY.sub("", cell) if isinstance(cell, str) else cell, decimal)

    return convert


def prices(decimal: str | None) -> Convert:
    """`9,90 EUR, 8 GBP`, all in one cell."""

    def convert(cell: Any, notes: Notes) -> str:
        text = as_text(cell, notes)
        found = _PRICE.findall(text)
        if not found or re.sub(r"[\s,;/|]", "", _PRICE.sub("", text)):
            raise BadCell("bad_price", f"`{text}` is no list of prices; write 9.90 EUR, 8 GBP")
        return ",".join(f"{parse_number(a.strip(' ,'), decimal)} {_SIGNS.get(c, c)}" for a, c in found)

    return convert


def measure(decimal: str | None, default_unit: str | None, units: Mapping[str, str], beside: bool) -> Convert:
    """An amount, perhaps with its unit behind it: `1,5 kg`. `beside` means that another column has the unit."""

    def convert(cell: Any, notes: Notes) -> str:
        found = _MEASURE.fullmatch(cell.strip()) if isinstance(cell, str) else None
        written, unit = (found[1], found[2].strip()) if found else (cell, "")
        parsed = parse_number(written, decimal)
        if beside and not unit:
            return parsed
        code = units.get(unit) or units.get(folded(unit)) or unit if unit else default_unit
        return f"{parsed} {code}" if code else parsed

    return convert


def unit(units: Mapping[str, str]) -> Convert:
    def convert(cell: Any, notes: Notes) -> str:
        text = stripped(cell, notes)
        return units.get(text) or units.get(folded(text)) or text

    return convert


def units_of(family: MeasurementFamily | None) -> dict[str, str]:
    """Code, symbol and labels of every unit → its code; a symbol or label of several means none of them."""
    found: dict[str, set[str]] = {}
    units = family.units if family else {}
    for code, one in units.items():
        for name in (one.symbol, folded(one.symbol), *map(folded, one.labels.values()), folded(code)):
            found.setdefault(name, set()).add(code)
    named = {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1 and name}
    return named | {code: code for code in units}


def boolean(true: list[str], false: list[str]) -> Convert:
    """1 or 0; the mapping's words, or ours in English and French. Other texts stay, for the rules to name them."""
    words = {**dict.fromkeys(TRUE, "1"), **dict.fromkeys(FALSE, "0")}
    words |= {folded(word): "1" for word in true} | {folded(word): "0" for word in false}

    def convert(cell: Any, notes: Notes) -> str:
        if isinstance(cell, bool):
            return "1" if cell else "0"
        text = stripped(cell, notes)
        return words.get(folded(text), text)

    return convert


def day(pattern: str | None) -> Convert:
    """A date as YYYY-MM-DD; `pattern` is written like dd/mm/yyyy."""
    python = strptime_pattern(pattern) if pattern else None

    def convert(cell: Any, notes: Notes) -> str:
        if isinstance(cell, datetime):
            return cell.date().isoformat()
        if isinstance(cell, int | float | timedelta) and not isinstance(cell, bool):
            message = f"{cell} is a number; format the column as a date, or write it like {pattern or '2026-11-22'}"
            raise BadCell("not_a_date", message)
        text = stripped(cell, notes)
        if python is None or re.match(r"\d{4}-\d{2}-\d{2}", text):
            return text
        try:
            return datetime.strptime(text, python).date().isoformat()
        except ValueError:
            raise BadCell("not_a_date", f"`{text}` is not a date like {pattern}") from None

    return convert


_DATE_PARTS = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "m": "%m", "dd": "%d", "d": "%d"}


def strptime_pattern(pattern: str) -> str:
    """`dd/mm/yyyy` → `%d/%m/%Y`. Raises ValueError for anything that is not made of d, m and y."""
    parts = re.split(r"(d+|m+|y+)", pattern.lower())
    named = [part for part in parts if part in _DATE_PARTS]
    letters = {part[0] for part in parts if part and part[0] in "dmy"}
    if letters != {"d", "m", "y"} or len(named) != 3 or any(re.search("[a-z%]", part) for part in parts[::2]):
        raise ValueError(f"date format `{pattern}` is not made of dd, mm and yyyy; write it like dd/mm/yyyy")
    return "".join(_DATE_PARTS.get(part, part) for part in parts)


def one_name(names: Names) -> Convert:
    def convert(cell: Any, notes: Notes) -> str:
        return _code(stripped(cell, notes), names)

    return convert


def many_names(names: Names, separator: str) -> Convert:
    """Codes or labels with the separator between them; of one text that is a name as it stands, only that."""

    def convert(cell: Any, notes: Notes) -> list[str]:
        text = as_text(cell, notes)
        texts = [text.strip()] if names.knows(text.strip()) else split_cell(text, separator)
        return [_code(one, names) for one in texts]

    return convert


def is_list(attribute: Attribute) -> bool:
    """Whether the data of an attribute is a list of codes."""
    return attribute.type != PRICES and attribute.type.endswith(("_multiselect", "_collection"))


def json(cell: Any, notes: Notes) -> Any:
    """Data that fits into no cell otherwise."""
    try:
        return msgspec.json.decode(as_text(cell, notes))
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise BadCell("bad_json", f"`{cell}` is no JSON ({error}), as a table is written") from None


def many_texts(separator: str) -> Convert:
    def convert(cell: Any, notes: Notes) -> list[str]:
        return split_cell(as_text(cell, notes), separator)

    return convert


def _code(text: str, names: Names) -> str:
    try:
        return names.code_of(text)
    except Ambiguous as ambiguous:
        raise BadCell("ambiguous_label", str(ambiguous)) from None
