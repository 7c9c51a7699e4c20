//! Makes the harness's `Cargo.toml` from the app's.
//!
//! Enters: the text of the app's manifest (and of its workspace's, where it inherits),
//! and where they lie. Leaves: a manifest with the app's dependencies and features as
//! they are, path dependencies made absolute, and the harness's own beside them under
//! names of their own. This module must not know the task.

use crate::error::Error;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Copper's Python tasks.
pub const PY_TASK: &str = "cu-python-task";
/// What they embed Python with.
pub const PYO3: &str = "pyo3";
/// What the harness writes its events with.
pub const JSON: &str = "serde_json";
/// The feature that turns on what the harness needs of the app's optional dependencies.
pub const FEATURE: &str = "migrate-harness";
/// The feature that counts allocations.
pub const COUNT: &str = "migrate-count";

/// A manifest and where it lies.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its directory.
    pub dir: PathBuf,
    /// Its text, parsed.
    pub table: Table,
}

impl Manifest {
    /// Reads `dir/Cargo.toml`.
    ///
    /// # Errors
    /// It cannot be read, or is not TOML.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("Cargo.toml");
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        let table = text.parse::<Table>().map_err(|error| Error::Config {
            path,
            message: error.message().to_owned(),
            help: "`cargo metadata` shows the same error".into(),
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            table,
        })
    }

    /// The workspace that the app belongs to: itself, or one above it.
    pub fn workspace(&self) -> Option<Manifest> {
        if self.table.contains_key("workspace") {
            return Some(self.clone());
        }
        self.dir.ancestors().skip(1).find_map(|dir| {
            let manifest = Manifest::read(dir).ok()?;
            manifest.table.contains_key("workspace").then_some(manifest)
        })
    }
}

/// What the harness adds to the app's manifest.
#[derive(Debug, Clone)]
pub struct Additions<'a> {
    /// The package's name, also the binary's.
    pub name: &'a str,
    /// The edition.
    pub edition: &'a str,
    /// The crate root, relative to the harness.
    pub root: &'a str,
    /// The app's version of cu29, such as `1.3`.
    pub cu29: &'a str,
    /// Whether the harness runs Python.
    pub python: bool,
}

/// The harness's manifest.
pub fn harness(app: &Manifest, workspace: Option<&Manifest>, add: &Additions<'_>) -> String {
    let mut table = Table::new();
    table.insert("package".into(), Value::Table(package(app, workspace, add)));
    // A workspace of its own: the harness lies inside the app's package.
    table.insert("workspace".into(), Value::Table(Table::new()));
    let mut binary = Table::new();
    binary.insert("name".into(), add.name.into());
    binary.insert("path".into(), add.root.into());
    table.insert("bin".into(), Value::Array(vec![Value::Table(binary)]));
    let mut normal = dependencies(app, workspace, &app.table, "dependencies");
    let mut own_features = Vec::new();
    for (package, version, features) in [
        (PY_TASK, add.cu29, &[][..]),
        (PYO3, "0", &[]),
        (JSON, "1", &["std"]),
        ("serde", "1", &["derive", "std"]),
    ] {
        if !add.python && (package == PY_TASK || package == PYO3) {
            continue;
        }
        match normal
            .iter_mut()
            .find(|(name, of)| is_package(name, of, package))
        {
            Some((name, of)) => {
                demand(of, features);
                if of.get("optional").and_then(Value::as_bool) == Some(true) {
                    own_features.push(Value::String(activation(app, name)));
                }
            }
            None => {
                normal.insert(package.into(), dependency(version, features));
            }
        }
    }
    table.insert("dependencies".into(), Value::Table(normal));
    let mut features = match app.table.get("features") {
        Some(Value::Table(features)) => features.clone(),
        _ => Table::new(),
    };
    features.insert(FEATURE.into(), Value::Array(own_features));
    features.insert(COUNT.into(), Value::Array(vec![]));
    table.insert("features".into(), Value::Table(features));

    let mut build = dependencies(app, workspace, &app.table, "build-dependencies");
    if !build.contains_key("cu29-build") {
        build.insert("cu29-build".into(), dependency(add.cu29, &[]));
    }
    table.insert("build-dependencies".into(), Value::Table(build));

    if let Some(Value::Table(targets)) = app.table.get("target") {
        let mut kept = Table::new();
        for (condition, of) in targets {
            let Value::Table(of) = of else { continue };
            let mut sections = Table::new();
            for section in ["dependencies", "build-dependencies"] {
                let found = dependencies(app, workspace, of, section);
                sections.insert(section.into(), Value::Table(found));
            }
            kept.insert(condition.clone(), Value::Table(sections));
        }
        table.insert("target".into(), Value::Table(kept));
    }
    let root = workspace.unwrap_or(app);
    if let Some(Value::Table(patches)) = root.table.get("patch") {
        let absolute = patches.iter().map(|(source, patches)| {
            let patches = match patches {
                Value::Table(patches) => Value::Table(
                    patches
                        .iter()
                        .map(|(name, patch)| (name.clone(), absolute(patch.clone(), &root.dir)))
                        .collect(),
                ),
                other => other.clone(),
            };
            (source.clone(), patches)
        });
        table.insert("patch".into(), Value::Table(absolute.collect()));
    }
    table.insert("profile".into(), Value::Table(profile(root)));
    toml::to_string(&table).unwrap_or_default()
}

fn package(app: &Manifest, workspace: Option<&Manifest>, add: &Additions<'_>) -> Table {
    let mut package = Table::new();
    package.insert("name".into(), add.name.into());
    package.insert("edition".into(), add.edition.into());
    package.insert("publish".into(), false.into());
    package.insert("build".into(), "build.rs".into());
    for auto in [
        "autolib",
        "autobins",
        "autotests",
        "autobenches",
        "autoexamples",
    ] {
        package.insert(auto.into(), false.into());
    }
    let own = app.table.get("package").and_then(|p| p.get("version"));
    let version = match own {
        Some(Value::Table(_)) => workspace
            .and_then(|w| w.table.get("workspace"))
            .and_then(|w| w.get("package"))
            .and_then(|p| p.get("version")),
        own => own,
    };
    if let Some(version) = version {
        package.insert("version".into(), version.clone());
    }
    package
}

/// `dev` builds quickly and still panics where arithmetic overflows; `release` is the app's,
/// but that a panic is caught.
fn profile(root: &Manifest) -> Table {
    let mut dev = Table::new();
    dev.insert("debug".into(), false.into());
    dev.insert("panic".into(), "unwind".into());
    let mut profile = Table::new();
    profile.insert("dev".into(), Value::Table(dev));
    let own = root.table.get("profile").and_then(|p| p.get("release"));
    let mut release = own.and_then(Value::as_table).cloned().unwrap_or_default();
    release.insert("panic".into(), "unwind".into());
    profile.insert("release".into(), Value::Table(release));
    profile
}

fn dependency(version: &str, features: &[&str]) -> Value {
    let mut value = Value::Table(Table::from_iter([
        ("version".to_owned(), version.into()),
        ("default-features".to_owned(), false.into()),
    ]));
    demand(&mut value, features);
    value
}

/// Adds features to a dependency.
fn demand(of: &mut Value, more: &[&str]) {
    if let Value::String(version) = of {
        let version = Value::String(std::mem::take(version));
        *of = Value::Table(Table::from_iter([("version".to_owned(), version)]));
    }
    let Value::Table(table) = of else { return };
    let entry = table.entry("features");
    if let Value::Array(features) = entry.or_insert_with(|| Value::Array(vec![])) {
        features.extend(more.iter().map(|f| Value::from(*f)));
    }
}

/// Whether the dependency called `name` is `package`.
fn is_package(name: &str, of: &Value, package: &str) -> bool {
    of.get("package").and_then(Value::as_str).unwrap_or(name) == package
}

/// What a feature lists to turn an optional dependency on.
fn activation(app: &Manifest, name: &str) -> String {
    let explicit = format!("dep:{name}");
    let features = app.table.get("features").and_then(Value::as_table);
    let mut listed = features
        .into_iter()
        .flat_map(|features| features.values())
        .filter_map(Value::as_array)
        .flatten();
    if listed.any(|feature| feature.as_str() == Some(&explicit)) {
        explicit
    } else {
        name.to_owned()
    }
}

/// The name under which the app's source sees `package`, which the harness adds under
/// its own name where the app does not have it.
pub fn extern_name(app: &Manifest, package: &str) -> String {
    let dependencies = app.table.get("dependencies").and_then(Value::as_table);
    let found = dependencies
        .into_iter()
        .flatten()
        .find(|(name, of)| is_package(name, of, package));
    found.map_or(package, |(name, _)| name).replace('-', "_")
}

/// Whether the app depends on `package` in any case.
pub fn depends_on(app: &Manifest, package: &str) -> bool {
    let dependencies = app.table.get("dependencies").and_then(Value::as_table);
    dependencies.into_iter().flatten().any(|(name, of)| {
        is_package(name, of, package) && of.get("optional").and_then(Value::as_bool) != Some(true)
    })
}

/// The dependencies of a section, inheritance resolved and paths made absolute.
fn dependencies(app: &Manifest, workspace: Option<&Manifest>, of: &Table, section: &str) -> Table {
    let Some(Value::Table(found)) = of.get(section) else {
        return Table::new();
    };
    found
        .iter()
        .map(|(name, value)| {
            let inherits = value.get("workspace").and_then(Value::as_bool) == Some(true);
            let value = match workspace {
                Some(workspace) if inherits => inherited(workspace, name, value),
                _ => absolute(value.clone(), &app.dir),
            };
            (name.clone(), value)
        })
        .collect()
}

fn inherited(workspace: &Manifest, name: &str, member: &Value) -> Value {
    let from = workspace
        .table
        .get("workspace")
        .and_then(|w| w.get("dependencies"))
        .and_then(|d| d.get(name));
    let mut table = match from {
        Some(Value::Table(table)) => table.clone(),
        Some(version) => Table::from_iter([("version".to_owned(), version.clone())]),
        None => return member.clone(),
    };
    if let Value::Table(member) = member {
        for (key, value) in member {
            match (key.as_str(), value) {
                ("workspace", _) => {}
                ("features", Value::Array(more)) => {
                    let entry = table
                        .entry("features")
                        .or_insert_with(|| Value::Array(vec![]));
                    if let Value::Array(features) = entry {
                        features.extend(more.iter().cloned());
                    }
                }
                (key, value) => {
                    table.insert(key.to_owned(), value.clone());
                }
            }
        }
    }
    absolute(Value::Table(table), &workspace.dir)
}

fn absolute(mut value: Value, dir: &Path) -> Value {
    if let Value::Table(table) = &mut value
        && let Some(Value::String(path)) = table.get_mut("path")
    {
        *path = dir.join(path.as_str()).display().to_string();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(dir: &str, text: &str) -> Manifest {
        Manifest {
            dir: dir.into(),
            table: text.parse().unwrap(),
        }
    }

    #[test]
    fn dependencies_keep_their_features_and_find_their_paths() {
        let workspace = manifest(
            "/w",
            "[workspace.package]\nversion = \"2.0.0\"\n[workspace.dependencies]\n\
             cu29 = { version = \"~1.3\", features = [\"reflect\"] }\n\
             msgs = { path = \"msgs\" }\nclap = \"4\"\n[patch.crates-io]\nx = { path = \"x\" }",
        );
        let app = manifest(
            "/w/app",
            "[package]\nname = \"a\"\nversion.workspace = true\n[features]\nlog = [\"dep:e\"]\n\
             [dependencies]\ncu29 = { workspace = true, features = [\"units\"] }\n\
             msgs.workspace = true\nclap.workspace = true\nlocal = { path = \"../local\" }\n\
             e = { version = \"1\", optional = true }\nserde = \"1\"\n\
             pj = { package = \"serde_json\", version = \"1\", optional = true }",
        );
        let add = Additions {
            name: "harness",
            edition: "2024",
            root: "src/main.rs",
            cu29: "~1.3.0",
            python: true,
        };
        let made: Table = harness(&app, Some(&workspace), &add).parse().unwrap();
        let of = |name: &str| made["dependencies"][name].clone();
        assert_eq!(of("cu29")["features"].as_array().unwrap().len(), 2);
        assert_eq!(of("msgs")["path"].as_str(), Some("/w/msgs"));
        assert_eq!(of("clap")["version"].as_str(), Some("4"));
        assert_eq!(of("local")["path"].as_str(), Some("/w/app/../local"));
        assert_eq!(of("e")["optional"].as_bool(), Some(true));
        assert_eq!(of("serde")["version"].as_str(), Some("1"));
        assert_eq!(of("serde")["features"][0].as_str(), Some("derive"));
        assert_eq!(of("cu-python-task")["version"].as_str(), Some("~1.3.0"));
        assert_eq!(made["features"][FEATURE][0].as_str(), Some("pj"));
        assert_eq!(extern_name(&app, JSON), "pj");
        assert_eq!(extern_name(&app, PY_TASK), "cu_python_task");
        assert_eq!(made["package"]["version"].as_str(), Some("2.0.0"));
        assert_eq!(
            made["patch"]["crates-io"]["x"]["path"].as_str(),
            Some("/w/x")
        );
        assert_eq!(made["features"]["log"][0].as_str(), Some("dep:e"));
    }
}
