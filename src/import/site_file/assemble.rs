//! From the site file's tables and the files that they import to one site.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::PathBuf;

use crate::import::client::{Completed, Profile};
use crate::import::detect::Format;
use crate::import::evidence::Machine;
use crate::import::values::{Imports, ListOrImport};
use crate::import::{Ledger, certificate, client, evidence, guarded, host, lists, meraki, open, radius, resolve, upstream};
use crate::model::{Client, ClientVpn, Field, Gap, Mx, Part, RegistryValue, Resource, Site};
use crate::source::{FileId, Problem, Session, Span, Spanned};
use crate::tree::decode;

use super::schema::{
    ActiveDirectoryDecl, CertificateDecl, ClientDecl, ClientVpnDecl, MxDecl, RadiusDecl, ResourceDecl, SiteDecl, SiteInfoDecl, UpstreamDecl,
};

/// Reads the imports and joins everything.
pub fn assemble(session: &mut Session, file: FileId, decl: SiteDecl, folder_name: &str, ledger: &mut Ledger) -> Site {
    let mut site = Site { file: session.map.file(file).first_line(), ..Site::default() };
    if let Field::Known(info) = decl.info {
        ledger.begin(Part::Info, info.value.gap);
        let SiteInfoDecl { internal_domains, mut info } = info.value.value;
        info.internal_domains = match internal_domains {
            Field::Known(Spanned { value: ListOrImport::List(list), span }) => Field::known_at(list, span),
            Field::Known(Spanned { value: ListOrImport::Import(import), span }) => {
                host::names::load(session, file, &paths(import), span, ledger)
            }
            Field::Opaque(o) => Field::Opaque(o),
            Field::Absent => Field::Absent,
        };
        site.info = info;
    }
    site.name = site.info.name.value().cloned().unwrap_or_else(|| folder_name.to_owned());
    let (mut imported, mut policies) = (Field::Absent, BTreeMap::new());
    site.mx = decl.mx.map(|mx| {
        ledger.begin(Part::Mx, mx.gap);
        let (mx, read) = join_mx(session, file, mx.value, ledger);
        imported = read.client_vpn;
        policies = meraki::policies(&mx, read.policies);
        mx
    });
    let inline = decl.client_vpn.map(|vpn| {
        ledger.begin(Part::ClientVpn, vpn.gap);
        join_client_vpn(session, file, vpn.value, ledger)
    });
    site.client_vpn = meraki::join_client_vpn(inline, imported, &mut ledger.problems);
    for (n, (device, gap)) in tables(decl.upstream, Part::Upstreams, ledger).into_iter().enumerate() {
        ledger.begin(Part::Upstream(n), gap);
        site.upstream.push(join_upstream(session, file, device, n, ledger));
    }
    for (n, (client, gap)) in tables(decl.clients, Part::Clients, ledger).into_iter().enumerate() {
        let first = site.clients.len();
        ledger.begin(Part::Client(first), gap);
        join_client(session, file, client, n, &mut site.clients, ledger);
        // One table with several profiles: what is missing may belong to any of them.
        if let Some(Gap { span, reason, .. }) = ledger.gaps.iter().find(|gap| gap.part == ledger.part).cloned() {
            ledger.gaps.extend((first + 1..site.clients.len()).map(|n| Gap { part: Part::Client(n), span, reason: reason.clone() }));
        }
    }
    for (n, (resource, gap)) in tables(decl.resources, Part::Resources, ledger).into_iter().enumerate() {
        ledger.begin(Part::Resource(n), gap);
        let mut resource = join_resource(session, file, resource, ledger);
        if let (true, Some(policy)) = (resource.group_policy.is_absent(), resource.ip.value().and_then(|ip| policies.get(ip))) {
            resource.group_policy = policy.clone();
        }
        site.resources.push(resource);
    }
    site.gaps = std::mem::take(&mut ledger.gaps);
    site
}

/// The tables of one name, each with its gap; what is missing from the list itself is noted.
fn tables<T>(list: Field<decode::Part<Vec<Spanned<decode::Part<T>>>>>, part: Part, ledger: &mut Ledger) -> Vec<(Spanned<T>, Option<Span>)> {
    match list {
        Field::Known(list) => {
            ledger.begin(part, list.value.gap);
            list.value.value.into_iter().map(|table| (Spanned::new(table.value.value, table.span), table.value.gap)).collect()
        }
        Field::Opaque(o) => {
            ledger.part = part;
            ledger.gap(o.span, o.reason);
            Vec::new()
        }
        Field::Absent => Vec::new(),
    }
}

/// The paths of an import, or none.
fn paths(import: Field<Imports>) -> Vec<Spanned<String>> {
    match import {
        Field::Known(imports) => imports.value.0,
        _ => Vec::new(),
    }
}

/// The MX, and what its exports say beside it.
fn join_mx(session: &mut Session, file: FileId, decl: MxDecl, ledger: &mut Ledger) -> (Mx, meraki::Imported) {
    let MxDecl { import, network, format, mx: mut inline } = decl;
    super::uplinks::of(&mut inline, ledger);
    let import = paths(import);
    if import.is_empty() {
        return (inline, meraki::Imported::default());
    }
    let mut imported = meraki::load(session, file, &import, network.known(), format.known(), ledger);
    meraki::join(&mut inline, std::mem::take(&mut imported.mx), &mut ledger.problems);
    (inline, imported)
}

fn join_client_vpn(session: &mut Session, file: FileId, decl: ClientVpnDecl, ledger: &mut Ledger) -> ClientVpn {
    let ClientVpnDecl { users, radius_servers, active_directory_servers, mut vpn } = decl;
    vpn.users = match users {
        Field::Known(Spanned { value: ListOrImport::List(list), span }) => Field::known_at(list, span),
        Field::Known(Spanned { value: ListOrImport::Import(import), span }) => {
            lists::users::load(session, file, &paths(import), span, ledger)
        }
        Field::Opaque(o) => Field::Opaque(o),
        Field::Absent => Field::Absent,
    };
    vpn.radius_servers = radius_servers.map(|list| {
        let join = |decl: Spanned<RadiusDecl>| {
            let RadiusDecl { import, mut server } = decl.value;
            radius::complete(session, file, &paths(import), &mut server, ledger);
            Spanned::new(server, decl.span)
        };
        list.into_iter().map(join).collect()
    });
    vpn.active_directory_servers = active_directory_servers.map(|list| {
        let join = |decl: Spanned<ActiveDirectoryDecl>| {
            let ActiveDirectoryDecl { certificate, mut server } = decl.value;
            let host = server.host.value().cloned();
            server.certificate = certificate.map(|c| {
                let CertificateDecl { import, mut certificate } = c;
                certificate::complete(session, file, &paths(import), host.as_ref(), &mut certificate, ledger);
                certificate
            });
            Spanned::new(server, decl.span)
        };
        list.into_iter().map(join).collect()
    });
    vpn
}

fn join_upstream(
    session: &mut Session,
    file: FileId,
    decl: Spanned<UpstreamDecl>,
    n: usize,
    ledger: &mut Ledger,
) -> crate::model::upstream::Device {
    let (place, mut decl) = (decl.span, decl.value);
    super::uplinks::name(&mut decl.uplink, ledger);
    let import = paths(std::mem::take(&mut decl.import));
    let format = decl.format.known().cloned();
    let mut imported = None;
    // Files that tell of one device together are read as one.
    let mut exports: Vec<(Span, Format, Vec<FileId>)> = Vec::new();
    for (spot, path) in resolve(session, file, &import, ledger) {
        let Some((id, format)) = open(session, spot, &path, format.as_ref(), ledger) else { continue };
        match exports.iter_mut().find(|(_, other, _)| *other == format && upstream::joins(format)) {
            Some((.., ids)) => ids.push(id),
            None => exports.push((spot, format, vec![id])),
        }
    }
    for (spot, format, ids) in exports {
        if imported.is_some() {
            let why = format!("{} is an export of its own, and each `[[upstream]]` table is one device", session.map.file(ids[0]).path);
            ledger.import_failed(spot, why, "describe the other device in an [[upstream]] table of its own, from the internet inwards");
            continue;
        }
        let parts: Vec<(&str, u32)> = ids.iter().map(|id| session.map.file(*id)).map(|source| (source.raw(), source.base())).collect();
        match guarded(format, ledger, || upstream::read_together(format, &parts)) {
            Some(Some((device, notes))) => {
                let of = |problem: &Problem| ids.iter().find(|id| session.map.file(**id).span().holds(problem.span));
                let id = notes.problems.first().and_then(of).unwrap_or(&ids[0]);
                ledger.take(session, *id, notes);
                imported = Some(device);
            }
            Some(None) => {
                let name = &session.map.file(ids[0]).path;
                ledger.import_failed(spot, format!("{name} is a {} file, no firewall's export", format.id()), "");
            }
            None => {}
        }
    }
    let mut device = upstream::by_hand::device(decl, imported, place, n, &mut ledger.problems);
    // An export that could not be read is missing, not written by hand.
    device.exported |= !import.is_empty();
    device
}

fn join_client(session: &mut Session, file: FileId, decl: Spanned<ClientDecl>, n: usize, clients: &mut Vec<Client>, ledger: &mut Ledger) {
    let ClientDecl { name, import, format, evidence, client: mut inline } = decl.value;
    let place = name.span().unwrap_or(decl.span);
    let mut machine = Machine::default();
    if let Field::Known(evidence) = evidence {
        inline.registry.nat_t_rule = evidence.value.nat_t_rule.map(RegistryValue::Dword);
        inline.registry.prohibit_ipsec = evidence.value.prohibit_ipsec.map(RegistryValue::Dword);
        inline.registry.ikeext_start = evidence.value.ikeext_start.map(RegistryValue::Dword);
        read_evidence(session, file, &paths(evidence.value.import), &mut machine, ledger);
    }
    let import = paths(import);
    let mut pool = client::Pool::default();
    let forced = format.known();
    let found = resolve(session, file, &import, ledger);
    // Whether every file of the import was read and tells of the machine alone.
    let mut machine_alone = !found.is_empty();
    let mut queue: VecDeque<_> = found.into_iter().map(|(spot, path)| (spot, path, None)).collect();
    let mut seen = HashSet::new();
    while let Some((spot, path, of)) = queue.pop_front() {
        let opened = open(session, spot, &path, of.as_ref().or(forced), ledger);
        let told = opened.is_some_and(|(id, format)| tells(session, id, format, format == Format::Reg, &mut machine, ledger));
        let Some((id, format)) = opened.filter(|(_, format)| !matches!(format, Format::Reg | Format::Software)) else {
            machine_alone &= told;
            continue;
        };
        machine_alone = false;
        // A file may be named by the import and by another file's `include`.
        if !seen.insert(id) {
            continue;
        }
        let source = session.map.file(id);
        match guarded(format, ledger, || client::read(format, source.raw(), source.base())) {
            Some(Some((mut found, mut notes))) => {
                if of.is_some() {
                    for profile in &mut found {
                        client::included(&mut profile.client);
                    }
                }
                let shown = session.map.file(id).path.clone();
                let completions = std::mem::take(&mut notes.completions);
                if found.is_empty() && completions.is_empty() && notes.includes.is_empty() && notes.problems.is_empty() {
                    ledger.import_failed(spot, format!("{shown} holds no VPN profile"), "");
                }
                include(session, id, format, std::mem::take(&mut notes.includes), &mut queue, ledger);
                ledger.take(session, id, notes);
                pool.add(&shown, found, completions);
            }
            Some(None) => {
                ledger.import_failed(spot, format!("{} is a {} file, no client's profile", session.map.file(id).path, format.id()), "");
            }
            None => {}
        }
    }
    let table = name.value().cloned();
    let empty = pool.is_empty();
    let profiles = match pool.complete(&mut ledger.problems) {
        Completed::Profiles(profiles) => profiles,
        Completed::Additions(_) if empty => Vec::new(),
        // The table is the profile, and the files complete it.
        Completed::Additions(client) => vec![Profile { client: *client }],
    };
    let called = table.clone().unwrap_or_else(|| format!("client {}", n + 1));
    machine.complete(&mut inline, &called, &mut ledger.problems);
    if profiles.is_empty() {
        inline.name = Spanned::new(called, place);
        if import.is_empty() || machine_alone {
            clients.push(inline);
        } else {
            // The import failed: what the table itself says is still checked.
            client::nothing_known(&mut inline, place);
            clients.push(inline);
        }
        return;
    }
    let alone = profiles.len() == 1;
    for profile in profiles {
        let name = match (&table, alone) {
            (Some(table), true) => table.clone(),
            (Some(table), false) => format!("{table}/{}", profile.client.name.value),
            (None, _) => profile.client.name.value.clone(),
        };
        let label = if table.is_some() { place } else { profile.client.name.span };
        clients.push(client::join(&inline, profile, Spanned::new(name, label), &mut ledger.problems));
    }
}

/// Queues what a file includes; what lies outside the root, or is not there, is missing.
fn include(
    session: &Session,
    from: FileId,
    format: Format,
    includes: Vec<Spanned<String>>,
    queue: &mut VecDeque<(Span, PathBuf, Option<Spanned<String>>)>,
    ledger: &mut Ledger,
) {
    for spec in includes {
        match session.expand(from, &spec.value) {
            Ok(paths) => {
                let format = Spanned::new(format.id().to_owned(), spec.span);
                queue.extend(paths.into_iter().map(|path| (spec.span, path, Some(format.clone()))));
            }
            Err(_) => {
                let (name, from) = (crate::source::clip(&spec.value, 80), &session.map.file(from).path);
                ledger.gap(spec.span, format!("`{name}`, which {from} includes, was not read"));
            }
        }
    }
}

/// Reads what `evidence` imports.
fn read_evidence(session: &mut Session, file: FileId, import: &[Spanned<String>], machine: &mut Machine, ledger: &mut Ledger) {
    for path in import {
        let found = resolve(session, file, std::slice::from_ref(path), ledger);
        if found.is_empty() {
            machine.unread(path.span, &path.value);
        }
        for (spot, real) in found {
            let told = match open(session, spot, &real, None, ledger) {
                Some((id, format)) if tells(session, id, format, true, machine, ledger) => true,
                Some((id, format)) => {
                    let shown = session.map.file(id).path.clone();
                    ledger.import_failed(spot, format!("{shown} is a {} file, which tells nothing of a machine", format.id()), "");
                    false
                }
                None => false,
            };
            if !told {
                machine.unread(spot, &session.root().relative(&real));
            }
        }
    }
}

/// Adds what a file tells of the machine, when it was `named` for that or tells anything; whether it is of a format that may.
fn tells(session: &mut Session, id: FileId, format: Format, named: bool, machine: &mut Machine, ledger: &mut Ledger) -> bool {
    let source = session.map.file(id);
    let (first, path) = (source.first_line(), source.path.clone());
    let Some(Some((evidence, notes))) = guarded(format, ledger, || evidence::read(format, source.raw(), source.base())) else {
        return false;
    };
    ledger.take(session, id, notes);
    machine.add(evidence, &path, named.then_some(first));
    true
}

fn join_resource(session: &mut Session, file: FileId, decl: Spanned<ResourceDecl>, ledger: &mut Ledger) -> Resource {
    let ResourceDecl { name, firewall, routes, mut resource } = decl.value;
    resource.name = match name {
        Field::Known(name) => name,
        _ => Spanned::new(resource.ip.value().map_or_else(Default::default, |ip| crate::model::ResourceName::Address(*ip)), decl.span),
    };
    // An address typed as the name is the address.
    if let (crate::model::ResourceName::Address(ip), true) = (&resource.name.value, resource.ip.is_absent()) {
        resource.ip = Field::known_at(*ip, resource.name.span);
    }
    if let Field::Known(firewall) = firewall {
        host::complete_firewall(session, file, &paths(firewall.value.import), firewall.span, &mut resource, ledger);
    }
    match routes {
        Field::Known(Spanned { value: ListOrImport::List(list), span }) => resource.routes = Field::known_at(list, span),
        Field::Known(Spanned { value: ListOrImport::Import(import), span }) => {
            host::complete_routes(session, file, &paths(import), span, &mut resource, ledger);
        }
        Field::Opaque(o) => resource.routes = Field::Opaque(o),
        Field::Absent => {}
    }
    resource
}
