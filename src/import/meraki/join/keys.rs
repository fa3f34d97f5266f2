//! What the things of an MX are found by.

use super::{Keyed, differ, key_of, named, net};
use crate::model::mx::{GroupPolicy, LocalSubnet, Peer, RemoteSubnet, SpareUplink, StaticRoute, Uplink, Vlan};
use crate::model::{Field, Host};
use crate::source::{clip, visible};

impl Keyed for Uplink {
    fn keys(&self) -> Vec<String> {
        key_of("interface", &self.interface, |i| crate::import::meraki::object::fold(i).replace("internet", "wan")).into_iter().collect()
    }

    fn called(&self) -> String {
        named("uplink", &self.interface)
    }
}

impl Keyed for SpareUplink {
    fn keys(&self) -> Vec<String> {
        key_of("interface", &self.interface, |i| crate::import::meraki::object::fold(i).replace("internet", "wan")).into_iter().collect()
    }

    fn called(&self) -> String {
        match self.interface.value() {
            Some(name) => format!("the spare's uplink `{}`", clip(&visible(name), 60)),
            None => "the spare's uplink".to_owned(),
        }
    }
}

impl Keyed for Vlan {
    fn keys(&self) -> Vec<String> {
        let keys = [
            key_of("id", &self.vlan_id, u32::to_string),
            key_of("name", &self.name, String::clone),
            key_of("subnet", &self.subnet, |n| net(*n)),
        ];
        keys.into_iter().flatten().collect()
    }

    fn conflicts(&self, other: &Self) -> bool {
        differ(&self.vlan_id, &other.vlan_id)
    }

    fn called(&self) -> String {
        match (&self.name, self.vlan_id.value()) {
            (Field::Known(_), _) | (_, None) => named("VLAN", &self.name),
            (_, Some(id)) => format!("VLAN {id}"),
        }
    }
}

impl Keyed for StaticRoute {
    fn keys(&self) -> Vec<String> {
        let (name, subnet) = (key_of("name", &self.name, String::clone), key_of("subnet", &self.subnet, |n| net(*n)));
        let both = name.clone().zip(subnet.clone()).map(|(n, s)| format!("{n} {s}"));
        [both, name, subnet].into_iter().flatten().collect()
    }

    fn called(&self) -> String {
        named("static route", &self.name)
    }
}

impl Keyed for LocalSubnet {
    fn keys(&self) -> Vec<String> {
        key_of("subnet", &self.local_subnet, |n| net(*n)).into_iter().collect()
    }

    fn called(&self) -> String {
        self.local_subnet.value().map_or_else(|| "a local subnet".to_owned(), |n| format!("the local subnet {n}"))
    }
}

impl Keyed for RemoteSubnet {
    fn keys(&self) -> Vec<String> {
        key_of("subnet", &self.subnet, |n| net(*n)).into_iter().collect()
    }

    fn conflicts(&self, other: &Self) -> bool {
        differ(&self.site, &other.site)
    }

    fn called(&self) -> String {
        self.subnet.value().map_or_else(|| "a remote subnet".to_owned(), |n| format!("the remote subnet {n}"))
    }
}

impl Keyed for Peer {
    fn keys(&self) -> Vec<String> {
        [key_of("name", &self.name, String::clone), key_of("address", &self.public_ip, Host::to_string)].into_iter().flatten().collect()
    }

    fn conflicts(&self, other: &Self) -> bool {
        differ(&self.name, &other.name)
    }

    fn called(&self) -> String {
        named("peer", &self.name)
    }
}

impl Keyed for GroupPolicy {
    fn keys(&self) -> Vec<String> {
        [key_of("id", &self.group_policy_id, String::clone), key_of("name", &self.name, String::clone)].into_iter().flatten().collect()
    }

    fn conflicts(&self, other: &Self) -> bool {
        differ(&self.group_policy_id, &other.group_policy_id)
    }

    fn called(&self) -> String {
        named("group policy", &self.name)
    }
}
