//! The network as a drawing: populations as ellipses as wide as their names, projections as arrows (excitatory) and as lines with a dot
//! (inhibitory).

use super::escape::escape;
use crate::model::Network;
use std::f64::consts::PI;
use std::fmt::Write;

/// Half the height of a population, and its least half width.
const RADIUS: f64 = 30.0;
/// Half the width of a character of a name, and what is left of an ellipse beside it.
const CHARACTER: f64 = 4.3;
const MARGIN: f64 = 12.0;
/// Characters of a name that are shown, and how many of these are its last ones, where names of one kind differ; the whole name is
/// the shape's title.
const LONGEST: usize = 16;
const LAST: usize = 7;
/// Beyond the edge: a loop, and the bend between two populations.
const LOOP: f64 = 45.0;
const BEND: f64 = 15.0;
/// Between neighbours on the ring: room for an arrow's head and its bend.
const GAP: f64 = 36.0;

/// A population in the drawing.
struct Node {
    x: f64,
    y: f64,
    /// Half the width.
    width: f64,
    name: String,
}

impl Node {
    /// From the middle to the edge in the direction of a unit vector.
    fn reach(&self, (ux, uy): (f64, f64)) -> f64 {
        1.0 / ((ux / self.width).powi(2) + (uy / RADIUS).powi(2)).sqrt()
    }
}

/// Sources stand in the table of projections, and so do the names of arrows.
pub fn diagram(network: &Network) -> String {
    let n = network.populations.len();
    let nodes = nodes(network);
    let mut svg = String::new();
    for projection in network.projections.iter().filter(|projection| network.source(projection).is_none()) {
        let (class, end) = if projection.synapse.is_inhibitory() { ("inh", "dot") } else { ("exc", "arrow") };
        let (from, to) = (projection.source, projection.target);
        let path = match from == to {
            true => own_loop(&nodes[from]),
            false => arc(&nodes[from], &nodes[to], are_neighbours(from, to, n)),
        };
        let _ = write!(svg, r##"<path class="{class}" d="{path}" marker-end="url(#{end})"/>"##);
    }
    for (node, population) in nodes.iter().zip(&network.populations) {
        let Node { x, y, width, name } = node;
        let (title, name) = (escape(&population.name), escape(name));
        let _ = write!(
            svg,
            r#"<g class="population"><title>{title}</title><ellipse cx="{x:.1}" cy="{y:.1}" rx="{width:.1}" ry="{RADIUS}"/>"#
        );
        let _ = write!(svg, r#"<text class="name" x="{x:.1}" y="{:.1}">{name}</text>"#, y - 2.0);
        let _ = write!(svg, r#"<text class="size" x="{x:.1}" y="{:.1}">{}</text></g>"#, y + 14.0, population.size);
    }
    let outside = |of: fn(&Node) -> f64| nodes.iter().map(of).fold(0.0, f64::max);
    let side = outside(|node| node.x.abs() + node.width) + LOOP;
    let height = outside(|node| node.y.abs()) + RADIUS + if n == 2 { BEND } else { LOOP };
    let large = if side > 260.0 { " large" } else { "" };
    format!(
        r##"<svg class="network{large}" width="{2:.0}" viewBox="{0:.0} {1:.0} {2:.0} {3:.0}" role="img" aria-label="The network"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="exc head" d="M0 0.5L8 4L0 7.5z"/></marker><marker id="dot" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7"><circle class="inh head" cx="4" cy="4" r="3.5"/></marker></defs>{svg}</svg>"##,
        -side,
        -height,
        2.0 * side,
        2.0 * height
    )
}

/// Populations on a ring, as large as neighbours of this width need.
fn nodes(network: &Network) -> Vec<Node> {
    let n = network.populations.len();
    let names = network.populations.iter().map(|population| shortened(&population.name));
    let mut nodes: Vec<Node> = names
        .map(|name| Node {
            x: 0.0,
            y: 0.0,
            width: (CHARACTER * name.chars().count() as f64 + MARGIN).max(RADIUS),
            name,
        })
        .collect();
    let widest = nodes.iter().map(|node| node.width).fold(RADIUS, f64::max);
    // ellipses lie flat: neighbours above each other need less than neighbours side by side
    let across = match n {
        1 => 0.0,
        2 => 75.0 + widest,
        _ => ((widest + 0.5 * GAP) / (PI / n as f64).sin()).max(65.0 + widest),
    };
    let along = if n > 2 { ((RADIUS + 0.5 * GAP) / (PI / n as f64).sin()).max(95.0) } else { 0.0 };
    for (i, node) in nodes.iter_mut().enumerate() {
        let angle = PI * (1.0 + 2.0 * i as f64 / n as f64) + if n > 2 { PI / 2.0 } else { 0.0 };
        (node.x, node.y) = (across * angle.cos(), along * angle.sin());
    }
    nodes
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_string();
    }
    let skipped = name.chars().count() - LAST;
    name.chars().take(LONGEST - 1 - LAST).chain(['…']).chain(name.chars().skip(skipped)).collect()
}

/// Whether two populations stand beside each other on the ring.
fn are_neighbours(a: usize, b: usize, n: usize) -> bool {
    [1, n - 1].contains(&a.abs_diff(b))
}

/// A loop on the side that looks away from the middle.
fn own_loop(node: &Node) -> String {
    let length = (node.x * node.x + node.y * node.y).sqrt();
    let (ux, uy) = if length > 0.0 { (node.x / length, node.y / length) } else { (0.0, -1.0) };
    let reach = node.reach((ux, uy));
    let at = |along: f64, across: f64| {
        let (dx, dy) = (ux * along - uy * across, uy * along + ux * across);
        (node.x + dx, node.y + dy)
    };
    // on the edge, a little to either side
    let edge = |across: f64, gap: f64| {
        let (dx, dy) = (ux * reach - uy * across, uy * reach + ux * across);
        let length = (dx * dx + dy * dy).sqrt();
        let reach = node.reach((dx / length, dy / length)) + gap;
        (node.x + dx / length * reach, node.y + dy / length * reach)
    };
    let (a, b) = (edge(-RADIUS * 0.55, 0.0), edge(RADIUS * 0.55, 4.0));
    let (c, d) = (at(reach + RADIUS * 1.4, -RADIUS * 1.3), at(reach + RADIUS * 1.4, RADIUS * 1.3));
    format!("M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", a.0, a.1, c.0, c.1, d.0, d.1, b.0, b.1)
}

/// A bent arrow between two populations, bent to its left so that the way back does not cover it; between others than neighbours it
/// goes nearer to the middle of the ring, past those that stand between them.
fn arc(from: &Node, to: &Node, neighbours: bool) -> String {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let (nx, ny) = (dy / length, -dx / length);
    let bend = 0.30 * length.min(220.0);
    let inwards = if neighbours { 1.0 } else { 0.5 };
    let middle = (inwards * 0.5 * (from.x + to.x) + nx * bend, inwards * 0.5 * (from.y + to.y) + ny * bend);
    let towards = |node: &Node, gap: f64| {
        let (mx, my) = (middle.0 - node.x, middle.1 - node.y);
        let m = (mx * mx + my * my).sqrt().max(1.0);
        let reach = node.reach((mx / m, my / m)) + gap;
        (node.x + mx / m * reach, node.y + my / m * reach)
    };
    let (a, b) = (towards(from, 1.0), towards(to, 5.0));
    format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", a.0, a.1, middle.0, middle.1, b.0, b.1)
}
