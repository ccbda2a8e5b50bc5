"""The example network for programs that are not snn-ensemble: its parameters from configs/quickstart.yaml, and what each prints."""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

CONFIG = Path(__file__).parents[2] / "configs" / "quickstart.yaml"


@dataclass
class Network:
    dt: float
    sizes: tuple  # neurons of E and I
    drive: float  # 1/ms, weight 1
    tau_ref: float
    v_th: float
    v_rev: float
    p: np.ndarray  # connection probability, strength and time constant (ms), [target, source]
    s: np.ndarray
    tau: np.ndarray

    @property
    def neurons(self):
        return sum(self.sizes)


def network():
    config = yaml.safe_load(CONFIG.read_text())
    names = list(config["populations"])
    populations = config["populations"].values()

    def table(key):
        return np.array([[config["projections"][f"{to}<-{of}"][key] for of in names] for to in names], dtype=float)

    return Network(
        dt=config["time"]["dt"],
        sizes=tuple(p["size"] for p in populations),
        drive=next(iter(populations))["drive"]["rate"],
        tau_ref=next(iter(populations))["tau_ref"],
        v_th=100.0,
        v_rev=-66.0,
        p=table("p"),
        s=table("s"),
        tau=table("tau"),
    )


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--duration", type=float, default=1000.0, help="ms, of which the first 200 are not counted")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--decay", choices=["stochastic", "deterministic"], default="stochastic")
    parser.add_argument("--refractory", choices=["exponential", "fixed"], default="exponential")
    parser.add_argument("--delay", type=int, default=0, help="steps that a kick takes beyond the model's")
    return parser.parse_args()


DISCARD = 200.0  # ms


def report(net, options, simulate):
    """Runs `simulate(steps)` twice (the first time compiles) and prints the spikes per member and population and the time.

    `simulate` returns spike counts after the transient, (member, population), and the seconds that stepping took, or None.
    """
    steps = round(options.duration / net.dt)
    simulate(round((DISCARD + 10) / net.dt))
    begun = time.perf_counter()
    counts, seconds = simulate(steps)
    seconds = seconds or time.perf_counter() - begun
    counted = (options.duration - DISCARD) / 1000.0
    rates = np.asarray(counts, dtype=float) / np.array(net.sizes) / counted
    print(json.dumps({"rates": rates.tolist(), "seconds": seconds, "steps": steps, "members": len(rates)}))
