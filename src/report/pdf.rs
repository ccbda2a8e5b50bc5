//! PDF pages of the SVG files (ISO 32000-1): what figures consist of, paths with flat colours in clipped groups, text as outlines.

use super::error::ReportError;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use resvg::tiny_skia::{PathSegment, Transform};
use resvg::usvg::{self, FillRule, Group, Node, Paint};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Points of a pixel of 1/96 inch.
const POINTS: f32 = 0.75;

/// The bytes of a PDF file with one page; `path` is named in errors.
pub fn render(tree: &usvg::Tree, path: &Path) -> Result<Vec<u8>, ReportError> {
    let (width, height) = (tree.size().width() * POINTS, tree.size().height() * POINTS);
    let mut page = Page::default();
    // y goes up in PDF
    page.transform(Transform::from_row(POINTS, 0.0, 0.0, -POINTS, 0.0, height));
    page.group(tree.root());
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = deflated.write_all(page.content.as_bytes()).and_then(|()| deflated.finish());
    let content = written.map_err(|e| ReportError::io(path, e))?;
    let states =
        page.opacities.iter().enumerate().map(|(i, opacity)| format!("/G{i} <</ca {opacity} /CA {opacity}>> "));
    let states: String = states.collect();
    let objects = [
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>".to_vec(),
        format!(
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R /Resources <</ExtGState <<{states}>>>>>>"
        )
        .into_bytes(),
        [
            format!("<</Length {} /Filter /FlateDecode>>\nstream\n", content.len()).as_bytes(),
            &content,
            b"\nendstream",
        ]
        .concat(),
    ];
    Ok(file(&objects))
}

/// Objects 1, 2, ..., of which the first is the catalog, and the table of where they lie.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n", i + 1).bytes().chain(object.iter().copied()));
        bytes.extend(b"\nendobj\n");
    }
    let begin = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    places.iter().for_each(|place| bytes.extend(format!("{place:010} 00000 n \n").bytes()));
    bytes.extend(format!("trailer\n<</Size {} /Root 1 0 R>>\nstartxref\n{begin}\n%%EOF\n", objects.len() + 1).bytes());
    bytes
}

#[derive(Default)]
struct Page {
    content: String,
    opacities: Vec<f32>,
}

impl Page {
    fn transform(&mut self, t: Transform) {
        let _ = writeln!(self.content, "{} {} {} {} {} {} cm", t.sx, t.ky, t.kx, t.sy, t.tx, t.ty);
    }

    fn group(&mut self, group: &Group) {
        self.content += "q\n";
        self.transform(group.transform());
        if let Some(clip) = group.clip_path() {
            self.clip(clip.root());
            self.content += "W n\n";
        }
        for node in group.children() {
            match node {
                Node::Group(group) => self.group(group),
                Node::Path(path) => self.path(path),
                Node::Text(text) => self.group(text.flattened()),
                // figures have none
                Node::Image(_) => {}
            }
        }
        self.content += "Q\n";
    }

    /// Outlines of a clip path: rectangles of panels, which are not transformed.
    fn clip(&mut self, group: &Group) {
        for node in group.children() {
            match node {
                Node::Group(group) => self.clip(group),
                Node::Path(path) => self.outline(path),
                Node::Text(_) | Node::Image(_) => {}
            }
        }
    }

    fn path(&mut self, path: &usvg::Path) {
        let fill = path.fill().and_then(|fill| Some((colour(fill.paint())?, fill)));
        if let Some((colour, fill)) = fill {
            self.opacity(fill.opacity().get());
            let _ = writeln!(self.content, "{colour} rg");
            self.outline(path);
            self.content += if fill.rule() == FillRule::EvenOdd { "f*\n" } else { "f\n" };
        }
        let stroke = path.stroke().and_then(|stroke| Some((colour(stroke.paint())?, stroke)));
        if let Some((colour, stroke)) = stroke {
            self.opacity(stroke.opacity().get());
            let dashes: Vec<String> = stroke.dasharray().unwrap_or_default().iter().map(f32::to_string).collect();
            let join = if stroke.linejoin() == usvg::LineJoin::Round { 1 } else { 0 };
            let width = stroke.width().get();
            let _ = writeln!(
                self.content,
                "{colour} RG {width} w {join} j [{}] {} d",
                dashes.join(" "),
                stroke.dashoffset()
            );
            self.outline(path);
            self.content += "S\n";
        }
    }

    fn outline(&mut self, path: &usvg::Path) {
        // where a quadratic curve starts
        let mut pen = (0.0, 0.0);
        for segment in path.data().segments() {
            let _ = match segment {
                PathSegment::MoveTo(p) => {
                    pen = (p.x, p.y);
                    writeln!(self.content, "{} {} m", p.x, p.y)
                }
                PathSegment::LineTo(p) => {
                    pen = (p.x, p.y);
                    writeln!(self.content, "{} {} l", p.x, p.y)
                }
                PathSegment::QuadTo(c, p) => {
                    let towards = |from: f32, to: f32| from + 2.0 / 3.0 * (to - from);
                    let (a, b) = ((towards(pen.0, c.x), towards(pen.1, c.y)), (towards(p.x, c.x), towards(p.y, c.y)));
                    pen = (p.x, p.y);
                    writeln!(self.content, "{} {} {} {} {} {} c", a.0, a.1, b.0, b.1, p.x, p.y)
                }
                PathSegment::CubicTo(a, b, p) => {
                    pen = (p.x, p.y);
                    writeln!(self.content, "{} {} {} {} {} {} c", a.x, a.y, b.x, b.y, p.x, p.y)
                }
                PathSegment::Close => writeln!(self.content, "h"),
            };
        }
    }

    fn opacity(&mut self, opacity: f32) {
        let known = self.opacities.iter().position(|other| *other == opacity);
        let place = known.unwrap_or_else(|| {
            self.opacities.push(opacity);
            self.opacities.len() - 1
        });
        let _ = writeln!(self.content, "/G{place} gs");
    }
}

/// Figures have flat colours alone.
fn colour(paint: &Paint) -> Option<String> {
    let Paint::Color(colour) = paint else { return None };
    let [red, green, blue] = [colour.red, colour.green, colour.blue].map(|part| f32::from(part) / 255.0);
    Some(format!("{red} {green} {blue}"))
}
