"""Checks that every peer has snn-ensemble's rates, then times all of them in turn, on one core and on all. See run.sh."""

import csv
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
CONFIGS = HERE.parents[1] / "configs"
BIN = str(Path(sys.argv[1]).resolve())
CORES = sorted(os.sched_getaffinity(0))
ROUNDS = int(os.environ.get("ROUNDS", 2))
SCALE = float(os.environ.get("SCALE", 1))


@dataclass
class Peer:
    script: str
    # Members per core and ms of a timed run; members and ms of the check.
    members: int
    duration: float
    checked: int
    check_duration: float = 700
    # The model that it is compared with: options of snn-ensemble, or of the numba loop.
    model: str = "snn"
    options: tuple = ()
    numba: tuple = ()
    # Relative difference of rates that is explained, beside the statistical one.
    explained: float = 0.0
    # A process per core instead of threads.
    processes: bool = False
    note: str = ""
    config: str = "quickstart"
    neurons: int = 400


DETERMINISTIC = tuple(f"projections.{j}.decay=deterministic" for j in ("E<-E", "E<-I", "I<-E", "I<-I"))
BRUNEL = {"config": "brunel", "neurons": 1250, "options": ("scan=[]", "record={}")}
PEERS = [
    Peer("numba_snn", 2, 2200, 8, note="the model itself"),
    Peer("jax_snn", 16, 500, 8, note="the model, binomials by quantile tables of 12 bits"),
    Peer("brian2_snn", 2, 700, 2, 1700, options=DETERMINISTIC, processes=True, note="kicks decay without noise"),
    Peer("nest_snn", 2, 500, 6, explained=0.06, numba=("--decay", "deterministic", "--refractory", "fixed", "--delay", "1"),
         note="fixed refractoriness, one step of delay, conductances integrated within a step"),
    Peer("brian2_brunel", 2, 1200, 4, 1700, processes=True, note="the same model, Poisson drive as binomial of 1000", **BRUNEL),
    Peer("nest_brunel", 2, 1200, 6, 1700, note="the same model", **BRUNEL),
    # A deterministic map that is chaotic at rounding errors: rates over 0.5 s agree to some parts in 1000.
    Peer("numba_dsode", 1, 1200, 1, model="dsode", neurons=1, explained=0.01, note="f64, white closure, 35 bins"),
]


def peer(script, cores, options):
    """Runs a peer on `cores`; its rates (member, population), seconds of stepping and neuron-steps."""
    command = ["taskset", "-c", ",".join(map(str, cores)), sys.executable, str(HERE / f"{script}.py"), *map(str, options)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(process):
    out, err = process.communicate()
    if process.returncode != 0:
        sys.exit(f"{' '.join(process.args)} failed:\n{err}")
    return json.loads(out.strip().splitlines()[-1])


def ours(cores, p, members, duration, options, seed=1):
    """snn-ensemble, statistics and files included: rates (member, population), wall seconds of the run, steps."""
    with tempfile.TemporaryDirectory() as out:
        set_ = [f"models=[{p.model}]", f"realisations={members}", f"time.duration={duration:g}", "time.discard=200", *options]
        if p.model == "dsode" and members > 1:
            # A deterministic model runs once per point: as many points that hardly differ.
            set_.append(f"scan=[{{path: projections.E<-I.p, linspace: [0.8, 0.80001, {members}]}}]")
        command = ["taskset", "-c", ",".join(map(str, cores)), BIN, "run", str(CONFIGS / f"{p.config}.yaml"), "--backend", "cpu", "--quiet",
                   "--out", out, "--seed", str(seed), *(word for s in set_ for word in ("--set", s))]
        subprocess.run(command, check=True, env={**os.environ, "RAYON_NUM_THREADS": str(len(cores))})
        rows = list(csv.DictReader(open(Path(out) / "points.csv")))
        manifest = json.loads((Path(out) / "manifest.json").read_text())
    means = [[float(row[f"rate_{p}_mean"]) for p in "EI"] for row in rows]
    sems = [[float(row[f"rate_{p}_sem"] or 0) for p in "EI"] for row in rows]
    return {"mean": means[0], "sem": sems[0], "seconds": manifest["wall_time_s"], "steps": round(duration / 0.1),
            "members": members}


def summary(rates):
    rates = np.array(rates)
    sem = rates.std(axis=0, ddof=1) / len(rates) ** 0.5 if len(rates) > 1 else np.zeros(rates.shape[1])
    return rates.mean(axis=0), sem


def check(p):
    """Rates of a peer against those of the same model elsewhere, within 4 standard errors (one false alarm in 8000 per
    population) and what is explained; ends the script where they differ."""
    duration = p.check_duration
    found, sem = summary(result(peer(p.script, CORES, ["--members", p.checked, "--duration", duration, "--threads",
                                                       len(CORES), "--seed", 7]))["rates"])
    if p.numba:
        other = result(peer("numba_snn", CORES, ["--members", 12, "--duration", duration, "--threads", len(CORES), *p.numba]))
        wanted, wanted_sem = summary(other["rates"])
    else:
        reference = ours(CORES, p, 1 if p.model == "dsode" else 16, duration, p.options)
        wanted, wanted_sem = np.array(reference["mean"]), np.array(reference["sem"])
    allowed = 4 * np.hypot(sem, wanted_sem) + p.explained * wanted
    text = f"{found[0]:.2f} / {found[1]:.2f} Hz (expected {wanted[0]:.2f} / {wanted[1]:.2f}, allowed ± {allowed[0]:.2f} / {allowed[1]:.2f})"
    print(f"{p.script}: {text}", file=sys.stderr, flush=True)
    if (abs(found - wanted) > allowed).any():
        sys.exit(f"{p.script} does not simulate the same network: {text}")
    return f"{found[0]:.1f} / {found[1]:.1f}", f"{wanted[0]:.1f} / {wanted[1]:.1f}"


def rate(run, neurons):
    """Neuron-steps or trajectory-steps per second."""
    return run["members"] * run["steps"] * neurons / run["seconds"]


def timed(p, cores):
    duration = max(300, 200 + (p.duration - 200) * SCALE)
    members = p.members * len(cores)
    if p.processes:
        runs = [peer(p.script, [core], ["--members", p.members, "--duration", duration]) for core in cores]
        runs = [result(run) for run in runs]
        return sum(rate(run, p.neurons) for run in runs)
    options = ["--members", members, "--duration", duration, "--threads", len(cores)]
    return rate(result(peer(p.script, cores, options)), p.neurons)


def ours_timed(p, cores):
    members, duration = (8 * len(cores), 2000) if p.model == "snn" else (4 * len(cores), 2000)
    options = p.options if p.config == "brunel" else ()
    return rate(ours(cores, p, members, max(300, duration * SCALE), options), p.neurons)


def engineering(x):
    for scale, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if x >= scale:
            return f"{x / scale:.3g}{unit}"
    return f"{x:.3g}"


def main():
    chosen = os.environ.get("PEERS", "").split()
    peers = [p for p in PEERS if not chosen or p.script in chosen]
    checked = {p.script: check(p) for p in peers}
    print("| peer | what differs | rate E / I (Hz) | expected | one core | all cores | snn-ensemble, one core | all cores "
          "| ratio, one core | ratio, all cores |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for p in peers:
        measured = {1: [], len(CORES): []}
        for _ in range(ROUNDS):
            for count in sorted(measured):
                cores = CORES[:count]
                # In turn, so that whatever else the machine does meets both.
                a, b = ours_timed(p, cores), timed(p, cores)
                measured[count].append((a, b))
        cells = {}
        for count, pairs in measured.items():
            ratios = sorted(a / b for a, b in pairs)
            middle = statistics.median(ratios)
            cells[count] = (engineering(statistics.median(b for _, b in pairs)), engineering(statistics.median(a for a, _ in pairs)),
                            f"{middle:.3g} ({ratios[0]:.3g} to {ratios[-1]:.3g})")
        one, all_ = cells[1], cells[len(CORES)]
        print(f"| {p.script} | {p.note} | {checked[p.script][0]} | {checked[p.script][1]} | {one[0]} | {all_[0]} | {one[1]} "
              f"| {all_[1]} | {one[2]} | {all_[2]} |", flush=True)
    print()
    print(f"Steps/s: neuron-steps (400 neurons; 1250 of Brunel's network), trajectory-steps for dsode; ratios: median (range) of {ROUNDS} rounds in turn. "
          f"{len(CORES)} cores, Python {platform.python_version()}, {datetime.date.today()}. snn-ensemble's times are those of whole "
          "runs with statistics and files, the peers' those of stepping alone, compilation left out.")


main()
