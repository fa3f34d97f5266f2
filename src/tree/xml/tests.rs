use super::*;
use crate::tree::{Node, Parsed};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n";

fn checked(text: &str) -> Parsed<'_> {
    let parsed = plist(text, 0);
    for error in &parsed.errors {
        let span = error.span.start as usize..error.span.end as usize;
        assert!(text.is_empty() || text.get(span).is_some_and(|s| !s.is_empty()));
        assert!(!error.message.contains("CANARY"));
    }
    parsed
}

fn value<'n>(root: &'n Node<'n>, key: &str) -> &'n Node<'n> {
    &root.get(key).expect(key).value
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

#[test]
fn a_profile_becomes_nodes() {
    let text = format!(
        "{HEAD}<plist version=\"1.0\"><dict>\n<key>a</key><!-- c --><string>x &amp; <!-- d -->y</string>\n<key>n</key><integer> 7 </integer>\n<key>r</key><real>1</real>\n<key>t</key><true/>\n<key>d</key><data>\n\tQUJD\n\t</data>\n<key>l</key><array><string/><dict/></array>\n<key>p</key><data>{{{{ psk }}}}</data>\n<key>w</key><date>2026-01-01T00:00:00Z</date>\n</dict></plist>\n"
    );
    let got = checked(&text);
    assert_eq!(got.errors, []);
    let root = got.root.unwrap();
    assert_eq!(value(&root, "a").text(), Some("x & y"));
    assert_eq!(at(&text, value(&root, "a").span), "x &amp; <!-- d -->y");
    assert_eq!(at(&text, value(&root, "a").head), "a");
    assert_eq!(value(&root, "n").kind, Kind::Int(7));
    assert_eq!(value(&root, "r").kind, Kind::Float(1.0));
    assert_eq!(value(&root, "t").kind, Kind::Bool(true));
    assert_eq!(at(&text, value(&root, "t").span), "<true/>");
    assert_eq!(value(&root, "d").kind, Kind::Data("\n\tQUJD\n\t".into()));
    assert_eq!(value(&root, "p").kind, Kind::Data("{{ psk }}".into()));
    assert!(matches!(value(&root, "w").kind, Kind::Date(_)));
    let items = value(&root, "l").items().unwrap();
    assert_eq!((items[0].text(), at(&text, items[0].span)), (Some(""), "<string/>"));
    assert_eq!(items[1].entries(), Some(&[][..]));
}

#[test]
fn repeated_keys_are_all_kept() {
    let text = "<dict><key>a</key><string>1</string><key>a</key><string>2</string></dict>";
    let got = checked(text);
    assert_eq!(got.errors, []);
    assert_eq!(got.root.unwrap().entries().unwrap().len(), 2);
}

#[test]
fn a_byte_order_mark_moves_places() {
    let text = "\u{feff}<plist><dict>\r\n<key>a</key><string>é</string></dict></plist>";
    let got = plist(text, 10);
    let root = got.root.unwrap();
    let span = value(&root, "a").span;
    assert_eq!(at(text, Span::new(span.start - 10, span.end - 10)), "é");
}

#[test]
fn broken_lists_keep_what_is_known() {
    let got = checked(
        "<dict><key>a</key><key>b</key><foo/><integer>1</integer><key>c</key><integer>x</integer><key>d</key><integer>{{ n }}</integer></dict>",
    );
    let root = got.root.unwrap();
    for key in ["a", "b", "c", "d"] {
        assert!(matches!(value(&root, key).kind, Kind::Opaque(_)), "{key}");
    }
    assert_eq!(got.errors.len(), 1);
    assert_eq!(checked("<plist/>").errors[0].message, "the property list has no value");
    assert_eq!(checked("<html/>").errors[0].message, "property lists have no such element");
    assert_eq!(checked("").errors.len(), 1);
}

#[test]
fn what_came_before_an_error_is_kept() {
    for rest in [
        "<string>CANARY & x</string><key>c</key><true/></dict></plist>",
        "<string>CANARY",
        "<string>CANARY</strin></dict></plist>",
        "<string>CANARY<",
        "<string>&CANARY;</string></dict></plist>",
    ] {
        let text = format!("{HEAD}<plist><dict>\n<key>a</key><string>é</string>\n<key>b</key>\n{rest}\n");
        let got = checked(&text);
        assert_eq!(got.errors.len(), 1, "{rest}: {:?}", got.errors);
        let root = got.root.expect(rest);
        assert_eq!(value(&root, "a").text(), Some("é"));
        assert_eq!(at(&text, value(&root, "a").span), "é");
        assert!(matches!(value(&root, "b").kind, Kind::Opaque(_)), "{rest}");
    }
}

#[test]
fn elements_have_attributes_and_namespaces() {
    let text = "<p xmlns=\"urn:x\"><q id=\"a&lt;b\">t</q></p>";
    let (root, errors) = document(text, 0);
    let root = root.unwrap();
    assert_eq!(errors, []);
    assert_eq!(root.namespace.as_deref(), Some("urn:x"));
    let q = root.child("q").unwrap();
    let (name, id) = &q.attributes[0];
    assert_eq!((&**name, &*id.value, at(text, id.span)), ("id", "a<b", "a&lt;b"));
    assert_eq!(at(text, q.span), "<q id=\"a&lt;b\">t</q>");
}

#[test]
fn entities_do_not_blow_up_or_read_files() {
    let mut bomb = "<!DOCTYPE x [<!ENTITY a0 \"aaaaaaaaaa\">".to_owned();
    for i in 1..20 {
        let line = format!("<!ENTITY a{i} \"{}\">", format!("&a{};", i - 1).repeat(10));
        bomb += &line;
    }
    bomb += "]><dict><key>a</key><string>&a19;</string></dict>";
    assert_eq!(checked(&bomb).errors.len(), 1);
    let file = "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><string>&f;</string>";
    assert_eq!(checked(file).errors.len(), 1);
    let own = "<!DOCTYPE x [<!ENTITY f \"v\">]><string>&f;</string>";
    assert_eq!(checked(own).root.unwrap().text(), Some("v"));
}

#[test]
fn depth_is_limited_and_time_is_linear() {
    for open in ["<a>", "<array>", "<dict><key>a</key>"] {
        assert!(!checked(&open.repeat(100_000)).errors.is_empty());
    }
    let deep = format!("{}{}", "<array>".repeat(70), "</array>".repeat(70));
    assert_eq!(checked(&deep).errors[0].message, TOO_DEEP);
    let wide = format!("<array>{}</array>", "<string>x</string>\n".repeat(100_000));
    assert_eq!(checked(&wide).root.unwrap().items().unwrap().len(), 100_000);
}

#[test]
fn every_prefix_reads() {
    let text = format!(
        "{HEAD}<plist><dict><!-- é --><key>a</key>\r\n<string>é &#233;<![CDATA[<x>]]></string><key>b</key><array><true/><data>QQ==</data></array></dict></plist>"
    );
    for end in (0..=text.len()).filter(|&i| text.is_char_boundary(i)) {
        checked(&text[..end]);
    }
}
