"""Who reads many workbooks: the options `--jobs` and `--dask`, before a command's name or behind it."""

from __future__ import annotations

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


JOBS, CLUSTER = "refundbook.jobs", "refundbook.cluster"
"""Where the context of a command has what was given for them."""


def _put(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None:
        context.meta[f"refundbook.{parameter.name}"] = value


def many_options(command: Any) -> Any:
    """`--jobs` and `--dask`, for a command that takes several workbooks."""
    jobs = click.option(
        "--jobs", type=click.IntRange(1), metavar="N", expose_value=False, callback=_put,
        help="Read several workbooks (-b SHOP.xlsx -b …, -b \"shops/*.xlsx\") in so many processes.",
    )  # fmt: skip
    dask = click.option(
        "--dask", "cluster", metavar="ADDRESS", expose_value=False, callback=_put,
        help="Have the Dask cluster at this address read them; it must find them by the same paths.",
    )  # fmt: skip
    return jobs(dask(command))
