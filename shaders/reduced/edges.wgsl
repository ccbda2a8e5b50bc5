// An edge of one source bin: how much of its law lies beyond it.

/// Edge number `index` of a bin's law.
fn find_edge(s: BinLaw, index: f32, h: f32) -> Edge {
    let y = edge_distance(s.centre, index, h);
    var beyond = vec2<f32>();
    if index >= s.last {
        return closed(s, index, y, 0.0, 0.0);
    }
    if is_narrow(s) {
        beyond = narrow_tail(s, abs(y));
    } else {
        let ends = wide_ends(s, abs(y));
        beyond = wide_tail(s, abs(y), integrals(ends.x), integrals(ends.y));
    }
    return closed(s, index, y, beyond.x, beyond.y);
}
