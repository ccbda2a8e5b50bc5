"""Brunel's network (configs/brunel.yaml, asynchronous irregular) in Brian 2 (run time mode, compiled by Cython): the same model.

Members are blocks of one group, connected within. The drive is binomial of 1000 trials, which is Poisson to a part in 1000 of its variance.
"""

import gc
import time

import brian2
import numpy as np
from brian2 import Hz, NeuronGroup, PoissonInput, SpikeMonitor, Synapses, ms, second

from common import DISCARD, arguments, brunel, report

net, options = brunel(), arguments()
brian2.prefs.codegen.target = "cython"
brian2.BrianLogger.log_level_error()


def simulate(steps):
    brian2.start_scope()
    # Same names, same generated code: it is compiled once. Names are free when the last network is gone.
    gc.collect()
    brian2.seed(options.seed)
    rng = np.random.default_rng(options.seed)
    brian2.defaultclock.dt = net.dt * ms
    members, parts, groups = options.members, [], []
    for to, size in enumerate(net.sizes):
        group = NeuronGroup(
            members * size, "dv/dt = -v/tau_m : 1 (unless refractory)", threshold="v > v_th", reset="v = v_reset", method="exact",
            refractory=net.tau_ref * ms, name=f"neurons_{to}",
            namespace={"tau_m": net.tau_m * ms, "v_th": net.v_th, "v_reset": net.v_reset})
        groups.append(group)
        # What a refractory neuron receives is lost.
        parts.append(PoissonInput(group, "v", 1000, net.rate * Hz, f"{net.weight}*int(not_refractory)"))
    for to in range(2):
        for of in range(2):
            synapses = Synapses(groups[of], groups[to], on_pre="v_post += s*int(not_refractory_post)",
                                namespace={"s": net.s[to, of]}, delay=net.delay * ms, name=f"synapses_{to}_{of}")
            k, targets, source = net.indegree[to, of], net.sizes[to], net.sizes[of]
            sources = [rng.choice(source, k, replace=False) + m * source for m in range(members) for _ in range(targets)]
            synapses.connect(i=np.concatenate(sources), j=np.repeat(np.arange(members * targets), k))
            parts.append(synapses)
    monitors = [SpikeMonitor(group, name=f"spikes_of_{group.name}") for group in groups]
    simulation = brian2.Network(groups + parts + monitors)
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
