//! Branches of networks whose answer is known by theory, and how they are followed.

use crate::cases::{self, dsode, network};
use crate::support::*;
use crate::theory::wald_steps;
use snn_ensemble::bifurcation::attractor::{Settled, settle};
use snn_ensemble::bifurcation::continuation::Continuation;
use snn_ensemble::bifurcation::home::once;
use snn_ensemble::bifurcation::note::Note;
use snn_ensemble::bifurcation::place::{Direction, Place};
use snn_ensemble::bifurcation::solver::Solver;
use snn_ensemble::bifurcation::{Branch, Code, Diagram, End, Explorer, Family, Object, Point, Section};
use snn_ensemble::config::{Parameter, Start, load};
use snn_ensemble::model::*;
use snn_ensemble::reduced::Dsode;

/// An orbit begins with the derivative of the one beside it, and takes its own once.
#[test]
fn neighbouring_orbits_take_one_derivative_each() {
    let family = example(Closure::White, [0.4, 1.0]);
    let mut solver = Solver::new(&family);
    let start = orbit(&mut solver, &[0.76]);
    for p in [0.762, 0.766] {
        let solution = solver.newton.solve(&start.object, &Place { x: start.x.clone(), value: p }, None);
        let solution = solution.expect("an orbit");
        assert!(solution.residual < 1e-10 && solution.derivatives == 1, "{p}: {} derivatives", solution.derivatives);
        assert!(solution.jacobian.is_some());
    }
}

/// Those of a delay line are among the neurons of the population: their number is no freedom that an orbit could move along.
#[test]
fn no_neuron_of_a_delay_line_is_a_freedom() {
    let mut network = network("default");
    network.populations[0].refractory = Refractory::Fixed;
    let (parameter, variant) = (
        Parameter::find("projections.E<-I.p", &network).expect("a parameter"),
        dsode(Closure::White, Noise::None, 4.0),
    );
    let family = Family::new(&network, &variant, &parameter, [0.42, 0.46]).expect("maps");
    let found = orbit(&mut Solver::new(&family), &[0.44]);
    let at_one = found.spectrum.at_one;
    assert!(at_one.is_none_or(|away| away.abs() > 0.01), "a multiplier at a distance of {at_one:?} from 1");

    network.projections[1].p = 0.44;
    let mut trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
    for _ in 0..3000 {
        trajectory.step();
    }
    let steps = 50_000;
    let spikes: f64 = (0..steps).map(|_| trajectory.step()[0]).sum();
    let rate = spikes / (f64::from(network.populations[0].size) * f64::from(steps) * network.dt * 1e-3);
    assert!((found.rates[0] / rate - 1.0).abs() < 3e-3, "{} Hz on the orbit, {rate} simulated", found.rates[0]);
}

/// Every bifurcation is there once, though a branch begins where another one was lost, next to silence; a branch that begins at an end of the
/// range ends there.
#[test]
fn branches_that_meet_are_one_from_there_on() {
    let network = alone(
        "{size: 100, tau_ref: 3, tau_m: 20, drive: {rate: 3.5, weight: 1.2}}",
        "{kind: excitatory, p: 0.2, s: 6, tau: 20}",
    );
    let family = along_drive(&network, [1.0, 6.0]);
    let starts = [Start::Settled, Start::Sweep];
    let mut diagram = Diagram::default();
    Explorer::new(&family, &[], 1, &Silent).explore(&mut diagram, &starts);
    // In pieces too, each of which ends with a branch under way.
    let mut pieces = Diagram::default();
    for points in [5, 20, 50, 3, usize::MAX] {
        Explorer::new(&family, &[], 1, &after(points)).explore(&mut pieces, &starts);
    }
    for diagram in [&diagram, &pieces] {
        let folds = diagram.branches.iter().flat_map(|branch| located(branch, Code::LP)).map(|point| point.value);
        let mut folds: Vec<f64> = folds.collect();
        folds.sort_by(f64::total_cmp);
        let is_known = |low: f64, high: f64| (low - 2.23052).abs() < 1e-4 && (high - 3.41680).abs() < 1e-4;
        assert!(matches!(folds[..], [low, high] if is_known(low, high)), "{folds:?}");
    }
    let joins = |branch: &Branch| [0, branch.points.len() - 1].map(|i| branch.points[i].notes.clone());
    let notes: Vec<_> = diagram.branches.iter().flat_map(joins).collect();
    assert!(notes.iter().any(|notes| notes.iter().any(|note| matches!(note, Note::Joins(_)))), "{notes:?}");
    let first = &diagram.branches[0].points[0];
    assert_eq!((first.value, first.code), (1.0, Some(Code::EP)));
    let mut high = Diagram::default();
    Explorer::new(&family, &[], 0, &Silent).explore(&mut high, &[Start::Value(6.0)]);
    let last = high.branches[0].points.last().expect("points");
    assert_eq!((last.value, last.code), (6.0, Some(Code::EP)));
}

/// Bursts that are half a second apart are an orbit too.
#[test]
fn slow_orbits_are_found() {
    let network = alone(
        "{size: 100, tau_ref: 3, tau_m: 20, drive: {rate: 4.275, weight: 1}}",
        "{kind: excitatory, p: 0.2, s: 2.5, tau: 5}",
    );
    let family = along_drive(&network, [4.2735, 4.277]);
    let Settled { orbit: Some((object, place)), .. } = settled(&family, 4.274) else { panic!("no orbit") };
    let found = Solver::new(&family).at_value(&object, &place).expect("an orbit");
    assert!((found.time - 432.6).abs() < 1.0 && found.is_stable(), "{} ms", found.time);
}

/// A branch whose points stay where they are has come to kinks: it ends with its reason.
#[test]
fn a_branch_that_creeps_ends() {
    let family = example(Closure::White, [0.4, 1.0]);
    let mut solver = Solver::new(&family);
    let start = fixed_point(&mut solver, 0.45);
    let direction = Some(Direction { x: vec![0.0; start.x.len()], p: 1.0 });
    let points = vec![Point { direction, ..start }; 60];
    let mut creeping = Branch { number: 1, origin: String::new(), points, ends: [End::Origin, End::Open] };
    Continuation { solver: &mut solver, progress: &Silent }.extend(&mut creeping);
    let last = creeping.points.last().expect("an end");
    assert!(last.code == Some(Code::MX) && last.notes.to_string().contains("kinks"), "{:?} {}", last.code, last.notes);
    assert_eq!((creeping.points.len(), &creeping.ends[1]), (61, &End::Lost));
}

/// A curve that is back where it was ends there, also where orbits are counted on another section by then.
#[test]
fn a_branch_that_is_back_where_it_was_ends() {
    let family = example(Closure::White, [0.4, 1.0]);
    let mut solver = Solver::new(&family);
    let start = orbit(&mut solver, &[0.56]);
    let way = branch_until(&mut solver, &start, 1.0, &until(|point: &Point| point.value > 0.75)).points;
    assert!(way.len() > 12, "{} points", way.len());
    // As if it had come round to the points before the fourth one.
    let (before, after) = way.split_at(3);
    let before: Vec<Point> = before.iter().map(|point| on_other_section(&mut solver, point)).collect();
    assert!(before[2].object != after[0].object);
    let points = [after, &before[..]].concat();
    let mut round = Branch { number: 1, origin: String::new(), points, ends: [End::Open, End::Open] };
    Continuation { solver: &mut solver, progress: &Silent }.extend(&mut round);
    let last = round.points.last().expect("an end");
    assert!(
        last.code == Some(Code::EP) && last.notes.to_string().contains("closed curve"),
        "{:?} {}",
        last.code,
        last.notes
    );
    assert!((last.value - after[0].value).abs() < 0.03, "{} for {}", last.value, after[0].value);
    assert_eq!(round.ends, [End::Round, End::Round]);
}

/// The same point, its returns counted at a higher level.
fn on_other_section(solver: &mut Solver, point: &Point) -> Point {
    let Object::Orbit { section, falls } = point.object else { panic!("an orbit") };
    let mut map = solver.family().map(point.value).expect("a map");
    let section = Section { level: 1.1 * section.level, ..section };
    let x = section.follow(&mut map, &point.x, 1, 1000).expect("a fall").x;
    let (object, place) = (Object::Orbit { section, falls }, Place { x, value: point.value });
    let solution = solver.newton.solve(&object, &place, None).expect("the same orbit");
    let along = Direction::new(vec![0.0; point.x.len()], 1.0);
    solver.point(&object, &solution, Some(&along)).expect("a point")
}

/// Neurons without synapses fire as walks with their drive reach the threshold; what is disturbed comes back.
#[test]
fn uncoupled_neurons_fire_as_their_drive_says() {
    let network = cases::one_population();
    let parameter = Parameter::find("populations.E.drive.rate", &network).expect("a parameter");
    let family = Family::new(&network, &dsode(Closure::White, Noise::None, 4.0), &parameter, [6.0, 8.0]).expect("maps");
    let mut solver = Solver::new(&family);
    let start = fixed_point(&mut solver, 7.0);
    let branch = branch(&mut solver, &start, 1.0);
    assert_eq!(branch.ends[1], End::Range(8.0));
    for point in &branch.points {
        let drift = 0.1 * point.value;
        let rate = 1e4 / wald_steps(100.0, drift, drift.sqrt());
        assert!((point.rates[0] / rate - 1.0).abs() < 1e-3, "{} Hz for {rate} Hz", point.rates[0]);
        assert!(point.is_stable() && point.spectrum.radius() < 0.999, "{:?}", point.spectrum.leading);
    }
}

/// One population that excites itself: silent or firing at the same drive. Two folds, and between them an unstable branch between
/// the two simulated ones.
#[test]
fn self_excitation_has_hysteresis() {
    let mut network = network("default");
    network.populations.truncate(1);
    network.projections.truncate(1);
    network.populations[0].tau_m = Some(20.0);
    network.projections[0] = Projection { p: 0.8, s: 0.4, tau: 5.0, ..network.projections[0].clone() };
    let parameter = Parameter::find("populations.E.drive.rate", &network).expect("a parameter");
    let variant = dsode(Closure::White, Noise::None, 4.0);
    let family = Family::new(&network, &variant, &parameter, [3.0, 5.0]).expect("maps");
    let mut solver = Solver::new(&family);
    let firing = fixed_point(&mut solver, 5.0);
    let branch = branch(&mut solver, &firing, -1.0);
    let [low, high] = located(&branch, Code::LP)[..2] else { unreachable!("two of them") };
    assert!(low.value < high.value && low.rates[0] > high.rates[0]);
    // Simulated from rest, and carried down.
    let between = 0.5 * (low.value + high.value);
    let silent = settled(&family, between);
    let carried = settle(&family, between, settled(&family, 4.5).last.x).expect("a simulation");
    let rate = |settled: &Settled| {
        let mut map = family.map(between).expect("a map");
        1e4 * map.apply(&mut settled.last.x.clone())[0] / 300.0
    };
    let middle: Vec<&Point> =
        branch.points.iter().filter(|p| p.rates[0] < low.rates[0] && p.rates[0] > high.rates[0]).collect();
    assert!(middle.len() > 3 && middle.iter().all(|point| !point.is_stable()));
    let nearest = middle.iter().min_by(|a, b| (a.value - between).abs().total_cmp(&(b.value - between).abs()));
    let unstable = nearest.expect("a point").rates[0];
    assert!(rate(&silent) < unstable && unstable < rate(&carried), "{} {unstable} {}", rate(&silent), rate(&carried));
}

/// Two populations that inhibit each other, driven alike by a third: where both fire enough, one of them wins.
fn rivals() -> Network {
    let mut network = network("default");
    let (one, excite, inhibit) =
        (network.populations[0].clone(), network.projections[0].clone(), network.projections[1].clone());
    let named = |name: &str| Population { name: name.into(), tau_m: Some(20.0), ..one.clone() };
    network.populations = ["A", "B", "D"].map(named).to_vec();
    network.populations.iter_mut().for_each(|p| p.drive.rate = Rate::Constant(3.0));
    network.populations[2].tau_m = None;
    let inhibition = |target, source| Projection { target, source, p: 0.5, s: 1.0, tau: 4.5, ..inhibit.clone() };
    let excitation = |target| Projection { target, source: 2, p: 0.5, s: 0.25, tau: 5.0, ..excite.clone() };
    network.projections = vec![inhibition(1, 0), inhibition(0, 1), excitation(0), excitation(1)];
    network
}

/// Fixed points of a network along the drive of its population D, from a value.
fn along_the_drive(network: &Network, start: f64) -> Diagram {
    let parameter = Parameter::find("populations.D.drive.rate", network).expect("a parameter");
    let family = Family::new(network, &dsode(Closure::White, Noise::None, 4.0), &parameter, [3.5, 4.7]).expect("maps");
    let mut diagram = Diagram::default();
    Explorer::new(&family, &[], 1, &Silent).explore(&mut diagram, &[Start::Value(start)]);
    diagram
}

/// The branch of equals has a branch point, from which the winner's branches leave on both sides as mirror images of each other.
#[test]
fn mutual_inhibition_breaks_the_symmetry() {
    let diagram = along_the_drive(&rivals(), 3.5);
    let equals = &diagram.branches[0];
    for point in &equals.points {
        let [a, b] = [point.rates[0], point.rates[1]];
        assert!((a - b).abs() < 1e-6 * a.max(1.0), "{a} and {b} at {} {:?}", point.value, point.code);
    }
    let crossing = located(equals, Code::BP);
    assert_eq!(crossing.len(), 1);
    for point in equals.points.iter().filter(|point| point.code.is_none()) {
        assert_eq!(point.is_stable(), point.value < crossing[0].value, "{}", point.value);
    }
    let winners: Vec<&Branch> = diagram.branches[1..].iter().filter(|branch| !branch.is_orbit()).collect();
    let [a, b] = winners[..] else { panic!("{} branches: {:?}", winners.len(), diagram.unsolved) };
    let [a, b] = [a, b].map(|branch| branch.points.last().expect("an end"));
    assert!((a.value - b.value).abs() < 1e-6 && (a.rates[0] - a.rates[1]).abs() > 1.0, "{:?} {:?}", a.rates, b.rates);
    assert!((a.rates[0] - b.rates[1]).abs() < 1e-6 && (a.rates[1] - b.rates[0]).abs() < 1e-6);
}

/// The same from a winner: its branch turns where it meets that of equals, which is no fold but the same branch point, and goes on as the
/// other one's. That of equals is found from there, on both sides.
#[test]
fn a_pitchfork_is_a_branch_point_on_the_branch_that_turns_there() {
    let mut network = rivals();
    network.populations[0].initial = Initial::Voltage(0.9);
    let (diagram, equal) = (along_the_drive(&network, 4.6), along_the_drive(&rivals(), 3.5));
    let winners = &diagram.branches[0];
    let [first, last] = [winners.points.first(), winners.points.last()].map(|point| &point.expect("a point").rates);
    assert!((first[0] - last[1]).abs() < 1e-6 && (first[0] - first[1]).abs() > 1.0, "{first:?} {last:?}");
    assert!(located(winners, Code::LP).is_empty());
    let [here, there] = [winners, &equal.branches[0]].map(|branch| located(branch, Code::BP)[0].value);
    assert!((here - there).abs() < 1e-6, "{here} and {there}");
    let fixed = |branch: &&Branch| !branch.is_orbit();
    let sides: Vec<f64> =
        diagram.branches[1..].iter().filter(fixed).map(|branch| branch.points.last().expect("an end").value).collect();
    assert_eq!(sides, [4.7, 3.5], "{:?}", diagram.unsolved);
}

/// Two Hopf bifurcations with one branch between them, which is found from the first, and as many at once as there are threads: the same
/// with any number of them.
#[test]
fn a_branch_between_two_bifurcations_is_found_once_on_any_number_of_threads() {
    let family = example(Closure::White, [0.69, 0.75]);
    // The orbit that is simulated is not followed.
    let simulated = || until(|point: &Point| point.time > 15.0);
    let diagram = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let mut diagram = Diagram::default();
        pool.install(|| Explorer::new(&family, &[], 0, &simulated()).explore(&mut diagram, &[Start::Value(0.72)]));
        diagram
    };
    let one = diagram(1);
    assert_eq!(located(&one.branches[0], Code::HB).len(), 2);
    let between: Vec<&Branch> = one.branches.iter().filter(|branch| branch.origin.contains("HB")).collect();
    assert!(between.len() == 1 && between[0].ends == [End::Origin, End::Closed], "{} branches", between.len());
    assert!(diagram(3) == one, "another diagram with three threads");
}

/// Doublings are followed as far as the config says, and later further.
#[test]
fn doublings_are_followed_as_far_as_wanted() {
    let family = example(Closure::White, [0.775, 0.785]);
    let (starts, mut diagram) = ([Start::Value(0.776)], Diagram::default());
    let bursts = |diagram: &Diagram| diagram.branches.iter().map(|branch| branch.points[0].object.falls()).max();
    Explorer::new(&family, &[], 0, &Silent).explore(&mut diagram, &starts);
    assert!(diagram.branches.iter().any(|branch| !located(branch, Code::PD).is_empty()));
    assert_eq!(bursts(&diagram), Some(1));
    let doubled = until(|point: &Point| point.object.falls() == 2);
    Explorer::new(&family, &[], 1, &doubled).explore(&mut diagram, &starts);
    assert_eq!(bursts(&diagram), Some(2));
}

/// A doubled branch ends where its parent doubles. Its halves differ as the square root of the way to there, and the parent solves the same
/// equation: so a step may end on the parent beyond it, and a branch that is followed from there is the parent.
#[test]
fn a_doubled_branch_ends_where_its_parent_doubles() {
    let text = "{name: a, time: {duration: 100}, models: [dsode], populations: {
        E: {size: 240, tau_m: 20, tau_ref: 3, drive: {rate: 9, weight: 1}},
        I: {size: 80, tau_m: 15, tau_ref: 2, drive: {rate: 9, weight: 1}}}, projections: {
        E<-E: {kind: excitatory, p: 0.7, s: 1.3, tau: 1.5}, E<-I: {kind: inhibitory, p: 0.7, s: 3.4, tau: 2.4},
        I<-E: {kind: excitatory, p: 0.7, s: 1.6, tau: 1.2}, I<-I: {kind: inhibitory, p: 0.7, s: 3.0, tau: 5}}}";
    let network = load(text, "a", &[]).expect("a config").network;
    let parameter = Parameter::find("projections.E<-I.tau", &network).expect("a parameter");
    let family = Family::new(&network, &dsode(Closure::White, Noise::None, 4.0), &parameter, [2.0, 2.8]).expect("maps");
    let mut solver = Solver::new(&family);
    let doubled = orbit(&mut solver, &[2.0]);
    let ended = branch(&mut solver, &doubled, 1.0);
    let last = ended.points.last().expect("an end");
    assert_eq!((last.code, &ended.ends[1]), (Some(Code::EP), &End::Closed));
    // The parent from beyond the doubling: that gone around twice is no doubled orbit.
    let near = ended.points.iter().rfind(|point| point.is_ordinary()).expect("a point");
    let Object::Orbit { section, falls: 2 } = near.object else { panic!("{:?}", near.object) };
    let single = Object::Orbit { section, falls: 1 };
    let beyond = solver.at_value(&single, &Place { x: near.x.clone(), value: 2.64 }).expect("the parent");
    let twice = solver.at_value(&near.object, &beyond.place()).expect("the parent again");
    let [twice, two] = [twice, near.clone()].map(|point| once(&mut solver, point).expect("an orbit").object);
    assert_eq!([twice, two], [single, near.object]);
    let parent = branch_until(&mut solver, &beyond, -1.0, &until(|point: &Point| point.code == Some(Code::PD)));
    let doubling = located(&parent, Code::PD)[0].value;
    println!("ends at {} for {doubling}: {}", last.value, last.notes);
    assert!((last.value - doubling).abs() < 1e-4, "{} for {doubling}", last.value);
    assert!(ended.points.iter().all(|point| point.value <= last.value));
}
