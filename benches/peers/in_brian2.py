"""What both networks do in Brian 2 (run time mode, compiled by Cython). Members are blocks of one group, connected within."""

import gc
import time

import brian2
import numpy as np
from brian2 import SpikeMonitor, ms, second

from common import DISCARD

brian2.prefs.codegen.target = "cython"
brian2.BrianLogger.log_level_error()


def begin(net, options):
    """A random generator for the wiring, after the kernel was reset."""
    brian2.start_scope()
    # Same names, same generated code: it is compiled once. Names are free when the last network is gone.
    gc.collect()
    brian2.seed(options.seed)
    brian2.defaultclock.dt = net.dt * ms
    return np.random.default_rng(options.seed)


def run(net, options, groups, parts, steps):
    """Spike counts after the transient, (member, population), and the seconds that stepping took."""
    monitors = [SpikeMonitor(group, name=f"spikes_of_{group.name}") for group in groups]
    simulation = brian2.Network(groups + parts + monitors)
    simulation.run(0 * ms)  # compiles
    begun = time.perf_counter()
    simulation.run(steps * net.dt * ms)
    seconds = time.perf_counter() - begun
    counts = np.zeros((options.members, 2))
    for to, monitor in enumerate(monitors):
        late = monitor.t / second * 1000 >= DISCARD
        counts[:, to] = np.bincount(np.asarray(monitor.i)[late] // net.sizes[to], minlength=options.members)
    return counts, seconds
