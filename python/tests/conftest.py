"""A small experiment with everything recorded, run once."""

from pathlib import Path

import pytest
from matplotlib import pyplot

import snn_ensemble as sn

CONFIG = {
    "name": "small",
    "time": {"dt": 0.1, "duration": 1300, "discard": 10},
    "populations": {
        "E": {"size": 40, "tau_ref": 4, "drive": {"rate": 9}},
        "I": {"size": 20, "tau_ref": 4, "drive": {"rate": 7}},
    },
    "projections": {
        "E<-E": {"kind": "excitatory", "p": 0.8, "s": 1, "tau": 1.4},
        "E<-I": {"kind": "inhibitory", "p": 0.8, "s": 1, "tau": 4.5},
    },
    "models": ["snn", "dsode"],
    "analysis": {"lyapunov": True},
    "scan": [
        {"path": "projections.E<-I.p", "values": [0.3, 0.6]},
        {"path": "populations.E.drive.rate", "values": [8, 9, 10]},
    ],
    "realisations": 3,
    "record": {
        "traces": {"members": 1, "every": 1},
        "spikes": {"members": 2},
        "neurons": {"members": 1, "populations": ["E"], "count": 2, "to": 110},
        "voltage": True,
        "attractor": True,
    },
}


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sn.run(CONFIG, out=tmp_path_factory.mktemp("results") / "small", backend="cpu", progress=False).directory


@pytest.fixture(autouse=True)
def figures_are_closed():
    yield
    pyplot.close("all")


@pytest.fixture
def results(directory: Path) -> sn.Results:
    return sn.open(directory)
