//! Small random changes of a Python text, as careless editing makes them.

/// A small random number generator (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const ARITHMETIC: &[&str] = &[
    "+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^",
];
const COMPARISON: &[&str] = &["<", "<=", ">", ">=", "==", "!=", "is", "in", "not in"];
const LOGIC: &[&str] = &["and", "or"];
const LITERALS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2.5",
    "0.0",
    "255",
    "4294967296",
    "9223372036854775807",
    "1e308",
    "None",
    "True",
    "\"s\"",
    "[]",
    "(1, 2)",
    "[1.0, 2]",
];
const AUGMENTED: &[&str] = &["=", "+=", "-=", "*=", "/=", "//=", "%=", "|=", "<<="];

/// A token of a line: where it is and whether it is a word, a number or an operator.
struct Token {
    start: usize,
    end: usize,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    Word,
    Number,
    Operator,
}

fn tokens(line: &str) -> Vec<Token> {
    let bytes = line.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let byte = bytes[at];
        let kind = if byte == b'#' {
            break;
        } else if byte == b'"' || byte == b'\'' {
            at += 1;
            while at < bytes.len() && bytes[at] != byte {
                at += 1;
            }
            at += 1;
            continue;
        } else if byte.is_ascii_alphabetic() || byte == b'_' {
            while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                at += 1;
            }
            Kind::Word
        } else if byte.is_ascii_digit() {
            while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'.') {
                at += 1;
            }
            Kind::Number
        } else if b"+-*/%<>=!&|^".contains(&byte) {
            while at < bytes.len() && b"+-*/%<>=!&|^".contains(&bytes[at]) {
                at += 1;
            }
            Kind::Operator
        } else {
            at += 1;
            continue;
        };
        out.push(Token {
            start,
            end: at.min(line.len()),
            kind,
        });
    }
    out
}

/// The text with one small change; it may be none, or no Python.
pub fn mutate(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.below(lines.len());
    let line = lines[at].clone();
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    match random.below(8) {
        0 => {
            let opens = line.trim_end().ends_with(':');
            lines[at] = if opens { line } else { format!("{indent}pass") };
        }
        1 if !line.trim_end().ends_with(':') => lines.insert(at, line),
        2 if at + 1 < lines.len() => lines.swap(at, at + 1),
        3 => {
            // A line from elsewhere, at this indentation.
            let other = lines[random.below(lines.len())].trim().to_owned();
            if !other.ends_with(':') && !other.starts_with('@') {
                lines.insert(at, format!("{indent}{other}"));
            }
        }
        _ => {
            if let Some(new) = change_token(text, &line, random) {
                lines[at] = new;
            }
        }
    }
    lines.join("\n") + "\n"
}

fn change_token(text: &str, line: &str, random: &mut Random) -> Option<String> {
    let tokens = tokens(line);
    let token = tokens.get(random.below(tokens.len()))?;
    let old = &line[token.start..token.end];
    let new = match token.kind {
        Kind::Number => random.pick(LITERALS).to_owned(),
        Kind::Operator if ARITHMETIC.contains(&old) => random.pick(ARITHMETIC).to_owned(),
        Kind::Operator if COMPARISON.contains(&old) => random.pick(COMPARISON).to_owned(),
        Kind::Operator if AUGMENTED.contains(&old) => random.pick(AUGMENTED).to_owned(),
        Kind::Operator => old.to_owned(),
        Kind::Word if LOGIC.contains(&old) => random.pick(LOGIC).to_owned(),
        Kind::Word if random.below(3) == 0 => random.pick(LITERALS).to_owned(),
        Kind::Word => word_of(text, random)?,
    };
    Some(format!(
        "{}{new}{}",
        &line[..token.start],
        &line[token.end..]
    ))
}

/// Some name of the file, with the attribute after it now and then.
fn word_of(text: &str, random: &mut Random) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let line = lines[random.below(lines.len())];
    let tokens = tokens(line);
    let words: Vec<&Token> = tokens.iter().filter(|t| t.kind == Kind::Word).collect();
    let word = words.get(random.below(words.len()))?;
    Some(line[word.start..word.end].to_owned())
}
