/// Python's `int(text, base)`: `None` where it raises a ValueError. What leaves 128 bits, or
/// has digits beyond ASCII, is `i128::MAX`.
fn parse_int(text: &str, base: u32) -> Option<i128> {
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
    if !well_formed && digits.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
        return Some(i128::MAX);
    }
    if !well_formed || (octal_of_old && digits.contains(|c| c != '0' && c != '_')) {
        return None;
    }
    let digits = format!("{sign}{}", digits.replace('_', ""));
    Some(i128::from_str_radix(&digits, radix).unwrap_or(i128::MAX))
}
