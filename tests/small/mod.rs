//! The example network, five times smaller and its synapses as much stronger, for tests that run a whole experiment.

/// A config of it, from what stands before and after the network.
macro_rules! small {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "\
populations:
  E: {size: 60, tau_ref: 4, drive: {rate: 7}}
  I: {size: 20, tau_ref: 4, drive: {rate: 7}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 4.75, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 13.55, tau: 4.5}
  I<-E: {kind: excitatory, p: 0.8, s: 6.25, tau: 1.2}
  I<-I: {kind: inhibitory, p: 0.8, s: 12.25, tau: 4.5}
",
            $after
        )
    };
}
#[allow(unused_imports, reason = "some tests use the scan alone")]
pub(crate) use small;

/// A scan of it, under a comment that asks what it is for: 3 points, 4 realisations of `snn` and one of `dsode`, 15 members.
#[allow(dead_code, reason = "some tests have a config of their own")]
pub(crate) const SCAN: &str = small!(
    "\
# What are 51 points like?
name: small
seed: 11
time: {dt: 0.1, duration: 60, discard: 20}
",
    "\
models: [snn, dsode]
scan: [{path: projections.E<-I.p, values: [0.5, 0.7, 0.9]}]
realisations: 4
"
);
