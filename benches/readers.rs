//! What reading costs, as ratios within one run: `cargo bench --bench readers`. Ends with 1 when a bound is missed.
//!
//! - Reading a profile against tokenizing its text with the parser of its syntax, for texts that are nothing but profiles: at most twice where the syntax is a tree. What
//!   tokenizes lines only cuts them, and nothing is made of a profile there: at most five times. Both are measured in turn, and the medians compared.
//! - Texts of 1, 2, 4 and 8 MB: a doubling costs less than 2.5 times as much, on average: single steps may cross the size of a cache.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench that shows what it measures")]

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use vpnlint::import::detect::{Format, by_id, detect};
use vpnlint::import::{client, upstream};
use vpnlint::tree::lines::{self, KEY_FILE};
use vpnlint::tree::{json, powershell, xml};

/// What tokenizes a text, and counts something of it.
type Tokenizer = fn(&str) -> usize;

/// Makes a text.
type Text = fn() -> String;

/// `one` of each number below `count`, one behind the other.
fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().concat()
}

/// A format: its id, the syntax that its text is tokenized as, what stands before, the `n`th profile or rule, and what stands behind.
struct Sample {
    id: &'static str,
    /// Tokenizes, and most that reading may cost against that.
    tokens: Option<(Tokenizer, f64)>,
    head: &'static str,
    one: fn(usize) -> String,
    tail: &'static str,
}

/// Texts of the shape that people keep: one profile among what programs write beside it.
const KEPT: &[(&str, Tokenizer, Text)] = &[
    ("powershell", tokens_powershell, kept_script),
    ("rasphone", tokens_sections, kept_phone_book),
    ("networkmanager", tokens_sections, kept_connection),
    ("ipsec", tokens_sections, kept_ipsec),
];

fn kept_script() -> String {
    let logic = many(12, |n| {
        format!(
            "# Step {n}: write what happened, and go on\nif (-not (Test-Path \"C:\\ProgramData\\Example\\step{n}.log\")) {{\n    Write-Host \"step {n} of $total\" -ForegroundColor Green\n    \
                 New-Item -Path 'C:\\ProgramData\\Example' -Name 'step{n}.log' -ItemType File | Out-Null\n}}\n"
        )
    });
    format!(
        "{logic}Add-VpnConnection -Name 'Office' -ServerAddress vpn.example.com -TunnelType L2tp -L2tpPsk 'kestrel' -AuthenticationMethod Pap -Force\n{logic}"
    )
}

/// An entry as Windows writes it has some ninety keys.
fn kept_phone_book() -> String {
    let keys = many(80, |n| format!("Setting{n}OfTheDialer={}\n", n % 3));
    many(4, |n| {
        format!(
            "[Office {n}]\nEncoding=1\nPBVersion=8\nType=2\n{keys}VpnStrategy=3\nIpPrioritizeRemote=1\nAuthRestrictions=512\nMEDIA=rastapi\nPort=VPN1-0\nDevice=WAN Miniport (L2TP)\nDEVICE=vpn\n\
                 PhoneNumber=vpn{n}.example.com\nIpDnsSuffix=example.com\n\n"
        )
    })
}

fn kept_connection() -> String {
    "[connection]\nid=office\nuuid=00000000-0000-4000-8000-000000000000\ntype=vpn\nautoconnect=false\npermissions=user:ann:;\ntimestamp=1700000000\n\n[vpn]\ngateway=vpn.example.com\nipsec-enabled=yes\n\
     ipsec-psk=kestrel\npassword-flags=1\nrefuse-chap=yes\nrefuse-eap=yes\nrefuse-mschap=yes\nrefuse-mschapv2=yes\nuser=ann\nservice-type=org.freedesktop.NetworkManager.l2tp\n\n[ipv4]\nmethod=auto\n\n\
     [ipv6]\naddr-gen-mode=stable-privacy\nmethod=auto\n\n[proxy]\n"
        .to_owned()
}

fn kept_ipsec() -> String {
    let remarks = many(20, |n| format!("# remark {n}: what follows was written by the people of the office, who know why\n"));
    format!(
        "{remarks}config setup\n\tuniqueids=no\n\n{remarks}conn office\n\tkeyexchange=ikev1\n\tauthby=secret\n\ttype=transport\n\tleft=%defaultroute\n\tleftprotoport=17/1701\n\tright=vpn.example.com\n\trightprotoport=17/1701\n\tauto=add\n"
    )
}

/// Most that reading may cost against tokenizing a tree.
const TREE: f64 = 2.0;
/// Most that reading may cost against cutting lines, or a script's words.
const LINES: f64 = 5.0;
/// Most that twice the text may cost.
const DOUBLING: f64 = 2.5;

fn tokens_xml(text: &str) -> usize {
    usize::from(xml::document(text, 0).0.is_some())
}

fn tokens_plist(text: &str) -> usize {
    usize::from(xml::plist(text, 0).root.is_some())
}

fn tokens_json(text: &str) -> usize {
    usize::from(json::parse(text, 0, true).root.is_some())
}

fn tokens_powershell(text: &str) -> usize {
    powershell::parse(text).strings.len()
}

fn tokens_sections(text: &str) -> usize {
    lines::sections(text, 0, &KEY_FILE).len()
}

const SAMPLES: &[Sample] = &[
    Sample {
        id: "mobileconfig",
        tokens: Some((tokens_plist, TREE)),
        head: "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>PayloadContent</key><array>\n",
        one: |n| {
            format!(
                "<dict>\n<key>PayloadType</key><string>com.apple.vpn.managed</string>\n<key>UserDefinedName</key><string>Office {n}</string>\n<key>VPNType</key><string>L2TP</string>\n\
                 <key>PPP</key><dict><key>CommRemoteAddress</key><string>vpn{n}.example.com</string></dict>\n<key>IPSec</key><dict><key>AuthenticationMethod</key><string>SharedSecret</string>\
                 <key>SharedSecret</key><data>a2VzdHJlbC{:04}Y2g=</data></dict>\n</dict>\n",
                n % 10_000
            )
        },
        tail: "</array></dict></plist>\n",
    },
    Sample {
        id: "powershell",
        tokens: Some((tokens_powershell, LINES)),
        head: "# Offices\n",
        one: |n| {
            format!(
                "Add-VpnConnection -Name 'Office {n}' -ServerAddress vpn{n}.example.com -TunnelType L2tp -L2tpPsk 'kestrel-{n}' -AuthenticationMethod Pap -Force\n"
            )
        },
        tail: "",
    },
    Sample {
        id: "rasphone",
        tokens: Some((tokens_sections, LINES)),
        head: "",
        one: |n| {
            format!(
                "[Office {n}]\nEncoding=1\nType=2\nVpnStrategy=3\nIpPrioritizeRemote=1\nAuthRestrictions=512\nPreviewUserPw=1\nMEDIA=rastapi\nPort=VPN1-0\nDevice=WAN Miniport (L2TP)\n\
                 DEVICE=vpn\nPhoneNumber=vpn{n}.example.com\nIpDnsSuffix=example.com\n\n"
            )
        },
        tail: "",
    },
    Sample {
        id: "profilexml",
        tokens: Some((tokens_xml, TREE)),
        head: "<SyncML><SyncBody>\n",
        one: |n| {
            format!(
                "<Add><Item><Target><LocURI>./User/Vendor/MSFT/VPNv2/Office{n}/ProfileXML</LocURI></Target><Data><VPNProfile><NativeProfile><Servers>vpn{n}.example.com</Servers>\
                 <NativeProtocolType>L2tp</NativeProtocolType><L2tpPsk>kestrel-{n}</L2tpPsk><Authentication><UserMethod>MSChapv2</UserMethod></Authentication></NativeProfile></VPNProfile></Data></Item></Add>\n"
            )
        },
        tail: "</SyncBody></SyncML>\n",
    },
    Sample {
        id: "networkmanager",
        tokens: Some((tokens_sections, LINES)),
        head: "[connection]\nid=office\ntype=vpn\n\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\n\n[vpn-secrets]\nipsec-psk=kestrel\n\n[ipv4]\nmethod=auto\n",
        one: |n| format!("route{n}=10.{}.{}.0/24,192.168.1.1,100\n", n / 256 % 256, n % 256),
        tail: "",
    },
    Sample {
        id: "onc",
        tokens: Some((tokens_json, TREE)),
        head: "{ \"Type\": \"UnencryptedConfiguration\", \"NetworkConfigurations\": [\n",
        one: |n| {
            format!(
                "{{ \"GUID\": \"{{{n}}}\", \"Name\": \"Office {n}\", \"Type\": \"VPN\", \"VPN\": {{ \"Type\": \"L2TP-IPsec\", \"Host\": \"vpn{n}.example.com\",\n  \"IPsec\": {{ \"AuthenticationType\": \"PSK\", \
                 \"IKEVersion\": 1, \"PSK\": \"kestrel-{n}\" }}, \"L2TP\": {{ \"Username\": \"user{n}\" }} }} }},\n"
            )
        },
        tail: "] }\n",
    },
    Sample {
        id: "ipsec",
        tokens: Some((tokens_sections, LINES)),
        head: "",
        one: |n| {
            format!(
                "conn office{n}\n\tkeyexchange=ikev1\n\tauthby=secret\n\ttype=transport\n\tleft=%defaultroute\n\tleftprotoport=17/1701\n\tright=vpn{n}.example.com\n\trightprotoport=17/1701\n\tauto=add\n\n"
            )
        },
        tail: "",
    },
    Sample {
        id: "swanctl",
        tokens: Some((tokens_sections, LINES)),
        head: "connections {\n",
        one: |n| {
            format!(
                "  office{n} {{\n    version = 1\n    remote_addrs = vpn{n}.example.com\n    local {{\n      auth = psk\n    }}\n    remote {{\n      auth = psk\n    }}\n    children {{\n      l2tp {{\n        \
                 mode = transport\n        local_ts = dynamic[udp/1701]\n        remote_ts = dynamic[udp/1701]\n      }}\n    }}\n  }}\n"
            )
        },
        tail: "}\n",
    },
    Sample {
        id: "iptables-save",
        tokens: None,
        head: "*filter\n:FORWARD DROP [0:0]\n",
        one: |n| {
            format!(
                "-A FORWARD -s 10.{}.{}.0/24 -p udp -m multiport --dports 500,4500 -m comment --comment \"branch {n}\" -j ACCEPT\n",
                n / 256 % 256,
                n % 256
            )
        },
        tail: "COMMIT\n",
    },
    Sample {
        id: "nftables",
        tokens: None,
        head: "table inet filter {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n",
        one: |n| format!("\t\tip saddr 10.{}.{}.0/24 udp dport {{ 500, 4500 }} accept comment \"branch {n}\"\n", n / 256 % 256, n % 256),
        tail: "\t}\n}\n",
    },
    Sample {
        id: "pfsense",
        tokens: None,
        head: "<pfsense><interfaces><wan><if>em0</if><ipaddr>203.0.113.10</ipaddr><subnet>29</subnet></wan></interfaces><filter>\n",
        one: |n| {
            format!(
                "<rule><type>pass</type><interface>wan</interface><ipprotocol>inet</ipprotocol><protocol>udp</protocol><source><network>10.{}.{}.0/24</network></source>\
                 <destination><address>192.168.1.4</address><port>500</port></destination><descr>branch {n}</descr></rule>\n",
                n / 256 % 256,
                n % 256
            )
        },
        tail: "</filter></pfsense>\n",
    },
    Sample {
        id: "cisco-ios",
        tokens: None,
        head: "version 17.9\nhostname edge\ninterface GigabitEthernet0/0\n ip address 203.0.113.10 255.255.255.248\n ip nat outside\n ip access-group OUTSIDE in\nip access-list extended OUTSIDE\n",
        one: |n| format!(" permit udp 10.{}.{}.0 0.0.0.255 host 203.0.113.10 eq isakmp\n", n / 256 % 256, n % 256),
        tail: "end\n",
    },
    Sample {
        id: "cisco-asa",
        tokens: None,
        head: "ASA Version 9.16(4)\ninterface GigabitEthernet0/0\n nameif outside\n security-level 0\n ip address 203.0.113.10 255.255.255.248\nobject network MX\n host 192.168.1.4\n",
        one: |n| format!("access-list OUT extended permit udp 10.{}.{}.0 255.255.255.0 object MX eq isakmp\n", n / 256 % 256, n % 256),
        tail: "access-group OUT in interface outside\n: end\n",
    },
    Sample {
        id: "fortios",
        tokens: None,
        head: "#config-version=FGT60F-7.4.4-FW-build2662-240514:opmode=0:vdom=0\nconfig firewall policy\n",
        one: |n| {
            format!(
                "    edit {}\n        set name \"branch {n}\"\n        set srcintf \"wan1\"\n        set dstintf \"lan\"\n        set action accept\n        set srcaddr \"all\"\n        \
                 set dstaddr \"all\"\n        set schedule \"always\"\n        set service \"IKE\"\n    next\n",
                n + 1
            )
        },
        tail: "end\n",
    },
    Sample {
        id: "routeros",
        tokens: None,
        head: "# 2026-11-02 10:00:00 by RouterOS 7.15\n/ip firewall filter\n",
        one: |n| {
            format!(
                "add action=accept chain=forward comment=\"branch {n}\" dst-port=500,4500 protocol=udp src-address=10.{}.{}.0/24\n",
                n / 256 % 256,
                n % 256
            )
        },
        tail: "/system identity\nset name=edge\n",
    },
    Sample {
        id: "vyos",
        tokens: None,
        head: "set interfaces ethernet eth0 address '203.0.113.10/29'\n",
        one: |n| {
            format!(
                "set firewall ipv4 forward filter rule {} action 'accept'\nset firewall ipv4 forward filter rule {} protocol 'udp'\nset firewall ipv4 forward filter rule {} source address '10.{}.{}.0/24'\n",
                n + 1,
                n + 1,
                n + 1,
                n / 256 % 256,
                n % 256
            )
        },
        tail: "set system syslog global facility all level 'info'\n",
    },
    Sample {
        id: "junos",
        tokens: None,
        head: "set version 21.4R3\n",
        one: |n| {
            format!(
                "set security policies from-zone untrust to-zone trust policy p{n} match source-address any\nset security policies from-zone untrust to-zone trust policy p{n} match destination-address any\n\
                 set security policies from-zone untrust to-zone trust policy p{n} match application junos-ike\nset security policies from-zone untrust to-zone trust policy p{n} then permit\n"
            )
        },
        tail: "set security zones security-zone untrust interfaces ge-0/0/0.0\n",
    },
    Sample {
        id: "openwrt",
        tokens: None,
        head: "config defaults\n\toption input 'REJECT'\n\toption forward 'REJECT'\n\nconfig zone\n\toption name 'wan'\n\tlist network 'wan'\n\n",
        one: |n| {
            format!(
                "config rule\n\toption name 'branch-{n}'\n\toption src 'wan'\n\toption dest 'lan'\n\toption proto 'udp'\n\toption dest_port '500 4500'\n\toption src_ip '10.{}.{}.0/24'\n\t\
                 option target 'ACCEPT'\n\n",
                n / 256 % 256,
                n % 256
            )
        },
        tail: "",
    },
    Sample {
        id: "unifi",
        tokens: None,
        head: "{\"data\": [\n{\"name\": \"a\", \"enabled\": true, \"fwd\": \"192.168.1.4\", \"fwd_port\": \"500\", \"dst_port\": \"500\", \"proto\": \"udp\", \"src\": \"any\", \"pfwd_interface\": \"wan\"}",
        one: |n| {
            format!(
                ",\n{{\"name\": \"branch {n}\", \"enabled\": true, \"fwd\": \"192.168.1.{}\", \"fwd_port\": \"{}\", \"dst_port\": \"{}\", \"proto\": \"udp\", \"src\": \"any\", \
                 \"pfwd_interface\": \"wan\"}}",
                n % 250,
                1024 + n % 60_000,
                1024 + n % 60_000
            )
        },
        tail: "]}\n",
    },
    Sample {
        id: "aws-security-group",
        tokens: None,
        head: "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"GroupName\": \"mx\", \"VpcId\": \"vpc-1\", \"IpPermissionsEgress\": [], \"IpPermissions\": [{\"IpProtocol\": \"udp\", \"FromPort\": 500, \
               \"ToPort\": 500, \"IpRanges\": [{\"CidrIp\": \"198.51.100.0/24\"}]}",
        one: |n| {
            format!(
                ",\n{{\"IpProtocol\": \"udp\", \"FromPort\": 4500, \"ToPort\": 4500, \"IpRanges\": [{{\"CidrIp\": \"10.{}.{}.0/24\"}}]}}",
                n / 256 % 256,
                n % 256
            )
        },
        tail: "]}]}\n",
    },
    Sample {
        id: "azure-nsg",
        tokens: None,
        head: "{\"name\": \"mx\", \"defaultSecurityRules\": [], \"securityRules\": [\n{\"name\": \"a\", \"access\": \"Deny\", \"direction\": \"Inbound\", \"priority\": 100, \"protocol\": \"Tcp\", \
               \"sourceAddressPrefix\": \"*\", \"sourcePortRange\": \"*\", \"destinationAddressPrefix\": \"*\", \"destinationPortRange\": \"22\"}",
        one: |n| {
            format!(
                ",\n{{\"name\": \"b{n}\", \"access\": \"Allow\", \"direction\": \"Inbound\", \"priority\": {}, \"protocol\": \"Udp\", \"sourceAddressPrefix\": \"10.{}.{}.0/24\", \
                 \"sourcePortRange\": \"*\", \"destinationAddressPrefix\": \"*\", \"destinationPortRange\": \"500\"}}",
                101 + n,
                n / 256 % 256,
                n % 256
            )
        },
        tail: "]}\n",
    },
];

impl Sample {
    fn format(&self) -> Format {
        by_id(self.id).expect("a format's id")
    }

    /// A text of at least `size` bytes.
    fn text(&self, size: usize) -> String {
        let mut text = self.head.to_owned();
        let mut n = 0;
        while text.len() < size {
            text += &(self.one)(n);
            n += 1;
        }
        text + self.tail
    }

    fn read(&self, text: &str) -> usize {
        let format = self.format();
        match client::read(format, text, 0) {
            Some((profiles, notes)) => profiles.len() + notes.problems.len(),
            None => upstream::read(format, text, 0).map_or(0, |(device, notes)| device.lines().count() + notes.problems.len()),
        }
    }
}

/// What this thread has had of a processor so far: on Linux as the kernel counts it, for a busy machine stretches the clock on the wall.
fn now() -> Duration {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = counted.and_then(|line| line.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Many runs at a time: the kernel counts by ticks.
fn timed(times: u32, run: impl Fn() -> usize) -> f64 {
    let start = now();
    for _ in 0..times {
        black_box(run());
    }
    now().saturating_sub(start).as_secs_f64() / f64::from(times)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Reading against tokenizing, in turn.
fn against_tokens(sample: &Sample) -> Option<f64> {
    let (tokens, _) = sample.tokens?;
    Some(ratio(tokens, &|text| sample.read(text), &sample.text(200_000), 50))
}

fn ratio(tokens: Tokenizer, reads: &dyn Fn(&str) -> usize, text: &str, times: u32) -> f64 {
    let (mut read, mut tokenized) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        tokenized.push(timed(2 * times, || tokens(text)));
        read.push(timed(times, || reads(text)));
    }
    median(read) / median(tokenized)
}

/// What each doubling costs, from 1 MB to 8 MB: the best of some runs each, for the machine may be busy.
fn growth(sample: &Sample) -> Vec<f64> {
    let best = |size: u32| {
        let text = sample.text((size as usize) << 20);
        (0..3).map(|_| timed(16 / size, || sample.read(&text))).min_by(f64::total_cmp).expect("some runs")
    };
    let times = [1, 2, 4, 8].map(best);
    times.windows(2).map(|pair| pair[1] / pair[0]).collect()
}

fn main() -> ExitCode {
    let mut missed = 0;
    println!("{:<16} {:>18} {:>24}", "format", "read / tokenize", "1 -> 2 -> 4 -> 8 MB");
    // `cargo bench --bench readers onc` measures one format.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for sample in SAMPLES.iter().filter(|sample| wanted.is_empty() || wanted.iter().any(|id| id == sample.id)) {
        let text = sample.text(4_000);
        assert_eq!(detect("sample", &text), Some(sample.format()), "{}", sample.id);
        let cost = against_tokens(sample);
        let growth = growth(sample);
        let most = sample.tokens.map_or(f64::INFINITY, |(_, most)| most);
        let bad = cost.is_some_and(|cost| cost > most) || growth.iter().product::<f64>().cbrt() > DOUBLING;
        missed += usize::from(bad);
        let growth: Vec<_> = growth.iter().map(|g| format!("{g:.2}")).collect();
        let cost = cost.map_or("-".to_owned(), |cost| format!("{cost:.2}"));
        println!("{:<16} {:>18} {:>24}{}", sample.id, cost, growth.join(" "), if bad { "  missed" } else { "" });
    }
    println!("one profile as people keep it");
    for (id, tokens, text) in KEPT.iter().filter(|(id, ..)| wanted.is_empty() || wanted.iter().any(|w| w == id)) {
        let (text, format) = (text(), by_id(id).expect("a format's id"));
        assert_eq!(detect("sample", &text), Some(format), "{id}");
        let cost = ratio(*tokens, &|text| client::read(format, text, 0).map_or(0, |(profiles, _)| profiles.len()), &text, 20_000);
        println!("{id:<16} {cost:>18.2}");
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
