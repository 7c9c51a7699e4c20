/// A number's text with zeros behind its sign and its prefix, as `f"{x:#06x}"`.
fn prefix_filled(text: &str, width: usize) -> String {
    let prefix = text.find(['x', 'X', 'o', 'b']).map_or(0, |at| at + 1);
    let (prefix, digits) = text.split_at(prefix);
    format!("{prefix}{}{digits}", "0".repeat(width.saturating_sub(text.len())))
}
