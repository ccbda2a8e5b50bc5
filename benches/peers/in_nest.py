"""What both networks do in NEST."""

import os
import time

os.environ["PYNEST_QUIET"] = "1"
import nest  # noqa: E402
import numpy as np  # noqa: E402

from common import DISCARD  # noqa: E402


def begin(net, options):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": net.dt, "local_num_threads": options.threads, "rng_seed": options.seed})


def run(net, members, steps):
    """Spike counts of `members` (groups per population) after the transient, (member, population), and the seconds that stepping took."""
    recorders = []
    for group in (group for groups in members for group in groups):
        recorder = nest.Create("spike_recorder", {"start": DISCARD})
        nest.Connect(group, recorder)
        recorders.append(recorder)
    nest.Prepare()
    begun = time.perf_counter()
    nest.Run(steps * net.dt)
    seconds = time.perf_counter() - begun
    nest.Cleanup()
    return np.array([recorder.n_events for recorder in recorders]).reshape(-1, 2), seconds
