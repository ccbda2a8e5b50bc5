"""`snn` in JAX: one step as array operations, `vmap` over networks, `scan` over steps; on a GPU where JAX sees one."""

import os

from common import DISCARD, arguments, network, report

net, options = network(), arguments()
if options.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from scipy.stats import binom  # noqa: E402

population = jnp.array([0] * net.sizes[0] + [1] * net.sizes[1])
size_e = net.sizes[0]
s, q = (jnp.array(x, jnp.float32)[population] for x in (net.s, net.dt / net.tau))
mean, sd = net.drive * net.dt, (net.drive * net.dt) ** 0.5
release = 1.0 - np.exp(-net.dt / net.tau_ref)

# `jax.random.binomial` is some fifty times slower than looking a quantile up: [target, source, trials, upper 12 bits of a word].
COLUMNS, TRIALS = 4096, 512
uniform = (np.arange(COLUMNS) + 0.5) / COLUMNS


def quantiles(probability):
    rows = [np.searchsorted(binom.cdf(np.arange(n + 1), n, probability), uniform) for n in range(TRIALS)]
    return np.array(rows, dtype=np.uint16)


deaths, births = (jnp.array([[quantiles(x) for x in row] for row in table]) for table in (net.dt / net.tau, net.p))


def step(state, key):
    """One network, one step: (voltage, refractory, kicks [neuron, source]) and the spikes of each population."""
    v, refractory, kicks = state
    bits, drive = jax.random.split(key)
    words = jax.random.bits(bits, (net.neurons, 4))
    strength = s.at[:, 1].multiply(-(v - net.v_rev) / (net.v_th - net.v_rev))
    moved = v + mean + sd * jax.random.normal(drive, v.shape) + jnp.sum(strength * q * kicks, axis=1)
    v = jnp.where(refractory, v, moved)
    fires = v > net.v_th
    v = jnp.where(fires, 0.0, v)
    fired = jnp.stack([jnp.sum(fires[:size_e]), jnp.sum(fires[size_e:])])
    target, source = population[:, None], jnp.arange(2)[None, :]
    dead = deaths[target, source, kicks, words[:, :2] >> 20].astype(jnp.int32)
    born = births[target, source, fired[None, :], words[:, 2:] >> 20].astype(jnp.int32)
    # The lower bits of a word that drew deaths are still unused.
    refractory = (refractory | fires) & ((words[:, 0] & 0xFFFFF) >= round(release * 2**20))
    return (v, refractory, kicks - dead + born), fired


def start(members):
    neurons = net.neurons
    kicks = jnp.zeros((members, neurons, 2), jnp.int32)
    return jnp.zeros((members, neurons)), jnp.zeros((members, neurons), bool), kicks


@jax.jit
def stretch(state, key):
    """A thousand steps of all members, so that one compilation serves every duration; spikes (step, member, population)."""

    def all_members(state, key):
        return jax.vmap(step)(state, jax.random.split(key, state[0].shape[0]))

    return jax.lax.scan(all_members, state, jax.random.split(key, STRETCH))


STRETCH = 1000


def simulate(steps):
    state, key, fired = start(options.members), jax.random.key(options.seed), []
    for _ in range(-(-steps // STRETCH)):
        key, now = jax.random.split(key)
        state, spikes = stretch(state, now)
        fired.append(np.asarray(spikes))
    return np.concatenate(fired)[round(DISCARD / net.dt) : steps].sum(axis=0), None


report(net, options, simulate)
