//! Colours, the same in every figure and both back ends; told apart also by those who see no red or green.
//!
//! The hues are those of Okabe and Ito (2008), Color Universal Design; dark variants are lighter for dark backgrounds.

use super::mark::{Colour, MODEL_COLOURS, POPULATION_COLOURS, Symbol};

/// On light and on dark background.
pub type Pair = (&'static str, &'static str);

pub const INK: Pair = ("#1c2024", "#e8e6e3");
const MODELS: [Pair; MODEL_COLOURS] = [
    INK,
    ("#0072b2", "#5ab4ec"),
    ("#d55e00", "#ff9150"),
    ("#00876a", "#3ccba4"),
    ("#b0528a", "#e89ac6"),
    ("#a87b00", "#f0c44c"),
    ("#5b5f97", "#a9aee0"),
    ("#45b0e0", "#bfe6ff"),
];
const POPULATIONS: [Pair; POPULATION_COLOURS] = [
    ("#2b4c7e", "#8fb4ea"),
    ("#b03a48", "#ff8f9b"),
    ("#4f7a28", "#a6d47a"),
    ("#8a6d1d", "#e0c068"),
    ("#6a4c93", "#c4a5ec"),
    ("#2d7f86", "#7fd3da"),
];

const SYMBOLS: [Symbol; 7] =
    [Symbol::Circle, Symbol::Square, Symbol::Diamond, Symbol::Up, Symbol::Down, Symbol::Left, Symbol::Right];

pub fn symbol(colour: Colour) -> Symbol {
    match colour {
        Colour::Model(i) | Colour::Population(i) => SYMBOLS[i % SYMBOLS.len()],
        Colour::Ink => Symbol::Circle,
    }
}

/// How much wider lines with marked points are, and their points larger: what others are measured against shows beneath them.
pub fn weight(colour: Colour) -> f64 {
    if colour == Colour::Model(0) { 3.0 } else { 1.0 }
}

/// Of lines that have no points to mark; an index into [`DASHES`].
pub fn dash(colour: Colour) -> usize {
    match colour {
        Colour::Model(i) | Colour::Population(i) => i % DASHES.len(),
        Colour::Ink => 0,
    }
}

/// From little to much, light to dark: perceptually even steps of one hue.
pub const SEQUENTIAL: [&str; 9] =
    ["#f7fbff", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"];
/// From below to above, light in the middle.
pub const DIVERGING: [&str; 9] =
    ["#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d", "#b2182b"];
/// Cells of a map that have no value; on no scale.
pub const MISSING: &str = "#b3b9a8";
/// Of regimes, from steady to irregular: hues of Okabe and Ito in an order in which neighbours differ in lightness too.
pub const CLASSES: [&str; 8] = ["#dfe3e6", "#56b4e9", "#0072b2", "#009e73", "#004d3a", "#cc79a7", "#d55e00", "#f0e442"];
/// Lines of one model, and step lines of several, are told apart by these, in units of the line's width.
pub const DASHES: [&[f64]; MODEL_COLOURS] = [
    &[],
    &[5.0, 3.0],
    &[1.5, 2.5],
    &[7.0, 2.5, 1.5, 2.5],
    &[10.0, 3.0],
    &[7.0, 2.5, 1.5, 2.5, 1.5, 2.5],
    &[2.5, 2.0],
    &[10.0, 2.5, 4.0, 2.5],
];

pub fn pair(colour: Colour) -> Pair {
    match colour {
        Colour::Model(i) => MODELS[i % MODEL_COLOURS],
        Colour::Population(i) => POPULATIONS[i % POPULATION_COLOURS],
        Colour::Ink => INK,
    }
}

/// Colours by their names in the embedded data, as [light, dark, symbol, dash, weight].
pub fn palette() -> serde_json::Value {
    let mut palette = serde_json::Map::new();
    let models = (0..MODEL_COLOURS).map(Colour::Model);
    for colour in models.chain((0..POPULATION_COLOURS).map(Colour::Population)).chain([Colour::Ink]) {
        // a colour serialises as a plain text, and so does a symbol
        let name = serde_json::to_value(colour).expect("a text");
        let (light, dark) = pair(colour);
        let of = serde_json::json!([light, dark, symbol(colour), dash(colour), weight(colour)]);
        palette.insert(name.as_str().unwrap_or_default().to_string(), of);
    }
    palette.into()
}

/// A colour of a scale at `share` from 0 to 1.
pub fn shade(scale: &[&str], share: f64) -> String {
    let position = share.clamp(0.0, 1.0) * (scale.len() - 1) as f64;
    let below = (position as usize).min(scale.len() - 2);
    let part = |colour: &str, i: usize| u8::from_str_radix(&colour[1 + 2 * i..3 + 2 * i], 16).unwrap_or(0);
    let mix = |i| {
        let (a, b) = (f64::from(part(scale[below], i)), f64::from(part(scale[below + 1], i)));
        (a + (b - a) * (position - below as f64)).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}
