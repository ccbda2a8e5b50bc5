//! Does `snn` do what the equations say? Compared with numbers that do not come from its own arithmetic.
mod common;
use common::*;

#[test]
fn quick() {
    let network = paper();
    let start = std::time::Instant::now();
    let mut rates = [vec![], vec![]];
    for r in 0..20 {
        let outputs = run_cpu(
            &network,
            snn_ensemble::network::shape::Model::Snn,
            [r, 2, 3, 4],
            20000,
            1000,
            2000,
            CpuCut { threads: false, stored_wiring: true },
        );
        let mut c = [0u64; 2];
        for (i, o) in outputs.iter().enumerate() {
            assert_eq!(o.flags, 0);
            if i >= 2 {
                for t in o.counts.chunks(2) {
                    c[0] += t[0] as u64;
                    c[1] += t[1] as u64;
                }
            }
        }
        rates[0].push(c[0] as f64 / 300.0 / 1.8);
        rates[1].push(c[1] as f64 / 100.0 / 1.8);
    }
    for r in &rates {
        let n = r.len() as f64;
        let m = r.iter().sum::<f64>() / n;
        let sd = (r.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        println!("{m:.3} +- {:.3}", sd / n.sqrt());
    }
    let e = start.elapsed().as_secs_f64();
    println!("{:.1}e6 neuron-steps/s", 20.0 * 20000.0 * 400.0 / e / 1e6);
}
