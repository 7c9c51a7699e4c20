//! Commands that the user is to type: what a path looks like in one.

use std::path::Path;

/// `path` as a word of a POSIX shell: quoted where it holds a space or anything else that a shell
/// would take apart.
pub fn word(path: &Path) -> String {
    let text = path.display().to_string();
    shlex::try_quote(&text).map_or_else(|_| text.clone(), |word| word.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_space_is_one_word() {
        for text in [
            "logs/run.copper",
            "my robot/Prüfstand/it's.py",
            "$HOME/*.py",
            "-a",
        ] {
            let line = word(Path::new(text));
            assert_eq!(shlex::split(&line), Some(vec![text.to_owned()]), "{line}");
        }
        assert_eq!(word(Path::new("logs/run.copper")), "logs/run.copper");
    }
}
