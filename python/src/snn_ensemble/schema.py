"""What the columns of a result directory are, from its `columns.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Axis:
    """A scanned parameter."""

    name: str
    """Letters, digits and _: `p_E_I`."""
    path: str
    """In the config: `projections.E<-I.p`."""
    unit: str
    """Empty for numbers in units of the config's own."""
    definition: str
    values: np.ndarray
    """All that occur: numbers ascending, texts as they come."""

    @property
    def label(self) -> str:
        """With the unit, for a figure."""
        return _labelled(self.path, self.unit)


@dataclass(frozen=True)
class Statistic:
    """A statistic of a population, or of the network as a whole (`lyapunov`)."""

    column: str
    """`rate_E`."""
    name: str
    """`rate`."""
    population: str
    """Empty of the network as a whole."""
    unit: str
    definition: str

    @property
    def label(self) -> str:
        """With the unit, for a figure."""
        of = f" of {self.population}" if self.population else ""
        return _labelled(self.name.replace("_", " ") + of, self.unit)


def _labelled(name: str, unit: str) -> str:
    return name if unit in ("", "1") else f"{name} ({unit})"


class Schema:
    """Axes and statistics of a result directory."""

    def __init__(self, directory: Path) -> None:
        text = (directory / "columns.json").read_text(encoding="utf-8")
        self.files: dict[str, list[dict[str, Any]]] = json.loads(text)
        """By file, the columns with name, type, kind, unit, definition, statistic, population, path."""
        members = self.files.get("members.parquet", [])
        self.statistics = {
            c["name"]: Statistic(c["name"], c["statistic"], c.get("population", ""), c["unit"], c["definition"])
            for c in members
            if c.get("kind") == "statistic"
        }

    def axes(self, points: pd.DataFrame) -> dict[str, Axis]:
        """By clean name, with the values in a table of points."""
        columns = [c for c in self.files["points.parquet"] if c.get("kind") == "axis"]
        return {
            c["name"]: Axis(c["name"], c["path"], c.get("unit", ""), c["definition"], _values(points[c["name"]])) for c in columns
        }

    def statistic(self, column: str) -> Statistic:
        """The statistic of a column such as `rate_E`."""
        if column not in self.statistics:
            raise KeyError(f"no statistic {column}; there are {', '.join(self.statistics)}")
        return self.statistics[column]


def _values(column: pd.Series) -> np.ndarray:
    values = column.unique()
    return np.sort(values) if pd.api.types.is_numeric_dtype(column) else np.asarray(values, dtype=object)


def _among(axis: Axis, value: Any) -> Any:
    """The axis's value that is the given one: numbers up to 1e-9 of their size, or of the least step (for 0)."""
    values = axis.values
    if np.issubdtype(values.dtype, np.number) and isinstance(value, Real):
        close = np.isclose(values, float(value), rtol=1e-9, atol=1e-9 * np.diff(values).min() if len(values) > 1 else 0)
    else:
        close = np.asarray([there == value for there in values])
    if not close.any():
        raise KeyError(f"no {value!r} along {axis.name}; there are {', '.join(map(str, values))}")
    return values[close][0]


def _listed(value: Any) -> list[Any]:
    """One value, or several."""
    return list(value) if pd.api.types.is_list_like(value) else [value]


def select(frame: pd.DataFrame, axes: Mapping[str, Axis], at: Mapping[str, Any], **equal: Any) -> pd.DataFrame:
    """Rows whose columns are `equal` (None: any) and whose axes have the values of `at`, by name or path, up to rounding; of a list any.

    KeyError, with what there is, for a name or value that is not there.
    """
    paths = {axis.path: name for name, axis in axes.items()}
    chosen = pd.Series(True, index=frame.index)
    for key, value in at.items():
        name = paths.get(key, key)
        if name not in axes:
            raise KeyError(f"no axis {key}; there are {', '.join(axes) or 'none'}")
        chosen &= frame[name].isin([_among(axes[name], each) for each in _listed(value)])
    for name, value in equal.items():
        if value is None:
            continue
        allowed = frame[name].unique()
        for each in _listed(value):
            if len(frame) and each not in allowed:
                raise KeyError(f"no {name} {each!r}; there are {', '.join(str(there) or repr('') for there in allowed)}")
        chosen &= frame[name].isin(_listed(value))
    return frame[chosen].reset_index(drop=True)
