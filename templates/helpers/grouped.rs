/// A number's text with `separator` between each three digits before the point, as `f"{x:,}"`.
fn grouped(text: &str, separator: char) -> String {
    let unsigned = text.trim_start_matches('-');
    let mut left = unsigned.chars().take_while(char::is_ascii_digit).count();
    let mut out = String::with_capacity(text.len() + left / 3);
    for c in text.chars() {
        out.push(c);
        if c.is_ascii_digit() && left > 0 {
            left -= 1;
            if left > 0 && left % 3 == 0 {
                out.push(separator);
            }
        }
    }
    out
}
