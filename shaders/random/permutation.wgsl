// A permutation of the numbers below any size as a pure function of four random words, without a table; sides are the rows and
// columns that the numbers fill.

/// Added to the words from round to round.
const TURN: u32 = 0x9e3779b9u;

/// murmur3's finaliser: every bit of the result depends on every bit of `u`.
fn finalised(u: u32) -> u32 {
    var mixed = (u ^ (u >> 16u)) * 0x85ebca6bu;
    mixed = (mixed ^ (mixed >> 13u)) * 0xc2b2ae35u;
    return mixed ^ (mixed >> 16u);
}

/// What a round moves by: below `side`, for sides up to 2^15.
fn offset(other: u32, key: u32, side: u32) -> u32 {
    return ((finalised(other ^ key) >> 16u) * side) >> 16u;
}

/// Takes an odd round and the even one before it back: row and column before them.
fn rounds_back(at: vec2<u32>, sides: vec2<u32>, even: u32, odd: u32) -> vec2<u32> {
    let along = offset(at.x, odd, sides.y);
    let column = select(at.y + sides.y - along, at.y - along, at.y >= along);
    let across = offset(column, even, sides.x);
    return vec2<u32>(select(at.x + sides.x - across, at.x - across, at.x >= across), column);
}

/// The number that the permutation makes `x`, which is below `size`.
fn permuted_back(words: vec4<u32>, sides: vec2<u32>, size: u32, x: u32) -> u32 {
    let turn = TURN;
    var at = vec2<u32>(x / sides.y, x % sides.y);
    loop {
        at = rounds_back(at, sides, words.z + 6u * turn, words.w + 7u * turn);
        at = rounds_back(at, sides, words.x + 4u * turn, words.y + 5u * turn);
        at = rounds_back(at, sides, words.z + 2u * turn, words.w + 3u * turn);
        at = rounds_back(at, sides, words.x, words.y + turn);
        if at.x * sides.y + at.y < size {
            break;
        }
    }
    return at.x * sides.y + at.y;
}
