//! From the site file's tables and the files that they import to one site.

use crate::import::client::Profile;
use crate::import::values::{Imports, ListOrImport};
use crate::import::{Ledger, client, guarded, meraki, open, resolve, upstream};
use crate::model::{Client, ClientVpn, Field, Mx, Resource, Site};
use crate::source::{FileId, Session, Spanned};

use super::schema::{ActiveDirectoryDecl, ClientDecl, ClientVpnDecl, MxDecl, RadiusDecl, ResourceDecl, SiteDecl, UpstreamDecl};

/// Reads the imports and joins everything.
pub fn assemble(session: &mut Session, file: FileId, decl: SiteDecl, folder_name: &str, ledger: &mut Ledger) -> Site {
    let mut site = Site { file: session.map.file(file).first_line(), ..Site::default() };
    if let Field::Known(info) = decl.info {
        site.info = info.value;
    }
    site.name = site.info.name.value().cloned().unwrap_or_else(|| folder_name.to_owned());
    site.mx = match decl.mx {
        Field::Known(mx) => Field::known_at(join_mx(session, file, mx.value, ledger), mx.span),
        Field::Opaque(o) => Field::Opaque(o),
        Field::Absent => Field::Absent,
    };
    site.client_vpn = match decl.client_vpn {
        Field::Known(vpn) => Field::known_at(join_client_vpn(session, file, vpn.value, ledger), vpn.span),
        Field::Opaque(o) => Field::Opaque(o),
        Field::Absent => Field::Absent,
    };
    if let Field::Known(devices) = decl.upstream {
        for (n, device) in devices.value.into_iter().enumerate() {
            site.upstream.push(join_upstream(session, file, device, n, ledger));
        }
    }
    if let Field::Known(clients) = decl.clients {
        for (n, client) in clients.value.into_iter().enumerate() {
            join_client(session, file, client, n, &mut site.clients, ledger);
        }
    }
    if let Field::Known(resources) = decl.resources {
        for resource in resources.value {
            site.resources.push(join_resource(session, file, resource, ledger));
        }
    }
    site.gap = ledger.gap.take();
    site
}

/// The paths of an import, or none.
fn paths(import: Field<Imports>) -> Vec<Spanned<String>> {
    match import {
        Field::Known(imports) => imports.value.0,
        _ => Vec::new(),
    }
}

fn join_mx(session: &mut Session, file: FileId, decl: MxDecl, ledger: &mut Ledger) -> Mx {
    let MxDecl { import, network, format, mx: mut inline } = decl;
    let import = paths(import);
    if import.is_empty() {
        return inline;
    }
    let imported = meraki::load(session, file, &import, network.known(), format.known(), ledger);
    meraki::join(&mut inline, imported, &mut ledger.problems);
    inline
}

fn join_client_vpn(session: &mut Session, file: FileId, decl: ClientVpnDecl, ledger: &mut Ledger) -> ClientVpn {
    let ClientVpnDecl { users, radius_servers, active_directory_servers, mut vpn } = decl;
    vpn.users = match users {
        Field::Known(Spanned { value: ListOrImport::List(list), span }) => Field::known_at(list, span),
        Field::Known(Spanned { value: ListOrImport::Import(import), span }) => meraki::users(session, file, &paths(import), span, ledger),
        Field::Opaque(o) => Field::Opaque(o),
        Field::Absent => Field::Absent,
    };
    vpn.radius_servers = radius_servers.map(|list| {
        let join = |decl: Spanned<RadiusDecl>| {
            not_yet(session, file, decl.value.import, ledger);
            Spanned::new(decl.value.server, decl.span)
        };
        list.into_iter().map(join).collect()
    });
    vpn.active_directory_servers = active_directory_servers.map(|list| {
        let join = |decl: Spanned<ActiveDirectoryDecl>| {
            let ActiveDirectoryDecl { certificate, mut server } = decl.value;
            server.certificate = certificate.map(|c| {
                not_yet(session, file, c.import, ledger);
                c.certificate
            });
            Spanned::new(server, decl.span)
        };
        list.into_iter().map(join).collect()
    });
    vpn
}

/// Imports whose readers come with later versions: named as not read, never passed over in silence.
fn not_yet(session: &mut Session, file: FileId, import: Field<Imports>, ledger: &mut Ledger) {
    for (place, path) in resolve(session, file, &paths(import), ledger) {
        if let Some((id, format)) = open(session, place, &path, None, ledger) {
            let name = session.map.file(id).path.clone();
            ledger.import_failed(place, format!("{name} is a {} file, which says nothing here", format.id()), "");
        }
    }
}

fn join_upstream(
    session: &mut Session,
    file: FileId,
    decl: Spanned<UpstreamDecl>,
    n: usize,
    ledger: &mut Ledger,
) -> crate::model::upstream::Device {
    let (place, mut decl) = (decl.span, decl.value);
    let import = paths(std::mem::take(&mut decl.import));
    let format = decl.format.known().cloned();
    let mut imported = None;
    for (spot, path) in resolve(session, file, &import, ledger) {
        let Some((id, format)) = open(session, spot, &path, format.as_ref(), ledger) else { continue };
        let source = session.map.file(id);
        match guarded(format, ledger, || upstream::read(format, source.raw(), source.base())) {
            Some(Some((device, notes))) => {
                ledger.take(session, id, notes);
                imported = Some(device);
            }
            Some(None) => {
                ledger.import_failed(spot, format!("{} is a {} file, no firewall's export", session.map.file(id).path, format.id()), "")
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
    if let Field::Known(evidence) = evidence {
        inline.nat_t_rule = evidence.value.nat_t_rule;
        inline.prohibit_ipsec = evidence.value.prohibit_ipsec;
        inline.ikeext_start = evidence.value.ikeext_start;
        not_yet(session, file, evidence.value.import, ledger);
    }
    let import = paths(import);
    let mut profiles: Vec<Profile> = Vec::new();
    for (spot, path) in resolve(session, file, &import, ledger) {
        let Some((id, format)) = open(session, spot, &path, format.known(), ledger) else { continue };
        let source = session.map.file(id);
        match guarded(format, ledger, || client::read(format, source.raw(), source.base())) {
            Some(Some((found, notes))) => {
                if found.is_empty() && notes.problems.is_empty() {
                    let shown = session.map.file(id).path.clone();
                    ledger.import_failed(spot, format!("{shown} holds no VPN profile"), "");
                }
                ledger.take(session, id, notes);
                profiles.extend(found);
            }
            Some(None) => {
                ledger.import_failed(spot, format!("{} is a {} file, no client's profile", session.map.file(id).path, format.id()), "")
            }
            None => {}
        }
    }
    let table = name.value().cloned();
    if profiles.is_empty() {
        inline.name = Spanned::new(table.unwrap_or_else(|| format!("client {}", n + 1)), place);
        if import.is_empty() {
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

fn join_resource(session: &mut Session, file: FileId, decl: Spanned<ResourceDecl>, ledger: &mut Ledger) -> Resource {
    let ResourceDecl { name, firewall, routes, mut resource } = decl.value;
    resource.name = match name {
        Field::Known(name) => name,
        _ => Spanned::new(resource.ip.value().map_or_else(Default::default, |ip| crate::model::ResourceName::Address(*ip)), decl.span),
    };
    if let Field::Known(firewall) = firewall {
        not_yet(session, file, firewall.value.import, ledger);
        if resource.allow_from.is_absent() {
            resource.allow_from = Field::opaque_at(firewall.span, "the export of the resource's firewall was not read");
        }
    }
    resource.routes = match routes {
        Field::Known(Spanned { value: ListOrImport::List(list), span }) => Field::known_at(list, span),
        Field::Known(Spanned { value: ListOrImport::Import(import), span }) => {
            not_yet(session, file, import, ledger);
            Field::opaque_at(span, "the export of the resource's routes was not read")
        }
        Field::Opaque(o) => Field::Opaque(o),
        Field::Absent => Field::Absent,
    };
    // An address typed as the name is the address.
    if let (crate::model::ResourceName::Address(ip), true) = (&resource.name.value, resource.ip.is_absent()) {
        resource.ip = Field::known_at(*ip, resource.name.span);
    }
    resource
}
