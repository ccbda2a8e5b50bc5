"""`snn` as a compiled loop: the model as one would write it with numba, one thread per network."""

import math

import numpy as np
import numba
from numba import njit, prange

from common import DISCARD, arguments, network, report


def compiled(net, options):
    """The loop for one set of options, which the compiler takes as constants."""
    deterministic, fixed, delay = options.decay == "deterministic", options.refractory == "fixed", options.delay
    size_e, neurons = net.sizes[0], net.neurons
    mean, sd = net.drive * net.dt, math.sqrt(net.drive * net.dt)
    v_th, v_rev, s, p, q = net.v_th, net.v_rev, net.s, net.p, net.dt / net.tau
    release = 1.0 - math.exp(-net.dt / net.tau_ref)
    missed = round(net.tau_ref / net.dt) if fixed else 1
    discard = round(DISCARD / net.dt)

    @njit(parallel=True, cache=True)
    def simulate(seed, members, steps):
        counts = np.zeros((members, 2), np.int64)
        for m in prange(members):
            np.random.seed(seed + m)
            v = np.zeros(neurons)
            refractory = np.zeros(neurons, np.int64)
            kicks = np.zeros((2, neurons), np.float64 if deterministic else np.int64)
            fired = np.zeros((delay + 1, 2), np.int64)
            for t in range(steps):
                now = t % (delay + 1)
                fired[now] = 0
                for i in range(neurons):
                    to = 0 if i < size_e else 1
                    if refractory[i] == 0:
                        inhibition = s[to, 1] * q[to, 1] * kicks[1, i] * (v[i] - v_rev) / (v_th - v_rev)
                        v[i] += mean + sd * np.random.normal() + s[to, 0] * q[to, 0] * kicks[0, i] - inhibition
                        if v[i] > v_th:
                            v[i] = 0.0
                            refractory[i] = missed
                            fired[now, to] += 1
                    elif fixed:
                        refractory[i] -= 1
                    if not fixed and refractory[i] > 0 and np.random.random() < release:
                        refractory[i] = 0
                if t >= discard:
                    counts[m] += fired[now]
                arriving = fired[(t + 1) % (delay + 1)]
                for i in range(neurons):
                    to = 0 if i < size_e else 1
                    for of in range(2):
                        if deterministic:
                            kicks[of, i] *= 1.0 - q[to, of]
                        elif kicks[of, i] > 0:
                            kicks[of, i] -= np.random.binomial(kicks[of, i], q[to, of])
                        if arriving[of] > 0:
                            kicks[of, i] += np.random.binomial(arriving[of], p[to, of])
        return counts

    return simulate


if __name__ == "__main__":
    net, options = network(), arguments()
    numba.set_num_threads(options.threads)
    simulate = compiled(net, options)
    report(net, options, lambda steps: (simulate(options.seed, options.members, steps), None))
