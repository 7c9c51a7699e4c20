//! Reads the app's `Cargo.toml`, through `cargo metadata`.
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
