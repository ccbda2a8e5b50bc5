"""Draws the cost laws: benches/laws.py JSON SVG, where JSON comes from `snn-ensemble bench --laws --json JSON`."""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "laws"
import matplotlib.pyplot as plt  # noqa: E402

bench = json.load(open(sys.argv[1]))
series = {}
for case in bench["cases"]:
    law, x = case["law"]
    name = case["name"]
    units = max(case["neurons"], 1)
    if law == "members":
        points = [(d["members"], d["step"]) for d in case["suite"]]
    elif law == "spikes":
        name = "quenched" if "quenched" in name else "annealed"
        points = [(case["firing"], 1e9 / case["rate"])]
    elif law == "neurons":
        name = "quenched" if "quenched" in name else "annealed"
        points = [(x, 1e6 * units / case["rate"])]
    else:
        name = "coloured" if "coloured" in name else "white"
        points = [(x, 1e6 / case["rate"])]
    series.setdefault(law, {}).setdefault(name, []).extend(points)

TITLES = {
    "members": ("members", "µs per step of all members", "members"),
    "neurons": ("neurons N", "µs per step of one network", "snn, size"),
    "spikes": ("firing rate (Hz)", "ns per neuron-step", "snn, spikes at N = 4000"),
    "bins": ("bins per population", "µs per step of one trajectory", "dsode, bins"),
}
figure, axes = plt.subplots(1, 4, figsize=(15, 3.6))
for axis, (law, (x, y, title)) in zip(axes, TITLES.items()):
    for name, points in series.get(law, {}).items():
        points.sort()
        axis.plot(*zip(*points), "o-", label=name, markersize=4)
    if law != "spikes":
        axis.set_xscale("log")
        axis.set_yscale("log")
    else:
        axis.set_ylim(bottom=0)
    axis.set(xlabel=x, ylabel=y, title=title)
    axis.grid(True, which="both", alpha=0.3)
    axis.legend(fontsize=8)
figure.suptitle(f"{bench['device']} ({bench['backend']}), {bench['commit']}", fontsize=9)
figure.tight_layout()
figure.savefig(sys.argv[2], metadata={"Date": None})
