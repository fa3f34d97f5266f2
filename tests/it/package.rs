//! What goes out of the door: the published crate holds all that its source includes, and every place that names a version names this one.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()) {
        if entry.is_dir() {
            sources(&entry, out);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            out.push(entry);
        }
    }
}

/// `a/b/../c` as `a/c`.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut out, part| {
        if part == Component::ParentDir {
            out.pop();
        } else {
            out.push(part);
        }
        out
    })
}

/// Files that the source includes, relative to the root.
fn included() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(ROOT).join("src"), &mut files);
    let mut out = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("source");
        for part in text.split("include_str!(").chain(text.split("include_bytes!(")).filter_map(|p| p.strip_prefix('"')) {
            let name = part.split('"').next().expect("a name");
            let path = plain(&file.parent().expect("a folder").join(name));
            out.insert(path.strip_prefix(ROOT).expect("inside").to_string_lossy().replace('\\', "/"));
        }
    }
    out
}

#[test]
fn the_published_crate_holds_what_its_source_includes() {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--locked", "--offline"])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list = String::from_utf8(output.stdout).expect("UTF-8").replace('\\', "/");
    let published: BTreeSet<String> = list.lines().map(str::to_owned).collect();
    let included = included();
    assert!(included.len() > 50 && included.iter().any(|f| f.starts_with("policies/")), "{included:?}");
    let missing: Vec<_> = included.difference(&published).collect();
    assert!(missing.is_empty(), "Cargo.toml leaves out {missing:?}");
    for file in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "Cargo.lock", "src/main.rs"] {
        assert!(published.contains(file), "Cargo.toml leaves out {file}");
    }
    let stray: Vec<_> =
        published.iter().filter(|f| f.starts_with("tests/") || f.starts_with(".ci/") || f.starts_with(".github/")).collect();
    assert!(stray.is_empty(), "Cargo.toml lets out {stray:?}");
}

#[test]
fn every_place_that_names_a_version_names_this_one() {
    let version = env!("CARGO_PKG_VERSION");
    for (file, before) in [
        ("templates/vpnlint.yml", "      default: \""),
        ("docs/ci.md", "vpnlint=="),
        ("docs/ci.md", "    rev: v"),
        ("docs/ci.md", "vpnlint@"),
        ("README.md", "    rev: v"),
    ] {
        let text = std::fs::read_to_string(Path::new(ROOT).join(file)).expect("a file");
        let named: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_once(before))
            .map(|(_, after)| {
                after.trim_start_matches('v').split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').next().unwrap_or_default()
            })
            .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        assert!(
            !named.is_empty() && named.iter().all(|v| *v == version),
            "{file} names {named:?} after `{before}`, and the crate is {version}"
        );
    }
}

#[test]
fn every_dependency_earns_its_sentence() {
    let read = |name: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name);
    let (manifest, architecture) = (read("Cargo.toml"), read("ARCHITECTURE.md"));
    let dependencies = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).expect("dependencies");
    let names: Vec<_> = dependencies.lines().filter_map(|l| l.split_once(" = ").map(|(name, _)| name)).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(
            architecture.lines().any(|l| l.starts_with("| ") && l.contains(&format!("`{name}`"))),
            "ARCHITECTURE.md does not say why {name} is there"
        );
    }
}
