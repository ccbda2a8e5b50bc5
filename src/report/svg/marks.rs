//! Each kind of mark as paths in a frame.

use super::symbols::{every, symbol};
use super::ticks::ticks;
use super::{FAINT, Frame};
use crate::report::escape::escape;
use crate::report::mark::{Colours, Heatmap, Line, Mark};
use crate::report::style;
use std::fmt::Write;

/// Calls `visit` with every coordinate of a mark along an axis.
pub fn visit(mark: &Mark, along_x: bool, visit: &mut dyn FnMut(f64)) {
    let mut all = |values: &[f64]| values.iter().for_each(|&value| visit(value));
    match mark {
        Mark::Line(line) if along_x => all(&line.x),
        Mark::Line(line) => {
            let bands = line.y.iter().chain(&line.low).chain(&line.high);
            bands.flatten().for_each(|&value| visit(value));
        }
        Mark::Histogram { edges, .. } if along_x => all(edges),
        Mark::Histogram { values, .. } => all(values),
        Mark::Heatmap(map) => all(if along_x { &map.x } else { &map.y }),
        Mark::Raster { t, .. } if along_x => all(t),
        Mark::Raster { row, .. } => row.iter().for_each(|&row| visit(f64::from(row) + 1.0)),
        Mark::Path { x, y, .. } | Mark::Scatter { x, y, .. } => all(if along_x { x } else { y }),
        Mark::Level { y } if !along_x => visit(*y),
        Mark::Place { x, .. } if along_x => visit(*x),
        Mark::Level { .. } | Mark::Place { .. } => {}
    }
}

pub fn draw(body: &mut String, mark: &Mark, frame: &Frame) {
    match mark {
        Mark::Line(line) => draw_line(body, line, frame),
        Mark::Histogram { colour, edges, values, .. } => {
            let mut path = String::new();
            for (i, value) in values.iter().enumerate() {
                let start = if i == 0 { format!("M{:.1} {:.1}V", frame.x(edges[0]), frame.y(0.0)) } else { "V".into() };
                let _ = write!(path, "{start}{:.1}H{:.1}", frame.y(*value), frame.x(edges[i + 1]));
            }
            let _ = write!(path, "V{:.1}", frame.y(0.0));
            let (colour, dash) = (style::pair(*colour).0, dash(style::dash(*colour)));
            let _ = write!(
                body,
                r#"<path d="{path}" fill="{colour}" fill-opacity="0.07" stroke="{colour}" stroke-width="1.4"{dash}/>"#
            );
        }
        Mark::Heatmap(map) => draw_cells(body, map, frame),
        Mark::Raster { colour, t, row, .. } => {
            let mut path = String::new();
            for (t, row) in t.iter().zip(row) {
                let (low, high) = (frame.y(f64::from(*row)), frame.y(f64::from(*row) + 1.0));
                let _ = write!(path, "M{:.2} {low:.2}V{high:.2}", frame.x(*t));
            }
            let _ = write!(
                body,
                r#"<path d="{path}" fill="none" stroke="{}" stroke-width="0.9"/>"#,
                style::pair(*colour).0
            );
        }
        Mark::Path { colour, dash: of, x, y, .. } => {
            let points = x.iter().zip(y).map(|(&x, &y)| Some((x, y)).filter(|(x, y)| x.is_finite() && y.is_finite()));
            let path = polyline(points, frame);
            let _ = write!(
                body,
                r#"<path d="{path}" fill="none" stroke="{}" stroke-width="0.9"{}/>"#,
                style::pair(*colour).0,
                dash(*of)
            );
        }
        Mark::Scatter { colour, symbol: own, x, y, .. } => {
            for (x, y) in x.iter().zip(y) {
                *body += &symbol(*colour, *own, frame.x(*x), frame.y(*y), 2.6, r#" fill-opacity="0.75""#);
            }
        }
        Mark::Level { y } => {
            let (left, right, y) = (frame.left, frame.right, frame.y(*y));
            let _ = write!(
                body,
                r#"<path d="M{left} {y:.1}H{right}" stroke="{FAINT}" stroke-width="0.7" stroke-dasharray="1.5 2.5"/>"#
            );
        }
        Mark::Place { x, colour, .. } => {
            let (x, top, bottom, colour) = (frame.x(*x), frame.top, frame.bottom, style::pair(*colour).0);
            let _ = write!(
                body,
                r#"<path d="M{x:.1} {top:.1}V{bottom:.1}" stroke="{colour}" stroke-width="0.8" stroke-dasharray="2 2"/>"#
            );
        }
    }
}

/// What stands beside the vertical lines of a panel, one below the other so that neighbours do not meet.
pub fn places(body: &mut String, marks: &[Mark], frame: &Frame) {
    let places = marks.iter().filter_map(|mark| match mark {
        Mark::Place { x, colour, text } => Some((*x, *colour, text)),
        _ => None,
    });
    for (i, (x, colour, text)) in places.enumerate() {
        // on the side with more room
        let (x, y) = (frame.x(x), frame.top + 10.0 + 11.0 * i as f64);
        let right = x > 0.5 * (frame.left + frame.right);
        let (x, anchor) = if right { (x - 4.0, "end") } else { (x + 4.0, "start") };
        let (colour, text) = (style::pair(colour).0, escape(text));
        let _ = write!(
            body,
            r#"<text x="{x:.1}" y="{y:.1}" font-size="9.5" fill="{colour}" text-anchor="{anchor}">{text}</text>"#
        );
    }
}

fn draw_line(body: &mut String, line: &Line, frame: &Frame) {
    let colour = style::pair(line.colour).0;
    let ends = |i: usize| line.low.get(i).copied().flatten().zip(line.high.get(i).copied().flatten());
    let inside: Vec<usize> = (0..line.x.len()).collect();
    for stretch in inside.chunk_by(|&a, &b| ends(a).is_some() == ends(b).is_some()) {
        let known: Vec<(f64, f64, f64)> =
            stretch.iter().filter_map(|&i| ends(i).map(|(low, high)| (line.x[i], low, high))).collect();
        let points = known.iter().map(|&(x, _, high)| (x, high)).chain(known.iter().rev().map(|&(x, low, _)| (x, low)));
        let path: Vec<String> = points.map(|(x, y)| format!("{:.1} {:.1}", frame.x(x), frame.y(y))).collect();
        let _ = match known.len() {
            0 => Ok(()),
            // an interval without neighbours has no area
            1 => write!(body, r#"<path d="M{}" fill="none" stroke="{colour}" stroke-width="0.9"/>"#, path.join("L")),
            _ => write!(body, r#"<path d="M{}z" fill="{colour}" fill-opacity="0.18"/>"#, path.join("L")),
        };
    }
    let path = polyline(line.x.iter().zip(&line.y).map(|(&x, &y)| y.map(|y| (x, y))), frame);
    let weight = if line.markers { style::weight(line.colour) } else { 1.0 };
    let _ = write!(
        body,
        r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="{:.2}" stroke-linejoin="round"{}/>"#,
        1.3 * weight,
        dash(line.dash)
    );
    let alone = |i: usize| {
        let known = |i: Option<usize>| i.is_some_and(|i| line.y.get(i).is_some_and(Option::is_some));
        !known(i.checked_sub(1)) && !known(Some(i + 1))
    };
    let every = every(line.x.len());
    for (i, (x, y)) in line.x.iter().zip(&line.y).enumerate() {
        if let Some(y) = y.filter(|_| (line.markers && i % every == 0) || alone(i)) {
            *body += &symbol(line.colour, None, frame.x(*x), frame.y(y), 1.5 + 0.7 * weight, "");
        }
    }
}

fn polyline(points: impl Iterator<Item = Option<(f64, f64)>>, frame: &Frame) -> String {
    let (mut path, mut pen) = (String::new(), 'M');
    for point in points {
        match point {
            Some((x, y)) => {
                let _ = write!(path, "{pen}{:.1} {:.1}", frame.x(x), frame.y(y));
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    path
}

/// Attribute for lines of one model that have to be told apart.
pub fn dash(i: usize) -> String {
    let lengths: Vec<String> = style::DASHES[i % style::DASHES.len()].iter().map(f64::to_string).collect();
    if lengths.is_empty() { String::new() } else { format!(r#" stroke-dasharray="{}""#, lengths.join(" ")) }
}

/// The colour at `share` of a map's range from 0 to 1.
fn colour(map: &Heatmap, share: f64) -> String {
    match map.colours {
        Colours::Sequential => style::shade(&style::SEQUENTIAL, share),
        Colours::Diverging => style::shade(&style::DIVERGING, share),
        Colours::Classes(names) => style::CLASSES[(share * names.len() as f64) as usize % style::CLASSES.len()].into(),
    }
}

/// Shades that are told apart: cells of one shade side by side are one rectangle.
const SHADES: f64 = 100.0;

fn draw_cells(body: &mut String, map: &Heatmap, frame: &Frame) {
    let columns = map.x.len() - 1;
    let (low, high) = map.range;
    let spread = if high > low { high - low } else { 1.0 };
    let shade = |z: Option<f64>| z.map(|z| (((z - low) / spread).clamp(0.0, 1.0) * SHADES).round() as u32);
    *body += r#"<g shape-rendering="crispEdges">"#;
    if map.gaps && map.z.iter().any(Option::is_none) {
        let Frame { left, right, top, bottom, .. } = frame;
        let (width, height, missing) = (right - left, bottom - top, style::MISSING);
        let _ =
            write!(body, r#"<rect x="{left}" y="{top:.1}" width="{width:.1}" height="{height:.1}" fill="{missing}"/>"#);
    }
    for (row, cells) in map.z.chunks(columns).enumerate() {
        let (top, bottom) = (frame.y(map.y[row + 1]), frame.y(map.y[row]));
        let mut column = 0;
        for run in cells.chunk_by(|a, b| shade(*a) == shade(*b)) {
            let (left, right) = (frame.x(map.x[column]), frame.x(map.x[column + run.len()]));
            column += run.len();
            if let Some(share) = shade(run[0]) {
                let colour = colour(map, f64::from(share) / SHADES);
                let (width, height) = (right - left, bottom - top);
                let _ = write!(
                    body,
                    r#"<rect x="{left:.2}" y="{top:.2}" width="{width:.2}" height="{height:.2}" fill="{colour}"/>"#
                );
            }
        }
    }
    *body += "</g>";
    for contour in &map.contours {
        let mut path = String::new();
        for (x, y) in contour.x.iter().zip(&contour.y) {
            let end = |i: usize| (frame.x(x[i]), frame.y(y[i]));
            let (from, to) = (end(0), end(1));
            let _ = write!(path, "M{:.1} {:.1}L{:.1} {:.1}", from.0, from.1, to.0, to.1);
        }
        // dark on light and light on dark
        let share = if high > low { (contour.level - low) / (high - low) } else { 0.0 };
        let colour = if share > 0.55 { "#ffffff" } else { "#1c2024" };
        let _ =
            write!(body, r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="0.8" stroke-opacity="0.8"/>"#);
        if let Some((x, y)) = contour.x.get(contour.x.len() / 2).zip(contour.y.get(contour.y.len() / 2)) {
            let (x, y) = (frame.x(0.5 * (x[0] + x[1])), frame.y(0.5 * (y[0] + y[1])));
            let text = super::ticks::plain(contour.level);
            let _ = write!(
                body,
                r#"<text x="{x:.1}" y="{:.1}" font-size="8.5" fill="{colour}" text-anchor="middle">{text}</text>"#,
                y - 1.5
            );
        }
    }
}

/// The scale of an image, right of it.
pub fn colour_bar(body: &mut String, map: &Heatmap, frame: &Frame) {
    let x = frame.right + 12.0;
    let steps = if let Colours::Classes(names) = map.colours { names.len() as i32 } else { 50 };
    let height = (frame.bottom - frame.top) / f64::from(steps);
    for i in 0..steps {
        let colour = colour(map, (f64::from(i) + 0.5) / f64::from(steps));
        let y = frame.bottom - f64::from(i + 1) * height;
        let _ = write!(
            body,
            r#"<rect x="{x:.1}" y="{y:.2}" width="9" height="{:.2}" fill="{colour}" shape-rendering="crispEdges"/>"#,
            height + 0.3
        );
    }
    let (low, high) = map.range;
    let high = if high > low { high } else { low + 1.0 };
    // a scale that does not hold all values has arrows at its ends
    for (beyond, share, end, tip) in [
        (map.z.iter().flatten().any(|&z| z > high), 1.0, frame.top, -7.0),
        (map.z.iter().flatten().any(|&z| z < low), 0.0, frame.bottom, 7.0),
    ] {
        if beyond {
            let fill = colour(map, share);
            let _ = write!(body, r#"<path d="M{x:.1} {end:.1}h9l-4.5 {tip}z" fill="{fill}"/>"#);
        }
    }
    let major: Vec<(f64, String)> = match map.colours {
        Colours::Classes(names) => {
            names.iter().enumerate().map(|(i, name)| (i as f64, escape(name).to_string())).collect()
        }
        _ => ticks(low, high, false, 5).major,
    };
    for (value, text) in major {
        let y = frame.bottom - (value - low) / (high - low) * (frame.bottom - frame.top);
        let _ = write!(body, r#"<text x="{:.1}" y="{:.1}" font-size="10">{text}</text>"#, x + 13.0, y + 3.5);
    }
    // Names speak for themselves, and take its room.
    if let Colours::Classes(_) = map.colours {
        return;
    }
    let middle = 0.5 * (frame.top + frame.bottom);
    let _ = write!(
        body,
        r#"<text transform="matrix(0 1 -1 0 {:.1} {middle:.1})" text-anchor="middle">{}</text>"#,
        x + 50.0,
        escape(&map.label)
    );
}
