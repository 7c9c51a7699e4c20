//! What a log executes of the Python, for the reader.
//!
//! Enters: the harness's observations of each file. Leaves: [`Coverage`]: the counts, and
//! what was never seen. This module must not know what follows from it.

use super::protocol::FileCoverage;
use super::verdict::{Coverage, NeverTaken};
use std::path::Path;

/// Sums up; paths are shown from `root`.
pub fn summary(files: &[FileCoverage], root: &Path) -> Coverage {
    let mut coverage = Coverage::default();
    for file in files {
        let path = Path::new(&file.path);
        let name = path.strip_prefix(root).unwrap_or(path);
        let name = name.display().to_string();
        coverage.lines.1 += file.lines.len();
        coverage.lines.0 += file.lines.len().saturating_sub(file.missed.len());
        if !file.missed.is_empty() {
            coverage
                .missed_lines
                .push((name.clone(), file.missed.clone()));
        }
        let ran = file.lines.iter().filter(|line| !file.missed.contains(line));
        let ran: Vec<u32> = ran.copied().collect();
        if !ran.is_empty() {
            coverage.executed_lines.push((name.clone(), ran));
        }
        for branch in &file.branches {
            coverage.branches.1 += branch.outcomes.len();
            coverage.branches.0 += branch.outcomes.len().saturating_sub(branch.missed.len());
            coverage
                .never
                .extend(branch.missed.iter().map(|outcome| NeverTaken {
                    file: name.clone(),
                    line: branch.line,
                    text: branch.text.clone(),
                    outcome: outcome.clone(),
                }));
        }
    }
    coverage
}

impl Coverage {
    /// The outcomes seen, in percent; of a script without branches, the lines executed.
    pub fn percent(&self) -> f64 {
        let (seen, all) = if self.branches.1 == 0 {
            self.lines
        } else {
            self.branches
        };
        if all == 0 {
            100.0
        } else {
            seen as f64 * 100.0 / all as f64
        }
    }

    /// Such as `31 of 34 branches; never taken: python/task.py:48, 52`.
    pub fn words(&self) -> String {
        let (seen, all) = self.branches;
        let mut text = match all {
            0 => format!("{} of {} lines", self.lines.0, self.lines.1),
            all => format!("{seen} of {all} branches"),
        };
        let mut file = "";
        let mut last = None;
        for (i, never) in self.never.iter().enumerate() {
            if i == 0 {
                text.push_str("; never taken: ");
            }
            if last == Some((&never.file, never.line)) {
                continue;
            }
            if i > 0 {
                text.push_str(", ");
            }
            if file != never.file {
                file = &never.file;
                text.push_str(&format!("{file}:"));
            }
            text.push_str(&never.line.to_string());
            last = Some((&never.file, never.line));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::protocol::BranchCoverage;

    fn branch(line: u32, missed: &[&str]) -> BranchCoverage {
        BranchCoverage {
            line,
            text: "x > 0".into(),
            outcomes: vec!["false".into(), "true".into()],
            missed: missed.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_coverage_is_said_in_a_line() {
        let files = [
            FileCoverage {
                path: "/app/python/task.py".into(),
                lines: vec![1, 2, 3],
                missed: vec![3],
                branches: vec![
                    branch(2, &[]),
                    branch(48, &["true"]),
                    branch(52, &["false", "true"]),
                ],
            },
            FileCoverage {
                path: "/app/python/other.py".into(),
                lines: vec![1],
                missed: vec![],
                branches: vec![branch(7, &["true"])],
            },
        ];
        let found = summary(&files, Path::new("/app"));
        let expected = "4 of 8 branches; never taken: python/task.py:48, 52, python/other.py:7";
        assert_eq!(found.words(), expected);
        assert_eq!((found.lines, found.percent()), ((3, 4), 50.0));
        assert_eq!(summary(&[], Path::new("/")).words(), "0 of 0 lines");
    }
}
