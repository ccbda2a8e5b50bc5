//! Numbers with their errors: `tests/data/bifurcations.json`.

use crate::support::*;
use serde_json::Value;
use snn_ensemble::bifurcation::object::Image;
use snn_ensemble::bifurcation::place::Place;
use snn_ensemble::bifurcation::solver::Solver;
use snn_ensemble::bifurcation::spectrum::modulus;
use snn_ensemble::bifurcation::{Code, Columns, Map, Object, Point, Section, Tangent, algebra};
use snn_ensemble::model::*;

fn known() -> Value {
    serde_json::from_str(include_str!("../data/bifurcations.json")).expect("bifurcations.json parses")
}

fn closure(of: &Value) -> Closure {
    if of["closure"] == "white" { Closure::White } else { Closure::Coloured }
}

#[test]
fn fixed_points_and_their_eigenvalues_are_known() {
    for of in known()["fixed_points"].as_array().expect("a list") {
        let (p, family) = (number(&of["p_ei"]), example(closure(of), [0.4, 1.0]));
        let point = fixed_point(&mut Solver::new(&family), p);
        for (rate, name) in point.rates.iter().zip(["rate_E", "rate_I"]) {
            assert!((rate - number(&of[name])).abs() < 1e-6, "{of}: {rate}");
        }
        let radius = number(&of["eigenvalues"][0]["abs"]);
        let kept = number(&of["leading_abs_without_sparse_bins"]);
        let precise = number(&of["residual"]) < 1e-12;
        // Without the rows of nearly empty bins eigenvalues move by up to 5e-6.
        let apart = (point.spectrum.radius() - kept).abs();
        assert!(apart < 5e-6 + if precise { 1e-7 } else { 1e-5 }, "{p}: {} for {kept}", point.spectrum.radius());
        if number(&of["sparse_modes_dropped"]) == 0.0 && precise {
            assert!((point.spectrum.radius() - radius).abs() < 1e-7, "{p}: {} for {radius}", point.spectrum.radius());
        }
    }
}

#[test]
fn hopf_bifurcations_are_known() {
    for of in known()["hopf"].as_array().expect("a list") {
        let p = number(&of["value"]);
        let family = example(closure(of), [0.4, 1.0]);
        let mut solver = Solver::new(&family);
        let start = fixed_point(&mut solver, p - 0.01);
        let branch = branch(&mut solver, &start, 1.0);
        let all = located(&branch, Code::HB);
        let nearest = all.iter().min_by(|a, b| (a.value - p).abs().total_cmp(&(b.value - p).abs())).expect("one");
        assert!((nearest.value - p).abs() < number(&of["err_value"]) + 2e-8, "{} for {p}", nearest.value);
        assert!((nearest.frequency() - number(&of["hz"])).abs() < 1e-5, "{} for {of}", nearest.frequency());
        assert!((nearest.rates[0] - number(&of["rate_E"])).abs() < 1e-5);
    }
}

/// Periods, rates, multipliers and numbers of bursts.
#[test]
fn orbits_are_known() {
    for of in known()["orbits"].as_array().expect("a list") {
        let p = number(&of["params"]["p_ei"]);
        let family = example(closure(of), [0.4, 1.0]);
        let mut solver = Solver::new(&family);
        let carried = [0.9, 0.95, p];
        let mut point = orbit(&mut solver, if p > 0.95 { &carried } else { &carried[2..] });
        let within = |found: f64, known: &Value, more: f64, what: &str| {
            let (value, err) = (number(&known["value"]), number(&known["err"]));
            assert!((found - value).abs() < err + more, "{p} {what}: {found} for {value} ± {err}");
        };
        within(point.time, &of["T_ms"], 2e-5, "period");
        within(point.rates[0], &of["rate_E"], 1e-3, "rate of E");
        within(point.rates[1], &of["rate_I"], 1e-3, "rate of I");
        let leading = &of["leading_multiplier"];
        let apart = (point.spectrum.radius() - number(&of["moduli"][0]["value"])).abs();
        assert!(apart < number(&leading["err"]) + 3e-3, "{p}: {:?} for {leading}", point.spectrum.leading);
        solver.compare_sections(&mut point);
        // Two sections differ by what all of them spread over.
        let spread = number(&leading["err"]).max(5e-3);
        assert!(point.error.is_some_and(|error| error < 2.0 * spread), "{p}: {:?}", point.error);
    }
}

/// The period doubling of the burst, its fold, and both closures' period doublings; the doubled branch leaves there.
#[test]
fn period_doublings_and_folds_are_known() {
    let of = |code: &str, p: f64| {
        let known = known();
        let all = known["orbit_bifurcations"].as_array().expect("a list").clone();
        let found = all.into_iter().find(|of| of["code"] == code && (number(&of["p_ei"]) - p).abs() < 1e-4);
        found.unwrap_or_else(|| panic!("{code} near {p}"))
    };
    for (closure, p) in [(Closure::White, 0.781705), (Closure::Coloured, 0.761944)] {
        let known = of("PD", p);
        let family = example(closure, [p - 0.004, p + 0.002]);
        let mut solver = Solver::new(&family);
        let start = orbit(&mut solver, &[p - 0.004]);
        let branch = branch(&mut solver, &start, 1.0);
        let found = located(&branch, Code::PD);
        assert_eq!(found.len(), 1, "{closure:?}");
        let error = number(&known["err"]).max(3e-5);
        assert!((found[0].value - number(&known["p_ei"])).abs() < error, "{} for {known}", found[0].value);
        assert!((found[0].time - number(&known["T_ms"])).abs() < 20.0 * error, "{} for {known}", found[0].time);
        // Twice the bursts, consecutive returns that differ.
        let doubled =
            snn_ensemble::bifurcation::switching::at_doubling(&mut solver, found[0]).expect("a doubled orbit");
        assert_eq!(doubled.object.falls(), 2);
        assert!((doubled.time / found[0].time - 2.0).abs() < 0.02);
        // Where its halves would be equal, by their squared distance along the doubled branch, is the parent's doubling.
        let away = (doubled.value - found[0].value).signum();
        let outwards = branch_until(&mut solver, &doubled, away, &until(|_| true));
        let apart = |point: &Point| {
            let Object::Orbit { section, falls } = point.object else { panic!("no orbit") };
            let mut map = family.map(point.value).expect("a map");
            let half =
                Object::Orbit { section, falls: falls / 2 }.image(&mut map, &point.x).expect("half of the orbit");
            solver.newton.residual(&point.x, &half).powi(2)
        };
        let [near, far] = [0, 1].map(|i| (apart(&outwards.points[i]), outwards.points[i].value));
        let met = near.1 - near.0 * (far.1 - near.1) / (far.0 - near.0);
        println!("{closure:?}: {near:?} {far:?}, parent {}, met at {met}", found[0].value);
        assert!((met - found[0].value).abs() < 1e-4, "{closure:?}: {met} for {}", found[0].value);
    }
    // The unstable orbit folds far above.
    let known = of("LP", 0.843057);
    let family = example(Closure::White, [0.77, 0.85]);
    let mut solver = Solver::new(&family);
    let start = orbit(&mut solver, &[0.78]);
    let back = until(|point: &Point| point.code == Some(Code::LP) && point.time < 16.0);
    let branch = branch_until(&mut solver, &start, 1.0, &back);
    let folds = located(&branch, Code::LP);
    let fold = folds.first().expect("a fold");
    assert!((fold.value - number(&known["p_ei"])).abs() < 5e-6, "{} for {known}", fold.value);
    assert!((fold.time - number(&known["T_ms"])).abs() < 1e-3, "{} for {known}", fold.time);
    // Below it doubles again: not where a pair outside of the circle becomes two multipliers beyond -1, but where one of them passes -1.
    let doublings = located(&branch, Code::PD);
    assert_eq!(doublings.len(), 3, "{:?}", doublings.iter().map(|point| point.value).collect::<Vec<_>>());
    for point in doublings {
        let nearest = point.spectrum.at_minus_one.expect("a negative multiplier");
        assert!(nearest.abs() < 0.02, "{}: {:?}", point.value, point.spectrum.leading);
    }
}

/// A perturbation grows as the leading eigenvalue says.
#[test]
fn perturbations_grow_by_the_leading_eigenvalue() {
    for of in known()["perturbation_growth"].as_array().expect("a list") {
        let (p, family) = (number(&of["p_ei"]), example(closure(of), [0.4, 1.0]));
        let mut solver = Solver::new(&family);
        let point = fixed_point(&mut solver, p);
        let place = Place { x: point.x.clone(), value: p };
        let solution = solver.newton.solve(&point.object, &place, None).expect("the fixed point");
        let modes = solver.modes(&point.object, &solution).expect("modes");
        let mode = modes.iter().find(|mode| mode.value.im > 0.0).expect("a pair");
        // Along the mode, whose size is that of its part along the left vector.
        let mut map = family.map(p).expect("a map");
        let scales = family.scales();
        let mut x: Vec<f64> =
            point.x.iter().zip(&mode.right).zip(scales).map(|((x, v), s)| x + 1e-7 * v.re * s).collect();
        let size = |x: &[f64]| {
            let apart = x.iter().zip(&point.x).zip(scales).map(|((a, b), s)| (a - b) / s);
            let along = apart.zip(&mode.left).fold(algebra::Eigenvalue::new(0.0, 0.0), |sum, (d, w)| sum + w * d);
            modulus(&along)
        };
        let steps = 300;
        let before = size(&x);
        (0..steps).for_each(|_| {
            map.apply(&mut x);
        });
        let growth = (size(&x) / before).ln() / f64::from(steps);
        let expected = modulus(&mode.value).ln();
        assert!((growth / expected - 1.0).abs() < 1e-3, "{p}: {growth} for {expected}");
        assert!((expected - number(&of["log_eig"])).abs() < 1e-7, "{expected} for {of}");
    }
}

/// Two returns of an orbit are its multipliers squared, and another section has the same period.
#[test]
fn sections_and_numbers_of_returns_agree() {
    let family = example(Closure::White, [0.4, 1.0]);
    let mut solver = Solver::new(&family);
    let once = orbit(&mut solver, &[0.78]);
    let Object::Orbit { section, falls: 1 } = once.object else { panic!("one burst") };
    let place = Place { x: once.x.clone(), value: 0.78 };
    let twice = solver.at_value(&Object::Orbit { section, falls: 2 }, &place).expect("the same orbit");
    assert!((twice.time - 2.0 * once.time).abs() < 2e-5);
    assert!((twice.spectrum.leading[0].0 - once.spectrum.leading[0].0.powi(2)).abs() < 5e-3);
    // Its own rate in time: what a tangent does over many returns.
    let growth = once.growth();
    let known = known()["orbits"][2]["exponent_per_s"].clone();
    assert!((growth - number(&known["value"])).abs() < 4.0 * number(&known["err"]), "{growth} for {known}");
    let mut map = family.map(0.78).expect("a map");
    for (projection, part) in [(1, 0.8), (3, 1.0)] {
        let Image::Return(back) = once.object.image(&mut map, &once.x).expect("a return") else { panic!() };
        let (level, ..) = Section::choose(&back.series(&map, projection));
        let other = Section { projection, level: level * part };
        let x = other.follow(&mut map, &once.x, 1, 1000).expect("a fall").x;
        let found = solver.at_value(&Object::Orbit { section: other, falls: 1 }, &Place { x, value: 0.78 });
        let found = found.expect("the same orbit");
        assert!((found.time - once.time).abs() < 2e-5, "{} for {}", found.time, once.time);
    }
}

/// Time and spikes of plain trajectories over whole periods.
#[test]
fn orbits_are_what_trajectories_do() {
    for of in known()["trajectory_check"].as_array().expect("a list") {
        let p = number(&of["p_ei"]);
        let family = example(closure(of), [0.4, 1.0]);
        let point = orbit(&mut Solver::new(&family), &[p]);
        assert!((point.time - number(&of["T_ms"])).abs() < 3e-5, "{} for {of}", point.time);
        assert!((point.rates[0] - number(&of["rate_E"])).abs() < 1e-3, "{:?} for {of}", point.rates);
        assert!((point.rates[1] - number(&of["rate_I"])).abs() < 1e-3, "{:?} for {of}", point.rates);
    }
}

/// The other formulation of an orbit: n steps of whatever length closes it. At the configured step both have one period.
#[test]
fn orbits_of_whole_steps_have_the_same_period() {
    let family = example(Closure::White, [0.4, 1.0]);
    let point = orbit(&mut Solver::new(&family), &[0.78]);
    let Object::Orbit { section, falls: 1 } = point.object else { panic!("one burst") };
    let (network, n) = (family.network(0.78), point.x.len());
    let map = |dt: f64| Map::<f64>::new(&Network { dt, ..network.clone() }, family.variant()).expect("a map");
    let row = map(0.1).kick_row(section.projection);
    let around = |x: &[f64], dt: f64, steps: usize| {
        let (mut map, mut states) = (map(dt), vec![x.to_vec()]);
        for _ in 0..steps {
            let mut x = states[states.len() - 1].clone();
            map.apply(&mut x);
            states.push(x);
        }
        states
    };
    let period = |steps: usize| {
        let (mut x, mut dt) = (point.x.clone(), point.time / steps as f64);
        for _ in 0..6 {
            let states = around(&x, dt, steps);
            let mut columns = Columns::identity(n);
            Tangent::default().carry(&mut map(dt), states.iter().take(steps).map(Vec::as_slice), &mut columns);
            let e = 1e-7;
            let [above, below] = [dt + e, dt - e].map(|dt| around(&x, dt, steps)[steps].clone());
            // x stays on the section: the phase.
            let scales = family.scales();
            let matrix = algebra::Mat::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
                (true, true) => columns.get(i, j) * scales[j] / scales[i] - f64::from(u8::from(i == j)),
                (true, false) => (above[i] - below[i]) / (2.0 * e) / scales[i],
                (false, _) => f64::from(u8::from(j == row)),
            });
            let mut right: Vec<f64> = (0..n).map(|i| (x[i] - states[steps][i]) / scales[i]).collect();
            right.push((section.level - x[row]) / scales[row]);
            let step = algebra::Factors::new(&matrix).solve(&right).expect("a step");
            x.iter_mut().zip(&step).zip(scales).for_each(|((x, s), scale)| *x += s * scale);
            dt += step[n];
        }
        (dt, steps as f64 * dt)
    };
    let nearest = (point.time / 0.1).floor() as usize;
    let [(dt_1, period_1), (dt_2, period_2)] = [nearest, nearest + 1].map(period);
    assert!(dt_1 > 0.1 && dt_2 < 0.1);
    let at_dt = period_1 + (period_2 - period_1) * (0.1 - dt_1) / (dt_2 - dt_1);
    assert!((at_dt - point.time).abs() < 1e-5, "{at_dt} for {}", point.time);
}

/// What a tangent vector grows by along a plain trajectory, counted at returns to a level of its own: ln |mu|/T.
#[test]
fn the_exponent_of_a_trajectory_is_that_of_the_orbit() {
    let p = 0.76;
    let family = example(Closure::White, [0.4, 1.0]);
    let point = orbit(&mut Solver::new(&family), &[p]);
    let Object::Orbit { section, falls: 1 } = point.object else { panic!("one burst") };
    let settled = settled(&family, p);
    let mut map = family.map(p).expect("a map");
    let level = settled.mean.x[map.kick_row(section.projection)];
    let object = Object::Orbit { section: Section { projection: section.projection, level }, falls: 1 };
    let (mut x, mut tangent) = (settled.last.x, Tangent::default());
    let mut v = vec![1.0; x.len()];
    let (mut grown, mut time) = (0.0, 0.0);
    for i in 0..14 {
        let image = object.image(&mut map, &x).expect("a return");
        let derivative = object.derivative(&mut map, &image, &mut tangent);
        v = (0..x.len()).map(|i| (0..x.len()).map(|j| derivative[(i, j)] * v[j]).sum()).collect();
        let size = v.iter().zip(family.scales()).map(|(v, s)| (v / s).powi(2)).sum::<f64>().sqrt();
        v.iter_mut().for_each(|v| *v /= size);
        // Before that it turns to where it grows.
        if i >= 4 {
            (grown, time) = (grown + size.ln(), time + image.time() * map.dt());
        }
        x = image.x().to_vec();
    }
    let exponent = 1e3 * grown / time;
    assert!((exponent - point.growth()).abs() < 2.0, "{exponent} for {}", point.growth());
    let known = known();
    let swept = known["scan"].as_array().expect("a list").iter().find(|of| number(&of["p_ei"]) == p).expect("one");
    assert!((exponent - number(&swept["exponent_per_s"])).abs() < 2.0, "{exponent} for {swept}");
}
