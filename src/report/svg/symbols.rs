//! Shapes that tell lines apart where colours do not.

use crate::report::mark::{Colour, Symbol};
use crate::report::style;

/// Symbols along a line: about so many where its points lie close.
const MOST: usize = 12;

/// Every how many points of a line a symbol stands.
pub fn every(points: usize) -> usize {
    if points <= 4 * MOST { 1 } else { points.div_ceil(MOST) }
}

/// A symbol around a place, half as wide as `r` says; that of the colour where there is none of its own.
pub fn symbol(colour: Colour, symbol: Option<Symbol>, x: f64, y: f64, r: f64, more: &str) -> String {
    let fill = style::pair(colour).0;
    let path = |points: &[(f64, f64)]| {
        let points: Vec<String> =
            points.iter().map(|(dx, dy)| format!("{:.1} {:.1}", x + dx * r, y + dy * r)).collect();
        format!(r#"<path d="M{}z" fill="{fill}"{more}/>"#, points.join("L"))
    };
    match symbol.unwrap_or_else(|| style::symbol(colour)) {
        Symbol::Circle => format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r}" fill="{fill}"{more}/>"#),
        Symbol::Square => path(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        Symbol::Diamond => path(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        Symbol::Up => path(&[(0.0, -1.3), (1.2, 0.9), (-1.2, 0.9)]),
        Symbol::Down => path(&[(0.0, 1.3), (1.2, -0.9), (-1.2, -0.9)]),
        Symbol::Left => path(&[(-1.3, 0.0), (0.9, 1.2), (0.9, -1.2)]),
        Symbol::Right => path(&[(1.3, 0.0), (-0.9, 1.2), (-0.9, -1.2)]),
    }
}
