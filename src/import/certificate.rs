//! Certificates of domain controllers in PEM (RFC 7468), alone or with their chain; DER comes here as PEM too. What counts is the server's own certificate: its days, and
//! whether it is made for servers (RFC 5280, sections 4.1.2.5 and 4.2.1.12). Signatures are not checked, and private keys are hidden and not read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_cert::Certificate as X509;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, Tagged, asn1};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::name::RelativeDistinguishedName;

use super::detect::Format;
use super::{Ledger, Notes, guarded, open, resolve};
use crate::model::{Certificate, Day, Field, Host};
use crate::source::{FileId, Problem, ProblemKind, Session, Span, Spanned};

/// Certificates read of one file; more are of no server.
const MANY: usize = 500;

const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const ANY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// One certificate of a file.
pub struct Found {
    /// What rules ask.
    pub facts: Certificate,
    /// The names that it is for, in lower case.
    pub names: Vec<String>,
    /// It may sign others.
    authority: bool,
    der: Vec<u8>,
    span: Span,
}

/// Whether a text holds certificates or keys between their marks.
pub fn is_pem(text: &str) -> bool {
    ["-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----", "-----BEGIN X509 CERTIFICATE-----"]
        .iter()
        .any(|mark| text.contains(mark))
}

/// Reads a file.
pub fn read(format: Format, text: &str, base: u32) -> Option<(Vec<Found>, Notes)> {
    if format != Format::Pem {
        return None;
    }
    let (mut found, mut notes) = (Vec::<Found>::new(), Notes::default());
    let mut at = 0;
    while let Some(start) = text[at..].find("-----BEGIN ").map(|n| at + n) {
        let head_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
        let label = text[start..head_end].trim_end().trim_start_matches("-----BEGIN ").trim_end_matches('-');
        let end = text[head_end..].find("-----END ").map(|n| head_end + n);
        let body = &text[head_end..end.unwrap_or(text.len())];
        at = end.unwrap_or(text.len());
        let head = Span::new(base + start as u32, base + (start + text[start..head_end].trim_end().len()) as u32);
        if !label.ends_with("CERTIFICATE") {
            notes.secrets.push(Span::new(base + head_end as u32, base + at as u32));
            continue;
        }
        if found.len() >= MANY {
            notes.gap.get_or_insert(head);
            break;
        }
        let packed: Vec<u8> = body.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        match end.and_then(|_| STANDARD.decode(packed).ok()).and_then(|der| one(der, head)) {
            Some(new) if found.iter().any(|old| old.der == new.der) => {}
            Some(new) => found.push(new),
            None => {
                let problem = Problem::new(ProblemKind::Syntax, head, "a certificate is damaged or cut short", "not read");
                notes.problems.push(problem.help("export it again; `openssl x509 -in FILE -noout -text` says whether it is whole"));
            }
        }
    }
    Some((found, notes))
}

/// The facts of one certificate; nothing when it is none.
fn one(mut der: Vec<u8>, span: Span) -> Option<Found> {
    // OpenSSL's `TRUSTED CERTIFICATE` has more behind the certificate.
    let whole = X509::from_der(&der).ok().or_else(|| {
        let (_, end) = element(&der)?;
        der.truncate(end);
        X509::from_der(&der).ok()
    })?;
    let body = whole.tbs_certificate();
    let day = |time: &x509_cert::time::Time| Day::since_epoch((time.to_unix_duration().as_secs() / 86_400).cast_signed());
    let authority = body.get_extension::<BasicConstraints>().ok()?.is_some_and(|(_, c)| c.ca);
    let server_auth = match body.get_extension::<ExtendedKeyUsage>() {
        Ok(Some((_, usage))) => Field::known_at(usage.0.iter().any(|id| *id == SERVER_AUTH || *id == ANY_USAGE), span),
        Ok(None) => {
            Field::opaque_at(span, "the certificate states no extended key usage: Windows' LDAP over TLS wants server authentication in it")
        }
        Err(_) => Field::opaque_at(span, "the certificate's extended key usage is not understood"),
    };
    let validity = body.validity();
    let facts = Certificate {
        installed: Field::Absent,
        not_before: Field::known_at(day(&validity.not_before), span),
        not_after: Field::known_at(day(&validity.not_after), span),
        server_auth,
    };
    let mut names = Vec::new();
    if let Ok(Some((_, list))) = body.get_extension::<SubjectAltName>() {
        names.extend(list.0.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.as_str().to_ascii_lowercase()),
            GeneralName::IpAddress(ip) => <[u8; 4]>::try_from(ip.as_bytes()).ok().map(|ip| std::net::Ipv4Addr::from(ip).to_string()),
            _ => None,
        }));
    }
    for part in body.subject().iter_rdn().flat_map(RelativeDistinguishedName::iter).filter(|part| part.oid == COMMON_NAME) {
        let text = match part.value.tag() {
            x509_cert::der::Tag::Utf8String => part.value.decode_as::<asn1::Utf8StringRef<'_>>().ok().map(|t| t.as_str().to_owned()),
            x509_cert::der::Tag::PrintableString => {
                part.value.decode_as::<asn1::PrintableStringRef<'_>>().ok().map(|t| t.as_str().to_owned())
            }
            _ => None,
        };
        names.extend(text.map(|t| t.to_ascii_lowercase()).filter(|t| !t.is_empty()));
    }
    names.dedup();
    Some(Found { facts, names, authority, der, span })
}

/// Where the first element's content begins, and where the element ends.
fn element(der: &[u8]) -> Option<(usize, usize)> {
    let first = *der.get(1)?;
    let digits = usize::from(first & 0x7F);
    let (body, length) = match first {
        0..0x80 => (2, usize::from(first)),
        _ => (2 + digits, der.get(2..2 + digits).filter(|_| digits <= 4)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))),
    };
    (body + length <= der.len()).then_some((body, body + length))
}

/// The server's own certificate among those of its files; else why it is not to be told.
pub fn choose(found: Vec<Found>, host: Option<&Host>, place: Span) -> Field<Certificate> {
    let many = found.len() > 1;
    let mut own: Vec<Found> = found.into_iter().filter(|c| !many || !c.authority).collect();
    if own.len() > 1
        && let Some(host) = host
    {
        let host = host.to_string().to_ascii_lowercase();
        own.retain(|c| {
            c.names
                .iter()
                .any(|name| *name == host || name.strip_prefix("*.").is_some_and(|d| host.split_once('.').is_some_and(|h| h.1 == d)))
        });
    }
    match own.len() {
        1 => own.pop().map_or(Field::Absent, |c| Field::known_at(c.facts, c.span)),
        0 => Field::opaque_at(place, "which of the certificates in its file is the server's own is not known"),
        _ => Field::opaque_at(place, "several certificates in its file are for the server, and which one it shows is not known"),
    }
}

/// What the files of a server's certificate say; where the site file says otherwise, its word counts and the drift is noted.
pub fn complete(
    session: &mut Session,
    file: FileId,
    imports: &[Spanned<String>],
    host: Option<&Host>,
    ours: &mut Certificate,
    ledger: &mut Ledger,
) {
    let Some(first) = imports.first() else { return };
    let (mut all, mut unread) = (Vec::new(), None);
    for import in imports {
        let paths = resolve(session, file, std::slice::from_ref(import), ledger);
        if paths.is_empty() {
            unread.get_or_insert(import);
        }
        for (spot, path) in paths {
            let before = all.len();
            if let Some((id, format)) = open(session, spot, &path, None, ledger) {
                let source = session.map.file(id);
                match guarded(format, ledger, || read(format, source.raw(), source.base())) {
                    Some(Some((found, notes))) => {
                        let name = source.path.clone();
                        if found.is_empty() && notes.problems.is_empty() {
                            ledger.import_failed(spot, format!("{name} holds no certificate"), "");
                        }
                        ledger.take(session, id, notes);
                        all.extend(found);
                    }
                    Some(None) => {
                        let why = format!("{} is a {} file, no certificate", source.path, format.id());
                        ledger.import_failed(
                            spot,
                            why,
                            "name a certificate in PEM or DER, such as `openssl s_client -connect HOST:636` shows",
                        );
                    }
                    None => {}
                }
            }
            if all.len() == before {
                unread.get_or_insert(import);
            }
        }
    }
    let theirs = match unread {
        Some(import) if all.is_empty() => Field::opaque_at(import.span, format!("`{}` was not read", import.value)),
        _ => choose(all, host, first.span),
    };
    join(ours, theirs, &mut ledger.problems);
}

fn join(ours: &mut Certificate, theirs: Field<Certificate>, problems: &mut Vec<Problem>) {
    let theirs = match theirs {
        Field::Known(theirs) => theirs.value,
        Field::Opaque(o) => Certificate {
            not_before: Field::Opaque(o.clone()),
            not_after: Field::Opaque(o.clone()),
            server_auth: Field::Opaque(o),
            ..Certificate::default()
        },
        Field::Absent => return,
    };
    one_fact(&mut ours.not_before, theirs.not_before, "not_before", problems);
    one_fact(&mut ours.not_after, theirs.not_after, "not_after", problems);
    one_fact(&mut ours.server_auth, theirs.server_auth, "server_auth", problems);
}

fn one_fact<T: PartialEq>(ours: &mut Field<T>, theirs: Field<T>, key: &str, problems: &mut Vec<Problem>) {
    match (&*ours, &theirs) {
        (Field::Absent, _) => *ours = theirs,
        (Field::Known(a), Field::Known(b)) if a.value != b.value => {
            let message = format!("`{key}` of a certificate is not what its file says");
            let problem =
                Problem::new(ProblemKind::Drift, a.span, message, "the site file's word counts").related(b.span, "the file differs");
            problems.push(problem.help(format!("correct the side that is wrong, or leave `{key}` out of the site file")));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
