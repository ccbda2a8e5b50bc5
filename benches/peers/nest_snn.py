"""`snn` in NEST as near as its models come: `iaf_cond_exp` without leak, `bernoulli_synapse`, fixed refractoriness.

Different from snn-ensemble: kicks decay without noise, a neuron that fires misses exactly 4 ms, a spike arrives one step later
(the least delay that NEST has), and conductances are integrated within the step. The first three are options of the numba
loop, which is what its rates are held against. Excitation is a conductance with a far reversal potential.
"""

import in_nest
import nest
from common import arguments, network, report

net, options = network(), arguments()
FAR = 1e6  # mV


def simulate(steps):
    in_nest.begin(net, options)
    members = []
    for _ in range(options.members):
        groups = []
        for to, size in enumerate(net.sizes):
            groups.append(nest.Create("iaf_cond_exp", size, {
                "C_m": 1.0, "g_L": 1e-9, "E_L": 0.0, "V_m": 0.0, "V_reset": 0.0, "V_th": net.v_th, "t_ref": net.tau_ref,
                "E_ex": FAR, "E_in": net.v_rev, "tau_syn_ex": net.tau[to, 0], "tau_syn_in": net.tau[to, 1]}))
            drive = nest.Create("noise_generator", {
                "mean": net.drive, "std": (net.drive / net.dt) ** 0.5, "dt": net.dt})
            nest.Connect(drive, groups[to])
        for to in range(2):
            for of in range(2):
                # A kick's conductance decays with tau and gives s, or s (V - v_rev)/(v_th - v_rev), in total.
                scale = FAR if of == 0 else -(net.v_th - net.v_rev)
                weight = net.s[to, of] / net.tau[to, of] / scale
                nest.Connect(groups[of], groups[to], "all_to_all", {
                    "synapse_model": "bernoulli_synapse", "p_transmit": net.p[to, of], "weight": weight, "delay": net.dt})
        members.append(groups)
    return in_nest.run(net, members, steps)


report(net, options, simulate)
