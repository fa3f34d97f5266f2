//! Registry policy files, as their container writes them out.

use super::*;

const KEY: &str = r"SYSTEM\CurrentControlSet\Services";

/// What a policy at a path says of NAT-T.
fn at(path: &str, lines: &str) -> String {
    let text = format!("{}\n\n{lines}\n", crate::source::REGISTRY_POLICY);
    assert!(is_evidence(&text));
    assert_eq!(crate::import::detect::detect("registry.pol", &text), Some(Format::Reg));
    let (evidence, _) = read(Format::Reg, &text, BASE).unwrap();
    let field = evidence.registry(path, Span::new(BASE, BASE)).nat_t_rule;
    match field {
        Field::Absent => "-".to_owned(),
        Field::Known(v) => format!("{:?}", v.value),
        Field::Opaque(o) => format!("? {}", o.reason),
    }
}

#[test]
fn a_policy_sets_values_of_the_machine() {
    let set = format!("[{KEY}\\PolicyAgent]\n\"{NAT_T}\"=dword:00000002");
    let nothing = r"does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\PolicyAgent";
    for (path, lines, seen) in [
        ("GPO/Machine/registry.pol", set.clone(), "Dword(2)"),
        (r"GPO\MACHINE\Registry.pol", set.clone(), "Dword(2)"),
        ("GPO/User/registry.pol", set.clone(), nothing),
        ("registry.pol", set.clone(), "? the policy lies in no folder `Machine` or `User`"),
        ("machine/old/registry.pol", set.clone(), "? the policy lies in no folder `Machine` or `User`"),
        // Of what it does not set it says nothing.
        ("Machine/registry.pol", format!("[{KEY}\\PolicyAgent]\n\"Start\"=dword:00000003\n\"X\"=hex(1):"), nothing),
        ("Machine/registry.pol", set.replace("dword:00000002", "hex(1):"), "OtherType(\"REG_SZ\")"),
        ("Machine/registry.pol", set.replace("dword:00000002", "hex(4):"), "? a value of the export"),
        ("Machine/registry.pol", set.replace("PolicyAgent", "IPSec"), "? Windows XP alone reads"),
        ("Machine/registry.pol", set.replace(r"SYSTEM\", r"SOFTWARE\"), "WrongKey("),
        ("Machine/registry.pol", format!("[{KEY}\\PolicyAgent]\n\"**del.{NAT_T}\"=hex(1):"), "Missing"),
        ("Machine/registry.pol", format!("[{KEY}\\PolicyAgent]\n\"**delvals.\"=hex(1):"), "Missing"),
        ("Machine/registry.pol", format!("[{KEY}\\PolicyAgent]\n\"**DelVals.\"=hex(1):\n\"{NAT_T}\"=dword:00000001"), "Dword(1)"),
        ("Machine/registry.pol", format!("[{KEY}\\PolicyAgent]\n\"**DeleteValues\"=hex(1):"), "? the policy has an instruction"),
        ("Machine/registry.pol", format!("[{KEY}]\n\"**DeleteKeys\"=hex(1):"), "? the policy has an instruction"),
        ("Machine/registry.pol", format!("[{KEY}]\n\"**DelVals.\"=hex(1):"), nothing),
        ("Machine/registry.pol", format!("[{KEY}\\PolicyAgent]\n\"**soft.{NAT_T}\"=dword:00000002"), "? the policy has an instruction"),
    ] {
        let told = at(path, &lines);
        assert!(told.contains(seen), "{path}, {lines}: {told}");
    }
}
