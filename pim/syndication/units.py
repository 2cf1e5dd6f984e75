"""How channels spell units. Codes are those of the catalogue's measurement families (the dialect's own set)."""

from decimal import Decimal
from typing import NamedTuple


class UnitSpelling(NamedTuple):
    """`google` is empty where Google knows no such unit, `rec20` is the UN/CEFACT code; `base` is the unit of the unit
    price and `per_base` how many of this unit make one of it."""

    google: str
    rec20: str
    symbol: str
    base: str = ""
    per_base: Decimal = Decimal(0)


def _spelling(google: str, rec20: str, symbol: str, base: str = "", per_base: str = "0") -> UnitSpelling:
    return UnitSpelling(google, rec20, symbol, base, Decimal(per_base))


UNITS: dict[str, UnitSpelling] = {
    "MILLIGRAM": _spelling("mg", "MGM", "mg", "KILOGRAM", "1000000"),
    "GRAM": _spelling("g", "GRM", "g", "KILOGRAM", "1000"),
    "KILOGRAM": _spelling("kg", "KGM", "kg", "KILOGRAM", "1"),
    "POUND": _spelling("lb", "LBR", "lb"),
    "OUNCE": _spelling("oz", "ONZ", "oz"),
    "MILLILITER": _spelling("ml", "MLT", "ml", "LITER", "1000"),
    "CENTILITER": _spelling("cl", "CLT", "cl", "LITER", "100"),
    "DECILITER": _spelling("", "DLT", "dl", "LITER", "10"),
    "LITER": _spelling("l", "LTR", "l", "LITER", "1"),
    "CUBIC_METER": _spelling("cbm", "MTQ", "m³", "CUBIC_METER", "1"),
    "GALLON": _spelling("gal", "GLL", "gal"),
    "PINT": _spelling("pt", "PTL", "pt"),
    "MILLIMETER": _spelling("", "MMT", "mm", "METER", "1000"),
    "CENTIMETER": _spelling("cm", "CMT", "cm", "METER", "100"),
    "METER": _spelling("m", "MTR", "m", "METER", "1"),
    "KILOMETER": _spelling("", "KMT", "km"),
    "INCH": _spelling("in", "INH", "in"),
    "FOOT": _spelling("ft", "FOT", "ft"),
    "YARD": _spelling("yd", "YRD", "yd"),
    "SQUARE_METER": _spelling("sqm", "MTK", "m²", "SQUARE_METER", "1"),
    "SQUARE_FOOT": _spelling("sqft", "FTK", "ft²"),
    "PIECE": _spelling("ct", "C62", ""),
    "MINUTE": _spelling("", "MIN", "min"),
    "HOUR": _spelling("", "HUR", "h"),
    "DAY": _spelling("", "DAY", "d"),
    "CELSIUS": _spelling("", "CEL", "°C"),
    "FAHRENHEIT": _spelling("", "FAH", "°F"),
    "KELVIN": _spelling("", "KEL", "K"),
    "WATT": _spelling("", "WTT", "W"),
    "KILOWATT": _spelling("", "KWT", "kW"),
    "LUMEN": _spelling("", "LUM", "lm"),
}

BY_GOOGLE = {spelling.google: code for code, spelling in UNITS.items() if spelling.google}
