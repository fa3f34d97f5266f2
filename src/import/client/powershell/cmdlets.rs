//! The cmdlets of the module `VpnClient` that make a profile, and how arguments find their parameters (Microsoft, module reference of
//! `VpnClient`; `about_Parameters`, `about_CommonParameters`, `about_Splatting`).

use std::rc::Rc;

use super::values::{Scope, Value};
use crate::source::{Span, clip, visible};
use crate::tree::decode::nearest;
use crate::tree::powershell::{Arg, is_dash};

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing, or `:$true`.
    Nothing,
    /// `$true` or `$false`.
    Truth,
    /// One of these words.
    Word(&'static str),
    /// Several of these words.
    Words(&'static str),
    /// A value.
    Value,
}

/// A parameter: its name, its other names, its position if it has one, and what it takes.
pub struct Param(pub &'static str, &'static str, u8, pub Takes);

/// A cmdlet.
pub struct Cmdlet {
    /// Its name.
    pub name: &'static str,
    /// Its parameters.
    params: &'static [Param],
}

/// Tunnel types.
const TUNNELS: &str = "Pptp L2tp Sstp Ikev2 Automatic";
const LOGONS: &str = "Pap Chap MSChapv2 Eap MachineCertificate";
const LEVELS: &str = "NoEncryption Optional Required Maximum Custom";

use Takes::{Nothing, Truth, Value as Any, Word, Words};

/// Parameters that every cmdlet has.
static COMMON: &[Param] = &[
    Param("Verbose", "vb", 0, Nothing),
    Param("Debug", "db", 0, Nothing),
    Param("ErrorAction", "ea", 0, Any),
    Param("WarningAction", "wa", 0, Any),
    Param("InformationAction", "infa", 0, Any),
    Param("ProgressAction", "proga", 0, Any),
    Param("ErrorVariable", "ev", 0, Any),
    Param("WarningVariable", "wv", 0, Any),
    Param("InformationVariable", "iv", 0, Any),
    Param("OutVariable", "ov", 0, Any),
    Param("OutBuffer", "ob", 0, Any),
    Param("PipelineVariable", "pv", 0, Any),
    Param("WhatIf", "wi", 0, Nothing),
    Param("Confirm", "cf", 0, Nothing),
    Param("CimSession", "Session", 0, Any),
    Param("ThrottleLimit", "", 0, Any),
    Param("AsJob", "", 0, Nothing),
];

/// `Add-VpnConnection`.
pub static ADD: Cmdlet = Cmdlet {
    name: "Add-VpnConnection",
    params: &[
        Param("Name", "ConnectionName", 1, Any),
        Param("ServerAddress", "ServerName DefaultServer", 2, Any),
        Param("TunnelType", "", 3, Word(TUNNELS)),
        Param("EncryptionLevel", "", 4, Word(LEVELS)),
        Param("AuthenticationMethod", "", 5, Words(LOGONS)),
        Param("SplitTunneling", "", 0, Nothing),
        Param("AllUserConnection", "", 0, Nothing),
        Param("L2tpPsk", "", 8, Any),
        Param("RememberCredential", "", 0, Nothing),
        Param("UseWinlogonCredential", "", 0, Nothing),
        Param("EapConfigXmlStream", "", 11, Any),
        Param("PlugInApplicationID", "", 10, Any),
        Param("CustomConfiguration", "", 0, Any),
        Param("DnsSuffix", "", 0, Any),
        Param("IdleDisconnectSeconds", "", 0, Any),
        Param("ServerList", "", 0, Any),
        Param("MachineCertificateIssuerFilter", "", 0, Any),
        Param("MachineCertificateEKUFilter", "", 0, Any),
        Param("Force", "", 0, Nothing),
        Param("PassThru", "", 0, Nothing),
    ],
};

/// `Set-VpnConnection`.
pub static SET: Cmdlet = Cmdlet {
    name: "Set-VpnConnection",
    params: &[
        Param("Name", "ConnectionName", 1, Any),
        Param("ServerAddress", "ServerName DefaultServer", 2, Any),
        Param("TunnelType", "", 3, Word(TUNNELS)),
        Param("EncryptionLevel", "", 4, Word(LEVELS)),
        Param("AuthenticationMethod", "", 5, Words(LOGONS)),
        Param("SplitTunneling", "", 6, Truth),
        Param("AllUserConnection", "", 0, Nothing),
        Param("L2tpPsk", "", 8, Any),
        Param("RememberCredential", "", 9, Truth),
        Param("UseWinlogonCredential", "", 10, Truth),
        Param("EapConfigXmlStream", "", 11, Any),
        Param("PlugInApplicationID", "", 0, Any),
        Param("CustomConfiguration", "", 0, Any),
        Param("ThirdPartyVpn", "", 0, Nothing),
        Param("DnsSuffix", "", 0, Any),
        Param("IdleDisconnectSeconds", "", 0, Any),
        Param("ServerList", "", 0, Any),
        Param("MachineCertificateIssuerFilter", "", 0, Any),
        Param("MachineCertificateEKUFilter", "", 0, Any),
        Param("Force", "", 0, Nothing),
        Param("PassThru", "", 0, Nothing),
    ],
};

/// `Add-VpnConnectionRoute`.
pub static ADD_ROUTE: Cmdlet = Cmdlet {
    name: "Add-VpnConnectionRoute",
    params: &[
        Param("ConnectionName", "Name", 1, Any),
        Param("DestinationPrefix", "", 2, Any),
        Param("RouteMetric", "", 3, Any),
        Param("AllUserConnection", "", 0, Nothing),
        Param("PassThru", "", 0, Nothing),
    ],
};

/// `Remove-VpnConnectionRoute`.
pub static REMOVE_ROUTE: Cmdlet = Cmdlet { name: "Remove-VpnConnectionRoute", params: ADD_ROUTE.params };

/// `Set-VpnConnectionIPsecConfiguration`.
pub static IPSEC: Cmdlet = Cmdlet {
    name: "Set-VpnConnectionIPsecConfiguration",
    params: &[
        Param("ConnectionName", "Name", 1, Any),
        Param("AuthenticationTransformConstants", "", 2, Word("MD596 SHA196 SHA256128 GCMAES128 GCMAES192 GCMAES256 None")),
        Param("CipherTransformConstants", "", 3, Word("DES DES3 AES128 AES192 AES256 GCMAES128 GCMAES192 GCMAES256 None")),
        Param("DHGroup", "", 4, Word("None Group1 Group2 Group14 ECP256 ECP384 Group24")),
        Param("EncryptionMethod", "", 5, Word("DES DES3 AES128 AES192 AES256 GCMAES128 GCMAES256")),
        Param("IntegrityCheckMethod", "", 6, Word("MD5 SHA1 SHA256 SHA384")),
        Param("PfsGroup", "", 7, Word("None PFS1 PFS2 PFS2048 ECP256 ECP384 PFSMM PFS24")),
        Param("RevertToDefault", "", 0, Nothing),
        Param("AllUserConnection", "", 0, Nothing),
        Param("PassThru", "", 0, Nothing),
        Param("Force", "", 0, Nothing),
    ],
};

/// `Set-VpnConnectionTriggerDnsConfiguration`.
pub static TRIGGER_DNS: Cmdlet = Cmdlet {
    name: "Set-VpnConnectionTriggerDnsConfiguration",
    params: &[
        Param("ConnectionName", "Name", 1, Any),
        Param("DnsSuffix", "", 2, Any),
        Param("DnsIPAddress", "", 3, Any),
        Param("DnsSuffixSearchList", "", 4, Any),
        Param("PassThru", "", 0, Nothing),
        Param("Force", "", 0, Nothing),
    ],
};

/// `Add-VpnConnectionTriggerDnsConfiguration`.
pub static ADD_TRIGGER_DNS: Cmdlet = Cmdlet { name: "Add-VpnConnectionTriggerDnsConfiguration", params: TRIGGER_DNS.params };

/// The cmdlet of this name, with any dash and any module in front.
pub fn find(name: &str) -> Option<&'static Cmdlet> {
    let name = name.rsplit_once('\\').map_or(name, |(_, name)| name);
    let (verb, noun) = name.split_once(is_dash)?;
    let is =
        |cmdlet: &&Cmdlet| cmdlet.name.split_once('-').is_some_and(|(v, n)| v.eq_ignore_ascii_case(verb) && n.eq_ignore_ascii_case(noun));
    [&ADD, &SET, &ADD_ROUTE, &REMOVE_ROUTE, &IPSEC, &TRIGGER_DNS, &ADD_TRIGGER_DNS].into_iter().find(is)
}

/// What the shell refuses in a command.
pub struct Refusal {
    /// Its place.
    pub at: Span,
    /// What is wrong, as it follows "the profile of client `x` ".
    pub what: String,
    /// What is there.
    pub label: &'static str,
    /// What to do.
    pub help: String,
}

/// A parameter with its value and the place of its name.
pub struct Given {
    /// The parameter's name.
    pub name: &'static str,
    /// What it is given.
    pub value: Rc<Value>,
    /// Where.
    pub at: Span,
}

/// The parameters of a command.
#[derive(Default)]
pub struct Bound {
    /// Those that are given.
    pub given: Vec<Given>,
    /// What is refused.
    pub refused: Vec<Refusal>,
    /// Why others may be given, too.
    pub open: Option<(Span, String)>,
    /// Values of parameters that are not known.
    pub stray: Vec<Span>,
}

impl Bound {
    /// Notes what is refused; the first few tell enough.
    fn refuse(&mut self, at: Span, label: &'static str, what: impl FnOnce() -> (String, String)) {
        if self.refused.len() < 8 {
            let (what, help) = what();
            self.refused.push(Refusal { at, what, label, help });
        }
    }

    /// Gives a parameter its value.
    fn give(&mut self, param: &'static Param, value: Rc<Value>, at: Span) {
        if self.get(param.0).is_some() {
            let what = || (format!("gives `-{}` twice, which the cmdlet refuses", param.0), "keep one of them".to_owned());
            self.refuse(at, "given again", what);
            return;
        }
        let (words, many) = match param.3 {
            Word(words) => (words, false),
            Words(words) => (words, true),
            Truth | Nothing => {
                if value.text().is_some() {
                    let what = || {
                        (format!("gives `-{}` a text where `$true` or `$false` belongs", param.0), "write `$true` or `$false`".to_owned())
                    };
                    self.refuse(value.at(), "neither `$true` nor `$false`", what);
                }
                self.given.push(Given { name: param.0, value, at });
                return;
            }
            Any => {
                self.given.push(Given { name: param.0, value, at });
                return;
            }
        };
        let items = value.items();
        let wrong = |v: &&Rc<Value>| match &***v {
            Value::Text(known) => !words.split(' ').any(|w| w.eq_ignore_ascii_case(&known.text)),
            Value::Bool(..) | Value::Null(_) => true,
            _ => false,
        };
        if let Some(wrong) = items.iter().find(wrong) {
            let what = || {
                let help = format!("write one of {}", words.replace(' ', ", "));
                (format!("gives `-{}` a value that the cmdlet does not take", param.0), help)
            };
            self.refuse(wrong.at(), "not a value it takes", what);
        } else if !many && items.len() > 1 {
            let what = || (format!("gives `-{}` several values", param.0), "write one of them".to_owned());
            self.refuse(value.at(), "several values", what);
        }
        self.given.push(Given { name: param.0, value, at });
    }

    /// What a parameter is given.
    pub fn get(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|g| g.name == name)
    }
}

enum Match {
    One(&'static Param),
    None,
    Several,
}

impl Cmdlet {
    /// The parameter that a name, a beginning of one or another name means.
    fn param(&self, name: &str) -> Match {
        let names = |p: &'static Param| std::iter::once(p.0).chain(p.1.split(' ').filter(|n| !n.is_empty()));
        let all = || self.params.iter().chain(COMMON);
        if let Some(param) = all().find(|p| names(p).any(|n| n.eq_ignore_ascii_case(name))) {
            return Match::One(param);
        }
        let begins = |n: &str| n.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        let mut own = self.params.iter().filter(|p| names(p).any(begins));
        let mut common = COMMON.iter().filter(|p| names(p).any(begins));
        match (own.next(), own.next(), common.next(), common.next()) {
            (Some(param), None, ..) | (None, _, Some(param), None) => Match::One(param),
            (None, _, None, _) => Match::None,
            _ => Match::Several,
        }
    }

    /// Gives the arguments to the parameters.
    pub fn bind(&'static self, args: &[Arg<'_>], scope: &Scope) -> Bound {
        let mut bound = Bound::default();
        let mut free: Vec<Rc<Value>> = Vec::new();
        let mut args = args.iter().peekable();
        while let Some(arg) = args.next() {
            match arg {
                Arg::Value(expr) => free.push(scope.value(expr)),
                Arg::Splat(name, at) => self.splat(name, *at, scope, &mut bound, &mut free),
                Arg::Parameter { name, at, value } => {
                    let mut next =
                        || args.next_if(|a| matches!(a, Arg::Value(_))).and_then(|a| if let Arg::Value(e) = a { Some(e) } else { None });
                    let Some(param) = self.known(name, *at, &mut bound) else {
                        if let Some(value) = value.as_ref().or_else(next) {
                            bound.stray.push(value.at());
                        }
                        continue;
                    };
                    let value = match (value, param.3) {
                        (Some(value), _) => scope.value(value),
                        (None, Nothing) => Rc::new(Value::Bool(true, *at)),
                        (None, _) => match next() {
                            Some(value) => scope.value(value),
                            None => {
                                let what = || (format!("gives `-{}` no value", param.0), format!("write the value behind `-{}`", param.0));
                                bound.refuse(*at, "no value", what);
                                Value::unknown(*at, "has no value")
                            }
                        },
                    };
                    bound.give(param, value, *at);
                }
            }
        }
        self.place(free, &mut bound);
        bound
    }

    /// The parameter of this name; what is none is refused.
    fn known(&self, name: &str, at: Span, bound: &mut Bound) -> Option<&'static Param> {
        let found = self.param(name);
        let (why, label) = match found {
            Match::One(param) => return Some(param),
            Match::None => ("which the cmdlet does not know: it makes no connection", "no such parameter"),
            Match::Several => ("which may mean several parameters", "more than one begins so"),
        };
        bound.refuse(at, label, || {
            let shown = visible(name);
            let known: Vec<&str> = self.params.iter().map(|p| p.0).collect();
            let near = nearest(name, &known).filter(|_| matches!(found, Match::None));
            let help = match (&found, near) {
                (_, Some(near)) => format!("did you mean `-{near}`?"),
                (Match::Several, _) => "write the parameter's whole name".to_owned(),
                _ => "remove it".to_owned(),
            };
            (format!("gives {} the parameter `-{}`, {why}", self.name, clip(&shown, 40)), help)
        });
        bound.open.get_or_insert((at, format!("is not known: {} does not know one of the parameters that it is given", self.name)));
        None
    }

    /// `@name`: a table of parameters, or a list of values.
    fn splat(&self, name: &str, at: Span, scope: &Scope, bound: &mut Bound, free: &mut Vec<Rc<Value>>) {
        let value = scope.value(&crate::tree::powershell::Expr::Variable(name, at));
        match &*value {
            Value::Table(entries, ..) => {
                for (key, place, value) in entries {
                    if let Some(param) = self.known(key, *place, bound) {
                        // An entry of the command itself counts.
                        if bound.get(param.0).is_none() {
                            bound.give(param, Rc::clone(value), *place);
                        }
                    } else {
                        bound.stray.push(value.at());
                    }
                }
            }
            Value::List(items, ..) => free.extend(items.iter().map(Rc::clone)),
            Value::Unknown(unknown) => {
                bound.open.get_or_insert((at, format!("is not known: `@{}` {}", clip(&visible(name), 40), unknown.why)));
            }
            _ => {}
        }
    }

    /// Values without a name go to the parameters with positions that are left.
    fn place(&self, free: Vec<Rc<Value>>, bound: &mut Bound) {
        let mut left: Vec<&'static Param> = self.params.iter().filter(|p| p.2 > 0 && bound.get(p.0).is_none()).collect();
        left.sort_by_key(|p| p.2);
        let mut left = left.into_iter();
        for value in free {
            let at = value.at();
            match left.next() {
                Some(param) => bound.give(param, value, at),
                None => {
                    bound.stray.push(at);
                    let help = "write the parameter that it belongs to, or quote a text with blanks as a whole";
                    bound.refuse(at, "no parameter takes this", || {
                        (format!("gives {} a value that no parameter takes", self.name), help.to_owned())
                    });
                }
            }
        }
    }
}
