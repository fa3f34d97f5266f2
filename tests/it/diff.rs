//! `vpnlint diff`: the real binary and the real git, in repositories of their own.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Site, command};

const CLEAN: &str = "version = 1\n[site]\nname = \"osaka\"\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n[[clients]]\nname = \"sales\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";

/// What a hook sets, for tests that run in one.
const GIT_VARIABLES: [&str; 3] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];

fn bad() -> String {
    CLEAN.replace("pre_shared_key = { env = \"VPNLINT_EXAMPLE_PSK\" }", "pre_shared_key = { env = \"VPNLINT_EXAMPLE_OTHER\" }")
}

/// Runs git in a scratch repository; none, with the reason printed, where there is no git.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]).args(arguments);
    for name in GIT_VARIABLES {
        git.env_remove(name);
    }
    match git.output() {
        Ok(output) => {
            assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(why) => {
            eprintln!("not tested: git cannot be run ({why})");
            None
        }
    }
}

/// A repository whose first commit, tagged `old`, holds these files.
fn repository(files: &[(&str, &str)]) -> Option<Site> {
    let site = Site::new(files);
    git(site.path(), &["init", "-q", "-b", "main"])?;
    commit(&site, "old")?;
    Some(site)
}

fn commit(site: &Site, tag: &str) -> Option<String> {
    git(site.path(), &["add", "-A"])?;
    git(site.path(), &["commit", "-q", "-m", tag])?;
    git(site.path(), &["tag", tag])
}

fn diff(folder: &Path, arguments: &[&str]) -> Output {
    let mut run = command(folder, &std::iter::once("diff").chain(arguments.iter().copied()).collect::<Vec<_>>());
    for name in GIT_VARIABLES {
        run.env_remove(name);
    }
    run.output().expect("the binary runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let all: Vec<_> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let output = diff(folder, &all);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&output)))
}

fn rules(findings: &Value) -> Vec<&str> {
    findings.as_array().expect("a list").iter().map(|f| f["rule"].as_str().expect("a rule")).collect()
}

#[test]
fn a_revision_is_compared_with_the_working_tree() {
    let Some(site) = repository(&[("site.toml", CLEAN)]) else { return };
    site.write("site.toml", bad().as_bytes());
    let output = diff(site.path(), &["main", "--select", "psk-mismatch"]);
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("sales at osaka: no fault found -> stops at ike-psk (Windows 789) [psk-mismatch]"), "{shown}");
    assert!(shown.contains("─[site.toml:8:") && shown.contains("1 new (1 error), 0 fixed, 0 unchanged"), "{shown}");
    assert_eq!(diff(site.path(), &["main", "--exit-zero"]).status.code(), Some(0));
    assert_eq!(diff(site.path(), &["main", "--ignore", "psk-mismatch"]).status.code(), Some(0));
}

#[test]
fn two_revisions_and_their_paths_are_compared_and_nothing_is_touched() {
    let Some(site) = repository(&[("sites/osaka/site.toml", &bad()), ("main", "a file with the name of a branch")]) else { return };
    // Two lines more: the finding is mended, and where it stood something else stands.
    site.write("sites/osaka/site.toml", format!("# one\n# two\n{CLEAN}").as_bytes());
    commit(&site, "new");
    let marker = site.path().join("ran");
    let touch = format!("touch {}", marker.display());
    for (key, value) in
        [("filter.evil.smudge", &touch), ("filter.evil.process", &touch), ("core.fsmonitor", &touch), ("diff.evil.textconv", &touch)]
    {
        git(site.path(), &["config", key, value]);
    }
    site.write(".git/info/attributes", b"* filter=evil diff=evil\n");
    site.write(".git/hooks/post-checkout", format!("#!/bin/sh\n{touch}\n").as_bytes());
    site.write("sites/osaka/site.toml", b"not of this comparison");
    let index = std::fs::read(site.path().join(".git/index")).unwrap();
    let folder = site.path().join("sites");
    for arguments in
        [&["old", "new", "--rev"][..], &["old", "new"], &["old:sites", "new:sites"], &["old:./osaka/site.toml", "new:../sites/osaka"]]
    {
        let output = diff(&folder, arguments);
        let shown = text(&output);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {shown}");
        assert!(shown.contains("sales at osaka: stops at ike-psk (Windows 789) -> no fault found"), "{arguments:?}: {shown}");
        assert!(shown.contains("error[psk-mismatch] sites/osaka/site.toml:8: "), "{arguments:?}: {shown}");
        assert!(shown.contains("nothing new, 1 fixed, 0 unchanged"), "{arguments:?}: {shown}");
    }
    assert!(!marker.exists(), "something of the repository ran");
    assert_eq!(std::fs::read(site.path().join(".git/index")).unwrap(), index);
    assert_eq!(std::fs::read(site.path().join("sites/osaka/site.toml")).unwrap(), b"not of this comparison");
    // A path wins over a revision, unless --rev is given.
    assert_eq!(diff(site.path(), &["old", "main"]).status.code(), Some(3));
    assert_eq!(diff(site.path(), &["old", "main", "--rev"]).status.code(), Some(0));
}

#[test]
fn folders_and_files_match_wherever_they_lie() {
    let profile = "clients/x.nmconnection";
    let site = Site::new(&[
        ("before/site.toml", format!("{}[[clients]]\nname = \"b\"\npre_shared_key = {{ env = \"VPNLINT_EXAMPLE_OTHER\" }}\n", bad())),
        ("after/site.toml", format!("# moved\n\n{}", bad())),
        ("x.site.toml", bad()),
        ("y.site.toml", bad().replace("osaka", "kobe")),
        (profile, String::new()),
    ]);
    let found = json(site.path(), &["before", "after"]);
    assert_eq!((rules(&found["new"]), rules(&found["fixed"]), &found["unchanged"]), (vec![], vec!["psk-mismatch"], &1.into()), "{found:#}");
    assert_eq!(found["clients"][0]["client"], "b");
    assert_eq!(found["clients"][0]["presence"], "old");
    let found = json(site.path(), &["x.site.toml", "y.site.toml"]);
    assert_eq!((rules(&found["new"]), &found["unchanged"]), (vec![], &1.into()), "{found:#}");
    // No name stated: the folder's counts, and differs.
    for folder in ["before", "after"] {
        site.write(&format!("{folder}/site.toml"), bad().replace("[site]\nname = \"osaka\"\n", "").as_bytes());
    }
    assert_eq!(json(site.path(), &["before", "after"])["unchanged"], 1);
}

#[test]
fn a_place_in_a_list_may_move_and_a_finding_that_gets_graver_is_new() {
    let dns = |list: &str| CLEAN.replace("[client_vpn]\n", &format!("[client_vpn]\ndns_nameservers = [{list}]\n"));
    let key = |name: &str| CLEAN.replace("VPNLINT_EXAMPLE_PSK", name);
    let site = Site::new(&[
        ("a/site.toml", dns("\"nonsense\"")),
        ("b/site.toml", dns("\"10.0.0.1\", \"nonsense\"")),
        ("c/site.toml", dns("\"nonsense\", \"nonsense\"")),
        ("warned/site.toml", key("VPNLINT_EXAMPLE_SPECIAL")),
        ("broken/site.toml", key("VPNLINT_EXAMPLE_BLANK")),
    ]);
    let found = json(site.path(), &["a", "b", "--select", "invalid-value"]);
    assert_eq!((rules(&found["new"]), rules(&found["fixed"]), &found["unchanged"]), (vec![], vec![], &1.into()), "{found:#}");
    let found = json(site.path(), &["b", "c", "--select", "invalid-value"]);
    assert_eq!((rules(&found["new"]), &found["unchanged"]), (vec!["invalid-value"], &1.into()), "{found:#}");
    let found = json(site.path(), &["warned", "broken", "--select", "psk-special-edge"]);
    assert_eq!((&found["new"][0]["level"], rules(&found["fixed"])), (&"error".into(), vec![]), "{found:#}");
    assert_eq!(
        (&found["known_before"][0]["before"], &found["known_before"][0]["level"]),
        (&"milder".into(), &"warning".into()),
        "{found:#}"
    );
    assert_eq!(diff(site.path(), &["broken", "warned", "--select", "psk-special-edge"]).status.code(), Some(0));
}

#[test]
fn the_json_has_its_shape() {
    let site = Site::new(&[("a/site.toml", CLEAN.to_owned()), ("b/site.toml", bad())]);
    let found = json(site.path(), &["a", "b"]);
    assert_eq!(found["version"], 1);
    assert_eq!(found["new"][0]["rule"], "psk-mismatch");
    assert_eq!(found["new"][0]["labels"][0]["path"], "site.toml");
    assert!(found["new"][0]["fingerprint"].as_str().is_some_and(|f| !f.is_empty()));
    let client = &found["clients"][0];
    assert_eq!((&client["site"], &client["client"], &client["presence"]), (&"osaka".into(), &"sales".into(), &"both".into()));
    assert_eq!(client["before"], Value::Null);
    assert_eq!(client["after"]["stage"], "ike-psk");
    assert_eq!(client["after"]["symptoms"][0], "windows-789");
}

#[test]
fn what_cannot_be_decided_any_more_is_neither_fixed_nor_connects() {
    let undecided =
        CLEAN.replace("shared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n[[", "shared_secret = { env = \"VPNLINT_NOT_SET\" }\n[[");
    let site = Site::new(&[
        ("a/site.toml", bad()),
        ("b/site.toml", undecided),
        ("c/site.toml", CLEAN.to_owned()),
        ("d/site.toml", "[[[ no".to_owned()),
    ]);
    let found = json(site.path(), &["a", "b", "--select", "psk-mismatch"]);
    assert_eq!(found["fixed"], Value::Array(vec![]), "{found:#}");
    assert_eq!(found["undecided"][0]["finding"]["rule"], "psk-mismatch");
    assert_eq!(found["clients"][0]["undecided_after"], 1);
    let shown = text(&diff(site.path(), &["a", "b", "--select", "psk-mismatch"]));
    assert!(shown.contains("-> no fault found, 1 undecided") && !shown.contains("connects"), "{shown}");
    // Proved before, undecided now.
    let found = json(site.path(), &["c", "b", "--select", "psk-mismatch"]);
    assert_eq!(found["verdicts"]["undecided_now"][0]["rule"], "psk-mismatch", "{found:#}");
    assert_eq!(found["verdicts"]["undecided_now"][0]["subject"]["name"], "sales");
    assert_eq!(json(site.path(), &["b", "c", "--select", "psk-mismatch"])["verdicts"]["proved_now"], 1);
    // A new side that cannot be read mends nothing, and nobody is gone from it.
    let output = diff(site.path(), &["a", "d"]);
    assert_eq!(output.status.code(), Some(3));
    let found = json(site.path(), &["a", "d"]);
    assert_eq!((rules(&found["fixed"]), &found["clients"]), (vec![], &Value::Array(vec![])), "{found:#}");
    assert_eq!(found["undecided"][0]["finding"]["rule"], "psk-mismatch");
    // An old side that cannot be read does not keep it from being mended.
    assert_eq!(diff(site.path(), &["d", "c"]).status.code(), Some(0));
}

#[test]
fn a_waiver_mends_nothing() {
    let waived = bad().replace("pre_shared_key", "# vpnlint: allow[psk-mismatch] reason=\"known\"\npre_shared_key");
    let site = Site::new(&[("a/site.toml", bad()), ("b/site.toml", waived)]);
    let found = json(site.path(), &["a", "b"]);
    assert_eq!((rules(&found["waived"]), rules(&found["fixed"])), (vec!["psk-mismatch"], vec![]), "{found:#}");
    assert_eq!(found["clients"], Value::Array(vec![]), "a waived error breaks the connection all the same");
    let output = diff(site.path(), &["b", "a"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("a waiver covered it before"), "{}", text(&output));
}

#[test]
fn the_new_sides_policy_counts_for_both() {
    let site = Site::new(&[
        ("a/site.toml", bad()),
        ("b/site.toml", bad()),
        ("a/vpnlint.toml", "[rules]\npsk-mismatch = \"off\"\n".to_owned()),
        ("b/vpnlint.toml", "[rules]\npsk-mismatch = \"advice\"\n".to_owned()),
        ("c/site.toml", CLEAN.to_owned()),
    ]);
    let found = json(site.path(), &["a", "b"]);
    assert_eq!((rules(&found["new"]), &found["unchanged"]), (vec![], &1.into()), "{found:#}");
    assert_eq!(diff(site.path(), &["c", "b"]).status.code(), Some(0));
    assert_eq!(diff(site.path(), &["c", "b", "--fail-on", "advice"]).status.code(), Some(1));
    site.write("b/vpnlint.toml", b"[rules]\nno-such-rule = \"off\"\n");
    let output = diff(site.path(), &["c", "b"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("vpnlint.toml:2:1"), "{}", text(&output));
}

#[test]
fn clients_that_change_alike_are_one_line() {
    let clients = |n: usize| {
        (0..n).map(|n| format!("[[clients]]\nname = \"c{n}\"\npre_shared_key = {{ env = \"VPNLINT_EXAMPLE_PSK\" }}\n")).collect::<String>()
    };
    let head = "version = 1\n[site]\nname = \"osaka\"\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
    let site = Site::new(&[
        ("a/site.toml", head.to_owned() + &clients(6)),
        ("b/site.toml", head.replace("_PSK", "_OTHER") + &clients(6)),
        ("c/site.toml", head.to_owned()),
    ]);
    let shown = text(&diff(site.path(), &["a", "b", "--select", "psk-mismatch"]));
    assert!(shown.contains("  all 6 clients at osaka: no fault found -> stops at ike-psk"), "{shown}");
    let shown = text(&diff(site.path(), &["c", "b"]));
    assert!(shown.contains("  all 6 clients at osaka: not there -> stops at ike-psk"), "{shown}");
    let shown = text(&diff(site.path(), &["a", "b", "--select", "psk-mismatch", "--format", "markdown"]));
    assert!(
        shown.contains("| all 6 clients | osaka | no fault found | stops at ike\\-psk \\(Windows 789\\) | `psk-mismatch` |"),
        "{shown}"
    );
}

#[test]
fn faults_of_the_arguments_are_said_with_the_contracts_codes() {
    let Some(site) = repository(&[("site.toml", CLEAN), ("sites/a/site.toml", CLEAN)]) else { return };
    let case = |arguments: &[&str], code: i32, words: &str| {
        let output = diff(site.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output));
        assert!(text(&output).contains(words), "{arguments:?}: {}", text(&output));
    };
    case(&["nowhere", "main"], 3, "nowhere: there is no such file or folder; and as a revision: there is no such revision");
    case(&["nowhere", "main", "--rev"], 3, "nowhere: there is no such revision");
    case(
        &["main:sites/b", "main:sites/a"],
        3,
        "main:sites/b: there is no such file or folder; and as a revision: the revision holds no such file or folder",
    );
    case(&["main:../x", "main"], 3, "the path leads out of the repository");
    case(&["main:/etc", "main"], 3, "the path leads out of the repository");
    case(&["main..old"], 3, "a range is not one revision");
    case(&["sites"], 2, "give NEW too");
    case(&["--rev", "--", "-x", "main"], 3, "-x: there is no such revision");
    case(&["main", "old", "--format", "sarif"], 2, "there are text, markdown, json");
    case(&["main", "old", "--select", "no-such-rule"], 2, "no-such-rule");
    case(&["main", "old", "--as-of", "soon"], 2, "--as-of");
    case(&[], 2, "Usage");
    let elsewhere = Site::new(&[("a/site.toml", CLEAN), ("b/site.toml", CLEAN), ("empty/x", ""), ("void/x", "")]);
    let alone = |arguments: &[&str], path: Option<&str>| {
        let mut command = command(elsewhere.path(), &std::iter::once("diff").chain(arguments.iter().copied()).collect::<Vec<_>>());
        command.env("GIT_CEILING_DIRECTORIES", elsewhere.path().parent().unwrap());
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command.output().unwrap();
        (output.status.code(), text(&output))
    };
    let (code, shown) = alone(&["main"], None);
    assert!(code == Some(3) && shown.contains("in no git repository"), "{shown}");
    let (code, shown) = alone(&["main", "x", "--rev"], Some(""));
    assert!(code == Some(3) && shown.contains("git is not installed"), "{shown}");
    let (code, shown) = alone(&["a", "b"], Some(""));
    assert_eq!(code, Some(0), "{shown}");
    let (code, shown) = alone(&["empty", "void"], None);
    assert!(code == Some(3) && shown.contains("no site file"), "{shown}");
    assert_eq!(alone(&["empty", "a"], None).0, Some(0));
}

#[test]
#[cfg(unix)]
fn odd_names_work_and_links_do_not_lead_out() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let Some(site) = repository(&[("a b/\"q\"\nx/site.toml", CLEAN), ("plain/site.toml", CLEAN)]) else { return };
    let odd = site.path().join(OsStr::from_bytes(b"\xff\xfe"));
    let outside = Site::new(&[("site.toml", bad()), ("vpnlint.toml", "[rules]\npsk-mismatch = \"off\"\n".to_owned())]);
    let made = std::fs::create_dir(&odd).and_then(|()| std::fs::write(odd.join("site.toml"), CLEAN.replace("osaka", "kobe")));
    std::os::unix::fs::symlink(outside.path(), site.path().join("out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("vpnlint.toml"), site.path().join("vpnlint.toml")).unwrap();
    commit(&site, "with-links");
    site.write("a b/\"q\"\nx/site.toml", bad().as_bytes());
    site.write("plain/site.toml", bad().as_bytes());
    if made.is_ok() {
        std::fs::write(odd.join("site.toml"), bad().replace("osaka", "kobe")).unwrap();
    }
    commit(&site, "broken");
    let found = json(site.path(), &["with-links", "broken"]);
    assert_eq!(rules(&found["new"]).len(), if made.is_ok() { 3 } else { 2 }, "{found:#}");
    let found = json(site.path(), &["old:a b/\"q\"\nx", "broken:a b/\"q\"\nx/site.toml"]);
    assert_eq!(rules(&found["new"]), ["psk-mismatch"], "{found:#}");
    if made.is_ok() {
        let mut run = command(site.path(), &["diff", "--format", "json"]);
        let output = run.arg(OsStr::from_bytes(b"with-links:\xff\xfe")).arg(OsStr::from_bytes(b"broken:\xff\xfe")).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    }
    let output = diff(site.path(), &["with-links:out", "broken:out"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
}

#[test]
fn no_temporary_folder_is_left() {
    let Some(site) = repository(&[("site.toml", CLEAN)]) else { return };
    let kept = Site::new(&[("keep", "")]);
    for arguments in
        [&["diff", "main", "main", "--rev"][..], &["diff", "main", "main:nowhere", "--rev"], &["diff", "main", "--select", "nothing"]]
    {
        command(site.path(), arguments).env("TMPDIR", kept.path()).env("TMP", kept.path()).output().unwrap();
        assert_eq!(std::fs::read_dir(kept.path()).unwrap().count(), 1, "{arguments:?}");
    }
}

#[test]
fn a_tree_that_git_would_never_make_writes_nothing_outside() {
    use std::io::Write as _;

    let Some(site) = repository(&[("site.toml", CLEAN)]) else { return };
    let object = |kind: &str, bytes: &[u8]| {
        let mut git = Command::new("git");
        git.current_dir(site.path()).args(["hash-object", "-w", "--literally", "--stdin", "-t", kind]);
        let mut git = git.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("git runs");
        git.stdin.take().expect("a pipe").write_all(bytes).expect("written");
        String::from_utf8(git.wait_with_output().expect("an end").stdout).expect("an id").trim().to_owned()
    };
    let tree = |entries: &[(&str, &str, &str)]| {
        let raw =
            |id: &str| (0..id.len()).step_by(2).map(|n| u8::from_str_radix(&id[n..n + 2], 16).expect("hexadecimal")).collect::<Vec<_>>();
        let entry = |(mode, name, id): &(&str, &str, &str)| [format!("{mode} {name}\0").into_bytes(), raw(id)].concat();
        object("tree", &entries.iter().flat_map(entry).collect::<Vec<_>>())
    };
    let outside = Site::new(&[("keep", "")]);
    let (blob, link) = (object("blob", b"x"), object("blob", outside.path().as_os_str().as_encoded_bytes()));
    let inner = tree(&[("100644", "written", &blob)]);
    let inner_link = tree(&[("120000", "written", &link)]);
    for hostile in [
        tree(&[("40000", "..", &inner)]),
        tree(&[("100644", "../../written", &blob)]),
        tree(&[("120000", "a", &link), ("40000", "a", &inner)]),
        tree(&[("120000", "a", &link), ("40000", "a", &inner_link)]),
        tree(&[("40000", ".git", &inner)]),
    ] {
        let output = diff(site.path(), &[&hostile, "main"]);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        assert!(text(&output).contains("holds a path that cannot be laid out"), "{}", text(&output));
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}
