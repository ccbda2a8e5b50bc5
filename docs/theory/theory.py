"""Numbers of theory.md, for the configs beside it (numpy and scipy). LIF: the chain of the discrete step, solved by Nystrom's method (Gauss nodes); response: its linearisation
(the discrete counterpart of Brunel & Hakim 1999, Lindner & Schimansky-Geier 2001). Spectra: renewal theory (Cox 1962). Kicks: mean
first-passage equation. Nonlinear neurons: Fokker-Planck by quadrature (Richardson 2007; Brunel & Latham 2003). Times in ms."""
import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.optimize import brentq, fsolve
from scipy.special import ndtr
from scipy.stats import poisson
import scipy.sparse as sp
import scipy.sparse.linalg as sl

class Chain:
    """v <- (1 - q) v + N(m, sd^2), spike above vth, to vr, misses nref steps"""
    def __init__(s, m, sd, q, vth, vr, nref, low):
        s.m, s.sd, s.q, s.vth, s.vr, s.nref = m, sd, q, vth, vr, nref
        e = np.linspace(low, vth, int(np.ceil((vth - low) / sd)) + 1); x, g = leggauss(5); w = np.diff(e)[:, None]
        s.x, s.g = (e[:-1, None] + w * (x + 1) / 2).ravel(), (w * g / 2).ravel()
        s.K, s.fire, s.kr, s.fr = s.kernels(m, sd)
        s.rho = np.linalg.solve(np.eye(len(s.x)) - s.K * s.g, s.kr); s.r = 1 / (1 + s.g @ s.rho + nref); s.rho *= s.r
    def kernels(s, m, sd):
        d = lambda x, v: np.exp(-((x - (1 - s.q) * v - m) / sd) ** 2 / 2) / np.sqrt(2 * np.pi) / sd
        f = lambda v: ndtr(((1 - s.q) * v + m - s.vth) / sd)
        return d(s.x[:, None], s.x), f(s.x), d(s.x, s.vr), f(s.vr)
    def characteristic(s, z):
        """E z^interval"""
        rho = np.linalg.solve(np.eye(len(s.x)) - z * s.K * s.g, z * s.kr); return z * (s.fr + (s.fire * s.g) @ rho) * z ** s.nref
    def response(s, z, dm, dv):
        """modulation of spikes per step by that of mean (dm) and variance (dv) of a step's input"""
        h = 1e-4; P, M = [s.kernels(s.m + k * h * dm, np.sqrt(s.sd ** 2 + k * h * dv)) for k in (1, -1)]
        d = [(a - b) / (2 * h) for a, b in zip(P, M)]; F = s.fire * s.g; ph = z ** -(s.nref + 1.0)
        src = (d[0] * s.g) @ s.rho + d[2] * s.r
        u = np.linalg.solve(z * np.eye(len(s.x)) - s.K * s.g, np.stack([src, s.kr], 1).astype(complex))
        return (F @ u[:, 0] + d[1] @ (s.g * s.rho) + d[3] * s.r) / (1 - ph * (F @ u[:, 1] + s.fr))

def z_of(f, dt=0.1): return np.exp(2j * np.pi * f * dt / 1000)
def lif(): return Chain(0.1, np.sqrt(0.05), 1 - np.exp(-0.1 / 20), 20, 10, 20, -8)

def spectrum(c, N, f, dt=0.1):
    F = c.characteristic(z_of(f)); return 2 * c.r / dt * 1000 * (1 - abs(F) ** 2) / abs(1 - F) ** 2 / N

def fixed_kicks(lam=0.45, w=2, tm=20, dt=0.1, vth=20, vr=10, nref=20, h=0.004):
    x = np.arange(0, vth + h / 2, h); n = len(x); I, J, V = [], [], []
    for k in range(12):
        y = x * np.exp(-dt / tm) + w * k; ok = y <= vth; j = np.clip((y / h + 1e-9).astype(int), 0, n - 2); f = y / h - j; i = np.arange(n)[ok]
        I += [i, i]; J += [j[ok], j[ok] + 1]; p = poisson.pmf(k, lam * dt); V += [p * (1 - f[ok]), p * f[ok]]
    A = sp.csc_matrix((np.concatenate(V), (np.concatenate(I), np.concatenate(J))), shape=(n, n))
    return 1000 / dt / (np.interp(vr, x, sl.spsolve(sp.eye(n, format="csc") - A, np.ones(n))) + nref)

def fokker_planck(f, D, low, vr, vth, tref, n=100001):
    x = np.linspace(low, vth, n); h = x[1] - x[0]; F = f(x); a = (F[1:] + F[:-1]) / 2 / D; e = np.exp(-a * h); b = -np.expm1(-a * h) / a
    phi = np.zeros(n)
    for i in range(n - 1): phi[i + 1] = phi[i] * e[i] + b[i]
    k = x >= vr; return 1000 / (np.trapezoid(phi[k], x[k]) / D + tref)

def voltage(rate=1, dt=0.1, tau=5, tm=20):
    """mean and variance of a leaky voltage under kicks of a source (Campbell's theorem, of the discrete step): kicks that end at random,
    that decay, and that rise and decay"""
    q, r, n = -np.expm1(-dt / tau), np.exp(-dt / tm), 20000
    ended = lasting = np.zeros(2)  # E h and E h^2 of kicks that have ended and that last
    left, stochastic = 1.0, 0.0
    for _ in range(n):
        h, hh = lasting
        lasting = np.array([r * h + q * left, r * r * hh + 2 * r * q * h + q * q * left]); ended = ended * [r, r * r]
        stochastic += lasting[1] + ended[1]
        ended, lasting, left = ended + q * lasting, (1 - q) * lasting, (1 - q) * left
    def decaying(kicks):
        h = total = squares = 0.0
        for k in kicks: h = r * h + q * k; total += h; squares += h * h
        return rate * dt * total, rate * dt * squares
    k = (1 - q) ** np.arange(n)
    mean, decay = decaying(k)
    return mean, rate * dt * stochastic, decay, decaying(q * np.convolve(k, k)[:n])[1]

def hopf(rate=6, w=0.5, N=1000, K=100, delay=20, dt=0.1):
    p, q = K / N, 1 - np.exp(-dt / 20)
    def net(s):
        make = lambda r: Chain(rate * w * dt - s * K * r, np.sqrt(rate * w * w * dt + s * s * p * (1 - p) * N * r * (N - N * r) / (N - 1)), q, 20, 10, 0, -16)
        return make(brentq(lambda r: make(r).r - r, 1e-6, 0.02, xtol=1e-11))
    def condition(x):
        s, f = x; c = net(s); z = z_of(f)
        loop = z ** -delay * c.response(z, -s * K, s * s * p * (1 - p) * N * (N - 2 * N * c.r) / (N - 1)) - 1; return [loop.real, loop.imag]
    def mode(s):
        """complex frequency in Hz of the leading mode at s: growth in 1/s is -2 pi its imaginary part"""
        c = net(s); v = s * s * p * (1 - p) * N * (N - 2 * N * c.r) / (N - 1)
        def g(x): z = z_of(x[0] + 1j * x[1]); l = z ** -delay * c.response(z, -s * K, v) - 1; return [l.real, l.imag]
        f = fsolve(g, (205, 1)); return f[0], -2 * np.pi * f[1], c.r / dt * 1000
    s, f = fsolve(condition, (0.15, 205)); return (s, f, net(s).r / dt * 1000), [mode(s) for s in (0.1, 0.12, 0.15)]

if __name__ == "__main__":
    c = lif(); P = Chain(0.7, np.sqrt(0.7), 0, 100, 0, 0, -10)
    print("LIF rate", c.r * 1e4, "PIF rate", P.r * 1e4)
    for f in 10, 100, 300:
        g = c.response(z_of(f), 0.1, 0.05) / c.r; print("response", f, abs(g), np.angle(g))
    for name, k, N in ("P", P, 60), ("L", c, 200):
        print("spectrum", name, [(f, spectrum(k, N, f)) for f in (5, 20, 140, 4000)], "200-5000 Hz", np.mean([spectrum(k, N, f) for f in np.linspace(220, 4960, 12)]))
    print("kicks", fixed_kicks(), "their Gaussian", Chain(0.09, np.sqrt(0.18), 1 - np.exp(-0.1 / 20), 20, 10, 20, -20).r * 1e4)
    E = lambda m: lambda v: (-v + 2 * np.exp((v - 15) / 2)) / 20 + m
    Q = lambda m: lambda v: 0.01 * v * v - 0.2 + m
    print("E F Q R", fokker_planck(E(0.8), 0.16, -25, 0, 30, 2), fokker_planck(E(0.6), 0.09, -25, 0, 30, 2), fokker_planck(Q(0.2 + 1e-12), 0.04, -60, -50, 50, 0), fokker_planck(Q(0.3), 0.075, -80, -50, 50, 0))
    print("Hopf: s, Hz, rate", hopf())
    print("voltage: mean, variances S D A", *voltage())
    r = brentq(lambda r: Chain(0.7 - 0.5 * r * 10, np.sqrt(0.7), 0, 100, 0, 0, -10).r - r, 0.006, 0.0072)
    print("adapting integrator", r * 1e4)
