//! Ensembles of finite spiking networks, next to the differential equations reduced from them.
//!
//! The program `snn-ensemble` runs whole experiments; this library is what it is made of, for programs of one's own. One
//! realisation of a network, or its reduction, stepped by hand:
//!
//! ```
//! use snn_ensemble::model::{Network, Population, Projection, Variant};
//! use snn_ensemble::Simulation;
//!
//! let mut network = Network::new(0.1);
//! let (e, i) = (0, 1);
//! network.populations.push(Population { tau_ref: 4.0, ..Population::new("E", 300) });
//! network.populations.push(Population { tau_ref: 4.0, ..Population::new("I", 100) });
//! network.projections.push(Projection { p: 0.8, ..Projection::excitatory(e, e, 0.95, 1.4) });
//! network.projections.push(Projection { p: 0.8, ..Projection::inhibitory(e, i, 2.71, 4.5) });
//! network.projections.push(Projection { p: 0.8, ..Projection::excitatory(i, e, 1.25, 1.2) });
//! network.projections.push(Projection { p: 0.8, ..Projection::inhibitory(i, i, 2.45, 4.5) });
//!
//! let mut snn = Simulation::of(&network, Variant::Snn).seed(42).start()?;
//! let rates = snn.run(100.0)?; // Hz
//! let spikes = snn.step()?; // neurons of E and of I that fired in this step
//! # assert!(rates[e] > 20.0 && spikes.len() == 2);
//!
//! let mut dsode = Simulation::of(&network, Variant::DSODE).start()?;
//! let reduced = dsode.run(100.0)?;
//! println!("E fires at {:.1} Hz, by the reduction at {:.1} Hz", rates[e], reduced[e]);
//! # assert!((reduced[e] / rates[e] - 1.0).abs() < 0.5);
//! # Ok::<(), snn_ensemble::SimulationError>(())
//! ```
//!
//! A network from a config, with a statistic of one's own over realisations of one's own, in parallel:
//!
//! ```
//! use snn_ensemble::{Simulation, config};
//! # let text = include_str!("../configs/quickstart.yaml");
//!
//! let experiment = config::load(text, "quickstart.yaml", &["populations.E.size=60".into()])?;
//! let network = experiment.point(0).network;
//! let mut silent = 0;
//! for realisation in 0..4 {
//!     let mut member = Simulation::of(&network, experiment.models[0]).realisation(realisation).start()?;
//!     for _ in 0..200 {
//!         silent += usize::from(member.step()?.iter().sum::<f64>() == 0.0);
//!     }
//! }
//! println!("{} % of the steps are silent", 100 * silent / 800);
//! # assert!(silent > 0 && silent < 800);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it is for |
//! |---|---|
//! | [`model`] | networks and their models as plain numbers |
//! | [`config`] | experiments from YAML, with every rule that they must obey |
//! | [`simulation`] | one realisation, stepped by hand |
//! | [`reduced`] | `dsode` itself: bins, moments, parameters |
//! | [`bifurcation`] | `dsode` as a map: fixed points, orbits, where their stability changes |
//! | [`random`] | a member's random numbers, behind the traits of `rand` |
//! | [`statistics`] | rates, synchrony, spectra, bursts while a simulation runs, and summaries over realisations |
//! | [`ensemble`] | whole experiments: what the program's `run` does |
//! | [`results`] | what a run leaves in a directory |
//!
//! # Errors
//! Nothing panics on bad input. [`config::ConfigErrors`]: keys that are wrong, all of them, each with what is allowed.
//! [`SimulationError`]: a network that cannot be stepped, or a state that left its range. [`ensemble::run::RunError`]: an experiment
//! that did not end. [`results::ResultError`]: files.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod bifurcation;
pub mod config;
pub mod ensemble;
pub mod model;
pub mod random;
pub mod reduced;
pub mod results;
pub mod simulation;
pub mod statistics;

// What the program and the tests are made of besides; may change with any version.
#[doc(hidden)]
pub mod align;
#[doc(hidden)]
pub mod bench;
#[doc(hidden)]
pub mod gpu;
#[doc(hidden)]
pub mod network;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod validate;
#[doc(hidden)]
pub mod wgsl;

pub use simulation::{Simulation, SimulationError};
