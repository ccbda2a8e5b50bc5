//! Networks that the integers cannot hold, or whose numbers they would lose.

use super::scale::KICKS;

/// A network that the integer arithmetic cannot hold.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RangeError {
    #[error(
        "population {population}: up to {current:.3} voltage units in one step, most of them from {largest}, leave only \
         2^-{bits} as a unit of the current, needed: 2^-{needed}; reduce s, dt or the drive, or widen \
         v_th - v_reset"
    )]
    Current { population: String, current: f64, largest: String, bits: i32, needed: i32 },
    #[error(
        "{of}: leak and kicks can reach a conductance of {conductance:.3} per step, allowed: below {allowed}; reduce s or dt{instead}"
    )]
    Conductance { of: String, conductance: f64, allowed: u32, instead: &'static str },
    #[error(
        "populations.{population}: inhibitory currents without v_rev and no leak, whose voltage is a random walk without a floor; \
         allowed: a leak (tau_m), or a v_rev for a projection onto it"
    )]
    Walk { population: String },
    #[error(
        "projection {target}<-{source_name}: up to {kicks} pending kicks per neuron, allowed: {KICKS}; reduce the source's \
         size or tau"
    )]
    Kicks { target: String, source_name: String, kicks: f64 },
    #[error("population {population}: {mean} Poisson kicks per step need outcomes above 255; use `kind: gaussian`")]
    PoissonDrive { population: String, mean: f64 },
    #[error(
        "projections.{projection}.indegree: found {found} with connectivity: annealed, which draws other targets for each spike; allowed: with \
         connectivity: quenched, or p instead"
    )]
    Annealed { projection: String, found: u32 },
    #[error(
        "sources.{name}.rate: {mean} kicks per step need outcomes above 255; take a shorter dt, or several sources"
    )]
    Source { name: String, mean: f64 },
    #[error(transparent)]
    Precision(#[from] PrecisionError),
}

/// Numbers that the integers would lose.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PrecisionError {
    #[error(
        "{key}: found {found}, which leaves {population} a voltage in units of {unit:.1e}, too coarse for {step} in a step; \
         allowed: at least {allowed}"
    )]
    Far { key: String, found: f64, population: String, unit: f64, step: String, allowed: f64 },
    #[error(
        "{key}: {step} in a step, where voltages from v_reset to v_th have units of {unit:.1e}; allowed: steps that are larger, or none; \
         enlarge the drive, s or dt"
    )]
    Small { key: String, step: String, unit: f64 },
    #[error(
        "{key}: found {found}, over whose {steps:.3e} steps the rounding of a step adds up; allowed: at most {most:.2e} ms, or a time.dt \
         of at least {dt:.2e} ms"
    )]
    Rest { key: String, found: f64, steps: f64, most: f64, dt: f64 },
    #[error("{key}: found {found}, which is a share of {share:.1e} per step, allowed: {allowed}")]
    Share { key: String, found: f64, share: f64, allowed: String },
}
