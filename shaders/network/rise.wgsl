// Kicks of two stages: those that are born rise first, those that have risen act and die.

/// Births of a projection join its rising kicks; how many there are.
fn rise(k: u32, born: u32, n: ptr<function, Neuron>) -> u32 {
    let rising = (*n).rising[k] + born;
    (*n).rising[k] = rising;
    return rising;
}

/// Kicks of one projection that have risen begin to act.
fn add_risen(pop: u32, k: u32, proj: u32, index: u32, step: u32, n: ptr<function, Neuron>) {
    let r = projection(proj);
    let rising = (*n).rising[k];
    var risen = 0u;
    if has_deterministic_decay(proj) {
        risen = multiply_high(rising, r.rise);
    } else {
        let neuron = first_neuron_of(pop) + index;
        let block = word_block(here.key, neuron, step, RISING, max(words_of(pop), 4u), k >> 2u);
        risen = small_binomial(r.rising, r.rising_columns, rising, block[k & 3u]);
        if rising >= ROWS {
            if LARGE_BINOMIALS {
                risen += large_binomial(r.rising_large, here.key, neuron, step, LARGE_RISING | (proj << 8u), rising);
            } else {
                atomicOr(&flags, COUNT_LARGE);
            }
        }
    }
    (*n).rising[k] = rising - risen;
    (*n).kicks[k] += risen;
    if (*n).kicks[k] > r.kicks_max {
        atomicOr(&flags, KICKS_HIGH);
    }
}
