"""A result directory, as tables."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from .agreement import agreement
from .plot import Plots
from .schema import Axis, Schema, Statistic, select

if TYPE_CHECKING:
    import xarray


try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def _current(read: Callable[[Results], Any]) -> Any:
    """A property that is read once, and once more when a run has changed the files."""

    @wraps(read)
    def current(self: Results) -> Any:
        state = self._state()
        known = self._known.get(read.__name__)
        if known is None or known[0] != state:
            known = self._known[read.__name__] = (state, read(self))
        return known[1]

    return property(current)


def open_results(directory: str | os.PathLike[str]) -> Results:
    """The results in a directory; FileNotFoundError if it holds none."""
    path = Path(directory)
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is no directory")
    if not any((path / name).exists() for name in ("columns.json", "branches.parquet")):
        raise FileNotFoundError(f"{path} holds no results, or those of an older version, which a run with the same config renews")
    return Results(path)


class Results:
    """The results of one experiment.

    Tables are pandas data frames with one column per axis, under its clean name (`p_E_I`). Wherever rows are chosen, an axis is given by
    its name and one of its values, or a list of them, up to rounding: `r.points(p_E_I=0.6)`. KeyError, with what there is, for what is
    not there. What a run adds to the directory is read at the next call.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.plot = Plots(self)
        self._known: dict[str, tuple[Any, Any]] = {}

    def _state(self) -> list[tuple[int, int]]:
        """Changes whenever a run renews the tables."""
        files = [self.directory / name for name in ("points.parquet", "manifest.json", "columns.json", "config.yaml")]
        return [(stat.st_mtime_ns, stat.st_size) for stat in (file.stat() for file in files if file.exists())]

    @contextmanager
    def _together(self) -> Iterator[None]:
        """While tables are read that have to be of one run: a run that renews them waits, as this does for one that is at it."""
        lock = self.directory / ".files.lock"
        if fcntl is None or not lock.exists():
            yield
            return
        with ExitStack() as held:
            with suppress(OSError):  # a file that nobody may open, a file system without locks
                fcntl.flock(held.enter_context(lock.open()), fcntl.LOCK_SH)
            yield

    def __repr__(self) -> str:
        if not (self.directory / "members.parquet").exists():
            return f"Results({str(self.directory)!r})"
        axes = ", ".join(f"{axis.name} ({len(axis.values)})" for axis in self.axes.values())
        return f"Results({str(self.directory)!r}: models {', '.join(self.models)}; axes {axes or 'none'})"

    def table(self, name: str) -> pd.DataFrame:
        """A file as it is: members, points, windows, transitions, densities, traces, spikes, neurons, branches, special, orbits, curves.

        The Parquet file if there are two. FileNotFoundError, with what there is, if there is none.
        """
        parquet, csv = (self.directory / f"{name}.{kind}" for kind in ("parquet", "csv"))
        if parquet.exists():
            return pd.read_parquet(parquet)
        if csv.exists():
            # a model may have any name
            return pd.read_csv(csv, keep_default_na=False, na_values=[""])
        there = sorted({file.stem for file in self.directory.iterdir() if file.suffix in (".parquet", ".csv")})
        raise FileNotFoundError(
            f"{self.directory} has no table {name}: nothing of it was recorded or computed; there are {', '.join(there)}"
        )

    @_current
    def schema(self) -> Schema:
        """What the columns are."""
        return Schema(self.directory)

    @_current
    def manifest(self) -> dict[str, Any]:
        """Program, device and config that gave the results."""
        manifest: dict[str, Any] = json.loads((self.directory / "manifest.json").read_text(encoding="utf-8"))
        return manifest

    @_current
    def _points(self) -> pd.DataFrame:
        return self.table("points")

    @_current
    def axes(self) -> dict[str, Axis]:
        """The scanned parameters by name, with path, unit and values."""
        return self.schema.axes(self._points)

    @property
    def statistics(self) -> dict[str, Statistic]:
        """By column (`rate_E`), with unit and definition."""
        return self.schema.statistics

    @_current
    def models(self) -> list[str]:
        """Labels, in the order of the config."""
        return list(self._points["model"].unique())

    @_current
    def populations(self) -> dict[str, int]:
        """Sizes by name, in the order of the config; a size that is scanned has an axis too."""
        # all are texts, so that ON and OFF are names
        config = yaml.load((self.directory / "config.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
        return {name: int(population["size"]) for name, population in config["populations"].items()}

    def points(
        self, *, model: str | None = None, statistic: str | None = None, population: str | None = None, **at: Any
    ) -> pd.DataFrame:
        """A row per model, point, population and statistic: n, value (mean over members), error (its standard error), 95 % interval.

        The population of a statistic of the network as a whole is empty.
        """
        rows = self._points.rename(columns={"mean": "value", "sem": "error"})
        return select(rows, self.axes, at, model=model, statistic=statistic, population=population)

    def members(
        self, *, model: str | None = None, statistic: str | None = None, population: str | None = None, **at: Any
    ) -> pd.DataFrame:
        """A row per member, population (empty: the network as a whole) and statistic: value, unit."""
        wide = select(self.table("members"), self.axes, at, model=model)
        keys = ["model", "point", "realisation", *self.axes]
        parts = [
            wide[keys].assign(population=s.population, statistic=s.name, value=wide[s.column], unit=s.unit)
            for s in self.statistics.values()
        ]
        rows = pd.concat(parts, ignore_index=True)
        return select(rows, self.axes, {}, statistic=statistic, population=population)

    def to_xarray(self, *, members: bool = False) -> xarray.Dataset:
        """A variable per statistic over model, axes and population: means and `STATISTIC_error`, or with `members` every realisation.

        A statistic of the network as a whole has no dimension `population`.
        """
        from .dataset import dataset

        with self._together():
            return dataset(self, members)

    def spectra(self, population: str | None = None, *, model: str | None = None, **at: Any) -> pd.DataFrame:
        """Power spectral densities of the population rates: frequency (Hz), density (Hz^2/Hz), mean over members."""
        rows = self._densities("psd", population, model, at)
        density = rows.pop("value")
        return rows.assign(frequency=(rows.pop("x_low") + rows.pop("x_high")) / 2, density=density)

    def voltage(self, population: str | None = None, *, model: str | None = None, **at: Any) -> pd.DataFrame:
        """Histograms of the voltage of neurons that are not refractory: v_low, v_high, share, density (share per voltage unit).

        A bin that is open below has the edge -inf and the density 0.
        """
        rows = self._densities("voltage", population, model, at)
        rows = rows.rename(columns={"x_low": "v_low", "x_high": "v_high"})
        rows = _with_shares(rows)
        return rows.assign(density=rows["share"] / (rows["v_high"] - rows["v_low"]))

    def attractor(self, population: str | None = None, *, model: str | None = None, **at: Any) -> pd.DataFrame:
        """Joint histograms (`record.attractor`): x_low, x_high, y_low, y_high, share of the samples; bins without one have no row.

        Of the rates (Hz) of the first two populations, which `population` names and whose last bins hold all that is higher; or of a
        population's pending excitatory and inhibitory kicks per neuron.
        """
        return _with_shares(self._densities("joint_kicks" if population else "joint_rate", population, model, at))

    def _densities(self, kind: str, population: str | None, model: str | None, at: dict[str, Any]) -> pd.DataFrame:
        rows = self.table("densities")
        without = ["kind"] if kind.startswith("joint") else ["kind", "y_low", "y_high"]
        rows = self._with_axes(rows[rows["kind"] == kind].drop(columns=without))
        return select(rows, self.axes, at, model=model, population=population)

    def spikes(
        self, *, model: str | None = None, population: str | None = None, realisation: int | None = None, **at: Any
    ) -> pd.DataFrame:
        """Recorded spikes: t (ms), population, neuron, step (t in steps of dt)."""
        rows = self._with_axes(self.table("spikes"))
        return select(rows, self.axes, at, model=model, population=population, realisation=realisation)

    def neurons(
        self, *, model: str | None = None, population: str | None = None, realisation: int | None = None, **at: Any
    ) -> pd.DataFrame:
        """Recorded neurons: t (ms), population, neuron, voltage (unit of the config's), spikes since the row before, pending kicks."""
        rows = self._with_axes(self.table("neurons"))
        return select(rows, self.axes, at, model=model, population=population, realisation=realisation)

    def traces(self, *, model: str | None = None, realisation: int | None = None, **at: Any) -> pd.DataFrame:
        """Recorded series: t (ms), rates (Hz), mean kick counts."""
        rows = self._with_axes(self.table("traces"))
        return select(rows, self.axes, at, model=model, realisation=realisation)

    def _with_axes(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Adds the axes' columns behind `point`."""
        points = self._points[["point", *self.axes]].drop_duplicates("point").set_index("point")
        place = list(rows.columns).index("point") + 1
        for i, name in enumerate(self.axes):
            rows.insert(place + i, name, rows["point"].map(points[name]))
        return rows.reset_index(drop=True)

    def agreement(self, column: str, reference: str | None = None, **at: Any) -> pd.DataFrame:
        """Differences of the other models from the reference (the first model with values): a row per model and point.

        difference and error in the statistic's unit; relative and relative_error are over the reference's value. NaN where one of the
        two has no value, relative of phases and choices too. The error is the standard error of the difference: realisations of the
        same number share their random numbers and count as pairs; a single member adds nothing to it.
        """
        with self._together():
            return agreement(self, column, reference, at)

    def branches(self, model: str | None = None) -> pd.DataFrame:
        """Points of the fixed points and orbits that `snn-ensemble branches` followed; `stable` is a bool."""
        rows = select(self.table("branches"), {}, {}, model=model)
        return rows.assign(stable=rows["stable"] == "true")

    def special(self, model: str | None = None) -> pd.DataFrame:
        """Bifurcations (HB, LP, PD, NS, BP), ends and user values of the branches; `converged` is a bool."""
        return select(self.table("special"), {}, {}, model=model)

    def curves(self, model: str | None = None) -> pd.DataFrame:
        """Bifurcations (HB, PD, LP, NS) along curves in the plane of two parameters, `value` and `second_value`."""
        return select(self.table("curves"), {}, {}, model=model)


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts of a histogram as shares of all of its model, point and population."""
    counts = rows.pop("value")
    return rows.assign(share=counts / counts.groupby([rows["model"], rows["point"], rows["population"]]).transform("sum"))
