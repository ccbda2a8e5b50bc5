//! The numbers behind a figure or a table (RFC 4180).

use super::figure::{Figure, Panel, Scale};
use super::mark::{Colours, Heatmap, Line, Mark};
use super::table::{Cell, TableView};

/// One row per point, bin, cell or spike of a figure: panel, series, and the columns that its marks have, named as its axes are.
pub fn figure(figure: &Figure) -> Vec<u8> {
    let mut rows: Vec<[String; 10]> = Vec::new();
    for (k, panel) in figure.panels.iter().enumerate() {
        for mark in &panel.marks {
            let mut push = |series: &str, cells: [Option<f64>; 7], n: Option<u64>| {
                let [x, x_high, y, y_high, value, low, high] =
                    cells.map(|cell| cell.map_or_else(String::new, |x| x.to_string()));
                let n = n.map_or_else(String::new, |n| n.to_string());
                rows.push([panel_name(k, &panel.y), series.to_string(), x, x_high, y, y_high, value, low, high, n]);
            };
            match mark {
                Mark::Line(line) => points(line, &mut push),
                Mark::Histogram { name, edges, values, .. } => {
                    for (pair, value) in edges.windows(2).zip(values) {
                        push(name, [Some(pair[0]), Some(pair[1]), None, None, Some(*value), None, None], None);
                    }
                }
                Mark::Heatmap(map) => cells(map, &mut push),
                Mark::Raster { name, t, row, .. } => {
                    for (t, row) in t.iter().zip(row) {
                        push(name, [Some(*t), None, Some(f64::from(*row)), None, None, None, None], None);
                    }
                }
                Mark::Path { name, x, y, .. } | Mark::Scatter { name, x, y, .. } => {
                    for (x, y) in x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite()) {
                        push(name, [Some(*x), None, Some(*y), None, None, None, None], None);
                    }
                }
                Mark::Place { x, text, .. } => push(text, [Some(*x), None, None, None, None, None, None], None),
                Mark::Level { .. } => {}
            }
        }
    }
    let header = header(figure);
    // columns that no mark has are left out
    let used: Vec<usize> = (0..header.len()).filter(|&i| i < 3 || rows.iter().any(|row| !row[i].is_empty())).collect();
    let mut text = Text::new();
    text.row(used.iter().map(|&i| &header[i]));
    rows.iter().for_each(|row| text.row(used.iter().map(|&i| &row[i])));
    text.bytes()
}

/// Axes by their labels; `value` where the panels of a figure have different ones, which the column `panel` names.
fn header(figure: &Figure) -> [String; 10] {
    let first = |of: fn(&Panel) -> &Scale| figure.panels.first().map_or(String::new(), |panel| of(panel).label.clone());
    let (x, y) = (first(|panel| &panel.x), first(|panel| &panel.y));
    let mut maps = figure.panels.iter().flat_map(|panel| &panel.marks).filter_map(|mark| match mark {
        Mark::Heatmap(map) => Some(map.label.clone()),
        _ => None,
    });
    let value = match (maps.next_back(), figure.panels.len()) {
        (Some(label), _) => label,
        (None, 1) if !y.is_empty() => y.clone(),
        _ => "value".into(),
    };
    let upper = |label: &str| format!("{label}, upper edge");
    let (x_high, y_high) = (upper(&x), upper(&y));
    ["panel".into(), "series".into(), x, x_high, y, y_high, value, "ci95_low".into(), "ci95_high".into(), "n".into()]
}

type Push<'a> = dyn FnMut(&str, [Option<f64>; 7], Option<u64>) + 'a;

fn points(line: &Line, push: &mut Push) {
    let at = |values: &[Option<f64>], i: usize| values.get(i).copied().flatten();
    for (i, (&x, &y)) in line.x.iter().zip(&line.y).enumerate() {
        let (low, high) = (at(&line.low, i), at(&line.high, i));
        push(&line.name, [Some(x), None, None, None, y, low, high], line.n.get(i).copied());
    }
}

fn cells(map: &Heatmap, push: &mut Push) {
    let columns = map.x.len() - 1;
    for (i, &z) in map.z.iter().enumerate().filter(|(_, z)| z.is_some()) {
        let (column, line) = (i % columns, i / columns);
        let edge = |edges: &[f64], i: usize| edges.get(i).copied();
        let (x, y) = (&map.x, &map.y);
        let series = match (map.colours, z) {
            (Colours::Classes(names), Some(z)) => names.get(z as usize).copied().unwrap_or_default(),
            _ => &map.label,
        };
        let cells = [edge(x, column), edge(x, column + 1), edge(y, line), edge(y, line + 1), z, None, None];
        push(series, cells, None);
    }
}

fn panel_name(k: usize, y: &Scale) -> String {
    if y.label.is_empty() { k.to_string() } else { y.label.clone() }
}

pub fn table(table: &TableView) -> Vec<u8> {
    let mut text = Text::new();
    text.row(table.header.iter());
    for line in &table.rows {
        text.row(line.iter().map(Cell::whole));
    }
    text.bytes()
}

/// A file in memory.
struct Text(csv::Writer<Vec<u8>>);

/// Rows of any length can be written to memory.
const WRITES: &str = "memory takes every row";

impl Text {
    fn new() -> Text {
        Text(csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()))
    }

    fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<[u8]>>) {
        self.0.write_record(cells).expect(WRITES);
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect(WRITES)
    }
}
