//! Formats of `struct`.
//!
//! Enters: a text. Leaves: where each value lies, and how long all of it is. This module must not
//! know the call.

/// The longest format that is read.
const MOST_BYTES: usize = 4096;

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The least.
    Little,
    /// The greatest.
    Big,
    /// As in the machine.
    Native,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An int of so many bytes.
    Int {
        /// 1, 2, 4 or 8.
        bytes: usize,
        /// Whether it has a sign.
        signed: bool,
    },
    /// `f`
    Single,
    /// `d`
    Double,
    /// `?`
    Bool,
    /// `4s`
    Bytes(usize),
}

impl Kind {
    /// How many bytes it takes.
    pub fn size(self) -> usize {
        match self {
            Kind::Int { bytes, .. } | Kind::Bytes(bytes) => bytes,
            Kind::Single => 4,
            Kind::Double => 8,
            Kind::Bool => 1,
        }
    }
}

/// A value in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Its first byte.
    pub at: usize,
    /// What it is.
    pub kind: Kind,
}

/// A format, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The order of the bytes in numbers.
    pub order: Order,
    /// Whether it is the machine's own (`@`): aligned, and a float that is too large for `f` is
    /// infinite.
    pub native: bool,
    /// The values; what lies between them is padding.
    pub items: Vec<Item>,
    /// The length of all.
    pub size: usize,
}

impl Layout {
    /// Takes a format apart; nothing where it is none, or has what is not translated.
    pub fn of(format: &str) -> Option<Layout> {
        let (order, native, rest) = match format.chars().next() {
            Some('<') => (Order::Little, false, format.get(1..)?),
            Some('>' | '!') => (Order::Big, false, format.get(1..)?),
            Some('=') => (Order::Native, false, format.get(1..)?),
            Some('@') => (Order::Native, true, format.get(1..)?),
            _ => (Order::Native, true, format),
        };
        let mut layout = Layout {
            order,
            native,
            items: Vec::new(),
            size: 0,
        };
        let mut count = String::new();
        for code in rest.chars() {
            match code {
                ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' if count.is_empty() => continue,
                '0'..='9' => {
                    count.push(code);
                    continue;
                }
                _ => {}
            }
            let times: usize = match count.is_empty() {
                true => 1,
                false => count.parse().ok()?,
            };
            count.clear();
            if times > MOST_BYTES {
                return None;
            }
            layout.add(code, times)?;
            if layout.size > MOST_BYTES {
                return None;
            }
        }
        count.is_empty().then_some(layout)
    }

    fn add(&mut self, code: char, times: usize) -> Option<()> {
        let int = |bytes, signed| Some(Kind::Int { bytes, signed });
        let kind = match code {
            'x' => {
                self.size += times;
                return Some(());
            }
            's' => {
                self.items.push(Item {
                    at: self.size,
                    kind: Kind::Bytes(times),
                });
                self.size += times;
                return Some(());
            }
            'b' => int(1, true),
            'B' => int(1, false),
            'h' => int(2, true),
            'H' => int(2, false),
            'i' => int(4, true),
            'I' => int(4, false),
            // How long they are in the machine, the machine says.
            'l' if !self.native => int(4, true),
            'L' if !self.native => int(4, false),
            'q' => int(8, true),
            'Q' => int(8, false),
            'f' => Some(Kind::Single),
            'd' => Some(Kind::Double),
            '?' => Some(Kind::Bool),
            _ => None,
        }?;
        if self.native {
            self.size = self.size.next_multiple_of(kind.size());
        }
        for _ in 0..times {
            self.items.push(Item {
                at: self.size,
                kind,
            });
            self.size += kind.size();
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_say_where_values_lie() {
        let places = |format: &str| {
            let layout = Layout::of(format).unwrap();
            let places: Vec<usize> = layout.items.iter().map(|item| item.at).collect();
            (places, layout.size)
        };
        assert_eq!(places("<BHB4x"), (vec![0, 1, 3], 8));
        assert_eq!(places(">2h f"), (vec![0, 2, 4], 8));
        assert_eq!(places("BHq"), (vec![0, 2, 8], 16));
        assert_eq!(places("!4sB"), (vec![0, 4], 5));
        assert_eq!(Layout::of("<P"), None);
        assert_eq!(Layout::of("<3"), None);
    }
}
