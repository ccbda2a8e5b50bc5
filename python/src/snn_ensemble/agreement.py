"""Models against one of them, point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .schema import select

if TYPE_CHECKING:
    from .results import Results


def agreement(results: Results, column: str, reference: str | None, at: dict[str, Any]) -> pd.DataFrame:
    """See `Results.agreement`."""
    statistic = results.schema.statistic(column)
    rows = results.points(statistic=statistic.name, population=statistic.population, **at)
    if reference is None:
        reference = [*rows.loc[rows["value"].notna(), "model"], *results.models][0]
    keys = ["point", *results.axes]
    there = select(rows, {}, {}, model=reference)[[*keys, "value", "error"]]
    both = rows[rows["model"] != reference].merge(there, on=keys, suffixes=("", "_reference"))
    value = both["value_reference"]
    difference = both["value"] - value
    error = np.hypot(both["error"].fillna(0), both["error_reference"].fillna(0)).where(difference.notna())
    return both[["model", *keys]].assign(
        reference=reference, difference=difference, error=error, relative=difference / value, relative_error=error / value.abs()
    )
