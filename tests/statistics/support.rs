//! Layouts, random trains and access by column name.

use snn_ensemble::statistics::{
    Accumulator, Analysis, Layout, MemberStatistics, PopulationLayout, StatisticsPlan, StatisticsScratch,
};

/// One population `E` of `size` neurons.
pub fn layout(dt: f64, duration: f64, discard: f64, size: u32) -> Layout {
    let population = PopulationLayout {
        name: "E".into(),
        size,
        voltage: None,
        kicks_max: (100.0, 100.0),
        bottomless: false,
        rhythm: None,
    };
    let analysis = Analysis::default();
    Layout { dt, duration, discard, populations: vec![population], analysis, joint: false, whole_counts: true }
}

/// Statistics of a train given at once.
pub fn run(layout: Layout, counts: &[f64]) -> (StatisticsPlan, MemberStatistics) {
    let plan = StatisticsPlan::new(layout).unwrap();
    let mut accumulator = Accumulator::new(&plan);
    accumulator.feed(&plan, &mut StatisticsScratch::default(), counts);
    let statistics = accumulator.finish(&plan);
    (plan, statistics)
}

pub fn value(plan: &StatisticsPlan, statistics: &MemberStatistics, column: &str) -> Option<f64> {
    let i = plan.columns.iter().position(|c| c.name == column).unwrap_or_else(|| panic!("no column {column}"));
    statistics.values[i]
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// By inversion; means below about 500.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        let u = self.uniform();
        let (mut k, mut p) = (0.0, (-mean).exp());
        let mut sum = p;
        while u >= sum && k < 1000.0 {
            k += 1.0;
            p *= mean / k;
            sum += p;
        }
        k
    }
}

/// Spikes of a population that bursts every 8 to 25 ms, with bursts of different height and long pauses: everything that the
/// statistics look at happens, also ties.
pub fn bursting(seed: u64, dt: f64, steps: usize, size: f64, whole: bool) -> Vec<f64> {
    let mut random = Random(seed);
    let (mut peak, mut height) = (5.0, 1.0);
    (0..steps)
        .map(|step| {
            let t = step as f64 * dt;
            if t > peak + 4.0 {
                peak = t + 4.0 + 17.0 * random.uniform();
                height = [0.0, 0.4, 1.0, 1.4][(4.0 * random.uniform()) as usize];
            }
            let bump = height * (-0.5 * ((t - peak) / 1.3).powi(2)).exp();
            let mean = size * dt * (0.01 + 0.25 * bump);
            if whole { random.poisson(mean) } else { mean * (0.5 + random.uniform()) }
        })
        .collect()
}
