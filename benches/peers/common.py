"""The networks for programs that are not snn-ensemble: their parameters from configs/, and what each program prints."""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

CONFIGS = Path(__file__).parents[2] / "configs"


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


@dataclass
class Brunel:
    """Of Brunel's network, voltages in mV."""

    dt: float
    sizes: tuple
    rate: float  # 1/ms
    weight: float
    tau_m: float
    tau_ref: float
    v_th: float
    v_reset: float
    delay: float
    indegree: np.ndarray  # and signed strength, [target, source]
    s: np.ndarray

    @property
    def neurons(self):
        return sum(self.sizes)


def table(config, key):
    names = list(config["populations"])
    return np.array([[config["projections"][f"{to}<-{of}"][key] for of in names] for to in names])


def brunel():
    config = yaml.safe_load((CONFIGS / "brunel.yaml").read_text())
    one = config["populations"]["E"]
    return Brunel(
        dt=config["time"]["dt"],
        sizes=tuple(p["size"] for p in config["populations"].values()),
        rate=one["drive"]["rate"],
        weight=one["drive"]["weight"],
        delay=config["projections"]["E<-E"]["delay"],
        indegree=table(config, "indegree"),
        s=table(config, "s") * [1, -1],
        **{key: one[key] for key in ("tau_m", "tau_ref", "v_th", "v_reset")},
    )


def network():
    config = yaml.safe_load((CONFIGS / "quickstart.yaml").read_text())
    populations = config["populations"].values()

    return Network(
        dt=config["time"]["dt"],
        sizes=tuple(p["size"] for p in populations),
        drive=next(iter(populations))["drive"]["rate"],
        tau_ref=next(iter(populations))["tau_ref"],
        v_th=100.0,
        v_rev=-66.0,
        p=table(config, "p"),
        s=table(config, "s"),
        tau=table(config, "tau"),
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
