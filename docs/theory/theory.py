"""The numbers of known-results.md, computed without the program (numpy and scipy). Times in ms, rates in Hz where they are printed."""
import numpy as np
import scipy.sparse as sparse
from numpy.polynomial.legendre import leggauss
from scipy.optimize import brentq, fsolve
from scipy.sparse.linalg import spsolve
from scipy.special import ndtr
from scipy.stats import poisson


class Chain:
    """v <- (1 - q) v + N(mean, sd^2) in each step; a spike above v_th, then v_reset after `out` steps.

    The density of voltages solves an integral equation, here at Gauss' nodes (Nystrom's method) between `low` and v_th.
    """

    def __init__(self, mean, sd, q, v_th, v_reset, out, low):
        self.mean, self.sd, self.q, self.v_th, self.v_reset, self.out = mean, sd, q, v_th, v_reset, out
        edges = np.linspace(low, v_th, int(np.ceil((v_th - low) / sd)) + 1)
        x, weight = leggauss(5)
        width = np.diff(edges)[:, None]
        self.v = (edges[:-1, None] + width * (x + 1) / 2).ravel()
        self.weight = (width * weight / 2).ravel()
        self.move, self.fire, self.move_reset, self.fire_reset = self.kernels(mean, sd)
        density = self.solve(1.0, self.move_reset)
        self.rate = 1 / (1 + self.weight @ density + out)  # spikes per step
        self.density = self.rate * density

    def kernels(self, mean, sd):
        """Density of the next voltage and probability of a spike, from every node and from v_reset."""

        def density(to, v):
            return np.exp(-(((to - (1 - self.q) * v - mean) / sd) ** 2) / 2) / np.sqrt(2 * np.pi) / sd

        def spike(v):
            return ndtr(((1 - self.q) * v + mean - self.v_th) / sd)

        return density(self.v[:, None], self.v), spike(self.v), density(self.v, self.v_reset), spike(self.v_reset)

    def solve(self, z, right):
        return np.linalg.solve(np.eye(len(self.v)) - z * self.move * self.weight, z * right)

    def characteristic(self, z):
        """E z^interval in steps."""
        density = self.solve(z, self.move_reset)
        return z * (self.fire_reset + (self.fire * self.weight) @ density) * z**self.out

    def response(self, z, d_mean, d_variance):
        """Modulation of the spikes per step by one of mean and variance of the input of a step, linearised."""
        h = 1e-4
        above, below = (
            self.kernels(self.mean + k * d_mean, np.sqrt(self.sd**2 + k * d_variance)) for k in (h, -h)
        )
        move, fire, move_reset, fire_reset = ((a - b) / (2 * h) for a, b in zip(above, below))
        moved = (move * self.weight) @ self.density + move_reset * self.rate
        fired = fire @ (self.weight * self.density) + fire_reset * self.rate
        rights = np.stack([moved, self.move_reset], 1).astype(complex)
        driven, released = np.linalg.solve(z * np.eye(len(self.v)) - self.move * self.weight, rights).T
        spikes = self.fire * self.weight
        back = z ** -(self.out + 1.0)
        return (spikes @ driven + fired) / (1 - back * (spikes @ released + self.fire_reset))


def turn(frequency, dt=0.1):
    """Factor per step of a mode of this frequency in Hz, complex where it grows or decays."""
    return np.exp(2j * np.pi * frequency * dt / 1000)


def leaky():
    return Chain(0.1, np.sqrt(0.05), -np.expm1(-0.1 / 20), 20, 10, 20, -8)


def integrator(adaptation=0.0):
    return Chain(0.7 - adaptation, np.sqrt(0.7), 0, 100, 0, 0, -10)


def spectrum(chain, neurons, frequency, dt=0.1):
    """One-sided power of the rate of independent neurons in Hz^2/Hz (renewal theory)."""
    f = chain.characteristic(turn(frequency))
    return 2 * chain.rate / dt * 1000 * (1 - abs(f) ** 2) / abs(1 - f) ** 2 / neurons


def large_kicks(rate=0.45, size=2, tau_m=20, dt=0.1, v_th=20, v_reset=10, out=20, h=0.004):
    """Mean time to the threshold where a step brings a Poisson number of kicks."""
    v = np.arange(0, v_th + h / 2, h)
    n, rows, columns, values = len(v), [], [], []
    for kicks in range(12):
        to = v * np.exp(-dt / tau_m) + size * kicks
        stays = to <= v_th
        left = np.clip((to / h + 1e-9).astype(int), 0, n - 2)[stays]
        share, p = (to[stays] / h - left), poisson.pmf(kicks, rate * dt)
        rows += [np.arange(n)[stays]] * 2
        columns += [left, left + 1]
        values += [p * (1 - share), p * share]
    places = (np.concatenate(rows), np.concatenate(columns))
    move = sparse.csc_matrix((np.concatenate(values), places), shape=(n, n))
    steps = spsolve(sparse.eye(n, format="csc") - move, np.ones(n))
    return 1000 / dt / (np.interp(v_reset, v, steps) + out)


def fokker_planck(flow, diffusion, low, v_reset, v_th, tau_ref, n=100001):
    """Rate of dV/dt = flow(V) + noise, the density integrated upwards from `low`."""
    v = np.linspace(low, v_th, n)
    h, f = v[1] - v[0], flow(v)
    slope = (f[1:] + f[:-1]) / 2 / diffusion
    decay, step = np.exp(-slope * h), -np.expm1(-slope * h) / slope
    time = np.zeros(n)
    for i in range(n - 1):
        time[i + 1] = time[i] * decay[i] + step[i]
    above = v >= v_reset
    return 1000 / (np.trapezoid(time[above], v[above]) / diffusion + tau_ref)


class Inhibition:
    """Leaky neurons that inhibit each other by `indegree` delta synapses after a delay (Brunel and Hakim 1999, in steps)."""

    def __init__(self, s, rate=6, weight=0.5, neurons=1000, indegree=100, delay=20, dt=0.1):
        p, self.delay, self.dt = indegree / neurons, delay, dt
        scatter = s * s * p * (1 - p) * neurons / (neurons - 1)

        def chain(spikes):
            variance = rate * weight**2 * dt + scatter * spikes * (neurons - neurons * spikes)
            mean = rate * weight * dt - s * indegree * spikes
            return Chain(mean, np.sqrt(variance), -np.expm1(-dt / 20), 20, 10, 0, -16)

        self.chain = chain(brentq(lambda spikes: chain(spikes).rate - spikes, 1e-6, 0.02, xtol=1e-11))
        self.rate = self.chain.rate / dt * 1000
        self.d_mean, self.d_variance = -s * indegree, scatter * (neurons - 2 * neurons * self.chain.rate)

    def loop(self, frequency):
        """What comes back of a modulation, less 1."""
        z = turn(frequency, self.dt)
        return z**-self.delay * self.chain.response(z, self.d_mean, self.d_variance) - 1

    def mode(self):
        """Frequency in Hz and growth in 1/s of the slowest oscillation."""

        def rest(x):
            loop = self.loop(x[0] + 1j * x[1])
            return [loop.real, loop.imag]

        frequency, decay = fsolve(rest, (205, 1))
        return frequency, -2 * np.pi * decay


def voltage(rate=1, dt=0.1, tau=5, tau_m=20):
    """Mean and variance of a leaky voltage under kicks of a source (Campbell's theorem): kicks that end at random, that decay, and that
    rise and decay."""
    q, r, n = -np.expm1(-dt / tau), np.exp(-dt / tau_m), 20000
    ended = lasting = np.zeros(2)  # E h and E h^2 of a kick that has ended and of one that lasts
    left, stochastic = 1.0, 0.0
    for _ in range(n):
        h, square = lasting
        lasting = np.array([r * h + q * left, r * r * square + 2 * r * q * h + q * q * left])
        ended = ended * [r, r * r]
        stochastic += lasting[1] + ended[1]
        ended, lasting, left = ended + q * lasting, (1 - q) * lasting, (1 - q) * left

    def decaying(kicks):
        h = total = squares = 0.0
        for kick in kicks:
            h = r * h + q * kick
            total += h
            squares += h * h
        return rate * dt * total, rate * dt * squares

    kicks = (1 - q) ** np.arange(n)
    mean, decay = decaying(kicks)
    rise = decaying(q * np.convolve(kicks, kicks)[:n])[1]
    return mean, rate * dt * stochastic, decay, rise


def adapting(b=0.05, tau=100, dt=0.1):
    """Rate of an integrator whose mean adaptation is that of its rate."""
    return brentq(lambda spikes: integrator(b * tau * spikes).rate - spikes, 0.006, 0.0072) / dt * 1000


def exponential(mean):
    return lambda v: (-v + 2 * np.exp((v - 15) / 2)) / 20 + mean


def quadratic(mean):
    return lambda v: 0.01 * v * v - 0.2 + mean


if __name__ == "__main__":
    chain = leaky()
    print(f"response: rate {chain.rate * 1e4:.3f}")
    for frequency in 10, 100, 300:
        gain = chain.response(turn(frequency), 0.1, 0.05) / chain.rate
        print(f"  {frequency} Hz: gain {abs(gain):.3f}, phase {np.angle(gain):.3f}")
    for name, of, neurons in ("leaky", chain, 200), ("integrators", integrator(), 60):
        low = np.mean([spectrum(of, neurons, f) for f in np.arange(13, 21) * 1.220703])
        print(f"spectrum, {name}: 15 to 25 Hz {low:.4f}, 4 kHz {spectrum(of, neurons, 4000):.4f}")
    gaussian = Chain(0.09, np.sqrt(0.18), -np.expm1(-0.1 / 20), 20, 10, 20, -20)
    print(f"kicks: {large_kicks():.3f}, their Gaussian {gaussian.rate * 1e4:.3f}")
    print(
        "neurons: exponential "
        f"{fokker_planck(exponential(0.8), 0.16, -25, 0, 30, 2):.3f} {fokker_planck(exponential(0.6), 0.09, -25, 0, 30, 2):.3f}, quadratic "
        f"{fokker_planck(quadratic(0.2 + 1e-12), 0.04, -60, -50, 50, 0):.3f} {fokker_planck(quadratic(0.3), 0.075, -80, -50, 50, 0):.3f}"
    )
    mean, *variances = voltage()
    print(f"voltage: mean {mean:.3f}, variances", *(f"{variance:.3f}" for variance in variances), f"adapting {adapting():.3f}")
    for s in 0.12, 0.15:
        network = Inhibition(s)
        frequency, growth = network.mode()
        print(f"rhythm, s = {s}: rate {network.rate:.3f}, mode {frequency:.3f} Hz, growth {growth:.3f} 1/s")
