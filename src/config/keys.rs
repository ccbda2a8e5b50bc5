//! Every key of a config, once: name, unit, type and range, default, meaning.

use super::kind::{AUTO, Fallback, Key, Kind, NONE, Range};
use super::limits as limit;
use crate::statistics::analysis::{Attractor, Burst, PSD_BAND};
use Fallback::{Alternative, Inside, Required, Same};

const PROBABILITY: Kind = Kind::Real(Range::new("a probability", 0.0, 1.0));
const VOLTAGE: Kind = Kind::Real(Range::new("a voltage", -limit::VOLTAGE, limit::VOLTAGE));
const STRENGTH: Kind = Kind::Real(Range::new("a strength", 0.0, limit::VOLTAGE));
const WEIGHT: Kind = Kind::Real(Range::new("a voltage", -limit::VOLTAGE, limit::VOLTAGE));
const WIDTH: Kind = Kind::Real(Range::above("a width", 0.0, limit::VOLTAGE));
const TIME: Kind = Kind::Real(Range::new("a time", 0.0, limit::TIME));
const DURATION: Kind = Kind::Real(Range::above("a time", 0.0, limit::TIME));
const RATE: Kind = Kind::Real(Range::new("a rate", 0.0, limit::RATE));
const FREQUENCY: Kind = Kind::Real(Range::new("a frequency", 0.0, limit::FREQUENCY));
const FIRING: Kind = Kind::Real(Range::above("a firing rate", 0.0, limit::FREQUENCY));
const NUMBER: Kind = Kind::Real(Range::new("a number", -limit::TIME, limit::TIME));
const CURVATURE: Kind = Kind::Real(Range::above("a number", 0.0, limit::TIME));
const QUADRATIC: Kind = Kind::Tuple("a list [c2, c1, c0], c2 above 0", &[CURVATURE, NUMBER, NUMBER]);
const MEMBERS: Kind = Kind::Count { min: 1, max: limit::MEMBERS };
const AXIS_COUNT: Kind = Kind::Count { min: 2, max: limit::VALUES as u64 };
const CLOSURE: Key = key(
    "closure",
    "",
    Kind::Word(&["white", "coloured"]),
    Fallback::Word("white"),
    "what is kept of the fluctuations of a neuron's kick count",
);
const STEP_RULE: Key = key(
    "step",
    "",
    Kind::Word(&["euler", "exact"]),
    Fallback::Word("euler"),
    "share of a decay of time constant tau in a step: dt/tau, or 1 - exp(-dt/tau)",
);

const fn key(name: &'static str, unit: &'static str, kind: Kind, fallback: Fallback, doc: &'static str) -> Key {
    Key { name, unit, kind, fallback, doc }
}

#[rustfmt::skip]
pub static EXPERIMENT: &[Key] = &[
    key("name", "", Kind::Text("a name of letters, digits, _ or -"), Required, "name of the experiment and of its result directory"),
    key("seed", "", Kind::Count { min: 0, max: u64::MAX }, Fallback::Count(0), "seed of all random numbers"),
    key("time", "", Kind::Map(TIMES), Required, "time step and length of a run"),
    key("populations", "", Kind::Named("a population's name", &Kind::Map(POPULATION)), Required, "the populations of neurons, by name"),
    key("sources", "", Kind::Named("a source's name", &Kind::Map(SOURCE)), Inside, "Poisson kicks from outside, independent for every target neuron, by name"),
    key("projections", "", Kind::Named("target<-source", &Kind::Map(PROJECTION)), Inside, "the synapses between populations, by target<-source"),
    key("connectivity", "", Kind::Word(&["annealed", "quenched"]), Fallback::Word("annealed"), "targets drawn afresh for each spike, or a random graph fixed per realisation"),
    key("models", "", Kind::List(&MODEL_ENTRY), Required, "which models run, with their options"),
    key("scan", "", Kind::List(&Kind::Map(AXIS)), Inside, "axes of the parameter grid, the last one fastest"),
    key("sweep", "", Kind::Either(&[NONE, Kind::Map(SWEEP)]), Fallback::Word("none"), "carry the state from point to point along an axis; a realisation that a point needs is computed at all points before it on its line"),
    key("realisations", "", Kind::Either(&[MEMBERS, Kind::Map(ADAPTIVE)]), Fallback::Count(64), "realisations per point of the stochastic models"),
    key("seeding", "", Kind::Word(&["independent", "common"]), Fallback::Word("independent"), "random numbers of each point's own, or common to all points"),
    key("analysis", "", Kind::Map(ANALYSIS), Inside, "parameters of the statistics"),
    key("record", "", Kind::Map(RECORD), Inside, "what is stored besides the statistics"),
    key("continuation", "", Kind::Either(&[NONE, Kind::Map(CONTINUATION)]), Fallback::Word("none"), "what `branches` follows: fixed points and orbits of dsode along a parameter"),
];

#[rustfmt::skip]
pub static TIMES: &[Key] = &[
    key("dt", "ms", DURATION, Fallback::Real(0.1), "time step"),
    key("duration", "ms", DURATION, Required, "length of each member, the transient included"),
    key("discard", "ms", TIME, Fallback::Real(0.0), "transient at the beginning that the statistics leave out"),
];

#[rustfmt::skip]
pub static POPULATION: &[Key] = &[
    key("size", "", Kind::Count { min: 1, max: limit::NEURONS }, Required, "number of neurons"),
    key("v_th", "", VOLTAGE, Fallback::Real(100.0), "threshold voltage"),
    key("v_reset", "", VOLTAGE, Fallback::Real(0.0), "voltage after a spike"),
    key("e_leak", "", VOLTAGE, Fallback::Real(0.0), "leak reversal voltage"),
    key("tau_m", "ms", Kind::Either(&[NONE, DURATION]), Fallback::Word("none"), "membrane time constant; none: no leak"),
    key("tau_ref", "ms", TIME, Required, "mean refractory time; exponential: steps make it dt/(exp(dt/tau_ref) - 1), fixed: the nearest number of steps; 0: none"),
    key("refractory", "", Kind::Word(&["exponential", "fixed"]), Fallback::Word("exponential"), "distribution of the refractory time"),
    key("initial", "", Kind::Either(&[Kind::Word(&["reset", "uniform", "carry"]), Kind::Map(INITIAL)]), Fallback::Word("reset"), "voltages at the start: at v_reset, uniform up to v_th, as the neighbouring point of the sweep ended (the whole network, if one population has carry), or given"),
    key("drive", "", Kind::Either(&[NONE, Kind::Map(DRIVE)]), Inside, "external input of every neuron; left out: 7 per ms of weight 1, whatever the unit of voltages"),
    key("adaptation", "", Kind::Either(&[NONE, Kind::Map(ADAPTATION)]), Fallback::Word("none"), "spike-triggered adaptation"),
    STEP_RULE,
    key("neuron", "", Kind::Either(&[Kind::Word(&["lif"]), Kind::Map(NEURON)]), Fallback::Word("lif"), "what the voltage does without input: leaky (lif), or one of the keys below"),
];

#[rustfmt::skip]
pub static NEURON: &[Key] = &[
    key("qif", "", QUADRATIC, Alternative, "dV/dt = c2 V^2 + c1 V + c0 in voltage/ms; without tau_m and e_leak"),
    key("eif", "", Kind::Map(&EIF), Alternative, "dV/dt = (e_leak - V + delta_t exp((V - v_t)/delta_t))/tau_m"),
    key("table", "", Kind::List(&POINT), Alternative, "dV/dt at ascending voltages, linear between them, constant beyond the ends; without tau_m and e_leak"),
];

#[rustfmt::skip]
pub static EIF: [Key; 2] = [
    key("v_t", "", VOLTAGE, Required, "voltage at which the exponential takes over"),
    key("delta_t", "", WIDTH, Required, "how sharply"),
];

pub static POINT: Kind = Kind::Tuple("a pair [voltage, dV/dt in voltage/ms]", &[VOLTAGE, NUMBER]);

#[rustfmt::skip]
pub static INITIAL: &[Key] = &[
    key("v", "", VOLTAGE, Alternative, "voltage at which every neuron starts"),
    key("uniform", "", Kind::Tuple("a list [low, high], low below high", &[VOLTAGE, VOLTAGE]), Alternative, "voltages between which neurons start, uniformly"),
];

#[rustfmt::skip]
pub static DRIVE: &[Key] = &[
    key("kind", "", Kind::Word(&["gaussian", "poisson", "deterministic"]), Fallback::Word("gaussian"), "law of the increments; deterministic: their mean"),
    key("weight", "", WEIGHT, Fallback::Real(1.0), "voltage per kick"),
    key("rate", "1/ms", Kind::Either(&[RATE, Kind::Map(RATE_FORMS)]), Fallback::Real(7.0), "kicks per ms: constant, or a function of time"),
];

#[rustfmt::skip]
pub static SOURCE: &[Key] = &[
    key("rate", "1/ms", Kind::Either(&[RATE, Kind::Map(RATE_FORMS)]), Required, "kicks per ms that each target neuron receives: constant, or a function of time"),
];

#[rustfmt::skip]
pub static RATE_FORMS: &[Key] = &[
    key("steps", "1/ms", Kind::List(&STEP), Alternative, "table of [time in ms, rate from then on]; before its first entry that entry's rate holds"),
    key("mean", "1/ms", RATE, Alternative, "mean of a sinusoid: mean (1 + amplitude sin(2 pi frequency t + phase))"),
    key("amplitude", "", Kind::Real(Range::new("a number", -1.0, 1.0)), Alternative, "relative amplitude of the sinusoid"),
    key("frequency", "Hz", FREQUENCY, Alternative, "frequency of the sinusoid"),
    key("phase", "rad", NUMBER, Fallback::Real(0.0), "phase of the sinusoid at time 0"),
];

#[rustfmt::skip]
pub static CONTINUATION: &[Key] = &[
    key("parameter", "", Kind::Text("path of a numeric parameter such as projections.E<-I.p"), Required, "the parameter along which branches go"),
    key("range", "", Kind::Tuple("a list [low, high], low below high", &[NUMBER, NUMBER]), Required, "its lowest and highest value"),
    key("from", "", Kind::List(&STARTS), Inside, "where branches start (by default the first two): settled, simulations at both ends and in the middle; sweep, the attractors of a sweep up and of one down; a simulation at a value; a stored point"),
    key("at", "", Kind::List(&NUMBER), Inside, "values at which there are points on every branch, their orbits stored"),
    key("doublings", "", Kind::Count { min: 0, max: 8 }, Fallback::Count(1), "period doublings in a row that are followed: after n of them orbits have 2^n times the bursts, and a point takes as much longer; a simulated orbit of k bursts counts as one that was doubled log2(k) times"),
    key("models", "", Kind::List(&MODEL_ENTRY), Same("models"), "which models are continued; by default every dsode without noise"),
    key("second", "", Kind::Either(&[NONE, Kind::Map(SECOND)]), Fallback::Word("none"), "a second parameter, along which what was located is followed as curves in the plane of both"),
    key("curves", "", Kind::List(&CURVE), Fallback::Depends("[HB, PD] beside second"), "which bifurcations are followed: HB, Hopf; PD, period doublings; LP, folds of fixed points and orbits; NS, tori born of orbits"),
];

/// Codes of bifurcations that are followed in two parameters.
pub static CURVES: &[&str] = &["HB", "PD", "LP", "NS"];
pub static CURVE: Kind = Kind::Word(CURVES);

#[rustfmt::skip]
pub static SECOND: &[Key] = &[
    key("path", "", Kind::Text("path of a numeric parameter such as projections.E<-E.tau"), Required, "the parameter"),
    key("range", "", Kind::Tuple("a list [low, high], low below high", &[NUMBER, NUMBER]), Required, "its lowest and highest value, the network's own between them"),
];

pub static STARTS: Kind = Kind::Either(&[Kind::Word(&["settled", "sweep"]), Kind::Map(CONTINUATION_START)]);

#[rustfmt::skip]
pub static CONTINUATION_START: &[Key] = &[
    key("value", "", NUMBER, Alternative, "a simulation at this value of the parameter"),
    key("branch", "", Kind::Count { min: 1, max: 1_000_000 }, Alternative, "a stored branch"),
    key("point", "", Kind::Count { min: 1, max: 1_000_000 }, Alternative, "and its point"),
];

pub static STEP: Kind = Kind::Tuple("a pair [time in ms, rate in 1/ms]", &[TIME, RATE]);

#[rustfmt::skip]
pub static ADAPTATION: &[Key] = &[
    key("b", "voltage/ms", STRENGTH, Fallback::Real(0.05), "jump of the adaptation per own spike"),
    key("tau", "ms", DURATION, Fallback::Real(100.0), "decay time of the adaptation"),
];

#[rustfmt::skip]
pub static PROJECTION: &[Key] = &[
    key("kind", "", Kind::Word(&["excitatory", "inhibitory"]), Required, "sign of the synapse"),
    key("p", "", PROBABILITY, Alternative, "connection probability; a source has none"),
    key("indegree", "", Kind::Count { min: 1, max: limit::NEURONS }, Alternative, "sources of every target, in place of p; snn takes it with connectivity: quenched"),
    key("s", "", STRENGTH, Required, "strength: voltage per spike, at v_norm where there is a v_rev"),
    key("tau", "ms", TIME, Required, "synaptic time constant, at least time.dt; 0: a kick acts in one step, as a whole"),
    key("tau_rise", "ms", Kind::Either(&[NONE, DURATION]), Fallback::Word("none"), "mean time that a kick rises before it begins to act, longer than time.dt; none: it acts at once"),
    key("v_rev", "", Kind::Either(&[NONE, VOLTAGE]), Fallback::Depends("-66 of inhibition, else none"), "reversal voltage: a kick is worth s (V - v_rev)/(v_norm - v_rev); none: s at every voltage"),
    key("v_norm", "", Kind::Either(&[Kind::Word(&["v_th"]), VOLTAGE]), Fallback::Word("v_th"), "voltage at which a kick is worth s; beside a v_rev alone"),
    key("decay", "", Kind::Word(&["stochastic", "deterministic"]), Fallback::Word("stochastic"), "how pending kicks disappear"),
    key("delay", "ms", TIME, Fallback::Real(0.0), "time from a spike to its arrival, a multiple of time.dt"),
    STEP_RULE,
];

pub static MODEL_ENTRY: Kind = Kind::Either(&[Kind::Word(&["snn", "markov", "dsode"]), Kind::Map(MODEL_FORMS)]);

#[rustfmt::skip]
pub static MODEL_FORMS: &[Key] = &[
    key("snn", "", Kind::Map(&[]), Alternative, "the finite spiking network"),
    key("markov", "", Kind::Map(MARKOV), Alternative, "the network with Gaussian recurrent input"),
    key("dsode", "", Kind::Map(DSODE), Alternative, "the discrete-state ODE"),
];

pub static MARKOV: &[Key] = &[CLOSURE];

#[rustfmt::skip]
pub static DSODE: &[Key] = &[
    CLOSURE,
    key("density", "", Kind::Word(&["uniform", "linear"]), Fallback::Word("uniform"), "density of voltages in a bin; linear is closer to the network, and with the coloured closure each bin has second moments of its own"),
    key("noise", "", Kind::Word(&["none", "finite_size"]), Fallback::Word("none"), "noise of the finite population"),
    key("bin", "", Kind::Either(&[AUTO, WIDTH]), Fallback::Word("auto"), "width of the voltage bins; auto: per population, narrow enough for the noise of a step and the way from reset to threshold"),
    key("v_min", "", Kind::Either(&[AUTO, VOLTAGE]), Fallback::Word("auto"), "lower edge of the lowest bin; auto: per population, 0.4 times the way to threshold below the lowest of reset, leak and initial voltages"),
    key("precision", "", Kind::Word(&["f64", "f32"]), Fallback::Word("f64"), "arithmetic of the CPU backend; the GPU always computes in f32"),
];

#[rustfmt::skip]
const LINSPACE: Key = key("linspace", "", Kind::Tuple("a list [first, last, count]", &[NUMBER, NUMBER, AXIS_COUNT]), Alternative, "values evenly spaced from first to last");
#[rustfmt::skip]
const LOGSPACE: Key = key("logspace", "", Kind::Tuple("a list [first, last, count], first and last above 0", &[NUMBER, NUMBER, AXIS_COUNT]), Alternative, "values from first to last, evenly spaced in the logarithm");

#[rustfmt::skip]
pub static AXIS: &[Key] = &[
    key("path", "", Kind::Text("path of a numeric parameter such as projections.E<-I.p"), Alternative, "the parameter that the axis moves"),
    LINSPACE,
    LOGSPACE,
    key("values", "", Kind::List(&NUMBER), Alternative, "the values themselves"),
    key("zip", "", Kind::List(&Kind::Map(ZIPPED)), Alternative, "several parameters that move together, each with path and values"),
];

#[rustfmt::skip]
pub static ZIPPED: &[Key] = &[
    key("path", "", Kind::Text("path of a numeric parameter such as projections.E<-I.p"), Required, "a parameter that moves with the others"),
    LINSPACE,
    LOGSPACE,
    key("values", "", Kind::List(&NUMBER), Alternative, "the values themselves, as many as of every other parameter of the zip"),
];

#[rustfmt::skip]
pub static SWEEP: &[Key] = &[
    key("axis", "", Kind::Text("path of an axis of the scan"), Required, "the axis along which the state is carried"),
    key("direction", "", Kind::Word(&["forward", "backward", "both"]), Fallback::Word("forward"), "order of the axis's values"),
];

#[rustfmt::skip]
pub static ADAPTIVE: &[Key] = &[
    key("min", "", Kind::Count { min: 2, max: limit::MEMBERS }, Fallback::Count(16), "realisations before the first test; tested at min times powers of two"),
    key("max", "", Kind::Count { min: 2, max: limit::MEMBERS }, Fallback::Count(4096), "realisations at most"),
    key("until", "", Kind::Named("a statistic such as rate_E", &Kind::Map(UNTIL)), Required, "precision that ends a point"),
];

pub static UNTIL: &[Key] = &[key(
    "rel_ci95",
    "",
    Kind::Real(Range::above("a number", 0.0, 1.0)),
    Required,
    "half width of the 95 % interval relative to the mean; where all members have one value 3/rel_ci95 of them are enough, and a \
     statistic that none of them has asks for no more",
)];

#[rustfmt::skip]
pub static ANALYSIS: &[Key] = &[
    key("burst", "", Kind::Map(BURST), Inside, "what counts as a burst"),
    key("psd_band", "Hz", Kind::Tuple("a list [low, high], low below high", &[FREQUENCY, FREQUENCY]), Fallback::Pair(PSD_BAND), "band in which the spectral peak is sought"),
    key("states", "", Kind::Either(&[NONE, Kind::Map(STATES)]), Fallback::Word("none"), "how two states of the rate are told apart, by threshold or by low and high; none: not analysed"),
    key("state_threshold", "Hz", Kind::Either(&[NONE, FIRING]), Fallback::Word("none"), "short for states: {threshold: this, smooth: 1, minimum: 0}"),
    key("attractor", "", Kind::Map(ATTRACTOR), Inside, "bins of the joint histogram of rates"),
    key("windows", "ms", Kind::List(&WINDOW), Inside, "more windows [from, to], each with the statistics of its spike counts in windows.csv"),
    key("choice", "", Kind::Either(&[NONE, Kind::Map(CHOICE)]), Fallback::Word("none"), "which of several populations fired most in a window"),
    key("psth", "", Kind::Either(&[NONE, Kind::Map(PSTH)]), Fallback::Word("none"), "rates in bins of time, means over realisations (peristimulus time histogram)"),
    key("lyapunov", "", Kind::Flag, Fallback::Flag(false), "exponent and period of every trajectory of a deterministic dsode, in f64 on the CPU: the columns of a map of regimes"),
];

pub static WINDOW: Kind = Kind::Tuple("a pair [from, to], from below to", &[TIME, DURATION]);

#[rustfmt::skip]
pub static CHOICE: &[Key] = &[
    key("populations", "", Kind::List(&Kind::Text("a population's name")), Required, "the populations that compete, at least two"),
    key("from", "ms", TIME, Same("time.discard"), "spikes after this time"),
    key("to", "ms", DURATION, Same("time.duration"), "spikes up to this time"),
];

#[rustfmt::skip]
pub static PSTH: &[Key] = &[
    key("from", "ms", TIME, Same("time.discard"), "beginning of the first bin"),
    key("to", "ms", DURATION, Same("time.duration"), "end; a last bin that is not whole is left out"),
    key("bin", "ms", DURATION, Fallback::Real(1.0), "width of a bin"),
];

#[rustfmt::skip]
pub static STATES: &[Key] = &[
    key("threshold", "Hz", FIRING, Alternative, "rate that separates the states: low and high at once"),
    key("low", "Hz", FIRING, Alternative, "the lower state begins where the smoothed rate falls to this"),
    key("high", "Hz", FIRING, Alternative, "the upper state begins where the smoothed rate rises above this"),
    key("smooth", "ms", DURATION, Fallback::Real(20.0), "moving average of the rate: as long as a rhythm within a state takes to repeat, and the least stay that is seen"),
    key("minimum", "ms", TIME, Fallback::Real(0.0), "shortest state; what is shorter belongs to the state around it"),
];

#[rustfmt::skip]
pub static BURST: &[Key] = &[
    key("height", "spikes/ms per 300 neurons", Kind::Real(Range::above("a height", 0.0, limit::VOLTAGE)), Fallback::Real(Burst::DEFAULT.height), "smallest peak of the smoothed population rate"),
    key("distance", "ms", DURATION, Fallback::Real(Burst::DEFAULT.distance), "time around a peak without a higher one"),
];

#[rustfmt::skip]
pub static ATTRACTOR: &[Key] = &[
    key("bin", "Hz", FIRING, Fallback::Real(Attractor::DEFAULT.bin), "width of the bins"),
    key("max", "Hz", FIRING, Fallback::Real(Attractor::DEFAULT.max), "where the last bin ends, which is open: it has all rates above max - bin"),
];

#[rustfmt::skip]
pub static RECORD: &[Key] = &[
    key("traces", "", Kind::Either(&[NONE, Kind::Map(TRACES)]), Fallback::Word("none"), "rates and mean kick counts over time"),
    key("spikes", "", Kind::Either(&[NONE, Kind::Map(SPIKES)]), Fallback::Word("none"), "single spikes"),
    key("neurons", "", Kind::Either(&[NONE, Kind::Map(NEURONS)]), Fallback::Word("none"), "voltages and kick counts of single neurons of snn and markov"),
    key("voltage", "", Kind::Flag, Fallback::Flag(false), "voltage histograms"),
    key("attractor", "", Kind::Flag, Fallback::Flag(false), "joint histograms of rates and of kick counts"),
];

#[rustfmt::skip]
pub static TRACES: &[Key] = &[
    key("members", "", MEMBERS, Required, "realisations per point that are recorded, from the first"),
    key("every", "ms", DURATION, Same("time.dt"), "time between samples"),
];

#[rustfmt::skip]
pub static SPIKES: &[Key] = &[
    key("members", "", MEMBERS, Required, "realisations per point that are recorded, from the first"),
    key("from", "ms", TIME, Same("time.discard"), "spikes after this time"),
    key("to", "ms", DURATION, Same("time.duration"), "spikes up to this time"),
];

#[rustfmt::skip]
pub static NEURONS: &[Key] = &[
    key("members", "", MEMBERS, Required, "realisations per point that are recorded, from the first"),
    key("populations", "", Kind::List(&Kind::Text("a population's name")), Inside, "whose neurons; by default those of every population"),
    key("count", "", Kind::Count { min: 1, max: limit::NEURONS }, Fallback::Count(4), "neurons of each population, from the first"),
    key("from", "ms", TIME, Same("time.discard"), "samples after this time"),
    key("to", "ms", DURATION, Same("time.duration"), "samples up to this time"),
    key("every", "ms", DURATION, Same("time.dt"), "time between samples"),
];

/// Places of lists as keys, for paths such as `steps.1.1`: by the list's name, and whether its entries are lists of places.
#[rustfmt::skip]
static PLACES: [(&str, bool, &[Key]); 4] = [
    ("steps", true, &[key("time", "ms", TIME, Required, "start of a rate"), key("rate", "1/ms", RATE, Required, "rate from then on")]),
    ("uniform", false, &[END, END]),
    ("qif", false, &[
        key("c2", "1/(voltage ms)", CURVATURE, Required, "factor of V^2"),
        key("c1", "1/ms", NUMBER, Required, "factor of V"),
        key("c0", "voltage/ms", NUMBER, Required, "dV/dt at V = 0"),
    ]),
    ("table", true, &[key("voltage", "", VOLTAGE, Required, "voltage of a point"), key("drift", "voltage/ms", NUMBER, Required, "dV/dt there")]),
];
const END: Key = key("voltage", "", VOLTAGE, Required, "end of a range");

/// The key at the end of a dotted path below a table; names chosen by the user are not in it, places of lists are.
pub fn find(table: &'static [Key], path: &str) -> Option<&'static Key> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let key = table.iter().find(|key| key.name == name)?;
    let Some(rest) = rest else { return Some(key) };
    match PLACES.iter().find(|(list, ..)| *list == name) {
        Some((_, rows, places)) => {
            let place = if *rows { rest.split_once('.')?.1 } else { rest };
            places.get(super::tree::place(place)?)
        }
        None => find(key.kind.keys()?, rest),
    }
}
