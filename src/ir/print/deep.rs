//! Expressions that nest deeper than rustfmt can lay out: it tries every layout of each level
//! with every layout of the next, and from about ten levels on that takes minutes.

/// What a function with such an expression carries.
pub const UNFORMATTED: &str = "#[rustfmt::skip]";

/// The levels of parentheses in one statement that rustfmt still lays out in no time.
const MOST: usize = 8;

/// Whether a function's text has an expression of that kind.
pub fn is_deep(text: &str) -> bool {
    // The levels of the statements around, and that of the innermost one.
    let (mut outer, mut level) = (Vec::new(), 0usize);
    let (mut quoted, mut escaped) = (false, false);
    for line in text.lines() {
        if !quoted && line.trim_start().starts_with("//") {
            continue;
        }
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            if quoted {
                quoted = c != '"' || escaped;
                escaped = c == '\\' && !escaped;
                continue;
            }
            match c {
                '"' => quoted = true,
                // What a literal of one character says does not count.
                '\'' => {
                    let mut ahead = chars.clone();
                    if ahead.next() == Some('\\') {
                        ahead.next();
                    }
                    if ahead.next() == Some('\'') {
                        chars = ahead;
                    }
                }
                '{' => outer.push(std::mem::take(&mut level)),
                '}' => level = outer.pop().unwrap_or(0),
                '(' | '[' => level += 1,
                ')' | ']' => level = level.saturating_sub(1),
                _ => {}
            }
            if level > MOST {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_deep;

    #[test]
    fn parentheses_of_one_statement_count() {
        let nested = |n: usize| format!("{}x{}", "(x + ".repeat(n), ")".repeat(n));
        assert!(!is_deep(&nested(8)));
        assert!(is_deep(&nested(9)));
        assert!(!is_deep(&format!("f(\"{}\");", "(".repeat(20))));
        assert!(!is_deep(&format!(
            "if f({}) {{ {} }}",
            nested(5),
            nested(5)
        )));
    }
}
