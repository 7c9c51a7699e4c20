//! The version of Python whose meaning the Rust keeps.

use std::process::Command;

/// A minor version of Python 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PythonVersion(pub u32);

impl Default for PythonVersion {
    fn default() -> Self {
        PythonVersion(11)
    }
}

impl PythonVersion {
    /// Whether `sum` of floats makes up for what rounding loses.
    pub fn compensates_sums(self) -> bool {
        self >= PythonVersion(12)
    }

    /// The version that apps are run with: that of `PYO3_PYTHON`, or of `python3` on the
    /// `PATH`. It is only asked for its version.
    pub fn installed() -> Option<PythonVersion> {
        let program = std::env::var_os("PYO3_PYTHON").unwrap_or_else(|| "python3".into());
        let output = Command::new(program).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim().strip_prefix("Python ")?.parse().ok()
    }
}

impl std::str::FromStr for PythonVersion {
    type Err = String;

    /// `3.12`, `3.12.4`
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('.');
        let minor = match parts.next() {
            Some("3") => parts
                .next()
                .map(|part| part.trim_end_matches(|c: char| !c.is_ascii_digit())),
            _ => None,
        };
        minor
            .and_then(|minor| minor.parse().ok())
            .map(PythonVersion)
            .ok_or_else(|| format!("`{text}` is no version of Python 3, such as 3.12"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_and_without_its_micro_version() {
        assert_eq!("3.12".parse(), Ok(PythonVersion(12)));
        assert_eq!("3.14.0rc1".parse(), Ok(PythonVersion(14)));
        assert!("2.7".parse::<PythonVersion>().is_err());
        assert!("python3".parse::<PythonVersion>().is_err());
    }
}
