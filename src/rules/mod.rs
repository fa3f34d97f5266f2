//! The rules: each a file and a page of its own, and one word in the list below.

mod across;
mod auth;
mod context;
pub mod flows;
mod inputs;
mod out;
mod page;
mod params;
mod rule;
mod run;
pub mod several;
mod symptoms;
pub mod upstream_faults;
pub mod upstream_lines;
pub mod upstream_paths;
mod upstream_verdicts;

pub use across::{Across, Participation, SiteFacts};
pub use context::{Context, DistinctKey};
pub use out::{Finding, Label, Out, Proof, ProofStep, Row, Subject, Verdicts};
pub use page::{Example, Page};
pub use params::{Count, Grade, Param, Value};
pub use rule::{Level, Rule, Stage};
pub use run::{RuleSet, across_sites, one_site};
pub use symptoms::{SYMPTOMS, Seen, Symptom, symptom, symptoms_in};

/// What a rule's file begins with: `use crate::rules::prelude::*;`.
pub mod prelude {
    pub use super::{Across, Context, Count, Finding, Grade, Level, Out, Param, Proof, Rule, Stage, Subject};
    pub use crate::model::{Client, ClientVpn, Field, Host, Mx, Part, Resource, Site};
    pub use crate::source::{Span, Spanned};
}

macro_rules! rules {
    ($($family:ident { $($rule:ident)* })*) => {
        $(
            #[doc = concat!("Rules of the family `", stringify!($family), "`.")]
            pub mod $family {
                $(pub mod $rule;)*
            }
        )*

        /// Every rule, in the order of the catalogue.
        pub static RULES: &[&Rule] = &[$($(&$family::$rule::RULE,)*)*];
    };
}

rules! {
    psk { psk_mismatch psk_missing psk_special_edge psk_not_portable psk_weak psk_reused secret_in_clear_text }
    tunnel {
        wrong_tunnel_type ipsec_not_psk aggressive_mode ike_proposal_mismatch weak_crypto_default crypto_override pap_refused os_without_l2tp
        ppp_encryption_required
    }
    server { server_not_this_mx warm_spare_not_vip warm_spare_without_vip vip_invalid server_address_pinned dynamic_dns_disabled server_on_secondary_uplink server_address_not_public server_address_ipv6 wan_behind_cgnat client_vpn_disabled }
    upstream {
        upstream_blocks_ike upstream_blocks_nat_t upstream_forward_missing upstream_forward_elsewhere upstream_forward_wrong_protocol
        upstream_forward_translates_port upstream_source_restricted upstream_rule_shadowed upstream_opens_itself
        esp_as_port l2tp_port_exposed upstream_blocks_reply upstream_blocks_esp upstream_terminates_ike acl_not_applied
        dangling_reference upstream_blocks_cloud upstream_blocks_tls mx_forwards_ike
    }
    authentication {
        username_not_email username_without_domain user_unknown user_not_authorized radius_secret_mismatch radius_client_missing
        radius_port_mismatch auth_server_unreachable ad_certificate_missing mx_uplink_down mx_dns_not_public sessions_per_user
    }
    addresses {
        subnet_overlap subnet_not_private subnet_host_bits home_lan_overlap pool_exhausted resource_not_routed client_subnet_not_in_vpn
        split_tunnel_misses_resource no_return_route client_behind_same_mx client_address_is_peer clients_share_address
    }
    names { internal_name_public_dns dns_server_unreachable short_name netbios_without_wins wins_unreachable profile_overrides_dns }
    access { l7_blocks_file_sharing l3_blocks_resource resource_firewall_blocks_vpn }
    profiles { profile_server_form profile_secret_misplaced profile_secret_type profile_secret_double_encoded }
    machine { windows_nat_t_not_enabled windows_ipsec_prohibited windows_ikeext_disabled conflicting_software }
    files { syntax_error unknown_key invalid_value import_failed unused_waiver expired_waiver waiver_without_reason waiver_for_locked_rule cross_source_drift }
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|r| r.id == id)
}
