"""Figures of results, as matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .schema import Axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .results import Results


class Plots:
    """`r.plot`: each figure is drawn into `ax`, or a new one, and its axes returned."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def scan(self, column: str, *, along: str | None = None, ax: Axes | None = None, **at: Any) -> Axes:
        """A statistic (`rate_E`) along an axis, a line per model with its 95 % interval; other axes are held at the values of `at`."""
        ax, axis = _new(ax), self._axis(along)
        statistic = self.results.schema.statistic(column)
        rows = self.results.points(statistic=statistic.name, population=statistic.population, **at)
        held = [name for name, other in self.results.axes.items() if name not in (axis.name, *at) and len(other.values) > 1]
        for keys, line in rows.groupby(["model", *held], sort=False):
            line = line.sort_values(axis.name)
            names = [f"{name} = {value:g}" if isinstance(value, float) else str(value) for name, value in zip(held, keys[1:])]
            (drawn,) = ax.plot(line[axis.name], line["value"], marker=".", label=", ".join([str(keys[0]), *names]))
            ax.fill_between(line[axis.name], line["ci95_low"], line["ci95_high"], color=drawn.get_color(), alpha=0.2, lw=0)
        ax.set(xlabel=axis.label, ylabel=statistic.label)
        ax.legend()
        return ax

    def agreement(self, column: str, *, reference: str | None = None, along: str | None = None, ax: Axes | None = None) -> Axes:
        """Relative difference of the models from the reference (the first model) along an axis, with standard errors."""
        ax, axis = _new(ax), self._axis(along)
        reference = reference or self.results.models[0]
        rows = self.results.agreement(column, reference)
        scale = (rows["relative"] / rows["difference"]).abs()
        for model, line in rows.assign(error=rows["error"] * scale).groupby("model", sort=False):
            ax.errorbar(line[axis.name], line["relative"], line["error"], marker=".", ls="none", label=model)
        ax.axhline(0, color="0.6", lw=0.8)
        ax.set(xlabel=axis.label, ylabel=f"{column}: difference from {reference}, relative")
        ax.legend()
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
        """A statistic over two axes (the first two), of one model (the first), as colours."""
        ax, names = _new(ax), list(self.results.axes)
        if len(names) < 2:
            raise ValueError(f"a map needs two axes; there are {', '.join(names) or 'none'}")
        first = self._axis(x or names[0])
        second = self._axis(y or next(name for name in names if name != first.name))
        statistic = self.results.schema.statistic(column)
        model = model or self.results.models[0]
        rows = self.results.points(model=model, statistic=statistic.name, population=statistic.population, **at)
        grid = rows.pivot(index=second.name, columns=first.name, values="value")
        colours = ax.pcolormesh(grid.columns, grid.index, grid.to_numpy(), shading="nearest")
        ax.figure.colorbar(colours, ax=ax, label=statistic.label)
        ax.set(xlabel=first.label, ylabel=second.label, title=model)
        return ax

    def raster(self, *, model: str | None = None, realisation: int = 0, ax: Axes | None = None, **at: Any) -> Axes:
        """Recorded spikes of one member, a dot each, population above population; axes that are not in `at` have their first value."""
        ax = _new(ax)
        at = {name: axis.values[0] for name, axis in self.results.axes.items()} | self._named(at)
        spikes = self.results.spikes(model=model or self._recorded(), realisation=realisation, **at)
        below = 0
        for population, dots in spikes.groupby("population", sort=False):
            ax.plot(dots["t"], dots["neuron"] + below, ",", label=population)
            below += dots["neuron"].max() + 1
        ax.set(xlabel="t (ms)", ylabel="neuron")
        ax.legend(loc="upper right")
        return ax

    def branches(self, column: str | None = None, *, model: str | None = None, ax: Axes | None = None) -> Axes:
        """A column of the branches (the first population's rate; of orbits `peak_` and `min_` too): stable solid, unstable dashed."""
        ax, rows = _new(ax), self.results.branches(model)
        column = column or next(name for name in rows.columns if name.startswith("rate_"))
        numbers = rows.groupby(["model", "branch"], sort=False).ngroup()
        changes = (numbers.diff() != 0) | (rows["stable"] != rows["stable"].shift())
        for _, piece in rows.groupby(changes.cumsum()):
            # one point of the next piece, so that no gap is left between them
            last = piece.index[-1]
            end = [last + 1] if last + 1 in rows.index and numbers[last + 1] == numbers[last] else []
            piece = rows.loc[[*piece.index, *end]]
            style = "-" if piece["stable"].iloc[0] else "--"
            ax.plot(piece["value"], piece[column], style, color=f"C{numbers[last] % 10}", lw=1.2)
        marked = rows[rows["code"].isin(["HB", "LP", "PD", "NS", "BP"])]
        ax.plot(marked["value"], marked[column], "ko", ms=3)
        for _, point in marked.iterrows():
            ax.annotate(point["code"], (point["value"], point[column]), textcoords="offset points", xytext=(4, 4), fontsize=8)
        ax.set(xlabel=rows["parameter"].iloc[0], ylabel=column)
        return ax

    def _axis(self, name: str | None) -> Axis:
        """By name or path; the first one with several values by default."""
        axes = self.results.axes
        if name is None:
            name = next((a.name for a in axes.values() if len(a.values) > 1 and np.issubdtype(a.values.dtype, np.number)), None)
        found = [axis for axis in axes.values() if name in (axis.name, axis.path)]
        if not found:
            raise KeyError(f"no axis {name}; there are {', '.join(axes) or 'none'}")
        return found[0]

    def _named(self, at: dict[str, Any]) -> dict[str, Any]:
        return {self._axis(key).name: value for key, value in at.items()}

    def _recorded(self) -> str:
        """The first model with spikes."""
        return str(self.results.table("spikes")["model"].iloc[0])


def _new(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(layout="constrained")[1]
