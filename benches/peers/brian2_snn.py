"""`snn` in Brian 2 (run time mode, compiled by Cython): kicks decay without noise, `decay: deterministic` of snn-ensemble.

Brian draws no binomial whose number of trials changes, so deaths are left out; births are one Bernoulli draw per synapse,
which is the same law. Members are blocks of one group, connected within.
"""

import gc
import time

import brian2
import numpy as np
from brian2 import NeuronGroup, SpikeMonitor, Synapses, ms, second

from common import DISCARD, arguments, network, report

net, options = network(), arguments()
brian2.prefs.codegen.target = "cython"
brian2.BrianLogger.log_level_error()


def simulate(steps):
    brian2.start_scope()
    # Same names, same generated code: it is compiled once. Names are free when the last network is gone.
    gc.collect()
    brian2.seed(options.seed)
    brian2.defaultclock.dt = net.dt * ms
    members, groups = options.members, []
    for to, size in enumerate(net.sizes):
        q = net.dt / net.tau[to]
        group = NeuronGroup(
            members * size, "v : 1\nout : 1\nge : 1\ngi : 1", threshold="v > v_th", reset="v = 0\nout = 1",
            name=f"neurons_{to}",
            namespace={"v_th": net.v_th, "v_rev": net.v_rev, "drive": net.drive * net.dt, "qe": q[0], "qi": q[1],
                       "sd": (net.drive * net.dt) ** 0.5, "se": net.s[to, 0], "si": net.s[to, 1],
                       "release": 1 - np.exp(-net.dt / net.tau_ref)},
        )
        group.run_regularly(
            "v += (1 - out)*(drive + sd*randn() + se*qe*ge - si*qi*gi*(v - v_rev)/(v_th - v_rev))\n"
            "ge *= 1 - qe\ngi *= 1 - qi", when="groups", name=f"update_{to}")
        group.run_regularly("out *= int(rand() > release)", when="end", name=f"release_{to}")
        groups.append(group)
    parts = [*groups]
    for to in range(2):
        for of in range(2):
            kick = "ge_post" if of == 0 else "gi_post"
            synapses = Synapses(groups[of], groups[to], on_pre=f"{kick} += int(rand() < p)",
                                namespace={"p": net.p[to, of]}, name=f"synapses_{to}_{of}")
            source, target = np.arange(net.sizes[of]), np.arange(net.sizes[to])
            pairs = [np.meshgrid(m * net.sizes[of] + source, m * net.sizes[to] + target) for m in range(members)]
            synapses.connect(i=np.concatenate([i.ravel() for i, _ in pairs]),
                             j=np.concatenate([j.ravel() for _, j in pairs]))
            parts.append(synapses)
    monitors = [SpikeMonitor(group, name=f"spikes_of_{group.name}") for group in groups]
    simulation = brian2.Network(parts + monitors)
    simulation.run(0 * ms)  # compiles
    begun = time.perf_counter()
    simulation.run(steps * net.dt * ms)
    seconds = time.perf_counter() - begun
    counts = np.zeros((members, 2))
    for to, monitor in enumerate(monitors):
        late = monitor.t / second * 1000 >= DISCARD
        counts[:, to] = np.bincount(np.asarray(monitor.i)[late] // net.sizes[to], minlength=members)
    return counts, seconds


report(net, options, simulate)
