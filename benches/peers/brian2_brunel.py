"""Brunel's network (configs/brunel.yaml, asynchronous irregular) in Brian 2: the same model.

The drive is binomial of 1000 trials, which is Poisson to a part in 1000 of its variance.
"""

import numpy as np
from brian2 import Hz, NeuronGroup, PoissonInput, Synapses, ms

import in_brian2
from common import arguments, brunel, report

net, options = brunel(), arguments()


def simulate(steps):
    rng = in_brian2.begin(net, options)
    members, parts, groups = options.members, [], []
    for to, size in enumerate(net.sizes):
        # Brian's neurons miss the step in which their refractory time ends, too.
        group = NeuronGroup(
            members * size, "dv/dt = -v/tau_m : 1 (unless refractory)", threshold="v > v_th", reset="v = v_reset", method="exact",
            refractory=(net.tau_ref - net.dt) * ms, name=f"neurons_{to}",
            namespace={"tau_m": net.tau_m * ms, "v_th": net.v_th, "v_reset": net.v_reset})
        groups.append(group)
        # What a refractory neuron receives is lost.
        parts.append(PoissonInput(group, "v", 1000, net.rate * Hz, f"{net.weight}*int(not_refractory)"))
    for to in range(2):
        for of in range(2):
            # A spike that arrives in a step acts after its threshold, so a step later than here.
            synapses = Synapses(groups[of], groups[to], on_pre="v_post += s*int(not_refractory_post)",
                                namespace={"s": net.s[to, of]}, delay=(net.delay - net.dt) * ms, name=f"synapses_{to}_{of}")
            k, targets, source = net.indegree[to, of], net.sizes[to], net.sizes[of]
            sources = [rng.choice(source, k, replace=False) + m * source for m in range(members) for _ in range(targets)]
            synapses.connect(i=np.concatenate(sources), j=np.repeat(np.arange(members * targets), k))
            parts.append(synapses)
    return in_brian2.run(net, options, groups, parts, steps)


report(net, options, simulate)
