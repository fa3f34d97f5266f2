//! Puts the bodies of one network together.

use std::collections::BTreeMap;

use super::body::{self, World};
use super::find::Finder;
use super::join::Many;
use super::kind::Body;
use super::lan_clients::LanClients;
use super::network::{Choice, Networks};
use super::policy_objects::Objects;
use super::uplinks::Units;
use super::{Imported, client_vpn, network, notes, object};
use crate::import::{Ledger, Notes};
use crate::model::mx::{StaticRoute, Vlan};
use crate::model::{ClientVpn, Field, Mx, Part};
use crate::source::{FileId, Problem, Session, Span, Spanned};
use crate::tree::Node;
use crate::tree::decode::Cx;

/// Puts the parts of one network together.
pub struct Reader<'a> {
    parts: Many<Mx>,
    vpns: Many<ClientVpn>,
    /// Where the first settings of client VPN stand, or why they could not be read.
    vpn_place: Field<()>,
    /// Whether an import has VLANs, and a single LAN.
    has: [bool; 2],
    units: Units,
    names: BTreeMap<String, String>,
    clients: LanClients,
    drifts: Vec<Problem>,
    /// Lists that may lack items, and those that lack none.
    partial: Vec<(Body, Span)>,
    whole: Vec<Body>,
    networks: &'a Networks,
    choice: &'a Choice,
    tags: Option<&'a [String]>,
    objects: &'a Objects,
}

/// Places of what is missing, and why; of the part that is being read, unless another is named.
type Gaps = Vec<(Option<Part>, Span, &'static str)>;

impl<'a> Reader<'a> {
    /// A reader of the chosen network.
    pub fn new(networks: &'a Networks, choice: &'a Choice, objects: &'a Objects) -> Self {
        Self {
            parts: Many::default(),
            vpns: Many::default(),
            vpn_place: Field::Absent,
            has: [false; 2],
            units: Units::default(),
            names: BTreeMap::new(),
            clients: LanClients::default(),
            drifts: Vec::new(),
            partial: Vec::new(),
            whole: Vec::new(),
            networks,
            choice,
            tags: networks.tags(choice),
            objects,
        }
    }

    /// Takes a part of the MX in.
    pub fn add(&mut self, part: Mx) {
        self.has[0] |= part.vlans.known().is_some();
        self.has[1] |= part.single_lan.known().is_some();
        self.parts.add(part, &mut self.drifts);
    }

    /// Reads the bodies of one file that belong to the chosen network.
    pub fn file(&mut self, session: &mut Session, file: FileId, finder: &Finder<'_, '_>) -> (Notes, Notes, Gaps) {
        let mut cx = Cx::new(session, file);
        let mut vpn = Notes::default();
        let mut gaps = Vec::new();
        let (networks, choice) = (self.networks, self.choice);
        for found in &finder.found {
            let names = found.networks.iter().chain(&found.serial).map(String::as_str);
            if !networks.accepts(choice, names) {
                if let (Some(serial), Ok(node), []) = (&found.serial, found.node, found.networks.as_slice())
                    && !networks.placed(serial)
                {
                    gaps.push((None, object::place(node), "which network a device belongs to is in no import"));
                }
                continue;
            }
            let alone = found.networks.is_empty() && found.serial.is_none();
            let node = match networks.shares(choice, found.organization.as_deref()) {
                Some(true) => found.node,
                Some(false) => continue,
                None if !alone => found.node,
                None => {
                    let place = found.node.map_or_else(|(span, _)| span, object::place);
                    Err((place, "which of several organisations is the network's is in no import"))
                }
            };
            match node {
                Ok(node) if found.body == Body::ManagementInterface && !self.is_appliance(node, found.serial.as_deref()) => {}
                Ok(node) => {
                    let accepts = |o: object::Obj<'_, '_>| {
                        let names = network::names_of(o);
                        networks.accepts(choice, names.iter().map(String::as_str))
                    };
                    self.units.read(found.body, node, found.serial.as_deref(), &accepts, &mut cx);
                    match found.body {
                        Body::Categories => body::categories(node, &mut self.names),
                        Body::PolicyObjects | Body::PolicyGroups => {}
                        Body::LanClients | Body::ClientPolicy | Body::ClientPolicies => self.clients.learn(found.body, node),
                        Body::Devices => self.device(node, &accepts, &mut cx),
                        Body::ClientVpn | Body::Wdc => self.vpn(found.body, node, &mut cx, &mut vpn),
                        _ => {
                            let own = |id: &str| networks.is_own(choice, id);
                            let world = World { tags: self.tags, objects: self.objects, own: &own };
                            let part = body::read(found.body, node, &world, &mut cx);
                            self.add(part);
                            if found.partial {
                                self.partial.push((found.body, object::place(node)));
                            } else {
                                self.whole.push(found.body);
                            }
                        }
                    }
                }
                Err((span, why)) => {
                    // The API has no answer for VLANs where there is a single LAN, nor the reverse.
                    let other = match found.body {
                        Body::Vlans => self.has[1],
                        Body::SingleLan => self.has[0],
                        _ => false,
                    };
                    let told =
                        matches!(found.body, Body::Other | Body::AuthUsers | Body::LanClients | Body::ClientPolicy | Body::ClientPolicies);
                    if !other && !told {
                        let part = (found.body == Body::ClientVpn).then_some(Part::ClientVpn);
                        gaps.push((part, span, why));
                        self.add(body::missing(found.body, span, why));
                    }
                }
            }
        }
        (notes(cx), vpn, gaps)
    }

    /// Reads the settings of client VPN, which answer for their own faults.
    fn vpn(&mut self, body: Body, node: &Node<'_>, cx: &mut Cx<'_>, noted: &mut Notes) {
        let outside = (std::mem::take(&mut cx.problems), cx.gap.take());
        let part = if body == Body::Wdc { client_vpn::wdc(node, cx) } else { client_vpn::ipsec(node, cx) };
        if let Some(name) = client_vpn::hostname(node).filter(|_| body == Body::ClientVpn) {
            let hostname = Field::known_at(name.text().unwrap_or_default().to_owned(), object::place(name));
            let names = crate::model::mx::DynamicDns { hostname, ..Default::default() };
            self.add(Mx { dynamic_dns: Field::known_at(names, object::place(name)), ..Mx::default() });
        }
        noted.problems.append(&mut cx.problems);
        noted.gap = noted.gap.or(cx.gap);
        (cx.problems, cx.gap) = outside;
        match part {
            Field::Known(part) => {
                if self.vpn_place.known().is_none() {
                    self.vpn_place = Field::known_at((), part.span);
                }
                self.vpns.add(part.value, &mut self.drifts);
            }
            Field::Opaque(o) if self.vpn_place.is_absent() => self.vpn_place = Field::Opaque(o),
            _ => {}
        }
    }

    /// Whether a management interface is an appliance's: all products have one, and only the appliance's speaks of two ports and dynamic DNS.
    fn is_appliance(&self, node: &Node<'_>, serial: Option<&str>) -> bool {
        let Some(o) = node.entries().map(object::Obj) else { return true };
        let listed = o.peek("serial").map(object::fold).as_deref().or(serial).and_then(|s| self.networks.appliance(s));
        let looks = || o.get("ddnsHostnames|wan2").is_some() || o.object("wan1").is_some_and(|w| w.get("wanEnabled").is_some());
        listed.unwrap_or_else(looks)
    }

    /// Model and firmware of the appliance.
    fn device(&mut self, node: &Node<'_>, accepts: &dyn Fn(object::Obj<'_, '_>) -> bool, cx: &mut Cx<'_>) {
        let rows = node.items().unwrap_or_default().iter().filter_map(Node::entries).map(object::Obj);
        // Both units of a pair are alike; several networks without a choice say nothing.
        let mut found: Vec<_> = rows.filter(|o| network::is_appliance(*o) == Some(true) && accepts(*o)).collect();
        found.dedup_by_key(|o| o.peek("networkId"));
        if let [o] = found.as_slice() {
            let digits = o.peek("firmware").is_some_and(|f| f.bytes().any(|b| b.is_ascii_digit()));
            let firmware = if digits { o.read("firmware", cx) } else { Field::Absent };
            let part = Mx { model: o.text("model", cx), firmware, ..Mx::default() };
            self.add(part);
        }
    }

    /// Lists that may lack items get one of which nothing is known, so that nothing is concluded from what they lack.
    fn doubt(&mut self, mx: &mut Mx) {
        const VLANS: &str = "Terraform may manage only some of the VLANs; import the API's list of them too";
        const ROUTES: &str = "Terraform may manage only some of the static routes; import the API's list of them too";
        self.partial.sort_unstable_by_key(|(body, _)| *body == Body::StaticRoutes);
        self.partial.dedup_by_key(|(body, _)| *body);
        for (body, span) in std::mem::take(&mut self.partial).into_iter().filter(|(body, _)| !self.whole.contains(body)) {
            match (body, &mut mx.vlans, &mut mx.static_routes) {
                (Body::Vlans, Field::Known(vlans), _) => {
                    vlans.value.push(Spanned::new(Vlan { subnet: Field::opaque_at(span, VLANS), ..Vlan::default() }, span));
                }
                (Body::StaticRoutes, _, Field::Known(routes)) => {
                    routes.value.push(Spanned::new(StaticRoute { subnet: Field::opaque_at(span, ROUTES), ..StaticRoute::default() }, span));
                }
                _ => {}
            }
        }
    }

    /// What all files say.
    pub fn finish(mut self, wanted: Option<&str>, ledger: &mut Ledger) -> Imported {
        let wanted = wanted.map(object::fold);
        let (parts, trouble) = std::mem::take(&mut self.units).finish(wanted.as_deref());
        for part in parts {
            self.add(part);
        }
        if let Some((span, why)) = trouble {
            ledger.gap(span, why);
        }
        let mut mx = std::mem::take(&mut self.parts).finish(&mut self.drifts).unwrap_or_default();
        if mx.single_lan.known().is_some() && mx.vlans.opaque().is_some() {
            mx.vlans = Field::Absent;
        }
        self.doubt(&mut mx);
        body::name_ids(&mut mx, &self.names);
        let vpn = std::mem::take(&mut self.vpns).finish(&mut self.drifts);
        let client_vpn = match (vpn, self.vpn_place) {
            (Some(vpn), Field::Known(place)) => Field::known_at(vpn, place.span),
            (_, Field::Opaque(o)) => Field::Opaque(o),
            _ => Field::Absent,
        };
        ledger.problems.append(&mut self.drifts);
        Imported { mx, client_vpn, policies: self.clients.finish() }
    }
}
