"""`snn` in Brian 2: kicks decay without noise, `decay: deterministic` of snn-ensemble.

Brian draws no binomial whose number of trials changes, so deaths are left out; births are one Bernoulli draw per synapse,
which is the same law.
"""

import numpy as np
from brian2 import NeuronGroup, Synapses

import in_brian2
from common import arguments, network, report

net, options = network(), arguments()


def simulate(steps):
    in_brian2.begin(net, options)
    members, groups, parts = options.members, [], []
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
    return in_brian2.run(net, options, groups, parts, steps)


report(net, options, simulate)
