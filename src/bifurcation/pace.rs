//! How long the steps along a branch are.

/// The first step in scaled coordinates.
const FIRST: f64 = 0.01;
/// The longest one.
pub const LONGEST: f64 = 0.03;
/// The shortest one, of fixed points.
const SHORTEST: f64 = 1e-5;
/// And of orbits.
const SHORTEST_ORBIT: f64 = 1e-4;
/// A longer one is made shorter where what lies in it is not clear: half of it is not too short.
pub const FINE: f64 = 2.0 * SHORTEST_ORBIT;
/// Growth of a step after one that went well, but not of the first ones after one that failed.
const GROWTH: f64 = 1.5;
const WAITING: u32 = 2;
/// A corrector that takes more than so many derivatives lets steps stay as they are: of fixed points, of orbits, whose derivatives are what
/// a branch costs and whose correctors fail at steps half as long again as those that take some more.
const EASY: [usize; 2] = [4, 2];
/// By so many more it makes them shorter, by this factor.
const HARD: usize = 2;
const SHRINK: f64 = 0.7;
/// Angle between the directions of neighbouring points that steps grow up to, in radians.
const ANGLE: f64 = 0.5;

/// The next step, by how the last ones went.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// Its length in scaled coordinates.
    pub step: f64,
    /// The shortest one that is tried.
    pub shortest: f64,
    /// Derivatives that let the next one be longer.
    easy: usize,
    /// Angle in radians by which the last one failed because the branch turned; else infinite.
    pub turned: f64,
    /// Steps before it may grow again.
    waiting: u32,
}

impl Pace {
    /// At the start, of orbits or of fixed points. Shorter steps along orbits lead nowhere but along kinks.
    pub fn new(orbits: bool) -> Self {
        let shortest = if orbits { SHORTEST_ORBIT } else { SHORTEST };
        let easy = EASY[usize::from(orbits)];
        Pace { step: FIRST, shortest, easy, turned: f64::INFINITY, waiting: 0 }
    }

    /// By how much a step may be longer than one that took so many derivatives and turned by this angle.
    pub fn growth(&self, derivatives: usize, angle: f64) -> f64 {
        let growth = match derivatives.saturating_sub(self.easy) {
            0 => GROWTH,
            more if more < HARD => 1.0,
            _ => SHRINK,
        };
        growth.min(ANGLE / angle)
    }

    /// After a step that went well: the next one may be longer by this factor.
    pub fn succeed(&mut self, growth: f64) {
        let most = if self.waiting > 0 { 1.0 } else { GROWTH };
        self.step = (self.step * growth.min(most)).min(LONGEST);
        (self.waiting, self.turned) = (self.waiting.saturating_sub(1), f64::INFINITY);
    }

    /// After one that did not, by this angle or another reason; whether there is a shorter one.
    pub fn fail(&mut self, turned: f64) -> bool {
        *self = Pace { step: 0.5 * self.step, turned, waiting: WAITING, ..*self };
        self.step >= self.shortest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_again_some_time_after_a_failure() {
        let mut pace = Pace::new(true);
        assert!(pace.fail(1.0));
        assert_eq!((pace.step, pace.turned), (0.005, 1.0));
        let mut next = |growth: f64| {
            pace.succeed(growth);
            pace.step
        };
        assert_eq!([next(1.5), next(1.5), next(1.5)], [0.005, 0.005, 0.0075]);
        // Where the branch turns they shrink, where it does not they end at the longest.
        let growth = |derivatives, angle| Pace::new(true).growth(derivatives, angle);
        assert!((next(growth(1, 0.625)) - 0.006).abs() < 1e-12);
        assert_eq!((0..9).map(|_| next(growth(1, 0.0))).last(), Some(LONGEST));
        // A corrector that works hard lets them stay, and shortens them; those of fixed points may work harder.
        assert_eq!([3, 4].map(|derivatives| growth(derivatives, 0.0)), [1.0, SHRINK]);
        assert_eq!(Pace::new(false).growth(4, 0.0), GROWTH);
        assert_eq!(pace.turned, f64::INFINITY);
        assert_eq!((0..20).take_while(|_| pace.fail(f64::INFINITY)).count(), 8);
    }
}
