"""What tells the lines of a figure apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = ".xs+^vd"
DASHES = ["-", "--", "-.", ":"]


def lines(rows: pd.DataFrame, axis: str, free: list[str]) -> Iterator[tuple[pd.DataFrame, dict[str, Any]]]:
    """Lines along an axis, one per model and values of the axes that are free, each with its style and label.

    Colours are those of models; where axes are free, those of their values in ascending order, and models differ in markers and dashes.
    """
    models = list(rows["model"].unique())
    colour = rows.groupby(free).ngroup() if free else rows["model"].map(models.index)
    colours = _colours(colour.max() + 1, ordered=bool(free))
    for (model, *values), line in rows.groupby(["model", *free], sort=False):
        i = models.index(model) if free else 0
        style = {"color": colours[colour[line.index[0]]], "marker": MARKERS[i % len(MARKERS)], "ls": DASHES[i % len(DASHES)]}
        told = [f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}" for name, value in zip(free, values)]
        yield line.sort_values(axis), style | {"label": ", ".join([model, *told])}


def legend(ax: Axes) -> None:
    """A legend; of many lines beside the axes, where it hides none."""
    n = len(ax.get_legend_handles_labels()[1])
    beside = {"loc": "upper left", "bbox_to_anchor": (1, 1), "fontsize": "x-small", "ncols": 1 + n // 36}
    ax.legend(**beside if n > 12 else {})


def _colours(n: int, ordered: bool) -> list[Any]:
    """Of a colour map where they are ordered, or more than the cycle has."""
    if n <= 10 and not ordered:
        return [f"C{i}" for i in range(n)]
    from matplotlib import colormaps

    # the map's end is too bright for a line
    return [colormaps["viridis"](0.85 * i / max(n - 1, 1)) for i in range(n)]
