//! What the readers of profiles share: places are exact, nothing panics, and no key is left uncovered, however a file is cut.

mod complete;
mod ipsec;
mod join;
mod mobileconfig;
mod networkmanager;
mod nm_scripts;
mod onc;
mod powershell;
mod profilexml;
mod rasphone;
mod swanctl;

use std::fmt::Debug;

use super::*;
use crate::secret::Secret;

/// Where a file under test begins.
const BASE: u32 = 100;

struct Read<'t> {
    text: &'t str,
    profiles: Vec<Profile>,
    notes: Notes,
}

fn read_as(format: Format, text: &str) -> Read<'_> {
    let (profiles, notes) = read(format, text, BASE).unwrap();
    Read { text, profiles, notes }
}

impl Read<'_> {
    fn client(&self) -> &Client {
        assert_eq!(self.profiles.len(), 1);
        &self.profiles[0].client
    }

    fn at(&self, span: Span) -> &str {
        &self.text[(span.start - BASE) as usize..(span.end - BASE) as usize]
    }

    /// `value @ text`, `? reason`, or `-`.
    fn shown<T: Debug>(&self, field: &Field<T>) -> String {
        match field {
            Field::Absent => "-".to_owned(),
            Field::Known(v) => format!("{:?} @ {}", v.value, self.at(v.span)),
            Field::Opaque(o) => format!("? {} @ {}", o.reason, self.at(o.span)),
        }
    }

    fn list<T: Debug>(&self, list: &List<T>) -> String {
        match list {
            Field::Known(v) => v.value.iter().map(|i| format!("{:?} @ {}; ", i.value, self.at(i.span))).collect::<Vec<_>>().concat(),
            other => self.shown(&other.clone_shape()),
        }
    }

    fn key_is(&self, text: &str) -> bool {
        self.client().pre_shared_key.value().is_some_and(|k| k.secret.same_as(&Secret::new(text)))
    }

    fn no_key(&self) -> &str {
        match &self.client().pre_shared_key {
            Field::Absent => "-",
            Field::Known(_) => "known",
            Field::Opaque(o) => &o.reason,
        }
    }

    /// `text: message`, one a line.
    fn problems(&self) -> Vec<String> {
        self.notes.problems.iter().map(|p| format!("{}: {}", self.at(p.span), p.message)).collect()
    }

    /// `kind @ text: label` of the one profile's remarks.
    fn remarks(&self) -> Vec<String> {
        self.client().remarks.iter().map(|r| format!("{:?} @ {}: {}", r.kind, self.at(r.span), r.label)).collect()
    }

    /// `text: what`, one a line.
    fn remarked(&self) -> Vec<String> {
        self.profiles.iter().flat_map(|p| &p.client.remarks).map(|r| format!("{}: {}", self.at(r.span), r.what)).collect()
    }

    fn hides(&self, offset: usize) -> bool {
        let at = BASE + offset as u32;
        self.notes.secrets.iter().any(|s| s.start <= at && at < s.end)
    }
}

impl<T> Field<T> {
    fn clone_shape(&self) -> Field<()> {
        match self {
            Self::Absent => Field::Absent,
            Self::Known(v) => Field::known_at((), v.span),
            Self::Opaque(o) => Field::Opaque(o.clone()),
        }
    }
}

/// Cuts a file everywhere: no panic, every place within the text, and of `secrets` nothing outside what is hidden.
fn cut_everywhere(format: Format, text: &str, secrets: &[&str]) {
    let mut places: Vec<_> = secrets.iter().flat_map(|s| text.match_indices(s).map(|(n, s)| n..n + s.len())).collect();
    assert!(places.len() >= secrets.len());
    places.sort_by_key(|p| p.start);
    for cut in (0..=text.len()).filter(|n| text.is_char_boundary(*n)) {
        let prefix = &text[..cut];
        let read = read_as(format, prefix);
        // What is left of the file without its beginning has only to be survived.
        read_as(format, &text[cut..]);
        let added = read.notes.completions.iter().map(|c| &c.client);
        for client in read.profiles.iter().map(|p| &p.client).chain(added) {
            let places =
                [client.pre_shared_key.span(), client.server.span(), client.user.span(), client.tunnel_type.span(), client.profile];
            let remarks = client.remarks.iter().map(|r| r.span);
            for place in places.into_iter().flatten().chain(remarks) {
                assert!(place.start >= BASE && place.start <= place.end && place.end <= BASE + cut as u32, "{cut}: {place:?}");
            }
        }
        for problem in &read.notes.problems {
            assert!(problem.span.start >= BASE && problem.span.end <= BASE + cut.max(1) as u32, "{cut}: {problem:?}");
            assert!(problem.label.split_whitespace().count() <= 6, "{problem:?}");
            assert!(!format!("{problem:?}").contains("CANARY"), "{cut}");
        }
        for offset in places.iter().cloned().flatten().filter(|n| *n < cut && !prefix.as_bytes()[*n].is_ascii_whitespace()) {
            assert!(read.hides(offset), "cut at {cut}: byte {offset} is not hidden in\n{prefix}");
        }
    }
}

/// Real files that are no part of the repository; skipped where they are not.
#[test]
#[expect(clippy::disallowed_methods, reason = "files that are no part of the crate")]
fn real_profiles_are_read_without_a_fault_of_ours() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/clients");
    let mut seen = 0;
    for (folder, format) in [
        ("mobileconfig", Format::Mobileconfig),
        ("networkmanager", Format::NetworkManager),
        ("onc", Format::Onc),
        ("profilexml", Format::ProfileXml),
        ("pbk", Format::Rasphone),
    ] {
        let Ok(files) = std::fs::read_dir(corpus.join(folder)) else { continue };
        for path in files.flatten().map(|f| f.path()) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if crate::import::detect::detect(&name, &text) != Some(format) {
                assert!(name.contains("snippet"), "{name} is not taken for {}", format.id());
                continue;
            }
            let read = read_as(format, &text);
            assert!(!read.profiles.is_empty(), "{name}");
            let ours: Vec<_> = read.notes.problems.iter().filter(|p| p.kind == ProblemKind::Syntax).collect();
            assert!(ours.is_empty(), "{name}: {ours:?}");
            for profile in &read.profiles {
                let template = |field: &Field<Host>| field.opaque().is_some_and(|o| o.reason.contains("template"));
                assert!(profile.client.server.known().is_some() || template(&profile.client.server) || name.contains("snippet"), "{name}");
                assert!(profile.client.tunnel_type.known().is_some(), "{name}");
                let key = profile.client.pre_shared_key.known().map(|k| k.span);
                assert!(key.is_none_or(|k| read.hides((k.start - BASE) as usize)), "{name}");
            }
            seen += 1;
        }
    }
    for path in [
        "ipsec.conf",
        "ipsec.secrets",
        "xl2tpd.conf",
        "options.l2tpd.client",
        "libreswan-north/north.ppp-options.xl2tpd",
        "libreswan-north/north.xl2tpd.conf",
    ] {
        let Ok(text) = std::fs::read_to_string(corpus.join("ipsec-xl2tpd").join(path)) else { continue };
        assert_eq!(crate::import::detect::detect(path, &text), Some(Format::Ipsec), "{path}");
        let read = read_as(Format::Ipsec, &text);
        assert_eq!(read.profiles.len() + read.notes.completions.len(), 1, "{path}");
        assert!(read.notes.problems.is_empty(), "{path}: {:?}", read.notes.problems);
        seen += 1;
    }
    if seen == 0 {
        #[expect(clippy::print_stderr, reason = "says that nothing was tested")]
        {
            eprintln!("skipped: there are no real profiles here");
        }
    }
}
