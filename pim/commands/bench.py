"""`pim bench`: this program beside plain loops."""

from typing import Annotated

import typer

from pim import terminal
from pim.terminal import AsJson


def bench(
    figures: Annotated[
        list[str] | None, typer.Argument(help="import, render, incremental, history, api, search; none: all.")
    ] = None,
    products: Annotated[list[int] | None, typer.Option(help="Size of the generated catalogue; may repeat.")] = None,
    export: Annotated[list[str] | None, typer.Option(help="Only render these exports; may repeat.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure this program against plain loops, in a scratch installation of its own."""
    from pim.bench.run import print_figures, run_bench

    for size in products or [10_000]:
        measured = run_bench(figures or [], size, export or [], tell=_tell)
        terminal.print_json(measured) if as_json else print_figures(measured, size)


def _tell(stage: str) -> None:
    typer.echo(stage, err=True)
