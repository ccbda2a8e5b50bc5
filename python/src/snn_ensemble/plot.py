"""Figures of results, as matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .schema import Axis, Statistic
from .style import legend, lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .results import Results


class Plots:
    """`r.plot`: each figure is drawn into `ax`, or a new one, and its axes returned.

    KeyError: a column, axis, value or model that is not there; ValueError: nothing to draw, with the reason.
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    def scan(self, column: str, *, along: str | None = None, ax: Axes | None = None, **at: Any) -> Axes:
        """A statistic (`rate_E`) along an axis, a line per model with its 95 % interval; other axes are held at the values of `at`.

        By default it is the first axis of several numbers. An axis that is free has a colour per value, models then differ in style.
        """
        statistic, rows = self._rows(column, None, at)
        axis = self._along(along, rows)
        ax = _new(ax)
        for line, style in lines(rows, axis.name, self._free(rows, axis)):
            (drawn,) = ax.plot(line[axis.name], line["value"], **style)
            ax.fill_between(line[axis.name], line["ci95_low"], line["ci95_high"], color=drawn.get_color(), alpha=0.2, lw=0)
        ax.set(xlabel=axis.label, ylabel=statistic.label)
        legend(ax)
        return ax

    def agreement(
        self, column: str, *, reference: str | None = None, along: str | None = None, ax: Axes | None = None, **at: Any
    ) -> Axes:
        """Relative difference of the models from the reference (the first with values) along an axis, with standard errors.

        Of phases and choices the difference itself.

        Axes, colours and styles are as those of `scan`.
        """
        rows = self.results.agreement(column, reference, **at)
        is_share = not rows["relative"].isna().all()
        if rows["difference"].isna().all():
            raise ValueError(f"no other model has values of {column} to compare, where the reference has some")
        axis = self._along(along, rows)
        ax = _new(ax)
        for line, style in lines(rows, axis.name, self._free(rows, axis)):
            y = ["relative", "relative_error"] if is_share else ["difference", "error"]
            ax.errorbar(line[axis.name], line[y[0]], line[y[1]], **style | {"ls": "none"})
        ax.axhline(0, color="0.6", lw=0.8)
        label = f"{column}: difference from {rows['reference'].iloc[0]}"
        unit = self.results.schema.statistic(column).unit
        ax.set(xlabel=axis.label, ylabel=f"{label}, relative" if is_share else f"{label} ({unit})")
        legend(ax)
        return ax

    def map(
        self,
        column: str,
        x: str | None = None,
        y: str | None = None,
        *,
        model: str | None = None,
        ax: Axes | None = None,
        **at: Any,
    ) -> Axes:
        """A statistic over two axes (the first two that are free), of one model (the first with values), as colours."""
        statistic, rows = self._rows(column, model, at)
        rows = rows[rows["model"] == rows.loc[rows["value"].notna(), "model"].iloc[0]]
        first = self._axis(x) if x else self._beside(self._axis(y), rows) if y else self._along(None, rows)
        second = self._axis(y) if y else self._beside(first, rows)
        if first is second:
            raise ValueError(f"a map needs two axes; x and y are both {first.name}")
        if more := self._free(rows, first, second):
            raise ValueError(f"a map has two axes; give a value of {', '.join(more)}")
        grid = rows.pivot(index=second.name, columns=first.name, values="value")
        ax = _new(ax)
        colours = ax.pcolormesh(grid.columns, grid.index, grid.to_numpy(), shading="nearest")
        ax.figure.colorbar(colours, ax=ax, label=statistic.label)
        ax.set(xlabel=first.label, ylabel=second.label, title=rows["model"].iloc[0])
        return ax

    def raster(self, *, model: str | None = None, realisation: int = 0, ax: Axes | None = None, **at: Any) -> Axes:
        """Recorded spikes of one member of one model (the first with spikes), a dot each, at the first point that `at` leaves.

        Populations are above each other in the order of the config, each as high as its size, whoever fires.
        """
        spikes = self.results.spikes(model=model, realisation=realisation)
        if spikes.empty:
            raise ValueError("no spikes are recorded" + (f" of {model}" if model else ""))
        model = model or str(spikes["model"].iloc[0])
        points = self.results.points(model=model, **at)
        if points.empty:
            raise ValueError(f"{model} has no such point")
        point = points.iloc[points["point"].argmin()]
        spikes = spikes[(spikes["model"] == model) & (spikes["point"] == point["point"])]
        scanned = {axis.path: point[axis.name] for axis in self.results.axes.values()}
        ax, below = _new(ax), 0
        for population, size in self.results.populations.items():
            dots = spikes[spikes["population"] == population]
            ax.plot(dots["t"], dots["neuron"] + below, ".", ms=2, mew=0, label=population)
            below += int(scanned.get(f"populations.{population}.size", size))
        ax.set(xlabel="t (ms)", ylabel="neuron", ylim=(-0.5, below - 0.5), title=model)
        ax.legend(loc="upper right", markerscale=6)
        return ax

    def spectrum(self, population: str | None = None, *, model: str | None = None, ax: Axes | None = None, **at: Any) -> Axes:
        """Power spectral density of a population's rate (by default of the first), a line per model and value of the free axes."""
        population = population or next(iter(self.results.populations))
        rows = self.results.spectra(population, model=model, **at)
        if rows.empty:
            raise ValueError(f"there are no spectra of {population}: windows of a second or more have some")
        ax = _new(ax)
        free = [name for name in self.results.axes if rows[name].nunique() > 1]
        for line, style in lines(rows, "frequency", free):
            ax.plot(line["frequency"], line["density"], **style | {"marker": None, "lw": 1})
        ax.set(xlabel="frequency (Hz)", ylabel=f"density of the rate of {population} (Hz²/Hz)", xscale="log", yscale="log")
        legend(ax)
        return ax

    def attractor(self, population: str | None = None, *, model: str | None = None, ax: Axes | None = None, **at: Any) -> Axes:
        """Where the network of one model (the first with values) is how often, as colours, at the first point that `at` leaves.

        In the plane of the rates of the first two populations, or of a population's pending excitatory and inhibitory kicks per neuron.
        """
        from matplotlib.colors import LogNorm

        rows = self.results.attractor(population, model=model, **at)
        if rows.empty:
            raise ValueError("no joint histograms are recorded (record.attractor)")
        rows = rows[rows["model"] == rows["model"].iloc[0]]
        rows = rows[rows["point"] == rows["point"].min()]
        edges = [_edges(rows[f"{along}_low"], rows[f"{along}_high"]) for along in "xy"]
        # the middle of a bin lies between its edges, whatever was rounded
        shares = np.histogram2d(*[(rows[f"{a}_low"] + rows[f"{a}_high"]) / 2 for a in "xy"], bins=edges, weights=rows["share"])[0]
        ax = _new(ax)
        colours = ax.pcolormesh(*edges, np.ma.masked_equal(shares.T, 0), norm=LogNorm())
        ax.figure.colorbar(colours, ax=ax, label="share of the samples")
        names = rows["population"].iloc[0].split(",")
        told = [f"pending {kind} kicks of {population}" for kind in ("excitatory", "inhibitory")]
        x, y = told if population else [f"rate of {name} (Hz)" for name in names]
        ax.set(xlabel=x, ylabel=y, title=rows["model"].iloc[0])
        return ax

    def branches(self, column: str | None = None, *, model: str | None = None, ax: Axes | None = None) -> Axes:
        """A column of the branches (the first population's rate; of orbits `peak_` and `min_` too): stable solid, unstable dashed.

        Colours are those of branches, of several models those of models.
        """
        rows = self.results.branches(model)
        numeric = [str(name) for name in rows.select_dtypes("number")]
        column = column or next(name for name in numeric if name.startswith("rate_"))
        if column not in numeric:
            raise KeyError(f"no column {column}; there are {', '.join(numeric)}")
        ax = _new(ax)
        numbers = rows.groupby(["model", "branch"], sort=False).ngroup()
        models = list(rows["model"].unique())
        colours = rows["model"].map(models.index) if len(models) > 1 else numbers
        changes = (numbers.diff() != 0) | (rows["stable"] != rows["stable"].shift())
        for _, piece in rows.groupby(changes.cumsum()):
            # one point of the next piece, so that no gap is left between them
            last = piece.index[-1]
            end = [last + 1] if last + 1 in rows.index and numbers[last + 1] == numbers[last] else []
            piece = rows.loc[[*piece.index, *end]]
            style = "-" if piece["stable"].iloc[0] else "--"
            ax.plot(piece["value"], piece[column], style, color=f"C{colours[last] % 10}", lw=1.2)
        if len(models) > 1:
            for i, name in enumerate(models):
                ax.plot([], [], color=f"C{i % 10}", label=name)
            legend(ax)
        marked = rows[rows["code"].isin(["HB", "LP", "PD", "NS", "BP"])]
        ax.plot(marked["value"], marked[column], "ko", ms=3)
        for _, point in marked.iterrows():
            ax.annotate(point["code"], (point["value"], point[column]), textcoords="offset points", xytext=(4, 4), fontsize=8)
        ax.set(xlabel=rows["parameter"].iloc[0], ylabel=column)
        return ax

    def _rows(self, column: str, model: str | None, at: dict[str, Any]) -> tuple[Statistic, pd.DataFrame]:
        """A statistic and its points."""
        statistic = self.results.schema.statistic(column)
        rows = self.results.points(model=model, statistic=statistic.name, population=statistic.population, **at)
        if rows["value"].isna().all():
            raise ValueError(f"{column} has no values" + (f" of {model}" if model else ""))
        return statistic, rows

    def _axis(self, name: str) -> Axis:
        """By name or path."""
        axes = self.results.axes
        found = [axis for axis in axes.values() if name in (axis.name, axis.path)]
        if not found:
            raise KeyError(f"no axis {name}; there are {', '.join(axes) or 'none'}")
        return found[0]

    def _along(self, name: str | None, rows: pd.DataFrame) -> Axis:
        """By name or path; by default the first axis of numbers, one of which the rows have several if there is any."""
        axes = self.results.axes
        if not axes:
            raise ValueError("without a scan there is no axis to draw along; r.points() and r.agreement() have the values")
        if name is None:
            numeric = [axis for axis in axes if pd.api.types.is_numeric_dtype(rows[axis])]
            name = next((axis for axis in numeric if rows[axis].nunique() > 1), [*numeric, *axes][0])
        return self._axis(name)

    def _beside(self, axis: Axis, rows: pd.DataFrame) -> Axis:
        """The first axis that is free where that one is given."""
        free = self._free(rows, axis)
        if not free:
            raise ValueError(f"a map needs two axes of several values; beside {axis.name} there is none")
        return self._axis(free[0])

    def _free(self, rows: pd.DataFrame, *held: Axis) -> list[str]:
        """Axes that have several values where those of `held` are given: not those that move together with them."""
        names = [axis.name for axis in held]
        groups = rows.groupby(names)
        return [name for name in self.results.axes if name not in names and groups[name].nunique().max() > 1]


def _edges(low: pd.Series, high: pd.Series) -> np.ndarray:
    """Edges of bins of one width, from the first to the last that has a row."""
    width = (high - low).min()
    return width * np.arange(round(low.min() / width), round(high.max() / width) + 1)


def _new(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(layout="constrained")[1]
