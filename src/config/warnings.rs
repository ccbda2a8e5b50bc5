//! What a config asks for and will not get as it may expect.

use super::check::{carrying, is_off_grid};
use super::experiment::{Experiment, Realisations, Recording};
use crate::model::{
    AutomaticBins, Closure, Connectivity, Drive, Initial, Population, Refractory, Seeding, Variant, round12,
};

/// Realisations from which on an adaptive ensemble may stop, and its intervals hold what they say: measured in 300 experiments each.
const ENOUGH: u32 = 16;

/// Shares of a source's noise power that are near enough to all of it.
const POWER: std::ops::RangeInclusive<f64> = 0.8..=1.25;

impl Experiment {
    /// One text per doubt; none of them keeps the experiment from running.
    pub fn warnings(&self) -> Vec<String> {
        let of_model =
            |(index, model)| self.wide_bins(&format!("models.{index}.dsode.bin"), model, &self.automatic_bins);
        self.driven_twice()
            .chain(self.unused_sources())
            .chain(self.whitened())
            .chain(self.unheard_records())
            .chain(self.carried_along())
            .chain(self.rewired())
            .chain(self.rounded())
            .chain(self.hasty())
            .chain(self.models.iter().enumerate().flat_map(of_model))
            .collect()
    }

    /// The same of automatic bins along branches.
    pub fn branch_warnings(&self) -> Vec<String> {
        let bins: Vec<AutomaticBins> = self.continued_bins().into_iter().map(|(_, bins)| bins).collect();
        let model = self.continuation.iter().flat_map(|c| &c.models).find(|model| model.has_automatic_bins());
        model.map_or_else(Vec::new, |model| self.wide_bins("continuation", model, &bins))
    }

    /// Populations with a source and the drive that goes without saying.
    fn driven_twice(&self) -> impl Iterator<Item = String> {
        let network = &self.network;
        let has_source = |pop: usize| network.incoming(pop).any(|(_, projection)| network.source(projection).is_some());
        let populations = network.populations.iter().enumerate();
        let driven = populations.filter(move |(pop, p)| has_source(*pop) && p.drive == Drive::DEFAULT);
        driven.map(|(_, p)| {
            format!(
                "populations.{}.drive: 7 kicks of weight 1 per ms, the default, besides a source; write drive: none where the \
                 source is all there is",
                p.name
            )
        })
    }

    /// Sources from which nothing comes.
    fn unused_sources(&self) -> impl Iterator<Item = String> {
        let network = &self.network;
        let used = |name: &str| network.projections.iter().filter_map(|p| network.source(p)).any(|s| s.name == name);
        let unused = network.sources.iter().filter(move |source| !used(&source.name));
        unused.map(|source| format!("sources.{}: no projection comes from it", source.name))
    }

    /// Kicks of a source whose noise the white closure makes too weak or too strong: with kicks that last tau its power, at frequencies
    /// below 1/tau, is 1 ms/(2 tau) of what Campbell's theorem gives.
    fn whitened(&self) -> impl Iterator<Item = String> {
        let network = &self.network;
        let is_white = |model: &&Variant| **model != Variant::Snn && model.closure() == Closure::White;
        let model = self.models.iter().find(is_white).map(Variant::label);
        let outside = network.projections.iter().filter(|p| network.source(p).is_some());
        let lasting = outside.filter_map(move |projection| {
            let name = network.projection_name(projection);
            let times = self.values(&format!("projections.{name}.tau"), projection.tau);
            let tau = times.into_iter().find(|&tau| tau > 0.0 && !POWER.contains(&(0.5 / tau)))?;
            Some((name, tau))
        });
        lasting.zip(model.into_iter().cycle()).map(|((name, tau), model)| {
            format!(
                "projections.{name}.tau: with kicks that last {tau} ms the white closure ({model}) gives the source {:.2} of its noise power \
                 (1 ms / 2 tau); write closure: coloured, which has all of it, or tau: 0",
                0.5 / tau
            )
        })
    }

    /// Populations that do not ask for the state that a sweep carries.
    fn carried_along(&self) -> impl Iterator<Item = String> {
        let others = self.network.populations.iter().filter(|p| p.initial != Initial::Carry);
        others.filter_map(|p| {
            Some(format!(
                "populations.{}.initial: holds at the first point of the sweep alone: carry of {} carries the state of all \
                 populations",
                p.name,
                carrying(&self.network)?.name
            ))
        })
    }

    /// Graphs that a sweep does not keep.
    fn rewired(&self) -> Option<String> {
        let has_graph = self.network.connectivity == Connectivity::Quenched && self.models.contains(&Variant::Snn);
        let text = "sweep: each point has a random graph of its own, into which the state is carried; seeding: common keeps one graph";
        (self.sweep.is_some() && has_graph && self.seeding == Seeding::Independent).then(|| text.into())
    }

    /// Fixed refractory times that are no whole number of steps, the first of each population.
    fn rounded(&self) -> impl Iterator<Item = String> {
        let steps = self.values("time.dt", self.network.dt);
        let fixed = self.network.populations.iter().filter(|p| p.refractory == Refractory::Fixed);
        fixed.filter_map(move |p| {
            let times = self.values(&format!("populations.{}.tau_ref", p.name), p.tau_ref);
            let mut pairs = times.iter().flat_map(|&time| steps.iter().map(move |&dt| (time, dt)));
            let (time, dt) = pairs.find(|&(time, dt)| is_off_grid(time, dt))?;
            let (name, is) = (&p.name, round12((time / dt).round() * dt));
            Some(format!("populations.{name}.tau_ref: {time} ms is {is} ms, the nearest number of steps of {dt} ms"))
        })
    }

    /// What a scan gives a parameter, or the one value that it has.
    fn values(&self, path: &str, own: f64) -> Vec<f64> {
        let moved = self.scan.parameters().find(|(parameter, _)| parameter.path == path);
        moved.map_or(vec![own], |(_, values)| (0..values.len()).map(|i| values.get(i)).collect())
    }

    /// Adaptive ensembles that may stop where a few realisations are alike by chance.
    fn hasty(&self) -> Option<String> {
        let Realisations::Adaptive { min, .. } = self.realisations else { return None };
        (min < ENOUGH).then(|| {
            format!(
                "realisations.min: {min}; a test that is repeated ends most often where few realisations are alike by chance, and the 95 % \
                 intervals of what stops at 2 to 8 hold in 25 to 80 % of cases; {ENOUGH} is safe"
            )
        })
    }

    /// Realisations that are to be recorded and never run, samples that lie beyond the end.
    fn unheard_records(&self) -> impl Iterator<Item = String> {
        let Recording { traces, spikes, neurons, .. } = &self.record;
        let (most, duration) = (self.realisations.max(), self.time.duration);
        let members = [
            ("traces", traces.as_ref().map(|traces| traces.members)),
            ("spikes", spikes.as_ref().map(|spikes| spikes.members)),
            ("neurons", neurons.as_ref().map(|neurons| neurons.members)),
        ];
        let samples = [
            ("traces", traces.as_ref().map(|traces| (traces.every, duration))),
            ("neurons", neurons.as_ref().map(|neurons| (neurons.every, neurons.to - neurons.from))),
        ];
        let members = members.into_iter().filter_map(move |(record, members)| {
            let members = members.filter(|&members| members > most)?;
            Some(format!("record.{record}.members: {members}, of which realisations: {most} has no more than {most}"))
        });
        let samples = samples.into_iter().filter_map(|(record, sampled)| {
            let (every, length) = sampled.filter(|(every, length)| every > length)?;
            Some(format!("record.{record}.every: {every} ms, longer than the {length} ms recorded: no sample"))
        });
        members.chain(samples)
    }

    /// Voltage bins of a `dsode` that do not resolve the noise of a step, or the way from reset to threshold.
    fn wide_bins(&self, path: &str, model: &Variant, bins: &[AutomaticBins]) -> Vec<String> {
        let Variant::Dsode { bin, v_min, .. } = *model else { return vec![] };
        let populations = self.network.populations.iter().zip(bins);
        let text = |(p, bins): (&Population, &AutomaticBins)| {
            let found = || bin.map_or_else(|| format!("auto, {bins},"), |bin| bin.to_string());
            let name = &p.name;
            if let Some(loss) = bins.too_wide(bin, v_min) {
                let fix = match bin.map(|_| bins.at_most(None, v_min).width) {
                    Some(width) if bins.too_wide(Some(width), v_min).is_none() => format!("{width} would do"),
                    _ => format!("{:.1e} would do, more with a longer time.dt", bins.noise_width()),
                };
                return Some(format!(
                    "{path}: {} is too wide for the noise of a step of population {name}: a single neuron loses \
                     about {:.0} % of its rate, where it hardly fires most; {fix}",
                    found(),
                    100.0 * loss
                ));
            }
            let few = bins.too_few(bin, v_min)?;
            let found = found();
            Some(format!(
                "{path}: {found} makes {few:.1} bins between reset and threshold of population {name}: with less than 10, \
                 rates of coupled populations can be off by a tenth and more; the program takes at least 25"
            ))
        };
        populations.filter_map(text).collect()
    }
}
