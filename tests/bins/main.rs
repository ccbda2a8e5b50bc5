//! Are single neurons of `dsode` right in the bins that they get, and are the bins the same wherever they have to be?

mod same;
mod single;

use snn_ensemble::config::{Experiment, load};

fn read(text: &str) -> Experiment {
    load(text, "bins.yaml", &[]).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}
