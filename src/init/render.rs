//! The site file's text: what was found, and in comments what only its reader knows.

use std::collections::BTreeSet;

use super::plan::{Clients, Import, Plan};
use crate::model::Site;
use crate::source::visible;

/// What the imports say, which need not be asked for.
#[derive(Default)]
pub struct Facts {
    uplinks: bool,
    public_ip: bool,
    hostname: bool,
    client_vpn: bool,
    /// Clients whose system their files tell.
    os: BTreeSet<String>,
}

impl Facts {
    /// Of a site that was read.
    pub fn of(site: &Site) -> Self {
        let mx = site.mx.value();
        let uplinks = || mx.into_iter().flat_map(|mx| mx.uplinks.items());
        Self {
            uplinks: uplinks().next().is_some(),
            public_ip: uplinks().any(|u| !u.value.public_ip.is_absent()),
            hostname: mx.and_then(|mx| mx.dynamic_dns.value()).is_some_and(|d| !d.hostname.is_absent()),
            // A draft states no subnet of its own.
            client_vpn: site.client_vpn.value().is_some_and(|vpn| !vpn.subnet.is_absent()),
            os: site.clients.iter().filter(|c| !c.os.is_absent()).map(|c| c.name.value.clone()).collect(),
        }
    }
}

/// A TOML string.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.extend(format!("\\u{:04X}", u32::from(c)).chars()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `import = …` of what is read, and a comment for each that is not.
fn import(key: &str, imports: &[Import]) -> String {
    let mut out = Vec::new();
    let read: Vec<String> = imports.iter().filter(|i| i.left_out.is_none()).map(|i| quote(&i.path)).collect();
    match read.as_slice() {
        [] => {}
        [one] => out.push(format!("{key} = {one}\n")),
        [first, ..] if read.len() <= 3 && read.iter().map(String::len).sum::<usize>() < 90 => {
            out.push(format!("{key} = [{first}, {}]\n", read[1..].join(", ")));
        }
        _ => out.push(format!("{key} = [\n    {},\n]\n", read.join(",\n    "))),
    }
    for (import, why) in imports.iter().filter_map(|i| Some((i, i.left_out.as_deref()?))) {
        out.push(format!("# {key} = {}   # not read: {}\n", quote(&import.path), visible(why)));
    }
    out.concat()
}

/// The text of a site file.
pub fn render(plan: &Plan, facts: &Facts) -> String {
    let mut out = vec![HEAD.to_owned()];
    out.push(format!("name = {}\n", quote(&plan.site)));
    match &plan.organization {
        Some(name) => out.push(format!("organization = {}   # sites of one organisation are checked against each other\n", quote(name))),
        None => out.push("# organization = \"example-corp\"   # sites of one organisation are checked against each other\n".to_owned()),
    }
    out.push("# internal_domains = [\"corp.example.com\"]   # names that only your own DNS knows\n".to_owned());
    mx(plan, facts, &mut out);
    client_vpn(plan, facts, &mut out);
    upstream(plan, &mut out);
    clients(plan, facts, &mut out);
    out.push(RESOURCES.to_owned());
    out.concat()
}

const HEAD: &str = "#:schema https://vpnlint.dev/schema/site-v1.json
# Written by `vpnlint init` from the files beside it. What stands in comments only you know: fill in what is true, and delete the rest.
# `vpnlint check --coverage` says what is still undecided, and for want of what.
version = 1

[site]
";

fn mx(plan: &Plan, facts: &Facts, out: &mut Vec<String>) {
    out.push("\n# ── the MX ──\n[mx]\n".to_owned());
    if plan.mx.iter().all(|i| i.left_out.is_some()) {
        out.push("# import = [\"meraki/\"]   # exports of the Dashboard's API, or Network as Code: none was found\n".to_owned());
    }
    out.push(import("import", &plan.mx));
    if let Some(network) = &plan.network {
        let mut others: Vec<String> = plan.others.iter().take(12).map(|n| format!("`{}`", visible(n))).collect();
        if plan.others.len() > others.len() {
            others.push(format!("{} more", plan.others.len() - others.len()));
        }
        let remark = if others.is_empty() {
            String::new()
        } else {
            format!("   # there are also {}: each is a site file of its own", others.join(", "))
        };
        out.push(format!("network = {}{remark}\n", quote(network)));
    }
    if !facts.hostname {
        out.push("# dynamic_dns = { enabled = true, hostname = \"branch-abcdefghij.dynamic-m.com\" }   # Security & SD-WAN > Monitor > Appliance status\n".to_owned());
    }
    out.push("# hostname_aliases = [\"vpn.example.com\"]   # your own names that point at it\n".to_owned());
    if !facts.public_ip {
        let ip = if facts.uplinks { "" } else { "# ip = \"192.168.1.2\"             # on the port itself\n" };
        out.push(format!(
            "\n# [[mx.uplinks]]\n# interface = \"wan1\"\n{ip}# public_ip = \"203.0.113.10\"     # as the internet sees it; where the two differ, something in front translates\n"
        ));
    }
}

fn client_vpn(plan: &Plan, facts: &Facts, out: &mut Vec<String>) {
    let variable: String = plan.site.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    // What an import has is stated once.
    let (whence, subnet, mark) = if facts.client_vpn {
        ("the imports above have its settings; what they lack stands at Security & SD-WAN > Configure > Client VPN", "", "# ")
    } else {
        let whence = "no export has these; copy them from Security & SD-WAN > Configure > Client VPN";
        (whence, "# subnet = \"192.168.100.0/24\"\n", "")
    };
    out.push(format!(
        "\n# ── client VPN: {whence} ──\n[client_vpn]\n{subnet}\
         {mark}shared_secret = {{ env = \"VPNLINT_{variable}_PSK\" }}   # the key stays out of files: set the variable for `vpnlint check`\n\
         # auth_type = \"meraki\"             # meraki | radius | active_directory | systems_manager\n\
         # dns_mode = \"google_dns\"          # google_dns | opendns | custom, with dns_nameservers = [\"192.168.10.2\"]\n"
    ));
    match plan.users.as_slice() {
        [] => out.push("# users = [{ email = \"ann@example.com\", authorized = true }]\n".to_owned()),
        users => out.push(import("users.import", users)),
    }
}

fn upstream(plan: &Plan, out: &mut Vec<String>) {
    out.push("\n# ── what stands in front of the MX, from the internet inwards ──\n".to_owned());
    if plan.upstream.is_empty() {
        out.push(
            "# [[upstream]]\n# name = \"isp-router\"\n# import = \"edge/config.xml\"       # its export; or by hand:\n\
             # forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.2\" }]\n"
                .to_owned(),
        );
    }
    if plan.choose_upstream {
        out.push("# Several exports were found: take those in front of this MX, and put them into this order.\n".to_owned());
    }
    for (name, device) in &plan.upstream {
        let mark = if plan.choose_upstream || device.left_out.is_some() { "# " } else { "" };
        let import = import("import", std::slice::from_ref(device));
        let import = if plan.choose_upstream && device.left_out.is_none() { format!("# {import}") } else { import };
        out.push(format!("{mark}[[upstream]]\n{mark}name = {}\n{import}", quote(name)));
        if !plan.choose_upstream {
            out.push("# wan_ip = \"203.0.113.10\"        # its address on the outside, if the export does not tell\n# wan_interface = \"eth0\"\n".to_owned());
        }
    }
}

fn clients(plan: &Plan, facts: &Facts, out: &mut Vec<String>) {
    out.push("\n# ── the clients ──\n".to_owned());
    if plan.clients.is_empty() {
        out.push("# [[clients]]\n# name = \"sales-laptops\"\n# import = \"clients/sales.mobileconfig\"   # or by hand:\n# server = \"vpn.example.com\"\n# tunnel_type = \"l2tp\"\n".to_owned());
    }
    for (n, Clients { name, imports, evidence, os }) in plan.clients.iter().enumerate() {
        let blank = if n == 0 { "" } else { "\n" };
        // Without its profile a table says nothing of its own.
        let mark = if imports.iter().all(|i| i.left_out.is_some()) { "# " } else { "" };
        out.push(format!("{blank}{mark}[[clients]]\n{mark}name = {}\n{}", quote(name), import("import", imports)));
        match os {
            Some(os) => out.push(format!("{mark}os = {}\n", quote(os))),
            None if facts.os.contains(name) => {}
            None => out.push("# os = \"macos\"                    # windows | macos | ios | linux | android | chromeos\n".to_owned()),
        }
        if mark.is_empty() {
            out.push(import("evidence.import", evidence));
        }
    }
    for import in &plan.evidence {
        out.push(format!("# evidence = {{ import = {} }}   # in the table of the client whose machine it is of\n", quote(&import.path)));
    }
}

const RESOURCES: &str = "
# ── what users must reach through the tunnel ──
# [[resources]]
# name = \"files.corp.example.com\"
# ip = \"192.168.10.3\"
# services = [\"smb\"]
";
