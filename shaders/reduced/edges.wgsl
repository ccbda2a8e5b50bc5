// An edge of one source bin: how much of its law lies beyond it.

/// Edge number `index`, above the first, of a bin's law, whose interval is `narrow` or not.
fn find_edge(s: BinLaw, index: f32, h: f32, narrow: bool) -> Edge {
    let y = edge_distance(s.centre, index, h);
    if index >= s.last {
        return closed(s, index, y, vec3<f32>());
    }
    var beyond = vec3<f32>();
    if LINEAR {
        if narrow {
            beyond = sloped_narrow(s, y);
        } else {
            let ends = sloped_ends(s, y);
            var b = vec4<f32>();
            if ends.y < REACH {
                b = four_integrals(ends.y);
            }
            beyond = sloped_wide(s, y, four_integrals(ends.x), b);
        }
    } else {
        // Invocations side by side have intervals of both kinds: what both need is computed once. The farther end mostly lies where
        // nothing is left of the distribution.
        let ends = wide_ends(s, abs(y), narrow);
        let n = normal(ends.x);
        if narrow {
            beyond = vec3<f32>(narrow_tail(s, ends.x, n), 0.0);
        } else {
            let a = vec2<f32>(psi_tail(ends.x, n.x, n.y), xi_tail(ends.x, n.x, n.y));
            var b = vec2<f32>();
            if ends.y < REACH {
                b = integrals(ends.y);
            }
            beyond = vec3<f32>(wide_tail(s, abs(y), a, b), 0.0);
        }
    }
    return Edge(y, beyond.x, beyond.y, beyond.z);
}
