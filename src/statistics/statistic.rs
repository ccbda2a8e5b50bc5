//! What is known of a scalar statistic: its name, unit and definition, and how its value is read.

/// One scalar per member and population.
#[derive(Debug)]
pub struct Statistic {
    /// What a column's name begins with: `rate` in `rate_E`.
    pub name: &'static str,
    /// `1` for a pure number.
    pub unit: &'static str,
    /// Where a reader finds it.
    pub group: Group,
    /// How values are averaged over realisations.
    pub domain: Domain,
    /// In one sentence.
    pub definition: &'static str,
}

/// What kind of numbers the values of a statistic are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Numbers of the line.
    Real,
    /// 0 or 1, so that a mean is a probability.
    Outcome,
    /// Angles in rad: a mean is the direction of the mean vector, and differences go the shorter way round.
    Angle,
}

/// What belongs together before a reader's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What one looks at first.
    Overview,
    /// Everything else that is always there.
    More,
    /// Stays in two states, see [`super::states`].
    States,
    /// Of the network as a whole, see [`super::regime`]: one column for all populations.
    Regime,
}

/// A statistic beside the accumulators that it is read from, by a function of type `F`.
#[derive(Debug)]
pub struct Entry<F> {
    /// Name, unit and definition.
    pub statistic: Statistic,
    /// `None` where it is undefined.
    pub value: F,
}

impl<F> Entry<F> {
    /// From the columns of a table of statistics.
    pub const fn new(
        name: &'static str,
        unit: &'static str,
        group: Group,
        value: F,
        definition: &'static str,
    ) -> Entry<F> {
        Entry { statistic: Statistic { name, unit, group, domain: Domain::Real, definition }, value }
    }

    /// The same on another domain.
    pub const fn on(mut self, domain: Domain) -> Entry<F> {
        self.statistic.domain = domain;
        self
    }
}

impl Statistic {
    /// What the 95 % interval of its mean is.
    pub fn interval(&self) -> &'static str {
        match self.domain {
            Domain::Real => "Student t",
            Domain::Outcome => "Wilson",
            Domain::Angle => "Fisher",
        }
    }

    /// For a person: "burst peak mean".
    pub fn title(&self) -> String {
        self.name.replace('_', " ")
    }

    /// Whether there is one value for all populations.
    pub fn is_of_network(&self) -> bool {
        self.group == Group::Regime
    }

    /// Name of the column of a population, or of the network.
    pub fn column(&self, population: &str) -> String {
        if self.is_of_network() { self.name.to_string() } else { format!("{}_{population}", self.name) }
    }
}
