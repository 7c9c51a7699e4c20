//! Python's format mini-language: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
//!
//! Enters: the text of a format spec, or the flags of a `%` placeholder. Leaves: [`Spec`],
//! its parts. This module must not know any value.

/// A width or a precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// In digits.
    Fixed(usize),
    /// A value, by its place among the field's own: `{x:{width}}`.
    Value(u32),
}

impl Count {
    /// What stands for a value until the places of all values are known.
    pub(super) fn mark(place: u32) -> char {
        char::from_u32(FIRST_MARK + place).unwrap_or('?')
    }

    /// The value that a mark stands for.
    pub(super) fn marked(c: char) -> Option<u32> {
        let place = u32::from(c).checked_sub(FIRST_MARK)?;
        (place < MARKS).then_some(place)
    }
}

/// Private characters of Unicode, which stand in no format spec.
const FIRST_MARK: u32 = 0xe000;
const MARKS: u32 = 16;

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Count::Fixed(n) => write!(f, "{n}"),
            Count::Value(place) => write!(f, "{}", Count::mark(*place)),
        }
    }
}

/// A format spec, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Spec {
    /// The character to fill up with, where it is given.
    pub fill: Option<char>,
    /// `<`, `>`, `^` or `=`
    pub align: Option<char>,
    /// `+` or a space; `-` is what numbers do by themselves.
    pub sign: Option<char>,
    /// `#`
    pub alternate: bool,
    /// `0` before the width.
    pub zero: bool,
    /// The least width.
    pub width: Option<Count>,
    /// `,` or `_`
    pub grouping: Option<char>,
    /// The digits after the point, or the most characters of a text.
    pub precision: Option<Count>,
    /// The type: `d`, `f`, `x`, …
    pub kind: Option<char>,
}

impl Spec {
    /// Takes a format spec apart; `None` where Python raises a ValueError for any value.
    pub(super) fn parse(text: &str) -> Option<Spec> {
        let mut spec = Spec::default();
        let mut chars: Vec<char> = text.chars().collect();
        chars.reverse();
        let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '^' | '='));
        let second = chars.len().checked_sub(2).and_then(|i| chars.get(i));
        if is_align(second) {
            spec.fill = chars.pop();
            spec.align = chars.pop();
        } else if is_align(chars.last()) {
            spec.align = chars.pop();
        }
        if let Some('+' | '-' | ' ') = chars.last() {
            spec.sign = chars.pop().filter(|c| *c != '-');
        }
        if let Some('{' | '}') = spec.fill {
            return None;
        }
        spec.alternate = take(&mut chars, '#');
        spec.zero = take(&mut chars, '0');
        spec.width = number(&mut chars);
        if let Some(',' | '_') = chars.last() {
            spec.grouping = chars.pop();
        }
        if take(&mut chars, '.') {
            spec.precision = Some(number(&mut chars)?);
        }
        spec.kind = chars.pop();
        chars.is_empty().then_some(spec)
    }

    /// The spec of a `%` placeholder: flags, width and precision before `kind`.
    pub(super) fn percent(text: &str, kind: char) -> Option<Spec> {
        let mut spec = Spec {
            kind: Some(kind),
            ..Spec::default()
        };
        let mut chars: Vec<char> = text.chars().rev().collect();
        while let Some(flag @ ('-' | '+' | ' ' | '#' | '0')) = chars.last().copied() {
            chars.pop();
            match flag {
                '-' => spec.align = Some('<'),
                '+' => spec.sign = Some('+'),
                ' ' => spec.sign = spec.sign.or(Some(' ')),
                '#' => spec.alternate = true,
                _ => spec.zero = true,
            }
        }
        spec.width = number(&mut chars);
        if take(&mut chars, '.') {
            spec.precision = Some(number(&mut chars).unwrap_or(Count::Fixed(0)));
        }
        // Lengths as in C mean nothing.
        if let Some('h' | 'l' | 'L') = chars.last() {
            chars.pop();
        }
        if spec.align.is_some() {
            spec.zero = false;
        }
        chars.is_empty().then_some(spec)
    }

    /// Whether its width or its precision is a value.
    pub(super) fn is_computed(&self) -> bool {
        [self.width, self.precision]
            .iter()
            .any(|count| matches!(count, Some(Count::Value(_))))
    }

    /// The width without the `0` flag: where an alignment is given, `0` is what to fill with.
    pub(super) fn settled(mut self) -> Spec {
        if self.zero && self.align.is_some_and(|align| align != '=') {
            self.zero = false;
            self.fill = self.fill.or(Some('0'));
        }
        if self.align == Some('=') && self.fill.map_or(self.zero, |fill| fill == '0') {
            self.zero = true;
            self.align = None;
            self.fill = None;
        }
        self
    }

    /// Rust's own way to write fill, alignment, `flags` and width: `*>+8`; `default` is the
    /// alignment where none is given and Rust's own would be another one.
    pub(super) fn padding(&self, default: Option<char>, flags: &str) -> String {
        let Some(width) = self.width else {
            return flags.to_string();
        };
        match (self.fill, self.align.or(default)) {
            (Some(fill), Some(align)) => format!("{fill}{align}{flags}{width}"),
            (None, Some(align)) => format!("{align}{flags}{width}"),
            (_, None) => format!("{flags}{width}"),
        }
    }
}

fn take(chars: &mut Vec<char>, wanted: char) -> bool {
    let found = chars.last() == Some(&wanted);
    if found {
        chars.pop();
    }
    found
}

fn number(chars: &mut Vec<char>) -> Option<Count> {
    if let Some(place) = chars.last().copied().and_then(Count::marked) {
        chars.pop();
        return Some(Count::Value(place));
    }
    let mut digits = String::new();
    while let Some(digit) = chars.last().copied().filter(char::is_ascii_digit) {
        digits.push(digit);
        chars.pop();
    }
    // No text is wider than Rust can write: what is larger leaves no valid spec.
    match digits.parse() {
        Ok(number) if number > usize::from(u16::MAX) => {
            chars.push('?');
            None
        }
        other => other.ok().map(Count::Fixed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_has_its_parts_in_order() {
        let spec = Spec::parse("*^+#012,.3f").unwrap();
        assert_eq!((spec.fill, spec.align), (Some('*'), Some('^')));
        assert_eq!(
            (spec.sign, spec.alternate, spec.zero),
            (Some('+'), true, true)
        );
        assert_eq!(
            (spec.width, spec.precision),
            (Some(Count::Fixed(12)), Some(Count::Fixed(3)))
        );
        assert_eq!((spec.grouping, spec.kind), (Some(','), Some('f')));
        assert_eq!(Spec::parse("8.").map(|s| s.width), None);
        assert_eq!(Spec::parse("8dd"), None);
        assert_eq!(Spec::percent("-08.2", 'f').unwrap().align, Some('<'));
    }

    #[test]
    fn zero_is_a_fill_where_an_alignment_is_given() {
        let spec = Spec::parse("<05").unwrap().settled();
        assert_eq!(
            (spec.zero, spec.padding(None, "+").as_str()),
            (false, "0<+5")
        );
        let spec = Spec::parse("0=5").unwrap().settled();
        assert_eq!((spec.zero, spec.align), (true, None));
        let spec = Spec::parse("=5").unwrap().settled();
        assert_eq!((spec.zero, spec.align), (false, Some('=')));
    }
}
