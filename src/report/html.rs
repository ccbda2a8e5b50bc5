//! One self-contained file: the sections as HTML, the figures as JSON that an embedded script draws with Plotly.
//!
//! The page's own content security policy forbids every request, so it opens from disk and stays there.

use super::escape::escape;
use super::figure::{Figure, Section, TableView, Verdict};
use super::head;
use super::read::Results;
use super::style;
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

/// The whole page.
pub fn page(results: &Results, sections: &[Section]) -> String {
    let (name, question) = head::title(results);
    let mut body = header(results, &name, question.as_deref(), sections);
    for section in sections {
        body += &self::section(section);
    }
    let values = [
        ("TITLE", escape(&name)),
        ("STYLE", STYLE.to_string()),
        ("BODY", body),
        ("DATA", data(sections)),
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

fn header(results: &Results, name: &str, question: Option<&str>, sections: &[Section]) -> String {
    let mut html = format!("<header><h1>{}</h1>", escape(name));
    if let Some(question) = question {
        let _ = write!(html, "<p class=\"lead\">The config's comment: {}</p>", escape(question));
    }
    html += "<nav aria-label=\"Sections\">";
    for section in sections {
        let _ = write!(html, "<a href=\"#{}\">{}</a>", section.id, escape(&section.title));
    }
    html += "</nav></header><section id=\"network\"><div class=\"head\"><div class=\"diagram\">";
    html += &head::diagram(&results.experiment.network);
    html += "</div><dl>";
    for (key, value) in head::provenance(results) {
        let value = if key == head::AGAIN { format!("<code>{}</code>", escape(&value)) } else { escape(&value) };
        let _ = write!(html, "<div><dt>{}</dt><dd>{value}</dd></div>", escape(&key));
    }
    html += "</dl></div><div class=\"tables\">";
    for view in head::parameters(results) {
        html += &table(&view);
    }
    html + "</div></section>"
}

fn section(section: &Section) -> String {
    let mut html = format!("<section id=\"{}\"><h2>{}</h2>", section.id, escape(&section.title));
    if !section.text.is_empty() {
        let _ = write!(html, "<p class=\"lead\">{}</p>", escape(&section.text));
    }
    // side by side where they fit
    let several = section.tables.len() > 1;
    html += if several { "<div class=\"tables\">" } else { "" };
    section.tables.iter().for_each(|view| html += &table(view));
    html += if several { "</div>" } else { "" };
    let first = section.shown;
    if section.choices.len() > 1 {
        let _ = write!(html, "<div class=\"chooser\"><label>{} <select>", escape(&section.chooser));
        for (i, choice) in section.choices.iter().enumerate() {
            let selected = if i == first { " selected" } else { "" };
            let _ = write!(html, "<option value=\"{i}\"{selected}>{}</option>", escape(choice));
        }
        let last = section.choices.len() - 1;
        let _ = write!(
            html,
            "</select></label><input type=\"range\" min=\"0\" max=\"{last}\" value=\"{first}\" aria-label=\"{}\"></div>",
            escape(&section.chooser)
        );
    }
    // three side by side are narrow; four stand two by two
    let narrow = section.columns > 2 && section.columns != 4;
    html += if narrow { "<div class=\"figures narrow\">" } else { "<div class=\"figures\">" };
    let mut slots: Vec<&str> = Vec::new();
    let mut row = "";
    for figure in &section.figures {
        if slots.contains(&figure.slot.as_str()) {
            continue;
        }
        slots.push(&figure.slot);
        let of_slot = || section.figures.iter().filter(|other| other.slot == figure.slot);
        let shown = of_slot().find(|other| other.choice.is_none_or(|choice| choice == first));
        let first_of_row = figure.row != row;
        row = &figure.row;
        html += &slot(&figure.slot, shown, of_slot().next().unwrap_or(figure), first_of_row);
    }
    html + "</div></section>"
}

/// The place of a figure; empty and hidden where the present choice has none.
fn slot(name: &str, shown: Option<&Figure>, any: &Figure, first_of_row: bool) -> String {
    let shares: f64 = any.panels.iter().map(|panel| panel.share).sum();
    let height = HEIGHT.0 + HEIGHT.1 * (shares - 1.0);
    let (id, title, caption) =
        shown.map_or(("", "", ""), |figure| (&figure.id as &str, &figure.title as &str, &figure.caption as &str));
    format!(
        "<figure data-slot=\"{name}\" data-figure=\"{id}\"{}{}><h3>{}</h3><div class=\"plot\" style=\"height:{height}px\"></div>\
         <figcaption><span>{}</span><span class=\"tools\"><button data-format=\"png\">PNG</button>\
         <button data-format=\"svg\">SVG</button></span></figcaption></figure>",
        if first_of_row { " class=\"first\"" } else { "" },
        if shown.is_none() { " hidden" } else { "" },
        escape(title),
        escape(caption)
    )
}

fn table(view: &TableView) -> String {
    let mut html = format!(
        "<div class=\"table{}\" id=\"table-{}\"><p class=\"caption\">{}</p><table><thead><tr>",
        if view.rows.len() > SHORT { " dense" } else { "" },
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
            let text = escape(&cell.text);
            let _ = match i {
                0 => write!(html, "<th scope=\"row\">{text}</th>"),
                _ => write!(html, "<td{class}>{text}</td>"),
            };
        }
        html += "</tr>";
    }
    html + "</tbody></table></div>"
}

/// The figures by name, with what their captions and colours need.
fn data(sections: &[Section]) -> String {
    let figures = sections.iter().flat_map(|section| &section.figures);
    let mut captions = serde_json::Map::new();
    let mut slots: std::collections::BTreeMap<&str, serde_json::Map<String, Value>> = Default::default();
    let mut by_name = serde_json::Map::new();
    for figure in figures {
        if let Some(choice) = figure.choice {
            captions.insert(figure.id.clone(), figure.caption.clone().into());
            slots.entry(&figure.slot).or_default().insert(choice.to_string(), figure.id.clone().into());
        }
        // plain structs with text keys can be written
        by_name.insert(figure.id.clone(), serde_json::to_value(figure).expect("plain data"));
    }
    let data = json!({
        "palette": style::palette(),
        "sequential": style::SEQUENTIAL,
        "diverging": style::DIVERGING,
        "dashes": style::DASHES,
        "slots": slots,
        "captions": captions,
        "figures": by_name,
    });
    // no text inside ends the script element
    data.to_string().replace("</", "<\\/").replace("<!--", "<\\!--")
}
