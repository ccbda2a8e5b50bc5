//! Do the backends compute the same? Every count, sample, histogram and interval of `snn`, exactly.
mod common;
use common::*;
use snn_ensemble::network::member::Output;

/// One stretch from many: counts and samples appended, the rest added.
fn joined(outputs: &[Output]) -> (Vec<u32>, Vec<u32>, Vec<u64>, u32) {
    let mut voltage = vec![0; outputs[0].voltage.len()];
    for output in outputs {
        for (sum, &v) in voltage.iter_mut().zip(&output.voltage) {
            *sum += u64::from(v);
        }
    }
    let flags = outputs.iter().fold(0, |f, o| f | o.flags);
    let counts = outputs.iter().flat_map(|o| o.counts.iter().copied()).collect();
    (counts, outputs.iter().flat_map(|o| o.samples.iter().copied()).collect(), voltage, flags)
}

#[test]
fn example() {
    let gpu = gpu();
    let network = paper();
    let keys: Vec<[u32; 4]> = (0..3).map(|r| [r, 5, 6, 7]).collect();
    let cut = Cut { stretch: 200, workgroup: None };
    let t = std::time::Instant::now();
    let outputs = run_gpu(&gpu, &network, &keys, 1000, 200, cut).unwrap();
    println!("{:?}", t.elapsed());
    for (key, outputs) in keys.iter().zip(&outputs) {
        let cpu = run_cpu(&network, *key, 1000, 250, 200);
        let (a, b) = (joined(&cpu), joined(outputs));
        assert_eq!(a.3, b.3);
        let at = a.0.iter().zip(&b.0).position(|(a, b)| a != b);
        assert_eq!(at, None, "{:?} {:?}", &a.0[..40], &b.0[..40]);
        assert!(a == b);
    }
}
