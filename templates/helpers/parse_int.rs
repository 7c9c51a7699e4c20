/// Python's `int(text, base)` of ASCII digits: `None` where it raises a ValueError, or leaves 64 bits.
fn parse_int(text: &str, base: u32) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let named = match digits.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 0,
    };
    let prefixed = named != 0 && (base == 0 || base == named);
    let (radix, digits) = match digits.get(2..) {
        Some(rest) if prefixed => (named, rest.strip_prefix('_').unwrap_or(rest)),
        _ if base == 0 => (10, digits),
        _ => (base, digits),
    };
    // Single underscores stand between digits.
    let well_formed = digits.split('_').all(|group| {
        !group.is_empty() && group.chars().all(|c| c.is_digit(radix))
    });
    let octal_of_old = base == 0 && !prefixed && digits.starts_with('0');
    if !well_formed || (octal_of_old && digits.contains(|c| c != '0' && c != '_')) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{}", digits.replace('_', "")), radix).ok()
}
