"""Ensembles of finite spiking networks, run from Python.

>>> import snn_ensemble as sn
>>> r = sn.run("pei.yaml", set={"projections.E<-I.p": 0.6})
>>> r.points(statistic="rate", population="E")
>>> r.plot.scan("rate_E")

`run`, `branches`, `check`, `validate` and `merge` start the program that this package carries; `open` reads a result directory that is there.
"""

from .errors import ConfigError, DifferenceError, Interrupted, ProgramError
from .program import branches, check, merge, program, run, validate
from .results import Results
from .results import open_results as open
from .schema import Axis, Statistic

__all__ = [
    "Axis",
    "ConfigError",
    "DifferenceError",
    "Interrupted",
    "ProgramError",
    "Results",
    "Statistic",
    "branches",
    "check",
    "merge",
    "open",
    "program",
    "run",
    "validate",
]
