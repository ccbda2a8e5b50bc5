"""The paper's discrete-state ODE (white closure, deterministic, 35 bins of width 4) as a compiled f64 loop."""

import math

import numba
import numpy as np
from numba import njit, prange

from common import DISCARD, arguments, network, report

BIN, V_MIN = 4.0, -40.0


@njit(cache=True)
def psi_and_xi(z):
    cdf = 0.5 * math.erfc(-z / math.sqrt(2.0))
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return z * cdf + density, 0.5 * ((z * z + 1.0) * cdf + z * density), cdf, density


@njit(cache=True)
def below(x, low, high, sigma):
    """P(X <= x) and E[(x - X)+] of X = U(low, high) + N(0, sigma^2)."""
    w = (high - low) / sigma
    if w < 0.5:
        z = (x - 0.5 * (low + high)) / sigma
        psi, _, cdf, density = psi_and_xi(z)
        z2, w2 = z * z, w * w
        f = cdf + density * z * (-w2 / 24 + w2 * w2 / 1920 * (3 - z2) - w2**3 / 322560 * (z2 * z2 - 10 * z2 + 15))
        g = psi + density * (w2 / 24 + w2 * w2 / 1920 * (z2 - 1) + w2**3 / 322560 * (z2 * z2 - 6 * z2 + 3))
        return f, sigma * g
    psi_a, xi_a, _, _ = psi_and_xi((x - low) / sigma)
    psi_b, xi_b, _, _ = psi_and_xi((x - high) / sigma)
    return (psi_a - psi_b) / w, sigma * (xi_a - xi_b) / w


def compiled(net):
    bins = round((net.v_th - V_MIN) / BIN)
    sizes = np.array(net.sizes, dtype=np.float64)
    dt, s, p, q, drive, v_rev, v_th = net.dt, net.s, net.p, net.dt / net.tau, net.drive, net.v_rev, net.v_th
    release = 1.0 - math.exp(-dt / net.tau_ref)
    reset = int((0.0 - V_MIN) / BIN)
    discard = round(DISCARD / dt)

    @njit(parallel=True, cache=True)
    def simulate(members, steps):
        counts = np.zeros((members, 2))
        for m in prange(members):
            n, first = np.zeros((2, bins)), np.zeros((2, bins))
            n[:, reset] = sizes
            refractory, fired = np.zeros(2), np.zeros(2)
            mu, s2 = np.zeros((2, 2)), np.zeros((2, 2))
            for t in range(steps):
                for to in range(2):
                    for of in range(2):
                        k, c = q[to, of], fired[of]
                        s2[to, of] = (1 - k) ** 2 * s2[to, of] + k * (1 - k) * mu[to, of] + p[to, of] * (1 - p[to, of]) * c
                        mu[to, of] = (1 - k) * mu[to, of] + p[to, of] * c
                for to in range(2):
                    new_n, new_first, out = np.zeros(bins), np.zeros(bins), 0.0
                    for k in range(bins):
                        if n[to, k] < 1e-30:
                            continue
                        inside = min(max(first[to, k] / n[to, k], 0.0), BIN)
                        edge = V_MIN + k * BIN
                        if inside < 0.5 * BIN:
                            low, high = edge, edge + max(2.0 * inside, 1e-4)
                        else:
                            low, high = edge + min(2.0 * inside - BIN, BIN - 1e-4), edge + BIN
                        excitation = s[to, 0] * q[to, 0]
                        inhibition = -s[to, 1] * q[to, 1] * (edge + inside - v_rev) / (v_th - v_rev)
                        shift = drive * dt + excitation * mu[to, 0] + inhibition * mu[to, 1]
                        variance = drive * dt + (excitation**2 * s2[to, 0] + inhibition**2 * s2[to, 1]) / dt
                        sigma = math.sqrt(variance * 1.0)
                        low, high = low + shift, high + shift
                        start = max(int(math.floor((low - 8 * sigma - V_MIN) / BIN)), 0)
                        end = min(int(math.floor((high + 8 * sigma - V_MIN) / BIN)) + 1, bins)
                        f0, g0 = 0.0, 0.0
                        for j in range(start, end):
                            f1, g1 = below(V_MIN + (j + 1) * BIN, low, high, sigma)
                            new_n[j] += n[to, k] * (f1 - f0)
                            new_first[j] += n[to, k] * max(BIN * f1 - (g1 - g0), 0.0)
                            f0, g0 = f1, g1
                        out += n[to, k] * (1.0 - f0)
                    refractory[to] += out
                    back = refractory[to] * release
                    refractory[to] -= back
                    new_n[reset] += back
                    new_n[np.argmax(new_n)] += sizes[to] - new_n.sum() - refractory[to]
                    n[to], first[to], fired[to] = new_n, new_first, out
                if t >= discard:
                    counts[m] += fired
        return counts

    return simulate


if __name__ == "__main__":
    net, options = network(), arguments()
    numba.set_num_threads(options.threads)
    simulate = compiled(net)
    report(net, options, lambda steps: (simulate(options.members, steps), None))
