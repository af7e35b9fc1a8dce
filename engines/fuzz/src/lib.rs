//! What the fuzz targets share.

/// The parts of an input, which a line of dashes divides.
#[must_use]
pub fn parts(text: &str) -> Vec<&str> {
    text.split("\n---\n").collect()
}
