//! Reads the app's `Cargo.toml`, through `cargo metadata`, and finds the packages that it
//! depends on.
//!
//! Enters: the app's root. Leaves: [`Manifest`]. This module must not read Rust source.

use crate::error::Error;
use cargo_metadata::{MetadataCommand, Target, TargetKind};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What we need of a package's manifest.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub name: String,
    pub edition: String,
    /// The library's crate name and root file.
    pub lib: Option<(String, PathBuf)>,
    /// Where the lock file lies.
    pub workspace: PathBuf,
    /// The root file of the default binary.
    pub bin: Option<PathBuf>,
    /// The name in `use` (`cu29`) with the package's own name, `-` as `_`, and the
    /// directory of a path dependency.
    pub dependencies: BTreeMap<String, Dependency>,
}

/// A dependency.
#[derive(Debug, Clone)]
pub(super) struct Dependency {
    /// The package's crate name, whatever this manifest calls it.
    pub krate: String,
    /// Where it lies, for a path dependency.
    pub path: Option<PathBuf>,
}

/// Reads `dir`'s manifest, and no other package's.
pub(super) fn read_manifest(dir: &Path) -> Result<Manifest, Error> {
    let manifest_path = dir.join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(&manifest_path)
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .map_err(|error| cargo_error(&manifest_path, error))?;
    let package = metadata
        .packages
        .iter()
        .find(|package| package.manifest_path.as_std_path() == manifest_path)
        .ok_or_else(|| Error::NoApp {
            message: format!("{} declares no package", manifest_path.display()),
            help: "it is a workspace: name the app among its members with `--app DIR`".to_owned(),
        })?;
    let lib = package.targets.iter().find(|target| is_lib(target));
    let bins: Vec<&Target> = package
        .targets
        .iter()
        .filter(|target| target.is_kind(TargetKind::Bin))
        .collect();
    let bin = package
        .default_run
        .as_ref()
        .and_then(|name| bins.iter().find(|bin| bin.name == *name))
        .or_else(|| bins.iter().find(|bin| bin.name == package.name.as_str()))
        .or_else(|| bins.iter().find(|bin| bin.required_features.is_empty()))
        .or_else(|| bins.first());
    Ok(Manifest {
        name: package.name.to_string(),
        workspace: metadata.workspace_root.clone().into(),
        edition: package.edition.to_string(),
        lib: lib.map(|target| (crate_name(&target.name), target.src_path.clone().into())),
        bin: bin.map(|target| target.src_path.clone().into()),
        dependencies: package
            .dependencies
            .iter()
            .map(|dependency| {
                let krate = crate_name(&dependency.name);
                let name = dependency
                    .rename
                    .as_deref()
                    .map_or(krate.clone(), crate_name);
                let path = dependency.path.clone().map(PathBuf::from);
                (name, Dependency { krate, path })
            })
            .collect(),
    })
}

/// The root file of the library of the package in `dir`: cargo's rule.
pub(super) fn library(dir: &Path) -> Option<PathBuf> {
    let manifest: toml::Table = std::fs::read_to_string(dir.join("Cargo.toml"))
        .ok()?
        .parse()
        .ok()?;
    let named = manifest.get("lib").and_then(|lib| lib.get("path"));
    let file = dir.join(named.and_then(toml::Value::as_str).unwrap_or("src/lib.rs"));
    file.is_file().then_some(file)
}

/// The directory of a package of crates.io that the lock file in `workspace` names, where
/// cargo has unpacked it. None is no answer: [`locked_packages`] knows all of them, but takes
/// its time.
pub(super) fn unpacked(workspace: &Path, krate: &str) -> Option<PathBuf> {
    let lock: toml::Table = std::fs::read_to_string(workspace.join("Cargo.lock"))
        .ok()?
        .parse()
        .ok()?;
    let text = |package: &toml::Value, key: &str| {
        let value = package.get(key).and_then(toml::Value::as_str);
        value.map(str::to_owned)
    };
    let packages = lock.get("package")?.as_array()?;
    let mut named = packages
        .iter()
        .filter(|package| text(package, "name").is_some_and(|name| crate_name(&name) == krate));
    let (package, None) = (named.next()?, named.next()) else {
        return None;
    };
    if text(package, "source").as_deref() != Some(CRATES_IO) {
        return None;
    }
    let unpacked = format!("{}-{}", text(package, "name")?, text(package, "version")?);
    let home = match std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()) {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()?.join(".cargo"),
    };
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let dirs = registries.flatten().filter_map(|registry| {
        let name = registry.file_name();
        let of_crates_io = name.to_string_lossy().starts_with("index.crates.io-");
        of_crates_io.then(|| registry.path().join(&unpacked))
    });
    // Written when all of it is there.
    let mut whole = dirs.filter(|dir| dir.join(".cargo-ok").is_file());
    whole.next()
}

/// How a lock file names crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The directory of each package that the app's lock file names, by crate name. Runs cargo
/// with the lock file as it is and without the network; empty where that does not work.
pub(super) fn locked_packages(dir: &Path) -> BTreeMap<String, PathBuf> {
    let metadata = MetadataCommand::new()
        .manifest_path(dir.join("Cargo.toml"))
        .other_options(["--offline".to_owned(), "--locked".to_owned()])
        .exec();
    let Ok(metadata) = metadata else {
        return BTreeMap::new();
    };
    metadata
        .packages
        .iter()
        .filter_map(|package| {
            let dir = package.manifest_path.parent()?;
            Some((crate_name(package.name.as_str()), dir.into()))
        })
        .collect()
}

fn is_lib(target: &Target) -> bool {
    [
        TargetKind::Lib,
        TargetKind::RLib,
        TargetKind::DyLib,
        TargetKind::CDyLib,
        TargetKind::StaticLib,
    ]
    .into_iter()
    .any(|kind| target.is_kind(kind))
}

fn crate_name(package: &str) -> String {
    package.replace('-', "_")
}

fn cargo_error(manifest: &Path, error: cargo_metadata::Error) -> Error {
    match error {
        cargo_metadata::Error::Io(source) => Error::Environment {
            message: format!("cannot run cargo to read {}: {source}", manifest.display()),
            help: "install Rust 1.95 or later from https://rustup.rs and have `cargo` on PATH"
                .to_owned(),
        },
        cargo_metadata::Error::CargoMetadata { stderr } => Error::Config {
            path: manifest.to_path_buf(),
            message: format!("cargo cannot read it\n{}", stderr.trim_end()),
            help: "make `cargo check` work in this directory first".to_owned(),
        },
        other => Error::Environment {
            message: format!("cargo metadata of {}: {other}", manifest.display()),
            help: "check that `cargo metadata --no-deps` works there".to_owned(),
        },
    }
}
