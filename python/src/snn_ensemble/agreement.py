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
    there = select(rows, {}, {}, model=reference)[[*keys, "n", "value", "error"]]
    both = rows[rows["model"] != reference].merge(there, on=keys, suffixes=("", "_reference"))
    value = both["value_reference"]
    difference = both["value"] - value
    is_angle = statistic.unit == "rad"
    if is_angle:
        difference = _wrapped(difference)
    shared = _shared(results, column, reference, both, is_angle=is_angle)
    a, b = both["error"].fillna(0), both["error_reference"].fillna(0)
    variance = a**2 + b**2 - 2 * shared * a * b
    error = np.sqrt(variance.clip(lower=0)).where(difference.notna())
    # an angle of 0 is a direction like any other, and a probability is compared with 1, not with itself
    of = value * (np.nan if is_angle or statistic.name == "choice" else 1)
    return both[["model", *keys]].assign(
        reference=reference, difference=difference, error=error, relative=difference / of, relative_error=error / of.abs()
    )


def _wrapped(angle: pd.Series) -> pd.Series:
    return angle - 2 * np.pi * (angle / (2 * np.pi)).round()


def _shared(results: Results, column: str, reference: str, both: pd.DataFrame, *, is_angle: bool) -> pd.Series:
    """Correlation of the two means of each row: realisations of the same number have their random numbers in common."""
    keys = ["point", "realisation"]
    values = results.table("members")[["model", *keys, column]].dropna()
    means = pd.concat(
        [both[["model", "point", "value"]], both[["point", "value_reference"]].set_axis(["point", "value"], axis=1).assign(model=reference)]
    ).drop_duplicates(["model", "point"])
    values = values.merge(means, on=["model", "point"])
    apart = values[column] - values["value"]
    values = values.assign(apart=_wrapped(apart) if is_angle else apart)
    there = values.loc[values["model"] == reference, [*keys, "apart"]]
    pairs = values[values["model"] != reference].merge(there, on=keys, suffixes=("", "_reference"))
    groups = pairs.groupby(["model", "point"])
    correlation = {at: (len(pair), pair["apart"].corr(pair["apart_reference"])) for at, pair in groups if len(pair) > 1}
    found = [correlation.get(at, (0, np.nan)) for at in zip(both["model"], both["point"], strict=True)]
    n = np.sqrt(both["n"] * both["n_reference"])
    return pd.Series([count * r for count, r in found], index=both.index, dtype=float).fillna(0) / n.where(n > 0, 1)
