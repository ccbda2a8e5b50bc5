//! Pictures of the SVG files, at three pixels per unit, with the font that the program carries.

use super::error::ReportError;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};
use std::path::Path;
use std::sync::Arc;

const FONT: &[u8] = include_bytes!("assets/report-sans.ttf");
const FAMILY: &str = "Report Sans";
const SCALE: f32 = 3.0;

pub fn fonts() -> Arc<Database> {
    let mut fonts = Database::new();
    fonts.load_font_data(FONT.to_vec());
    fonts.set_sans_serif_family(FAMILY);
    Arc::new(fonts)
}

/// The bytes of a PNG file; `path` is named in errors.
pub fn render(svg: &str, fonts: &Arc<Database>, path: &Path) -> Result<Vec<u8>, ReportError> {
    let error = |message: String| ReportError::Image { path: path.to_path_buf(), message };
    let options = Options { fontdb: fonts.clone(), font_family: FAMILY.into(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|e| error(e.to_string()))?;
    let size = tree.size().to_int_size().scale_by(SCALE);
    let pixels = size.and_then(|size| Pixmap::new(size.width(), size.height()));
    let mut pixels = pixels.ok_or_else(|| error("an image without pixels".into()))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| error(e.to_string()))
}
