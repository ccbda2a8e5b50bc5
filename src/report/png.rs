//! Pictures of the SVG files, with the font that the program carries, or another.

use super::error::ReportError;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};
use std::path::Path;
use std::sync::Arc;

const FONT: &[u8] = include_bytes!("assets/report-sans.ttf");
const FAMILY: &str = "Report Sans";
/// Pixels of a unit: 288 in an inch.
const SCALE: f32 = 3.0;

/// The fonts that pictures may have: our own, and that of a file before it, with the name by which it is asked for.
pub fn fonts(file: Option<&Path>) -> Result<(Arc<Database>, Option<String>), ReportError> {
    let mut fonts = Database::new();
    if let Some(path) = file {
        let data = std::fs::read(path).map_err(|e| ReportError::io(path, e))?;
        fonts.load_font_data(data);
    }
    let families = fonts.faces().flat_map(|face| face.families.first());
    let family = families.map(|(family, _)| family.clone()).next();
    if let (Some(path), None) = (file, &family) {
        return Err(ReportError::NoFont { path: path.to_path_buf() });
    }
    fonts.load_font_data(FONT.to_vec());
    fonts.set_sans_serif_family(FAMILY);
    Ok((Arc::new(fonts), family))
}

/// What PNG and PDF are made of; `path` is named in errors.
pub fn tree(svg: &str, fonts: &Arc<Database>, path: &Path) -> Result<Tree, ReportError> {
    let options = Options { fontdb: fonts.clone(), font_family: FAMILY.into(), ..Options::default() };
    let error = |message: String| ReportError::Image { path: path.to_path_buf(), message };
    Tree::from_str(svg, &options).map_err(|e| error(e.to_string()))
}

/// The bytes of a PNG file.
pub fn render(tree: &Tree, path: &Path) -> Result<Vec<u8>, ReportError> {
    let error = |message: String| ReportError::Image { path: path.to_path_buf(), message };
    let size = tree.size().to_int_size().scale_by(SCALE);
    let pixels = size.and_then(|size| Pixmap::new(size.width(), size.height()));
    let mut pixels = pixels.ok_or_else(|| error("an image without pixels".into()))?;
    resvg::render(tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| error(e.to_string()))
}
