// An edge of one source bin: how much of its law lies beyond it.

/// Edge number `index` of a bin's law, whose interval is `narrow` or not.
fn find_edge(s: BinLaw, index: f32, h: f32, narrow: bool) -> Edge {
    let y = edge_distance(s.centre, index, h);
    var beyond = vec3<f32>();
    if index >= s.last {
        return closed(s, index, y, beyond);
    }
    if LINEAR {
        if narrow {
            beyond = sloped_narrow(s, y);
        } else {
            let ends = sloped_ends(s, y);
            beyond = sloped_wide(s, y, four_integrals(ends.x), four_integrals(ends.y));
        }
    } else {
        // Invocations side by side have intervals of both kinds: what both need is computed once.
        let ends = wide_ends(s, abs(y), narrow);
        let n = normal(ends.x);
        if narrow {
            beyond = vec3<f32>(narrow_tail(s, ends.x, n), 0.0);
        } else {
            let a = vec2<f32>(psi_tail(ends.x, n.x, n.y), xi_tail(ends.x, n.x, n.y));
            beyond = vec3<f32>(wide_tail(s, abs(y), a, integrals(ends.y)), 0.0);
        }
    }
    return closed(s, index, y, beyond);
}
