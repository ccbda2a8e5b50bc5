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
pub(crate) use small;
