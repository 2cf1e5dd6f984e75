"""Conversion is exact, undone by its inverse, and refuses units that a family does not have."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pim.base.errors import NotFound
from pim.catalog.measurement import convert, to_standard
from pim.catalog.model import MeasurementFamily


def a_measurement_family(code: str, standard: str, **units: str) -> MeasurementFamily:
    """`CELSIUS="add 273.15"`: operations to the standard unit, separated by commas."""
    written = {
        unit: {
            "code": unit,
            "convert_from_standard": [
                dict(zip(("operator", "value"), step.split(), strict=True)) for step in steps.split(",")
            ],
        }
        for unit, steps in units.items()
    }
    return msgspec.convert({"code": code, "standard_unit_code": standard, "units": written}, MeasurementFamily)


LENGTH = a_measurement_family(
    "Length", "METER", METER="mul 1", INCH="mul 0.0254", FOOT="mul 12,mul 0.0254", THIRD="div 3"
)
TEMPERATURE = a_measurement_family(
    "Temperature", "KELVIN", KELVIN="mul 1", CELSIUS="add 273.15", FAHRENHEIT="sub 32,div 1.8,add 273.15"
)


@pytest.mark.parametrize(
    ("amount", "unit", "to", "wanted"),
    [
        ("1", "FOOT", "INCH", "12"),
        ("0.1", "INCH", "METER", "0.00254"),
        ("12", "INCH", "FOOT", "1"),
        ("1", "METER", "THIRD", "3"),
        ("10", "THIRD", "METER", "3.33333333333333333333333333333"),
    ],
)
def test_lengths_convert_exactly(amount, unit, to, wanted):
    assert convert(Decimal(amount), unit, to, LENGTH) == Decimal(wanted)


@pytest.mark.parametrize(
    ("amount", "unit", "to", "wanted"),
    [
        ("0", "CELSIUS", "KELVIN", "273.15"),
        ("212", "FAHRENHEIT", "CELSIUS", "100"),
        ("-40", "FAHRENHEIT", "CELSIUS", "-40"),
        ("37", "CELSIUS", "FAHRENHEIT", "98.6"),
        ("0", "KELVIN", "CELSIUS", "-273.15"),
    ],
)
def test_temperatures_shift_and_stretch(amount, unit, to, wanted):
    assert convert(Decimal(amount), unit, to, TEMPERATURE) == Decimal(wanted)


amounts = st.decimals(min_value="-1e12", max_value="1e12", places=6, allow_nan=False, allow_infinity=False)


@settings(max_examples=25)
@given(amounts, st.sampled_from([LENGTH, TEMPERATURE]), st.data())
def test_what_is_converted_there_and_back_is_what_it_was(amount, family, data):
    unit, to = (data.draw(st.sampled_from(sorted(family.units))) for _ in range(2))
    back = convert(convert(amount, unit, to, family), to, unit, family)
    assert abs(back - amount) < Decimal("1e-15")  # what a third of a foot loses: nothing that a feed shows


@settings(max_examples=25)
@given(amounts, amounts)
def test_the_order_of_amounts_survives_conversion(one, other):
    assert (one < other) == (
        to_standard(one, "FAHRENHEIT", TEMPERATURE) < to_standard(other, "FAHRENHEIT", TEMPERATURE)
    )


@pytest.mark.parametrize(("unit", "to"), [("INCH", "YARD"), ("YARD", "INCH"), ("YARD", "YARD")])
def test_an_unknown_unit_is_named_with_those_there_are(unit, to):
    with pytest.raises(NotFound, match="unit `YARD` is not in the measurement family `Length`; known: FOOT, INCH"):
        convert(Decimal(1), unit, to, LENGTH)
