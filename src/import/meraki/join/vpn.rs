//! The same for the settings of client VPN, as far as exports have them.

use super::{Drifts, Join, Keyed, Same, keyed, leaf, set};
use crate::model::{ActiveDirectoryServer, AuthType, ClientVpn, DnsMode, Host, RadiusServer};

same_by_eq!(AuthType, DnsMode);

join!(ClientVpn {
    leaf enabled: "the switch of client VPN", leaf subnet: "the client VPN subnet", leaf shared_secret: "the shared secret of client VPN",
    leaf auth_type: "the authentication of client VPN", leaf dns_mode: "the DNS mode of client VPN",
    set dns_nameservers: "the nameservers of client VPN", set wins_servers: "the WINS servers of client VPN",
    keyed radius_servers, keyed active_directory_servers,
});
join!(RadiusServer { leaf host: "the host", leaf port: "the port", leaf secret: "the secret" });
join!(ActiveDirectoryServer { leaf host: "the host", leaf domain: "the domain" });

impl Keyed for RadiusServer {
    fn keys(&self) -> Vec<String> {
        super::key_of("host", &self.host, Host::to_string).into_iter().collect()
    }

    fn conflicts(&self, other: &Self) -> bool {
        !self.port.same(&other.port)
    }

    fn called(&self) -> String {
        self.host.value().map_or_else(|| "a RADIUS server".to_owned(), |host| format!("RADIUS server `{host}`"))
    }
}

impl Keyed for ActiveDirectoryServer {
    fn keys(&self) -> Vec<String> {
        super::key_of("host", &self.host, Host::to_string).into_iter().collect()
    }

    fn called(&self) -> String {
        Self::called(self)
    }
}
