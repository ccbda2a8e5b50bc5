"""Brunel's network (configs/brunel.yaml, asynchronous irregular) in NEST: `iaf_psc_delta`, the same model but for the random numbers."""

import os
import time

os.environ["PYNEST_QUIET"] = "1"
import nest  # noqa: E402
import numpy as np  # noqa: E402

from common import DISCARD, arguments, brunel, report  # noqa: E402

net, options = brunel(), arguments()


def simulate(steps):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": net.dt, "local_num_threads": options.threads, "rng_seed": options.seed})
    neuron = {"C_m": 1.0, "tau_m": net.tau_m, "E_L": 0.0, "V_m": 0.0, "V_reset": net.v_reset, "V_th": net.v_th, "t_ref": net.tau_ref}
    recorders = []
    for _ in range(options.members):
        groups = [nest.Create("iaf_psc_delta", size, neuron) for size in net.sizes]
        for group in groups:
            drive = nest.Create("poisson_generator", {"rate": 1000.0 * net.rate})
            nest.Connect(drive, group, syn_spec={"weight": net.weight, "delay": net.dt})
        for to in range(2):
            for of in range(2):
                wiring = {"rule": "fixed_indegree", "indegree": net.indegree[to, of], "allow_multapses": False}
                nest.Connect(groups[of], groups[to], wiring, {"weight": net.s[to, of], "delay": net.delay})
        for group in groups:
            recorder = nest.Create("spike_recorder", {"start": DISCARD})
            nest.Connect(group, recorder)
            recorders.append(recorder)
    nest.Prepare()
    begun = time.perf_counter()
    nest.Run(steps * net.dt)
    seconds = time.perf_counter() - begun
    nest.Cleanup()
    return np.array([recorder.n_events for recorder in recorders]).reshape(-1, 2), seconds


report(net, options, simulate)
