//! How a resource's name is taken as users type it.

use crate::support::{Site, found};

/// The rules that speak of a resource of this name, in a site with public resolvers, no WINS server and no DNS suffix.
fn rules(name: &str) -> Vec<String> {
    let text = format!(
        "version = 1\n[site]\ninternal_domains = [\"corp.example.com\"]\n[client_vpn]\ndns_mode = \"google_dns\"\nwins_servers = []\n[[clients]]\nname = \"laptops\"\n[[resources]]\nname = '{name}'\n"
    );
    let found = found(&Site::new(&[("site.toml", text)]).check().report);
    found.into_iter().map(|f| f.split(' ').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn one_label_behind_backslashes_is_netbios() {
    for name in [r"\\FILESERVER", r"\\FILESERVER\share", r"\\files_1\a\b c", r"\\SRV$1\data", r"\\2012\data"] {
        assert_eq!(rules(name), ["netbios-without-wins"], "{name}");
    }
}

#[test]
fn a_full_name_behind_backslashes_is_the_host_of_that_name() {
    for name in
        [r"\\files.corp.example.com", r"\\files.corp.example.com\share", r"\\Files.Corp.Example.Com.\share", "files.corp.example.com"]
    {
        assert_eq!(rules(name), ["internal-name-public-dns"], "{name}");
    }
    assert_eq!(rules("fileserver"), ["internal-name-public-dns", "short-name"]);
}

#[test]
fn an_address_behind_backslashes_is_no_name() {
    for name in [r"\\192.0.2.4", r"\\192.0.2.4\share", "192.0.2.4"] {
        assert!(rules(name).is_empty(), "{name}: {:?}", rules(name));
    }
}

#[test]
fn what_names_no_host_is_not_valid() {
    for name in [r"\\", r"\\\share", r"\\a:b\share", r"\\192.0.2\share", r"\\2001:db8::1\share", "a b"] {
        assert_eq!(rules(name), ["invalid-value"], "{name}");
    }
}
