//! The translation of every Python task of the fixture apps.

use super::{Files, check, root, told};
use copper_migrate::pipeline;
use copper_migrate::project::Project;
use copper_migrate::translation::Translation;
use std::path::Path;

/// The fixture apps.
pub const APPS: [&str; 3] = ["pid", "robot", "summary"];

/// The Python tasks of an app, translated, by the ids of their nodes.
pub fn translations(app: &str) -> Vec<(String, Translation)> {
    let project = Project::load(&root().join("fixtures/apps").join(app)).unwrap();
    let bound = project.nodes.iter().filter(|node| node.binding.is_some());
    bound
        .map(|node| {
            let translation = pipeline::translate(&project, &node.id).unwrap();
            (node.id.0.clone(), translation)
        })
        .collect()
}

/// Their Rust, and what the user is told of each.
pub fn files() -> Files {
    let mut files = Files::new();
    for app in APPS {
        let dir = Path::new("golden/apps").join(app);
        for (id, translation) in translations(app) {
            files.insert(dir.join(format!("{id}.txt")), told(&translation));
            for file in translation.files {
                files.insert(dir.join(file.path), file.text.into_bytes());
            }
        }
    }
    files
}

#[test]
fn the_fixture_apps_are_translated_as_before() {
    check(&files());
}

#[test]
fn the_fixture_apps_are_translated_whole() {
    for app in APPS {
        for (id, translation) in translations(app) {
            assert_eq!(translation.holes(), 0, "{app}, {id}");
            assert!(translation.coverage.total > 10, "{app}, {id}");
        }
    }
}
