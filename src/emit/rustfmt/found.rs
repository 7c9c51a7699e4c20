//! Which rustfmt to run. The `rustfmt` of rustup looks for the one of the toolchain first,
//! and takes about half as long for that as the other takes for a task.
//!
//! Enters: the directory to run in. Leaves: what to run: `RUSTFMT` where it is set, as
//! `cargo fmt` has it; the rustfmt of the toolchain that rustup would choose, where nothing
//! but its default or `RUSTUP_TOOLCHAIN` has a say; else `rustfmt`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The rustfmt for a directory.
pub(super) fn rustfmt(within: &Path) -> PathBuf {
    found(within, &|name| std::env::var_os(name)).unwrap_or_else(|| "rustfmt".into())
}

type Env<'e> = &'e dyn Fn(&str) -> Option<OsString>;

fn found(within: &Path, env: Env<'_>) -> Option<PathBuf> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    if let Some(own) = set("RUSTFMT") {
        return Some(own.into());
    }
    if !is_of_rustup(&set("PATH")?) {
        return None;
    }
    let home = match set("RUSTUP_HOME") {
        Some(home) => PathBuf::from(home),
        None => PathBuf::from(set("HOME")?).join(".rustup"),
    };
    let toolchain = match set("RUSTUP_TOOLCHAIN") {
        Some(toolchain) => PathBuf::from(toolchain),
        None => default_toolchain(within, &home)?,
    };
    let rustfmt = home.join("toolchains").join(toolchain).join("bin/rustfmt");
    rustfmt.is_file().then_some(rustfmt)
}

/// Whether the `rustfmt` that would run is rustup itself, under another name.
#[cfg(unix)]
fn is_of_rustup(path: &OsStr) -> bool {
    use std::os::unix::fs::MetadataExt;
    let file = |path: PathBuf| {
        let file = std::fs::metadata(path).ok().filter(|file| file.is_file())?;
        Some((file.dev(), file.ino()))
    };
    let first = std::env::split_paths(path).find_map(|dir| Some((file(dir.join("rustfmt"))?, dir)));
    first.is_some_and(|(rustfmt, dir)| file(dir.join("rustup")) == Some(rustfmt))
}

#[cfg(not(unix))]
fn is_of_rustup(_: &OsStr) -> bool {
    false
}

/// The default toolchain, where no file or setting may choose another for the directory.
fn default_toolchain(within: &Path, home: &Path) -> Option<PathBuf> {
    let here = match within.is_dir() {
        true => within,
        false => Path::new("."),
    };
    let chooses = |dir: &Path| {
        let files = ["rust-toolchain", "rust-toolchain.toml"];
        files.iter().any(|file| dir.join(file).exists())
    };
    if here.canonicalize().ok()?.ancestors().any(chooses) {
        return None;
    }
    let settings = std::fs::read_to_string(home.join("settings.toml")).ok()?;
    let settings: toml::Table = settings.parse().ok()?;
    let none = |table: &toml::Value| table.as_table().is_some_and(toml::Table::is_empty);
    if settings.get("version")?.as_str() != Some("12")
        || !settings.get("overrides").is_none_or(none)
    {
        return None;
    }
    Some(settings.get("default_toolchain")?.as_str()?.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_toolchain_is_the_one_that_rustup_would_choose() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        let write = |path: &str, text: &str| {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        };
        write("bin/rustup", "");
        fs::hard_link(at("bin/rustup"), at("bin/rustfmt")).unwrap();
        write("other/rustfmt", "");
        for toolchain in ["stable", "nightly"] {
            write(&format!("home/toolchains/{toolchain}/bin/rustfmt"), "");
        }
        let default = "version = \"12\"\ndefault_toolchain = \"stable\"\n[overrides]\n";
        write("home/settings.toml", default);
        write("plain/src/task.rs", "");
        write("pinned/rust-toolchain.toml", "");
        write("pinned/src/task.rs", "");
        let of = |within: &str, more: &[(&str, &str)]| {
            let env = |name: &str| {
                let given = more.iter().find(|(of, _)| *of == name);
                match (given, name) {
                    (Some((_, value)), _) => Some(OsString::from(value)),
                    (None, "PATH") => Some(at("bin").into()),
                    (None, "RUSTUP_HOME") => Some(at("home").into()),
                    (None, _) => None,
                }
            };
            found(&at(within), &env)
        };
        let stable = Some(at("home/toolchains/stable/bin/rustfmt"));
        let nightly = Some(at("home/toolchains/nightly/bin/rustfmt"));
        assert_eq!(of("plain/src", &[]), stable);
        assert_eq!(of("pinned/src", &[]), None);
        let chosen = ("RUSTUP_TOOLCHAIN", "nightly");
        assert_eq!(of("plain/src", &[chosen]), nightly);
        assert_eq!(of("pinned/src", &[chosen]), nightly);
        assert_eq!(of("plain/src", &[("RUSTUP_TOOLCHAIN", "1.0")]), None);
        assert_eq!(of("plain/src", &[("RUSTFMT", "mine")]), Some("mine".into()));
        let other = at("other").into_os_string().into_string().unwrap();
        assert_eq!(of("plain/src", &[("PATH", &other)]), None);
        write(
            "home/settings.toml",
            &format!("{default}\"/app\" = \"nightly\"\n"),
        );
        assert_eq!(of("plain/src", &[]), None);
    }
}
