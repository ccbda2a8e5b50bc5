//! One self-contained file: the sections as HTML, the figures as JSON that an embedded script draws with Plotly.
//!
//! The page's own content security policy forbids every request, so it opens from disk and stays there.

use super::chooser::Points;
use super::diagram::diagram;
use super::escape::escape;
use super::figure::Figure;
use super::findings::{Finding, Part, Quote, behind};
use super::head;
use super::read::Results;
use super::section::Section;
use super::style;
use super::table::{TableView, Verdict};
use serde_json::{Value, json};
use std::fmt::Write;

const TEMPLATE: &str = include_str!("assets/report.html");
const STYLE: &str = include_str!("assets/report.css");
const SCRIPT: &str = include_str!("assets/report.js");
const PLOTLY: &str = include_str!("assets/plotly-cartesian.min.js");
const PLOTLY_LICENCE: &str = include_str!("assets/plotly.LICENSE");
/// Heights of a figure in pixels: of one panel, and of every further share of a panel.
const HEIGHT: (f64, f64) = (300.0, 85.0);
/// Rows of a table that is read at a glance; longer ones are set closer.
const SHORT: usize = 12;
/// Characters that stand side by side on a phone; between columns there are as many as [`BESIDE`] says.
const PHONE: usize = 44;
const BESIDE: usize = 3;
/// Characters of a text that is never broken, at most.
const PIECE: usize = 22;

/// What stands on a page.
pub struct Page<'a> {
    pub title: String,
    pub question: Option<String>,
    pub findings: &'a [Finding],
    pub sections: &'a [Section],
    pub points: &'a Points,
    /// What comes first of all that is folded away.
    pub first: Vec<Folded>,
}

/// A section that is opened by its title.
pub struct Folded {
    pub id: String,
    pub title: String,
    /// As HTML.
    pub content: String,
}

impl Page<'_> {
    pub fn html(&self) -> String {
        let Page { title, question, findings, sections, points, first } = self;
        let (key, other): (Vec<&Section>, Vec<&Section>) = sections.iter().partition(|section| section.key);
        let mut body = header(title, question.as_deref(), findings);
        for section in key {
            body += &format!("<section id=\"{}\" class=\"key\"><h2>{}</h2>", section.id, escape(&section.title));
            body += &content(section, points);
            body += "</section>";
        }
        body += "<div class=\"folded\">";
        body += &point_chooser(points);
        for Folded { id, title, content } in first {
            body += &folded(id, title, content);
        }
        for section in other {
            body += &folded(&section.id, &section.title, &content(section, points));
        }
        body += "</div>";
        let values = [
            ("TITLE", escape(title)),
            ("STYLE", STYLE.to_string()),
            ("BODY", body),
            ("DATA", data(sections, points)),
            ("PLOTLY", format!("/*\n{}*/\n{PLOTLY}", PLOTLY_LICENCE.replace("*/", "* /"))),
            ("SCRIPT", SCRIPT.to_string()),
        ];
        let mut page = String::with_capacity(TEMPLATE.len() + values.iter().map(|(_, text)| text.len()).sum::<usize>());
        let mut rest = TEMPLATE;
        // one pass, so that nothing in a value is taken for a place
        while let Some((before, after)) = rest.split_once("{{") {
            let (key, after) = after.split_once("}}").unwrap_or((after, ""));
            page += before;
            page += values.iter().find(|(name, _)| *name == key).map_or("", |(_, text)| text.as_str());
            rest = after;
        }
        page + rest
    }
}

/// Name, question, and the answer: a sentence per model, each number with the cell that it is quoted from.
fn header(name: &str, question: Option<&str>, findings: &[Finding]) -> String {
    let mut html = format!("<header><h1>{}</h1>", escape(name));
    // what else the comment says stands with the parameters
    if let Some(question) = question {
        let _ = write!(html, "<p class=\"lead\">The config's comment: {}</p>", escape(&head::opening(question)));
    }
    if !findings.is_empty() {
        html += "<ul class=\"findings\">";
        for finding in findings {
            let _ = write!(html, "<li><code>{}</code> ", escape(&finding.model));
            for part in &finding.parts {
                let _ = match part {
                    Part::Text(text) => write!(html, "{}", escape(text)),
                    Part::Quote(Quote { text, table, row, column }) => {
                        let (number, place) = text.split_at(text.find(" at ").unwrap_or(text.len()));
                        write!(
                            html,
                            "<b data-table=\"table-{}\" data-row=\"{}\" data-column=\"{}\"><span>{}</span>{}</b>",
                            escape(table),
                            escape(row),
                            escape(column),
                            escape(number),
                            escape(place)
                        )
                    }
                };
            }
            html += "</li>";
        }
        html += "</ul>";
        for meaning in behind(findings) {
            let _ = write!(html, "<p class=\"caption\">{meaning}</p>");
        }
    }
    html + "</header>"
}

/// The network as a diagram and in tables, and where the results come from.
pub fn network(results: &Results) -> String {
    let mut html = "<div class=\"head\"><div class=\"diagram\">".to_string();
    html += &diagram(&results.experiment.network);
    html += "<p class=\"caption\">Arrows excite, dots inhibit.</p></div><dl>";
    for (key, value) in head::provenance(results) {
        let value = if key == head::AGAIN { format!("<code>{}</code>", escape(&value)) } else { escape(&value) };
        let _ = write!(html, "<div><dt>{}</dt><dd>{value}</dd></div>", escape(key));
    }
    html += "</dl></div><div class=\"tables\">";
    for view in head::parameters(results) {
        html += &table(&view);
    }
    let config = escape(&results.experiment.to_yaml());
    html + &format!("<details><summary>The whole config, resolved</summary><pre>{config}</pre></details></div>")
}

fn folded(id: &str, title: &str, content: &str) -> String {
    format!("<section id=\"{id}\"><details><summary><h2>{}</h2></summary>{content}</details></section>", escape(title))
}

/// The one slider for all figures of single points.
fn point_chooser(points: &Points) -> String {
    let unfold = "<button id=\"unfold\" type=\"button\">Open all</button>";
    if points.names.len() < 2 {
        return format!("<p class=\"bar\">{unfold}</p>");
    }
    let chosen = select("point", "Point", &points.names, points.shown);
    let slider = slider("Point", points.names.len(), points.shown);
    format!("<div class=\"chooser bar\" id=\"point\">{chosen}{slider}{unfold}</div>")
}

fn select(part: &str, label: &str, names: &[String], shown: usize) -> String {
    let mut html = format!("<label>{} <select data-part=\"{part}\">", escape(label));
    for (i, name) in names.iter().enumerate() {
        let selected = if i == shown { " selected" } else { "" };
        let _ = write!(html, "<option value=\"{i}\"{selected}>{}</option>", escape(name));
    }
    html + "</select></label>"
}

fn slider(label: &str, n: usize, shown: usize) -> String {
    let last = n - 1;
    format!("<input type=\"range\" min=\"0\" max=\"{last}\" value=\"{shown}\" aria-label=\"{}\">", escape(label))
}

/// What a reader chooses in a section of its own; points are chosen for the whole page.
fn chooser(section: &Section) -> String {
    let places = section.places.len().max(1);
    let (choice, place) = (section.shown / places, section.shown % places);
    let mut html = String::new();
    if section.choices.len() > 1 {
        html += &select("choice", &section.chooser, &section.choices, choice);
    }
    if places > 1 {
        html += &select("place", &section.place, &section.places, place);
    }
    if html.is_empty() || !section.points.is_empty() {
        return String::new();
    }
    let slider =
        if section.choices.len() > 1 { slider(&section.chooser, section.choices.len(), choice) } else { String::new() };
    format!("<div class=\"chooser\" data-places=\"{places}\">{html}{slider}</div>")
}

/// Text, tables, and figures; of a key section the figures come first, its text explains them, and its tables are at hand.
fn content(section: &Section, points: &Points) -> String {
    let figures_first = section.key && !section.figures.is_empty();
    let text = match section.text.is_empty() {
        true => String::new(),
        false => format!("<p class=\"{}\">{}</p>", if figures_first { "note" } else { "lead" }, escape(&section.text)),
    };
    let mut html = if figures_first { String::new() } else { text.clone() };
    // side by side where they fit
    let several = section.tables.len() > 1;
    let mut tables = if several { "<div class=\"tables\">".to_string() } else { String::new() };
    section.tables.iter().for_each(|view| tables += &table(view));
    tables += if several { "</div>" } else { "" };
    if !figures_first {
        html += &tables;
    }
    html += &chooser(section);
    if !section.points.is_empty() {
        let _ = write!(html, "<p class=\"at\">{}</p>", escape(points.note(section)));
    }
    html += &figures(section);
    if figures_first {
        html += &text;
    }
    if figures_first && !section.tables.is_empty() {
        let _ = write!(html, "<details><summary>The numbers as tables</summary>{tables}</details>");
    }
    html
}

fn figures(section: &Section) -> String {
    if section.figures.is_empty() {
        return String::new();
    }
    // three side by side are narrow; four stand two by two
    let narrow = section.columns > 2 && section.columns != 4;
    let mut html = if narrow { "<div class=\"figures narrow\">" } else { "<div class=\"figures\">" }.to_string();
    let mut slots: Vec<&str> = Vec::new();
    let mut row = "";
    for figure in &section.figures {
        if slots.contains(&figure.slot.as_str()) {
            continue;
        }
        slots.push(&figure.slot);
        let of_slot = || section.figures.iter().filter(|other| other.slot == figure.slot);
        let shown = of_slot().find(|other| other.choice.is_none_or(|choice| choice == section.shown));
        let first_of_row = figure.row != row;
        row = &figure.row;
        html += &slot(&figure.slot, shown, of_slot().next().unwrap_or(figure), first_of_row);
    }
    html + "</div>"
}

/// The place of a figure; empty and hidden where the present choice has none.
fn slot(name: &str, shown: Option<&Figure>, any: &Figure, first_of_row: bool) -> String {
    let shares: f64 = any.panels.iter().map(|panel| panel.share).sum();
    let height = HEIGHT.0 + HEIGHT.1 * (shares - 1.0);
    let (id, title, caption) =
        shown.map_or(("", "", ""), |figure| (&figure.id as &str, &figure.title as &str, &figure.caption as &str));
    // on paper, figures stand in lines
    let line = if first_of_row { "<br>" } else { "" };
    format!(
        "{line}<figure data-slot=\"{name}\" data-figure=\"{id}\"{}{}><h3>{}</h3><div class=\"plot\" style=\"height:{height}px\"></div>\
         <figcaption><span>{}</span><span class=\"readout\"></span><span class=\"tools\"><button data-format=\"png\">PNG</button>\
         <button data-format=\"svg\">SVG</button></span></figcaption></figure>",
        if first_of_row { " class=\"first\"" } else { "" },
        if shown.is_none() { " hidden" } else { "" },
        escape(title),
        escape(caption)
    )
}

fn table(view: &TableView) -> String {
    let wide = width(view) > PHONE;
    let mut html = format!(
        "<div class=\"table{}{}\" id=\"table-{}\"><p class=\"caption\">{}</p><table><thead><tr>",
        if view.rows.len() > SHORT { " dense" } else { "" },
        if wide { " wide" } else { "" },
        view.id,
        escape(&view.caption)
    );
    for cell in &view.header {
        // labels of models may be broken before what differs
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(cell).replace('+', "<wbr>+"));
    }
    html += "</tr></thead><tbody>";
    for row in &view.rows {
        html += "<tr>";
        for (i, cell) in row.iter().enumerate() {
            let class = match cell.verdict {
                Verdict::None => "",
                Verdict::Within => " class=\"within\"",
                Verdict::Outside => " class=\"outside\"",
            };
            // on a phone each number of a wide table stands under the name of its column
            let of = if wide { format!(" data-of=\"{}\"", escape(&view.header[i])) } else { String::new() };
            let text = unbroken(&cell.whole());
            let _ = match i {
                0 => write!(html, "<th scope=\"row\">{}</th>", escape(&cell.whole())),
                _ => write!(html, "<td{class}{of}>{text}</td>"),
            };
        }
        html += "</tr>";
    }
    html + "</tbody></table></div>"
}

/// Parts of a cell's text that lines are broken between: a number, where it is, the next one.
fn pieces(text: &str) -> Vec<String> {
    let marked = text.replace(" at ", "\nat ").replace("; ", ";\n").replace(", ", ",\n").replace(" · ", "\n· ");
    marked.split('\n').map(String::from).collect()
}

/// A cell's text of which no short piece is broken.
fn unbroken(text: &str) -> String {
    let piece = |piece: &String| {
        let long = if piece.chars().count() > PIECE { " class=\"long\"" } else { "" };
        format!("<span{long}>{}</span>", escape(piece))
    };
    pieces(text).iter().map(piece).collect::<Vec<_>>().join(" ")
}

/// Characters that a table needs side by side.
fn width(view: &TableView) -> usize {
    let longest = |text: &str| pieces(text).iter().map(|piece| piece.chars().count().min(PIECE)).max().unwrap_or(0);
    let column = |i: usize| {
        let words = view.header[i].split_whitespace().map(|word| word.chars().count());
        let cells = view.rows.iter().map(|row| longest(&row[i].whole()));
        words.chain(cells).max().unwrap_or(0) + BESIDE
    };
    (0..view.header.len()).map(column).sum()
}

/// The figures by name, with what their captions and colours need.
fn data(sections: &[Section], points: &Points) -> String {
    let figures = sections.iter().flat_map(|section| section.figures.iter().map(move |figure| (section, figure)));
    let mut captions = serde_json::Map::new();
    let mut files = serde_json::Map::new();
    let mut slots: std::collections::BTreeMap<&str, serde_json::Map<String, Value>> = Default::default();
    let mut by_name = serde_json::Map::new();
    for (section, figure) in figures {
        files.insert(figure.id.clone(), section.file_name(figure).into());
        if let Some(choice) = figure.choice {
            captions.insert(figure.id.clone(), figure.caption.clone().into());
            slots.entry(&figure.slot).or_default().insert(choice.to_string(), figure.id.clone().into());
        }
        // plain structs with text keys can be written
        by_name.insert(figure.id.clone(), serde_json::to_value(figure).expect("plain data"));
    }
    let data = json!({
        "palette": style::palette(),
        "missing": style::MISSING,
        "sequential": style::SEQUENTIAL,
        "diverging": style::DIVERGING,
        "classes": style::CLASSES,
        "dashes": style::DASHES,
        "slots": slots,
        "captions": captions,
        "files": files,
        "points": points,
        "figures": by_name,
    });
    // no text inside ends the script element
    data.to_string().replace("</", "<\\/").replace("<!--", "\\u003c!--")
}
