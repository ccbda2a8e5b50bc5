"""Brunel's network (configs/brunel.yaml, asynchronous irregular) in NEST: `iaf_psc_delta`, the same model but for the random numbers."""

import in_nest
import nest
from common import arguments, brunel, report

net, options = brunel(), arguments()


def simulate(steps):
    in_nest.begin(net, options)
    neuron = {"C_m": 1.0, "tau_m": net.tau_m, "E_L": 0.0, "V_m": 0.0, "V_reset": net.v_reset, "V_th": net.v_th, "t_ref": net.tau_ref}
    members = []
    for _ in range(options.members):
        groups = [nest.Create("iaf_psc_delta", size, neuron) for size in net.sizes]
        for group in groups:
            drive = nest.Create("poisson_generator", {"rate": 1000.0 * net.rate})
            nest.Connect(drive, group, syn_spec={"weight": net.weight, "delay": net.dt})
        for to in range(2):
            for of in range(2):
                wiring = {"rule": "fixed_indegree", "indegree": net.indegree[to, of], "allow_multapses": False}
                nest.Connect(groups[of], groups[to], wiring, {"weight": net.s[to, of], "delay": net.delay})
        members.append(groups)
    return in_nest.run(net, members, steps)


report(net, options, simulate)
