//! One realisation of one network, stepped by hand: what the program runs by the thousand, for programs of one's own.

use crate::config::ConfigErrors;
use crate::model::bins::resolve;
use crate::model::{Network, Seeding, Variant, member_key};
use crate::network::arithmetic::RangeError;
use crate::network::cpu_member::{CpuMember, CpuSplit, DISPATCH_STEPS, MemberSetup};
use crate::network::member::{KICKS_HIGH, VOLTAGE_LOW};
use crate::network::shape::{Model, NetworkShape};
use crate::network::stepping::NetworkMember;
use crate::reduced::{Dsode, ShapeError};

/// What a [`Simulation`] is made of: a network, a model of it, and which of its realisations.
#[derive(Clone, Debug)]
pub struct Builder<'a> {
    network: &'a Network,
    model: Variant,
    seeding: Seeding,
    seed: u64,
    realisation: u32,
}

/// A network at a time, on the CPU. Its numbers are those of the same member in a run of the program, bit for bit.
pub struct Simulation {
    dt: f64,
    sizes: Vec<u32>,
    step: u32,
    /// Steps that it can do in all.
    most: u32,
    fired: Vec<f64>,
    engine: Engine,
}

enum Engine {
    Network(Box<CpuMember>),
    Dsode(Box<Dsode<f64>>),
}

/// Why a simulation cannot begin, or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// A number of the network is outside of what a config allows.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The integer arithmetic of `snn` and `markov` cannot hold the network.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// `dsode` cannot hold the network.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A duration that is none.
    #[error("a duration of {duration} ms; allowed: a number above 0")]
    Duration {
        /// In ms.
        duration: f64,
    },
    /// Steps are counted in 32 bits, and the random numbers of neurons with many inputs repeat before that.
    #[error("more than {most} ms in all, after which steps, or random numbers, would begin again")]
    Long {
        /// In ms.
        most: f64,
    },
    /// A voltage left the range that is kept for it, in the step that ended at `time` ms.
    #[error(
        "a voltage fell far below reset and reversal potentials by {time} ms: drive, inhibition without v_rev or adaptation took it there"
    )]
    VoltageLow {
        /// In ms.
        time: f64,
    },
    /// More pending kicks than a neuron can count, in the step that ended at `time` ms.
    #[error("a neuron gathered more pending kicks than its arithmetic holds by {time} ms")]
    KicksHigh {
        /// In ms.
        time: f64,
    },
    /// The state of a `dsode` is not finite, or negative.
    #[error("the state became negative or was no number by {time} ms")]
    Unsound {
        /// In ms.
        time: f64,
    },
}

impl<'a> Builder<'a> {
    /// Seed of all random numbers, 0 unless said otherwise.
    pub fn seed(self, seed: u64) -> Self {
        Builder { seed, ..self }
    }

    /// Number of the realisation, 0 unless said otherwise: it has random numbers, and a quenched graph, of its own.
    pub fn realisation(self, realisation: u32) -> Self {
        Builder { realisation, ..self }
    }

    /// Whether the random numbers depend on the network's numbers too ([`Seeding::Independent`], the default).
    pub fn seeding(self, seeding: Seeding) -> Self {
        Builder { seeding, ..self }
    }

    /// The simulation at time 0.
    ///
    /// # Errors
    /// A network that a config could not describe ([`Network::check`]), or one that the model's arithmetic cannot hold.
    pub fn start(self) -> Result<Simulation, SimulationError> {
        let Builder { network, model, seeding, seed, realisation } = self;
        network.check(model)?;
        let key = member_key(seeding, seed, &network.canonical(), realisation);
        // A step number less than there are: what is too long for a u32 becomes its largest value.
        let mut most = u32::MAX - 1;
        let engine = match Model::of(&model) {
            None => Engine::Dsode(Box::new(Dsode::new(network, &model, key)?)),
            Some(kind) => {
                let bins = resolve(network, &Variant::DSODE);
                let setup = MemberSetup {
                    network,
                    model: kind,
                    bins: &bins,
                    steps: u32::MAX,
                    discard_steps: u32::MAX,
                    sample_every: u32::MAX,
                };
                let mut member = Box::new(CpuMember::new(&setup, key, CpuSplit::default())?);
                member.dispatch(0, |_, _, _| {});
                most = NetworkShape::new(network, kind).most_steps().min(most.into()) as u32;
                Engine::Network(member)
            }
        };
        let sizes: Vec<u32> = network.populations.iter().map(|population| population.size).collect();
        Ok(Simulation { dt: network.dt, step: 0, most, fired: vec![0.0; sizes.len()], sizes, engine })
    }
}

impl Simulation {
    /// Begins to describe a simulation of `model` ([`Variant::Snn`], [`Variant::MARKOV`], [`Variant::DSODE`] or with other options)
    /// over `network`.
    pub fn of(network: &Network, model: Variant) -> Builder<'_> {
        Builder { network, model, seeding: Seeding::Independent, seed: 0, realisation: 0 }
    }

    /// Time in ms.
    pub fn time(&self) -> f64 {
        f64::from(self.step) * self.dt
    }

    /// Advances by dt and tells how many neurons of each population fired; whole numbers but for a deterministic `dsode`.
    ///
    /// # Errors
    /// The state left the range of its arithmetic, after which its numbers mean nothing; or no step is left
    /// ([`SimulationError::Long`]).
    pub fn step(&mut self) -> Result<&[f64], SimulationError> {
        let fired = self.steps(1)?;
        self.fired.copy_from_slice(&fired);
        Ok(&self.fired)
    }

    /// Advances by `duration` ms, rounded to whole steps but to one at least, and tells the mean firing rate of each population in Hz.
    ///
    /// # Errors
    /// As [`Simulation::step`]; a duration that is no number above 0, or more than is left.
    pub fn run(&mut self, duration: f64) -> Result<Vec<f64>, SimulationError> {
        if !(duration > 0.0 && duration.is_finite()) {
            return Err(SimulationError::Duration { duration });
        }
        let steps = ((duration / self.dt).round() as u32).max(1);
        let mut totals = vec![0.0; self.sizes.len()];
        self.advance(steps, |fired| totals.iter_mut().zip(fired).for_each(|(total, fired)| *total += fired))?;
        let seconds = f64::from(steps) * self.dt / 1000.0;
        Ok(totals.iter().zip(&self.sizes).map(|(total, &size)| total / (f64::from(size) * seconds)).collect())
    }

    /// Advances by `steps` steps: neurons that fired, (step, population), populations fastest.
    ///
    /// # Errors
    /// As [`Simulation::step`].
    pub fn steps(&mut self, steps: u32) -> Result<Vec<f64>, SimulationError> {
        let mut all = vec![];
        self.advance(steps, |fired| all.extend_from_slice(fired))?;
        Ok(all)
    }

    /// Calls `each` with the neurons of each population that fired in a step, step by step.
    fn advance(&mut self, steps: u32, mut each: impl FnMut(&[f64])) -> Result<(), SimulationError> {
        let end = self.step.checked_add(steps).filter(|&end| end <= self.most);
        let end = end.ok_or(SimulationError::Long { most: f64::from(self.most) * self.dt })?;
        match &mut self.engine {
            Engine::Dsode(dsode) => {
                while self.step < end {
                    each(dsode.step());
                    self.step += 1;
                }
                if !dsode.is_sound() {
                    return Err(SimulationError::Unsound { time: self.time() });
                }
            }
            Engine::Network(member) => {
                while self.step < end {
                    let output = member.dispatch(end.min(self.step + DISPATCH_STEPS), |_, _, _| {});
                    self.step += output.steps;
                    let time = f64::from(self.step) * self.dt;
                    match output.flags {
                        0 => {
                            let fired: Vec<f64> = output.counts.iter().map(|&n| f64::from(n)).collect();
                            fired.chunks_exact(self.sizes.len()).for_each(&mut each);
                        }
                        flags if flags & VOLTAGE_LOW != 0 => return Err(SimulationError::VoltageLow { time }),
                        flags if flags & KICKS_HIGH != 0 => return Err(SimulationError::KicksHigh { time }),
                        _ => unreachable!("a flag has a meaning"),
                    }
                }
            }
        }
        Ok(())
    }

    /// Voltages of a population's neurons, those of refractory ones at v_reset. Empty for `dsode`.
    pub fn voltages(&self, population: usize) -> Vec<f64> {
        let Engine::Network(member) = &self.engine else { return vec![] };
        let voltage = |word| member.units().voltage(population, word);
        self.neurons(population, |block| &block.state.voltage).map(voltage).collect()
    }

    /// Refractory neurons of a population; of one that is not there 0.
    pub fn refractory(&self, population: usize) -> f64 {
        match &self.engine {
            Engine::Network(_) => {
                self.neurons(population, |block| &block.state.refractory).filter(|&r| r > 0).count() as f64
            }
            Engine::Dsode(dsode) => dsode.fields().refractory.get(population).copied().unwrap_or(0.0),
        }
    }

    /// The `dsode` itself, with its bins and moments; `None` for networks.
    pub fn dsode(&self) -> Option<&Dsode<f64>> {
        if let Engine::Dsode(dsode) = &self.engine { Some(dsode) } else { None }
    }

    fn neurons<'a>(
        &'a self,
        population: usize,
        field: impl Fn(&crate::network::chunk::NeuronBlock) -> &Vec<u32> + 'a,
    ) -> impl Iterator<Item = u32> + 'a {
        let member: Option<&NetworkMember> = match &self.engine {
            Engine::Network(member) => member.member(),
            Engine::Dsode(_) => None,
        };
        let blocks = member.into_iter().flat_map(|member| &member.blocks);
        let own = blocks.filter(move |block| block.population as usize == population);
        own.flat_map(move |block| field(block)[..block.len as usize].to_vec())
    }
}
