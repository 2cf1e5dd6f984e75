from decimal import Decimal

import msgspec
import pytest

from pim.catalog.measurement import convert
from pim.catalog.model import MeasurementFamily
from pim.catalog.standard_measures import standard_measurement_families, standard_measurement_family
from pim.catalog.structure_rules import check_structure
from tests.makers import a_structure


def family(code: str) -> MeasurementFamily:
    return msgspec.convert(standard_measurement_family(code, ["fr_FR", "en_GB"]), MeasurementFamily)


KNOWN = [
    ("Length", "1", "MILE", "YARD", "1760"),
    ("Area", "640", "ACRE", "SQUARE_MILE", "1"),
    ("Volume", "1728", "CUBIC_INCH", "CUBIC_FOOT", "1"),
    ("Volume", "8", "PINT", "GALLON", "1"),
    ("Weight", "16", "OUNCE", "POUND", "1"),
    ("Temperature", "212", "FAHRENHEIT", "CELSIUS", "100"),
    ("Temperature", "-40", "CELSIUS", "FAHRENHEIT", "-40"),
    ("Temperature", "80", "REAUMUR", "CELSIUS", "100"),
    ("Speed", "36", "KILOMETER_PER_HOUR", "METER_PER_SECOND", "10"),
    ("Pressure", "760", "TORR", "ATM", "1"),
    ("Pressure", "1", "ATM", "PASCAL", "101325"),
    ("Energy", "1", "KILOWATTHOUR", "KILOJOULE", "3600"),
    ("ElectricCharge", "1", "AMPEREHOUR", "COULOMB", "3600"),
    ("Angle", "180", "DEGREE", "GON", "200"),
    ("Duration", "12", "MONTH", "YEAR", "1"),
    ("Binary", "8", "BIT", "BYTE", "1"),
    ("CaseBox", "2", "DOZEN", "PIECE", "24"),
]


@pytest.mark.parametrize(("code", "amount", "unit", "to", "wanted"), KNOWN)
def test_factors_are_exact(code, amount, unit, to, wanted):
    assert convert(Decimal(amount), unit, to, family(code)) == Decimal(wanted)


@pytest.mark.parametrize("code", standard_measurement_families())
def test_every_carried_family_keeps_the_rules(code):
    assert check_structure("measurement_family", family(code), None, a_structure()) == []
    assert all(set(unit.labels) == {"fr_FR", "en_GB"} for unit in family(code).units.values())


@pytest.mark.parametrize("code", standard_measurement_families())
def test_every_unit_comes_back_to_itself(code):
    carried = family(code)
    for unit in carried.units:
        there = convert(Decimal("12.5"), unit, carried.standard_unit_code, carried)
        assert abs(convert(there, carried.standard_unit_code, unit, carried) - Decimal("12.5")) < Decimal("1e-20")


def test_a_family_that_nobody_knows_is_none():
    assert standard_measurement_family("Homemade", ["fr_FR"]) is None
