// Words, uniform bits and table draws of one neuron in one step; reads the table buffer, `tables`.

const UPDATE: u32 = 0u;
const BIRTHS: u32 = 1u;
const LARGE_DEATHS: u32 = 2u;
const LARGE_BIRTHS: u32 = 3u;
const INITIAL: u32 = 4u;
const WIRING: u32 = 5u;
const OUTSIDE: u32 = 6u;
const RISING: u32 = 7u;
const LARGE_RISING: u32 = 8u;

const ROWS: u32 = 256u;
const LARGE_HEADER: u32 = 3u;

/// The block that holds words `4 part ..` of a step.
fn word_block(key: vec4<u32>, neuron: u32, step: u32, purpose: u32, words: u32, part: u32) -> vec4<u32> {
    let index = ((step * words) >> 2u) + part;
    return threefry(key, vec4<u32>(neuron, index, purpose, 0u));
}

/// A uniform 31-bit number for the release of a refractory neuron, from word 1 of its `UPDATE` words.
fn release_bits(word: u32) -> u32 {
    return rotate_left(word, 20u) >> 1u;
}

/// One outcome (0..256) from a row of 2^log2_columns alias entries, by the upper 20 bits of word.
fn alias_draw(row: u32, log2_columns: u32, word: u32) -> u32 {
    let column = word >> (32u - log2_columns);
    let entry = tables[row + column];
    let fraction = (word << log2_columns) >> (12u + log2_columns);
    return select((entry >> 8u) & 0xffu, entry & 0xffu, fraction < (entry >> 16u));
}

/// Binomial(n, probability of the table) for n below 256: one load.
fn small_binomial(table: u32, log2_columns: u32, n: u32, word: u32) -> u32 {
    let row = ((n & 0xffu) << log2_columns) + table;
    return alias_draw(row, log2_columns, word);
}

/// The rest of a binomial: the sum of draws for the powers of two from 256 on that n contains.
fn large_binomial(large: u32, key: vec4<u32>, neuron: u32, step: u32, purpose: u32, n: u32) -> u32 {
    var sum = 0u;
    var rest = n >> 8u;
    var power = 0u;
    var words = vec4<u32>(0u);
    while rest != 0u {
        if (power & 3u) == 0u {
            words = threefry(key, vec4<u32>(neuron, step, purpose, 1u + (power >> 2u)));
        }
        if (rest & 1u) == 1u {
            sum += large_draw(large + LARGE_HEADER * power, words[power & 3u]);
        }
        rest >>= 1u;
        power += 1u;
    }
    return sum;
}

/// One outcome from a large row: two words an entry, thresholds of 32 bits, outcomes relative to a base.
fn large_draw(header: u32, word: u32) -> u32 {
    let offset = tables[header];
    let log2_columns = tables[header + 1u];
    let base = tables[header + 2u];
    let entry = offset + 2u * (word >> (32u - log2_columns));
    let fraction = word << log2_columns;
    let outcomes = tables[entry + 1u];
    return base + select(outcomes >> 16u, outcomes & 0xffffu, fraction < tables[entry]);
}
