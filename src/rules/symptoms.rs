//! What users, the event log and a capture show when a connection fails: from a symptom to the stages, and so to the rules, that explain it.

use super::{RULES, Rule, Stage};

/// Where a symptom shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// On the client's screen.
    User,
    /// In the event log of the MX.
    EventLog,
    /// In a packet capture at the WAN of the MX.
    Capture,
}

/// A symptom.
pub struct Symptom {
    /// Permanent id; in JSON reports.
    pub id: &'static str,
    /// Where it shows.
    pub seen: Seen,
    /// What is seen, in few words, for a line in a report.
    pub short: &'static str,
    /// What it means.
    pub means: &'static str,
    /// Words that tell it in a message or a complaint: all of them stand there, in any order, compared as `words` gives them.
    pub phrases: &'static [&'static str],
    /// The stages at which the connection may have broken.
    pub stages: &'static [Stage],
    /// What else may be the cause, and stands in no file.
    pub no_file: &'static [&'static str],
    /// Symptoms to look at next.
    pub see: &'static [&'static str],
    /// Sections of the article, or another source.
    pub source: &'static str,
}

impl Symptom {
    /// Rules whose violation may show as this symptom, in the order of the catalogue.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().copied().filter(|rule| match rule.symptoms {
            [] => rule.stages().any(|s| self.stages.contains(&s)),
            own => own.contains(&self.id),
        })
    }
}

/// The symptom with this id.
pub fn symptom(id: &str) -> Option<&'static Symptom> {
    SYMPTOMS.iter().find(|s| s.id == id)
}

/// The symptoms that `text` speaks of: an id, a message of the event log, a whole line of it, or a complaint. At most one for each line.
pub fn symptoms_in(text: &str) -> Vec<&'static Symptom> {
    let mut found: Vec<&'static Symptom> = Vec::new();
    for line in text.lines() {
        let said = words(line);
        let told = |phrase: &[String]| phrase.iter().all(|w| said.contains(w));
        let score = |s: &Symptom| {
            let told = s.phrases.iter().map(|p| words(p)).filter(|p| told(p)).map(|p| p.len());
            told.chain((said == words(s.id)).then_some(usize::MAX)).max()
        };
        let scored = SYMPTOMS.iter().filter_map(|s| Some((score(s)?, s)));
        // The longest phrase says most; of equals the first counts.
        let best = scored.rev().max_by_key(|(score, _)| *score);
        found.extend(best.map(|(_, s)| s).filter(|s| !found.iter().any(|f| f.id == s.id)));
    }
    found
}

/// Words of a message without case, punctuation and plural, so that `ISAKMP-SA` and `isakmp sa`, `repeats` and `repeat` are the same.
pub fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase);
    split.map(|w| w.strip_suffix('s').filter(|rest| rest.len() > 2).map_or_else(|| w.clone(), ToOwned::to_owned)).collect()
}

const USER_TYPES: &str = "what the user types: the name, the password, the key where the profile asks for it";
const USER_NETWORK: &str = "the network where the user sits: its router or provider may block UDP 500 and 4500; a phone's hotspot tells";
const UPDATES: &str = "whether a Windows update changed the connection; set it up anew from the profile";
const SERVICES: &str =
    "whether the service `IKE and AuthIP IPsec Keying Modules` runs on the client now, and what other VPN software did to it";
const SOFTWARE: &str = "software on the client that no list names; try another device or another system";
const MX_ONLINE: &str = "whether the MX is online and has its address at this moment: Security & SD-WAN > Monitor > Appliance status";
const SAVED: &str = "what was changed by hand on the client after the profile was exported";
const AUTH_LOG: &str = "what the RADIUS or Active Directory server answers: its own log tells";
const RESOURCE_STATE: &str = "whether the resource is switched on and answers ping at all; try another one in the same network";

/// Every symptom, in the order of the connection.
pub static SYMPTOMS: &[Symptom] = &[
    Symptom {
        id: "cannot-resolve-server",
        seen: Seen::User,
        short: "the server name does not resolve",
        means: "The client cannot turn the server name of its profile into an address, so it never sends anything to the MX. Windows has error 868 for it; \
                a name that resolves to the address of something else shows as error 809 instead.",
        phrases: &["868", "server name resolve", "hostname resolve", "resolve server", "server not found"],
        stages: &[Stage::Resolve],
        no_file: &[
            "what public DNS answers for the name now, and what the user's own resolver makes of it",
            "a typing error in a profile made by hand",
        ],
        see: &["windows-809"],
        source: "Incorrect MX IP; Microsoft's list of error codes of remote access (868)",
    },
    Symptom {
        id: "windows-809",
        seen: Seen::User,
        short: "Windows error 809",
        means: "Windows sent its first packets and got no answer. Either nothing reached the WAN of the MX, and then its event log is empty, or Windows refuses to set up \
                IPsec with a server behind NAT, which it does until a registry value allows it.",
        phrases: &["809"],
        stages: &[Stage::Resolve, Stage::ReachIke, Stage::ReachNatt],
        no_file: &[USER_NETWORK, MX_ONLINE, SOFTWARE, "whether the machine was restarted after its registry was changed", SAVED],
        see: &["no-event-log", "no-isakmp-in-capture"],
        source: "Error 809; MX not receiving",
    },
    Symptom {
        id: "windows-789",
        seen: Seen::User,
        short: "Windows error 789",
        means: "IPsec failed before any user was asked for: the pre-shared keys differ, or IKE never got through to the MX on UDP 500 or 4500, or no proposal fits, or the \
                keying service of Windows is switched off.",
        phrases: &["789"],
        stages: &[Stage::Resolve, Stage::ReachIke, Stage::IkeProposal, Stage::ReachNatt, Stage::IkePsk],
        no_file: &[USER_TYPES, SERVICES, USER_NETWORK, UPDATES, SAVED],
        see: &["invalid-dh-group", "no-event-log", "key-exchange-repeats"],
        source: "Error 789; Windows updates",
    },
    Symptom {
        id: "no-event-log",
        seen: Seen::EventLog,
        short: "nothing",
        means: "The event log shows nothing of the attempt (filter: All Non-Meraki / Client VPN): its packets did not reach the MX. The cause is on the way: the server address, \
                a firewall or a NAT in front of the MX, or the network of the user.",
        phrases: &[
            "no event log",
            "nothing event log",
            "event log empty",
            "empty event log",
            "nothing in log",
            "no log entrie",
            "no log entry",
        ],
        stages: &[Stage::Resolve, Stage::ReachIke],
        no_file: &[USER_NETWORK, MX_ONLINE, "whether the attempt was made at the time and with the filter that you look at"],
        see: &["no-isakmp-in-capture", "windows-809"],
        source: "Error 809; Error 789; MX not receiving",
    },
    Symptom {
        id: "no-isakmp-in-capture",
        seen: Seen::Capture,
        short: "no ISAKMP at the WAN",
        means: "A capture at the primary WAN shows no ISAKMP from the client's public address: it connects to another address, or UDP 500 is dropped or not forwarded on the way, \
                or the client does not send at all.",
        phrases: &["no isakmp", "without isakmp", "no udp 500", "no ike", "no traffic capture", "nothing capture", "empty capture"],
        stages: &[Stage::Resolve, Stage::ReachIke],
        no_file: &[USER_NETWORK, SOFTWARE, "whether the capture was taken at the primary WAN while a client tried"],
        see: &["windows-809", "no-event-log"],
        source: "Capture tips",
    },
    Symptom {
        id: "security-association-repeats",
        seen: Seen::Capture,
        short: "both sides repeat the Security Association",
        means: "The client's first message arrives and the MX answers it, but the answer does not get back to the client, so both say the same again. Look at what filters the \
                way out, and at the network of the user. When the MX does not answer at all: its own forwarding of port 500, a client behind the same MX, or a public address \
                that belongs to a VPN peer or to another client.",
        phrases: &["security association", "repeat sa", "sa repeat"],
        stages: &[Stage::ReachIke],
        no_file: &[USER_NETWORK, "a firewall between the MX and the client that no file describes"],
        see: &["key-exchange-repeats"],
        source: "ISAKMP phase 1 tips",
    },
    Symptom {
        id: "no-configuration-found",
        seen: Seen::EventLog,
        short: "`no configuration found for …`",
        means: "Read literally, an IKE message came from that address and the MX had no IPsec configuration to answer it with. No Meraki document explains the message; check that \
                client VPN is on, and that the address is not one of a third-party VPN peer.",
        phrases: &["no configuration found", "no ike config found"],
        stages: &[],
        no_file: &["what the MX has configured at this moment"],
        see: &["windows-789"],
        source: "the documents of merlink, which list it as a common message",
    },
    Symptom {
        id: "unsupported-id-type-5",
        seen: Seen::EventLog,
        short: "`unsupported ID type 5`",
        means: "The client identified itself by an IPv6 address, which the MX does not take. It has no IPv4 address of its own: a phone, or a computer behind one, whose provider \
                gives IPv6 only and translates (NAT64). It cannot use client VPN from there.",
        phrases: &["unsupported id type", "id ipv6 addr"],
        stages: &[Stage::ReachIke],
        no_file: &["what the provider gives the device today; try from a network with IPv4"],
        see: &[],
        source: "IPv6 and mobile devices",
    },
    Symptom {
        id: "invalid-dh-group",
        seen: Seen::EventLog,
        short: "`invalid DH group …` and nothing after it",
        means: "The MX passes over a proposal with a Diffie-Hellman group that it does not have. Windows always offers groups 19 and 20 first, so the message alone is no fault: when \
                the exchange goes on, look further. When nothing follows it, no proposal fits, or the keys differ, or the next packets are lost (error 789).",
        phrases: &["invalid dh group", "oakley group not supported", "no proposal chosen", "no proposal found", "no suitable proposal"],
        stages: &[Stage::IkeProposal, Stage::ReachNatt, Stage::IkePsk],
        no_file: &[
            "whether anything follows the message in the log: the lines after it tell",
            "settings that Support changed on the MX and the site file does not state (`crypto`)",
        ],
        see: &["windows-789", "key-exchange-repeats"],
        source: "Error 789",
    },
    Symptom {
        id: "key-exchange-repeats",
        seen: Seen::Capture,
        short: "one side repeats the Key Exchange",
        means: "Proposals met, and then it stops: the pre-shared keys differ, so that the next message cannot be read, or that message is lost, for with NAT it moves to UDP 4500.",
        phrases: &["key exchange", "repeat ke"],
        stages: &[Stage::ReachNatt, Stage::IkePsk],
        no_file: &[USER_TYPES, USER_NETWORK, SAVED],
        see: &["windows-789"],
        source: "ISAKMP phase 1 tips",
    },
    Symptom {
        id: "phase-2-repeats",
        seen: Seen::Capture,
        short: "both sides repeat phase 2 packets",
        means: "Phase 1 is done, so the address, the ports and the key are right. Phase 2 does not come to an end: encryption or authentication settings of the profile do not fit, \
                or ESP does not get through.",
        phrases: &["phase 2", "phase2", "quick mode", "no esp"],
        stages: &[Stage::Esp],
        no_file: &[USER_NETWORK, UPDATES, SAVED],
        see: &["isakmp-sa-established"],
        source: "ISAKMP phase 2 tips",
    },
    Symptom {
        id: "isakmp-sa-established",
        seen: Seen::EventLog,
        short: "`ISAKMP-SA established`",
        means: "Phase 1 is done: the server address, UDP 500 and 4500 and the pre-shared key are right. What fails is later, most often the user (`not matched`). A port 4500 in the \
                line says that there is NAT on the way. Newer firmware writes `IKE_SA … established` and, for phase 2, `CHILD_SA … established`.",
        phrases: &["isakmp sa established", "ike sa established", "child sa established"],
        stages: &[Stage::PppAuth],
        no_file: &[USER_TYPES, AUTH_LOG],
        see: &["not-matched", "windows-691", "authenticated-then-fails"],
        source: "Error 691; event lines of newer firmware in public collectors of syslog",
    },
    Symptom {
        id: "windows-691",
        seen: Seen::User,
        short: "Windows error 691",
        means: "The tunnel stands, and the user was refused: a wrong name or password, a name in the wrong form, no authorisation for client VPN, a profile that does not use PAP, \
                a RADIUS secret or a certificate that is wrong, or an MX that cannot reach or resolve what authenticates.",
        phrases: &["691"],
        stages: &[Stage::PppAuth],
        no_file: &[USER_TYPES, AUTH_LOG, "what the Dashboard's list of users says today, if the export is older", UPDATES],
        see: &["not-matched", "isakmp-sa-established"],
        source: "Error 691; No authentication; RADIUS/AD",
    },
    Symptom {
        id: "not-matched",
        seen: Seen::EventLog,
        short: "`not matched`",
        means: "The user was refused. With `ISAKMP-SA established` beside it (the log has the newest line first), IPsec is fine, and Windows shows error 691.",
        phrases: &["not matched"],
        stages: &[Stage::PppAuth],
        no_file: &[USER_TYPES, AUTH_LOG],
        see: &["windows-691"],
        source: "Error 691",
    },
    Symptom {
        id: "authenticated-then-fails",
        seen: Seen::User,
        short: "the user is accepted, then the connection fails",
        means: "The server's log shows that the user was accepted, and still there is no connection: the client VPN subnet may have no free address.",
        phrases: &[
            "authentication succeed connection fail",
            "authentication succeed fail",
            "authenticated fail",
            "access accept fail",
            "accepted fail",
            "pool exhausted",
            "no free address",
        ],
        stages: &[Stage::Address],
        no_file: &["how many clients are connected at this moment: Network-wide > Monitor > Clients", SOFTWARE],
        see: &[],
        source: "All authentication types",
    },
    Symptom {
        id: "vpn-client-connected",
        seen: Seen::EventLog,
        short: "`VPN client connected`",
        means: "The connection stands, with the user and the address in the line. What users still miss is behind the MX: the way to a resource, its name, or a firewall.",
        phrases: &["vpn client connected", "client vpn connect", "client vpn reconnect"],
        stages: &[Stage::Route, Stage::Name, Stage::Access],
        no_file: &[RESOURCE_STATE],
        see: &["connected-ping-fails", "ping-works-name-fails", "ping-works-share-fails"],
        source: "Verify the connection; event lines of syslog in public collectors",
    },
    Symptom {
        id: "vpn-client-disconnected",
        seen: Seen::EventLog,
        short: "`VPN client disconnected`",
        means: "A session ended. That is no fault by itself: the user may have hung up. In `deleting IKE_SA … between A[A]...B[C]` (newer firmware) B is the client's public address \
                and C its own one; where they differ, the client is behind NAT and needs UDP 4500. A session that ends seconds after it began was refused later on.",
        phrases: &[
            "vpn client disconnected",
            "client vpn disconnect",
            "client vpn disconnect connected from",
            "deleting ike sa",
            "isakmp sa deleted",
        ],
        stages: &[],
        no_file: &["who ended the session, and why"],
        see: &["authenticated-then-fails", "windows-691"],
        source: "Verify the connection; an event of newer firmware in a public test of a log collector",
    },
    Symptom {
        id: "connected-ping-fails",
        seen: Seen::User,
        short: "connected, but ping fails",
        means: "The tunnel is up, and a resource does not answer by its address: it is in no network that the MX reaches, the client sends its packets elsewhere (split tunnel, a home \
                network with the same addresses), the resource answers another way, or a firewall drops it. When ping to the MX's own LAN address works, the tunnel is fine.",
        phrases: &[
            "connected ping fail",
            "connected no ping",
            "connected ping not",
            "connected reach not",
            "connected cannot reach",
            "ping fail",
            "connected no access",
            "connected nothing work",
        ],
        stages: &[Stage::Route],
        no_file: &[RESOURCE_STATE, "the home network of a user whom the site file does not describe"],
        see: &["ping-works-name-fails"],
        source: "Verify VPN connectivity; Test connectivity; Dual NIC",
    },
    Symptom {
        id: "ping-works-name-fails",
        seen: Seen::User,
        short: "ping by address works, by name fails",
        means: "The way is fine, and the name does not resolve through the tunnel: clients ask public resolvers for an internal name (Google's are the default of the Dashboard), \
                use a short name without a suffix, or a NetBIOS name without WINS.",
        phrases: &[
            "ping work name fail",
            "name fail",
            "name not resolve",
            "name not work",
            "cannot resolve name",
            "dns fail",
            "dns not work",
            "netbio",
        ],
        stages: &[Stage::Name],
        no_file: &[
            "whether the resolver has a record for the name, and answers clients from this subnet: nslookup through the tunnel tells",
        ],
        see: &["ping-works-share-fails"],
        source: "Test DNS; NetBIOS",
    },
    Symptom {
        id: "ping-works-share-fails",
        seen: Seen::User,
        short: "ping works, the service does not: a share does not map",
        means: "The resource answers and its name resolves, and the service itself is stopped: a layer 7 rule or a group policy denies file sharing, a layer 3 rule denies the port, \
                or the resource's own firewall does not admit the client VPN subnet.",
        phrases: &[
            "ping work share fail",
            "ping work share not map",
            "share not map",
            "share fail",
            "cannot map share",
            "map network drive",
            "map drive",
            "file share",
        ],
        stages: &[Stage::Access],
        no_file: &["permissions on the share, and the account that the user maps it with", RESOURCE_STATE],
        see: &["connected-ping-fails"],
        source: "Other checks; Test connectivity",
    },
];
