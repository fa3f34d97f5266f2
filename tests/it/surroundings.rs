//! What stands around a site in its own files: RADIUS servers, certificates, hosts, users, programs, names. Each rule is seen violated, holding and undecided through them.

use vpnlint::report::{Format, Report};

use crate::support::{Site, found, render};

const MX: &str = "[mx]\nvlans = [{ vlan_id = 10, subnet = \"192.168.10.0/24\", appliance_ip = \"192.168.10.1\" }]\nuplinks = [{ interface = \"wan1\", ip = \"203.0.113.10\" }]\n";
const POOL: &str = "[client_vpn]\nsubnet = \"192.168.100.0/24\"\n";

fn report(site: &str, files: &[(&str, &str)]) -> Report {
    let site = format!("version = 1\n{site}");
    let mut all = vec![("site.toml", site.as_str())];
    all.extend(files);
    let report = Site::new(&all).check().report;
    let text = render(&report, Format::Text) + &render(&report, Format::Json);
    assert!(!text.contains("CANARY"), "{text}");
    report
}

/// What a rule says of the site: where it finds something, or its verdicts.
fn verdicts(report: &Report, rule: &str) -> Vec<String> {
    let hits: Vec<String> = found(report).into_iter().filter_map(|f| Some(f.strip_prefix(rule)?.trim().to_owned())).collect();
    if !hits.is_empty() {
        return hits;
    }
    let rows = report.coverage.iter().flatten().filter(|row| row.rule.id == rule);
    rows.map(|row| row.undecided.as_ref().map_or("holds".to_owned(), |why| format!("undecided: {why}"))).collect()
}

#[test]
fn a_radius_servers_files_decide_the_rules_about_it() {
    let site = |import: &str| {
        format!(
            "{MX}[client_vpn]\nauth_type = \"radius\"\n[[client_vpn.radius_servers]]\nhost = \"192.168.10.20\"\nsecret = {{ env = \"VPNLINT_EXAMPLE_RADIUS\" }}\nimport = {import}\n"
        )
    };
    let client = |ip: &str, key: &str| format!("client mx {{\n\tipaddr = {ip}\n\tsecret = {key} # of the MX\n}}\n");
    let right = client("192.168.10.0/24", "'CANARY-radius.Third-4thing'") + &client("203.0.113.10", "CANARY-radius.Third-4thing");
    let listen = "listen {\n\ttype = auth\n\tipaddr = *\n\tport = 1645\n}\n";
    let nps = |key: &str, port: &str| {
        format!(
            "<?xml version=\"1.0\"?><Root><Children><Microsoft_Internet_Authentication_Service><Children><Protocols><Children><Microsoft_Radius_Protocol><Properties><Authentication_Port>{port}</Authentication_Port></Properties><Children><Clients><Children>\n<MX name=\"MX\"><Properties><IP_Address>0.0.0.0/0</IP_Address><Radius_Client_Enabled>1</Radius_Client_Enabled>\n<Shared_Secret>{key}</Shared_Secret></Properties></MX></Children></Clients></Children></Microsoft_Radius_Protocol></Children></Protocols></Children></Microsoft_Internet_Authentication_Service></Children></Root>\n"
        )
    };
    let three = |report: &Report| -> Vec<String> {
        ["radius-client-missing", "radius-secret-mismatch", "radius-port-mismatch"]
            .into_iter()
            .flat_map(|rule| verdicts(report, rule))
            .collect()
    };
    let one = "\"clients.conf\"";
    let unsaid = "undecided: RADIUS server `192.168.10.20` states no `listen_port`";
    for (import, files, wanted) in [
        (one, vec![("clients.conf", right.clone())], vec!["holds", "holds", unsaid]),
        (
            "[\"clients.conf\", \"default\"]",
            vec![("clients.conf", right.clone()), ("default", listen.to_owned())],
            vec!["holds", "holds", "site.toml:7"],
        ),
        (
            one,
            vec![("clients.conf", format!("$INCLUDE more/\n{listen}")), ("more/mx.conf", right.clone())],
            vec!["holds", "holds", "site.toml:7"],
        ),
        (
            one,
            vec![(
                "clients.conf",
                client("192.168.10.0/24", "CANARY-wrong.One-4thing") + &client("203.0.113.10", "\"CANARY-wrong.Two-4thing\""),
            )],
            vec!["holds", "site.toml:9", unsaid],
        ),
        (one, vec![("clients.conf", client("10.0.0.0/8", "CANARY-x"))], vec!["clients.conf:1", unsaid]),
        (
            one,
            vec![("clients.conf", "client localhost {\n ipaddr = 127.0.0.1\n secret = testing123\n}\n".to_owned())],
            vec!["clients.conf:1", unsaid],
        ),
        ("\"nps.xml\"", vec![("nps.xml", nps("CANARY-radius.Third-4thing", "1812,1645"))], vec!["holds", "holds", "holds"]),
        ("\"nps.xml\"", vec![("nps.xml", nps("CANARY-Other", "1645"))], vec!["holds", "site.toml:9", "site.toml:7"]),
    ] {
        let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let report = report(&site(import), &files);
        assert_eq!(three(&report), wanted, "{files:?}");
    }
    // An include that is not there leaves open what is missing.
    let report =
        report(&site(one), &[("clients.conf", "$INCLUDE /etc/raddb/more.conf\nclient a {\n ipaddr = 10.0.0.1\n secret = CANARY-1\n}\n")]);
    assert!(
        three(&report)[0].starts_with("undecided: `/etc/raddb/more.conf`, which clients.conf includes, was not read"),
        "{:?}",
        three(&report)
    );
}

#[test]
fn a_certificate_in_either_form_decides_the_rule_about_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/import/certificate/fixtures");
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a fixture");
    for (name, wanted) in [
        ("server.pem", "holds"),
        ("server.der", "holds"),
        ("second.pem", "site.toml:4"),
        ("client.pem", "site.toml:4"),
        ("bare.pem", "undecided: the certificate states no extended key usage: Windows' LDAP over TLS wants server authentication in it"),
    ] {
        let site = format!(
            "version = 1\n[client_vpn]\nauth_type = \"active_directory\"\nactive_directory_servers = [{{ host = \"192.168.10.21\", certificate = {{ import = \"{name}\" }} }}]\n"
        );
        let report = Site::new(&[("site.toml", site.into_bytes()), (name, read(name))]).check().report;
        assert_eq!(verdicts(&report, "ad-certificate-missing"), [wanted], "{name}");
    }
}

fn resource(rest: &str) -> String {
    format!("{MX}{POOL}[[resources]]\nname = \"10.64.10.3\"\nip = \"192.168.10.3\"\nservices = [\"smb\"]\n{rest}\n")
}

#[test]
fn a_routing_table_decides_where_answers_go() {
    let table = |gateway: &str| {
        format!(
            "default via {gateway} dev eth1\n192.168.10.0/24 dev eth0 scope link src 192.168.10.3\n203.0.113.0/24 dev eth1 scope link src 203.0.113.20\n"
        )
    };
    let windows = |gateway: &str| {
        format!(
            "          0.0.0.0          0.0.0.0      203.0.113.1     203.0.113.20     25\n    192.168.100.0    255.255.255.0     {gateway}     192.168.10.3     26\n"
        )
    };
    for (text, wanted) in [
        (table("203.0.113.1"), vec!["routes.txt:1"]),
        (table("192.168.10.1"), vec!["holds"]),
        (windows("192.168.10.1"), vec!["holds"]),
        (windows("203.0.113.1"), vec!["routes.txt:2"]),
        ("default via 192.168.10.1 dev eth0 src 192.168.10.3\n".to_owned(), vec![]),
    ] {
        let report = report(&resource("routes = { import = \"routes.txt\" }"), &[("routes.txt", &text)]);
        assert_eq!(verdicts(&report, "no-return-route"), wanted, "{text}");
    }
}

#[test]
fn a_hosts_firewall_decides_who_reaches_it() {
    let rule = |remote: &str, profiles: &str| {
        format!(
            "Rule Name: SMB\n----\nEnabled: Yes\nDirection: In\nProfiles: {profiles}\nRemoteIP: {remote}\nProtocol: TCP\nLocalPort: 445\nProgram: System\nAction: Allow\n"
        )
    };
    let all = "Domain,Private,Public";
    let filter = |line: &str| format!("*filter\n:INPUT DROP [0:0]\n{line}\nCOMMIT\n");
    for (text, wanted) in [
        (rule("LocalSubnet,192.168.100.0/24", all), "holds"),
        (rule("LocalSubnet", all), "fw.txt:1"),
        (rule("Any", "Domain"), "undecided: which profile of the resource's firewall is in force is not known, and they differ"),
        (rule("10.0.0.0/8", "Domain"), "fw.txt:1"),
        (filter("-A INPUT -s 192.168.0.0/16 -p tcp --dport 445 -j ACCEPT"), "holds"),
        (filter("-A INPUT -s 192.168.10.0/24 -j ACCEPT"), "fw.txt:3"),
        ("[{\"DisplayName\": \"SMB\", \"Enabled\": 1, \"Profile\": 0, \"Direction\": 1, \"Action\": 2, \"Protocol\": \"TCP\", \"LocalPort\": \"445\", \"RemoteAddress\": \"Any\", \"Program\": \"System\"}]".to_owned(), "holds"),
    ] {
        let report = report(&resource("firewall = { import = \"fw.txt\" }"), &[("fw.txt", &text)]);
        assert_eq!(verdicts(&report, "resource-firewall-blocks-vpn"), [wanted], "{text}");
    }
}

#[test]
fn tables_of_users_and_programs_are_evidence() {
    let site = "[client_vpn]\nauth_type = \"meraki\"\nusers = { import = \"users.csv\" }\n[[clients]]\nname = \"a\"\nos = \"windows\"\nuser = \"ann@example.com\"\nevidence = { import = \"programs.csv\" }\n";
    let run = |users: &str, programs: &str| {
        let report = report(site, &[("users.csv", users), ("programs.csv", programs)]);
        ["user-unknown", "user-not-authorized", "conflicting-software"].map(|rule| verdicts(&report, rule).join(" "))
    };
    let (edge, byte) = ("DisplayName,Publisher\nEdge,Microsoft\n", "DisplayName,Publisher\nEdge,Microsoft\nSmartByte Drivers,Rivet\n");
    assert_eq!(run("Email,Authorized,Expires\nANN@example.com,yes,2026-11-23\n", edge), ["holds", "holds", "holds"]);
    assert_eq!(run("Email,Authorized,Expires\nann@example.com,yes,2026-11-22\n", byte), ["holds", "site.toml:8", "programs.csv:3"]);
    assert_eq!(run("Email,Authorized\nbob@example.com,no\n", edge), ["site.toml:8", "", "holds"]);
    assert_eq!(run("Email,Name\nann@example.com,Ann\n", edge)[1], "undecided: the user's entry states no `authorized`");
}

#[test]
fn a_zone_tells_internal_names() {
    let site = |dns: &str| {
        format!(
            "[site]\ninternal_domains = {{ import = \"names.txt\" }}\n[client_vpn]\n{dns}\n[[resources]]\nname = \"files.example.com\"\n"
        )
    };
    let zone = "$ORIGIN example.com.\n@ IN SOA ns1 admin 1 2 3 4 5\nwww A 203.0.113.5\nfiles A 192.168.10.3\n";
    let of = |dns: &str, text: &str| verdicts(&report(&site(dns), &[("names.txt", text)]), "internal-name-public-dns");
    assert_eq!(of("dns_mode = \"google_dns\"", zone), ["site.toml:5"]);
    assert_eq!(of("dns_nameservers = [\"192.168.10.2\"]", zone), ["holds"]);
    assert_eq!(of("dns_mode = \"google_dns\"", "192.168.10.3 files.example.com files\n"), ["site.toml:5"]);
    assert_eq!(of("dns_mode = \"google_dns\"", "192.168.10.4 other.example.com\n"), Vec::<String>::new());
}

#[test]
fn every_format_is_inspected() {
    let rule = "Rule Name: SMB\n----\nEnabled: Yes\nDirection: In\nProfiles: Domain,Private,Public\nRemoteIP: Any\nProtocol: TCP\nLocalPort: 445\nProgram: System\nAction: Allow\n";
    for (name, text, path, wanted) in [
        (
            "clients.conf",
            "client mx {\n ipaddr = 10.0.0.1\n secret = CANARY-1\n}\n",
            "/model/radius_server/clients/value/0/secret/set",
            "true",
        ),
        ("routes.txt", "default via 192.168.10.1 dev eth0\n", "/model/routes/0/gateway/value", "\"192.168.10.1\""),
        ("rules.txt", rule, "/model/services/smb/allow_from/value/0/value", "\"any\""),
        ("users.csv", "Email,Authorized,Password\nann@example.com,yes,CANARY-1\n", "/model/users/0/email/value", "\"ann@example.com\""),
        ("programs.csv", "DisplayName,Publisher\nSmartByte,Rivet\n", "/model/software/0/value", "\"SmartByte\""),
        (
            "corp.zone",
            "$ORIGIN corp.example.com.\n@ SOA a b 1 2 3 4 5\nfiles A 10.0.0.1\n",
            "/model/internal_domains/0/value",
            "\"corp.example.com\"",
        ),
        ("key.pem", "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n", "/model/certificates", "[]"),
    ] {
        let site = Site::new(&[(name, text)]);
        let output = crate::support::vpnlint(site.path(), &["inspect", "--root", ".", name]);
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let document: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{name}: {:?}", output.status));
        assert_eq!(document.pointer(path).map(ToString::to_string).as_deref(), Some(wanted), "{name}: {said}");
        assert!(!said.contains("CANARY"), "{said}");
    }
}
