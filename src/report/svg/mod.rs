//! Figures as SVG files: vector graphics with text as text, on white, as wide as asked for; a unit is a pixel of 1/96 inch.

mod marks;
mod symbols;
mod ticks;

use super::escape::escape;
use super::figure::{Figure, Panel, Scale};
use super::mark::{Colour, Mark, Symbol, in_legend};
use super::style;
use std::fmt::Write;
use ticks::{Ticks, ticks};

/// Fonts with the same widths, so that a file looks alike everywhere.
const FONTS: &str = "Helvetica, Arial, 'Liberation Sans', 'Report Sans', sans-serif";
const WIDTH: f64 = 520.0;
/// Units of a millimetre.
const MILLIMETRE: f64 = 96.0 / 25.4;
/// Of one panel, and of every further share.
const HEIGHT: (f64, f64) = (300.0, 90.0);
const GAP: f64 = 16.0;
const FAINT: &str = "#66707a";

/// Width of a letter of the title, on average, and height of its lines.
const TITLE_LETTER: f64 = 6.9;
const TITLE_LINE: f64 = 16.0;

/// What a file looks like, whatever it shows.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Width in mm; the text keeps its size.
    pub width: Option<f64>,
    /// A font before all others.
    pub font: Option<String>,
}

/// Where data lie on the page.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Span,
    y: Span,
}

/// The ends of an axis; of a logarithmic one their logarithms.
#[derive(Clone, Copy)]
struct Span {
    low: f64,
    high: f64,
    log: bool,
}

impl Span {
    fn share(&self, value: f64) -> f64 {
        let value = if self.log { value.log10() } else { value };
        (value - self.low) / (self.high - self.low)
    }
}

impl Frame {
    fn x(&self, value: f64) -> f64 {
        self.left + self.x.share(value) * (self.right - self.left)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.share(value) * (self.bottom - self.top)
    }
}

/// `choice`: which of its section's choices the figure belongs to, written into its title.
pub fn draw(figure: &Figure, choice: Option<&str>, look: &Look) -> String {
    let width = look.width.map_or(WIDTH, |mm| mm * MILLIMETRE);
    let shares: f64 = figure.panels.iter().map(|panel| panel.share).sum();
    let colour_bar = figure.panels.iter().flat_map(|panel| &panel.marks).any(|mark| matches!(mark, Mark::Heatmap(_)));
    let (left, right) = (64.0, width - if colour_bar { 78.0 } else { 16.0 });
    let title = match choice {
        Some(choice) => format!("{} ({choice})", figure.title),
        None => figure.title.clone(),
    };
    let mut body = String::new();
    let lines = lines(&title, (width - left - 8.0) / TITLE_LETTER);
    for (line, y) in lines.iter().zip((0..).map(|i| 20.0 + TITLE_LINE * f64::from(i))) {
        let _ = write!(body, r#"<text x="{left}" y="{y}" font-size="13" font-weight="bold">{}</text>"#, escape(line));
    }
    let further = TITLE_LINE * (lines.len() - 1) as f64;
    let (legend, legend_rows) = legend(figure, (left, right), further);
    body += &legend;
    let head = 30.0 + further + 17.0 * legend_rows as f64;
    let height = HEIGHT.0 + HEIGHT.1 * (shares - 1.0) + further + 17.0 * legend_rows as f64;
    let inside = height - head - 48.0 - GAP * (figure.panels.len() - 1) as f64;
    let mut top = head;
    // stacked panels stand above one x axis
    let x = figure.panels.iter().map(|panel| span(&panel.x, extent(panel, true))).reduce(|a, b| Span {
        low: a.low.min(b.low),
        high: a.high.max(b.high),
        ..a
    });
    for (k, panel) in figure.panels.iter().enumerate() {
        let bottom = top + inside * panel.share / shares;
        let y = span(&panel.y, extent(panel, false));
        let Some(x) = x else { break };
        let (x, y) = if panel.equal { equal(x, y, (right - left) / (bottom - top)) } else { (x, y) };
        let frame = Frame { left, right, top, bottom, x, y };
        let _ = write!(
            body,
            r#"<clipPath id="c{k}"><rect x="{left}" y="{top:.1}" width="{:.1}" height="{:.1}"/></clipPath><g clip-path="url(#c{k})">"#,
            right - left,
            bottom - top
        );
        panel.marks.iter().for_each(|mark| marks::draw(&mut body, mark, &frame));
        body += "</g>";
        axes(&mut body, panel, &frame, k + 1 == figure.panels.len());
        marks::places(&mut body, &panel.marks, &frame);
        if let Some(Mark::Heatmap(map)) = panel.marks.iter().find(|mark| matches!(mark, Mark::Heatmap(_))) {
            marks::colour_bar(&mut body, map, &frame);
        }
        top = bottom + GAP;
    }
    let ink = style::INK.0;
    let fonts = look.font.as_ref().map_or(FONTS.to_string(), |font| format!("'{}', {FONTS}", escape(font)));
    let size = match look.width {
        Some(mm) => format!(r#"width="{mm}mm" height="{:.2}mm""#, height / MILLIMETRE),
        None => format!(r#"width="{width}" height="{height:.0}""#),
    };
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height:.0}" font-family="{fonts}" font-size="11" fill="{ink}"><rect width="100%" height="100%" fill="white"/>{body}</svg>
"#
    )
}

/// Words in lines of at most so many letters, or of one word.
fn lines(text: &str, most: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() || (line.chars().count() + 1 + word.chars().count()) as f64 <= most {
            let between = if line.is_empty() { "" } else { " " };
            *line += &format!("{between}{word}");
        } else {
            lines.push(word.to_string());
        }
    }
    lines
}

/// Ends of what a panel draws along an axis.
pub fn extent(panel: &Panel, along_x: bool) -> (f64, f64) {
    let scale = if along_x { &panel.x } else { &panel.y };
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    // images fill their panel, whatever path lies on them
    let filled = panel.marks.iter().any(|mark| matches!(mark, Mark::Heatmap(_)));
    for mark in panel.marks.iter().filter(|mark| !filled || !matches!(mark, Mark::Path { .. })) {
        marks::visit(mark, along_x, &mut |value| {
            if value.is_finite() && (!scale.log || value > 0.0) {
                (low, high) = (low.min(value), high.max(value));
            }
        });
    }
    if low > high {
        return if scale.log { (1.0, 10.0) } else { (0.0, 1.0) };
    }
    if scale.log {
        let margin = if filled { 1.0 } else { (high / low).powf(0.03).max(1.05) };
        return (low / margin, high * margin);
    }
    if scale.zero {
        (low, high) = (low.min(0.0), high.max(0.0));
    }
    let spread = if high > low { high - low } else { high.abs().max(1.0) * 0.1 };
    let margin = if filled { 0.0 } else { 0.04 * spread };
    let (below, above) = (if scale.zero && low == 0.0 { 0.0 } else { margin }, margin);
    (low - below, high + above)
}

fn span(scale: &Scale, (low, high): (f64, f64)) -> Span {
    let (low, high) = scale.range.unwrap_or((low, high));
    let (low, high) = if scale.log { (low.log10(), high.log10()) } else { (low, high) };
    Span { low, high: if high > low { high } else { low + 1.0 }, log: scale.log }
}

/// Both so wide around their middles that a unit is as long along either, in a frame `ratio` times as wide as high.
fn equal(x: Span, y: Span, ratio: f64) -> (Span, Span) {
    let around = |span: Span, length: f64| {
        let middle = 0.5 * (span.low + span.high);
        Span { low: middle - 0.5 * length, high: middle + 0.5 * length, ..span }
    };
    let height = (y.high - y.low).max((x.high - x.low) / ratio);
    (around(x, ratio * height), around(y, height))
}

fn axes(body: &mut String, panel: &Panel, frame: &Frame, last: bool) {
    let Frame { left, right, top, bottom, .. } = *frame;
    let ink = style::INK.0;
    let _ = write!(
        body,
        r#"<path d="M{left} {top:.1}V{bottom:.1}H{right}" fill="none" stroke="{ink}" stroke-width="0.8"/>"#
    );
    let Ticks { major, minor } = ticks(frame.x.low, frame.x.high, frame.x.log, 7);
    for (value, text) in &major {
        let x = frame.x(*value);
        let _ = write!(body, r#"<path d="M{x:.1} {bottom:.1}v4" stroke="{ink}" stroke-width="0.8"/>"#);
        if last {
            let _ = write!(body, r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle">{text}</text>"#, bottom + 16.0);
        }
    }
    for value in minor {
        let _ = write!(body, r#"<path d="M{:.1} {bottom:.1}v2" stroke="{ink}" stroke-width="0.6"/>"#, frame.x(value));
    }
    let Ticks { major, minor } =
        ticks(frame.y.low, frame.y.high, frame.y.log, if bottom - top < 120.0 { 4 } else { 6 });
    for (value, text) in &major {
        let y = frame.y(*value);
        let _ = write!(
            body,
            r#"<path d="M{left} {y:.1}h-4" stroke="{ink}" stroke-width="0.8"/><text x="{:.1}" y="{:.1}" text-anchor="end">{text}</text>"#,
            left - 7.0,
            y + 4.0
        );
    }
    for value in minor {
        let _ = write!(body, r#"<path d="M{left} {:.1}h-2" stroke="{ink}" stroke-width="0.6"/>"#, frame.y(value));
    }
    if last {
        let label = escape(&panel.x.label);
        let _ = write!(
            body,
            r#"<text x="{:.1}" y="{:.1}" text-anchor="middle" font-size="12">{label}</text>"#,
            0.5 * (left + right),
            bottom + 34.0
        );
    }
    let (middle, label) = (0.5 * (top + bottom), escape(&panel.y.label));
    // A quarter turn in numbers: the cosine of an angle is another in the PDFs of other systems.
    let _ = write!(
        body,
        r#"<text transform="matrix(0 -1 1 0 15 {middle:.1})" text-anchor="middle" font-size="12">{label}</text>"#
    );
}

/// Names of the marks, once each, with the least dash of each, in rows above the panels; and how many rows.
fn legend(figure: &Figure, (left, right): (f64, f64), below: f64) -> (String, usize) {
    let mut names: Vec<(&str, Colour, usize, Option<Option<Symbol>>)> = Vec::new();
    for mark in figure.panels.iter().flat_map(|panel| &panel.marks) {
        let (name, colour, dash, marked) = match mark {
            Mark::Line(line) => (&line.name, line.colour, line.dash, line.markers.then_some(None)),
            Mark::Path { name, colour, dash, .. } => (name, *colour, *dash, None),
            Mark::Scatter { name, colour, symbol, .. } => (name, *colour, 0, Some(*symbol)),
            Mark::Histogram { name, colour, .. } => (name, *colour, style::dash(*colour), None),
            Mark::Raster { name, colour, .. } => (name, *colour, 0, None),
            Mark::Heatmap(_) | Mark::Level { .. } | Mark::Place { .. } => continue,
        };
        let name = in_legend(name);
        match names.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, _, least, _)) => *least = dash.min(*least),
            None => names.push((name, colour, dash, marked)),
        }
    }
    let (mut svg, mut x, mut row) = (String::new(), left, 0);
    for (name, colour, dash, marked) in &names {
        // average width of a character at this size
        let width = 34.0 + 6.0 * name.chars().count() as f64;
        if x + width > right && x > left {
            (x, row) = (left, row + 1);
        }
        let y = 38.0 + below + 17.0 * row as f64;
        let _ = write!(
            svg,
            r#"<path d="M{x:.1} {:.1}h18" stroke="{}" stroke-width="{:.1}"{}/>{}<text x="{:.1}" y="{y:.1}">{}</text>"#,
            y - 4.0,
            style::pair(*colour).0,
            if marked.is_some() { 1.1 + 0.7 * style::weight(*colour) } else { 1.8 },
            marks::dash(*dash),
            marked.map_or(String::new(), |symbol| symbols::symbol(*colour, symbol, x + 9.0, y - 4.0, 2.8, "")),
            x + 23.0,
            escape(name)
        );
        x += width;
    }
    (svg, if names.is_empty() { 0 } else { row + 1 })
}
