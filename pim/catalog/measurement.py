"""Exact conversion between the units of a measurement family."""

from decimal import Decimal, localcontext

from pim.base.errors import NotFound, known
from pim.catalog.model import MeasurementFamily, Unit, UnitOperation

PRECISION = 50
"""Digits carried; divisions that never end (a third of a foot) are rounded there, far beyond any feed's decimals."""

_INVERSE = {"mul": "div", "div": "mul", "add": "sub", "sub": "add"}


def convert(amount: Decimal, unit: str, to: str, family: MeasurementFamily) -> Decimal:
    """`amount` of `unit` expressed in `to`. Raises NotFound for a unit that the family does not have."""
    if unit == to:
        _unit(unit, family)
        return amount
    with localcontext() as context:
        context.prec = PRECISION
        standard = _apply(amount, _unit(unit, family).convert_from_standard)
        inverse = [
            UnitOperation(operator=_INVERSE[step.operator], value=step.value)
            for step in reversed(_unit(to, family).convert_from_standard)
        ]
        return _tidy(_apply(standard, inverse))


def to_standard(amount: Decimal, unit: str, family: MeasurementFamily) -> Decimal:
    """`amount` of `unit` in the family's standard unit, so that measures of different units compare."""
    return convert(amount, unit, family.standard_unit_code, family)


def _apply(amount: Decimal, operations: list[UnitOperation]) -> Decimal:
    for operation in operations:
        value = Decimal(operation.value)
        match operation.operator:
            case "mul":
                amount *= value
            case "div":
                amount /= value
            case "add":
                amount += value
            case "sub":
                amount -= value
    return amount


def _tidy(amount: Decimal) -> Decimal:
    """Without the trace of a division that was undone: 30 digits are kept, trailing zeros dropped."""
    exponent = max(amount.adjusted() - 29, -30)
    rounded = amount.quantize(Decimal(1).scaleb(exponent))
    return rounded.normalize() if rounded else Decimal(0)


def _unit(code: str, family: MeasurementFamily) -> Unit:
    try:
        return family.units[code]
    except KeyError:
        raise NotFound(
            f"unit `{code}` is not in the measurement family `{family.code}`; {known(family.units)}"
        ) from None
