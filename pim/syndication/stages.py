"""What happens to a value after its source gave it: `map`, then each of `then`."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pim.exports.scope import ANY
from pim.syndication.context import MappingContext
from pim.syndication.transforms import Step, make_step


class Stage(NamedTuple):
    """`whole`: it takes a list as one value; others are applied to each entry. `keeps`: see Transform."""

    step: Step
    whole: bool
    keeps: bool


def stages_of(spec: dict[str, Any], context: MappingContext) -> list[Stage]:
    stages = []
    if "map" in spec:
        lookup = context.definition.lookups[spec["map"]] if isinstance(spec["map"], str) else spec["map"]
        stages.append(Stage(_lookup(lookup), whole=False, keeps=False))
    for entry in spec.get("then", ()):
        if entry != "label":
            step, transform = make_step(entry, context)
            stages.append(Stage(step, transform.whole, transform.keeps))
    return stages


def chained(make: Callable[[Any], Any], stages: Sequence[Stage]) -> Callable[[Any], Any]:
    """`make`, then the stages one after the other, up to the first that answers nothing."""
    steps = [(stage.step, stage.whole) for stage in stages]

    def chain(given: Any) -> Any:
        value = make(given)
        for step, whole in steps:
            if value is None:
                return None
            if whole or value.__class__ is not list:
                value = step(value)
            else:
                value = [made for entry in value if (made := step(entry)) is not None] or None
        return value

    return chain


def _lookup(lookup: dict[str, Any]) -> Step:
    otherwise = lookup.get(ANY)

    def step(value: Any) -> Any:
        key = value if value.__class__ is str else str(value).lower() if isinstance(value, bool) else str(value)
        return lookup.get(key, otherwise)

    return step
