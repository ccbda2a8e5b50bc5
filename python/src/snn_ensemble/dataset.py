"""Statistics as labelled arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import xarray

from .schema import Axis

if TYPE_CHECKING:
    from .results import Results


def dataset(results: Results, members: bool) -> xarray.Dataset:
    """Dimensions: model, axes, population unless the statistic is the whole network's, of members realisation.

    Axes that move together (`zip`) share the first one's dimension if no value of either comes twice; else they make a grid, NaN where no
    point is.
    """
    rows = results.members() if members else results.points()
    together = _together(rows, results.axes)
    dimensions = ["model", *together, "population"] + (["realisation"] if members else [])
    values = ["value"] if members else ["value", "error"]
    arrays = {}
    for statistic in {s.name: s for s in results.statistics.values()}.values():
        own = rows[rows["statistic"] == statistic.name]
        if own.empty:
            continue
        table = own.set_index([name for name in dimensions if name != "population" or statistic.population])
        about = {"units": statistic.unit, "long_name": statistic.definition}
        for part in values:
            name = statistic.name if part == "value" else f"{statistic.name}_error"
            arrays[name] = table[part].to_xarray().assign_attrs(about)
    data = xarray.Dataset(arrays).reindex(model=results.models)
    for first, others in together.items():
        for axis in [first, *others]:
            pairs = rows[[first, axis]].drop_duplicates() if axis != first else rows[[first]].drop_duplicates()
            coordinate = pairs.set_index(first, drop=False)[axis].reindex(data[first].values)
            about_axis = {"units": results.axes[axis].unit, "long_name": results.axes[axis].path}
            data = data.assign_coords({axis: (first, coordinate.to_numpy(), about_axis)})
    return data


def _together(rows: pd.DataFrame, axes: dict[str, Axis]) -> dict[str, list[str]]:
    """By their first axis, the others whose values change with it and only with it."""
    groups: dict[str, list[str]] = {}
    for name, axis in axes.items():
        n = len(axis.values)
        partner = [first for first in groups if n == len(axes[first].values) == len(rows[[first, name]].drop_duplicates()) > 1]
        if partner:
            groups[partner[0]].append(name)
        else:
            groups[name] = []
    return groups
