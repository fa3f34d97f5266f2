//! docs/coverage.md: every statement of the article and the rules that check it, made from docs/article.toml and the pages of the rules.
//! `VPNLINT_BLESS=1 cargo test coverage` writes it anew, and the sections in the pages' `article:` lines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vpnlint::rules::{Page, RULES, find};

/// A section of the article.
struct Section {
    name: String,
    about: String,
    statements: Vec<Statement>,
}

/// What it says, in our words, and who answers.
struct Statement {
    says: String,
    rules: Vec<String>,
    no_file: Option<String>,
}

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn article() -> Vec<Section> {
    let text = std::fs::read_to_string(path("docs/article.toml")).expect("docs/article.toml");
    let list: toml::Table = toml::from_str(&text).expect("TOML");
    let string = |table: &toml::Table, key: &str| table.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    let tables = |table: &toml::Table, key: &str| -> Vec<toml::Table> {
        let all = table[key].as_array().expect("a list");
        all.iter().map(|v| v.as_table().expect("a table").clone()).collect()
    };
    let statement = |t: toml::Table| Statement {
        says: string(&t, "says").expect("what it says"),
        rules: t.get("rules").and_then(|r| r.as_array()).into_iter().flatten().map(|r| r.as_str().expect("an id").to_owned()).collect(),
        no_file: string(&t, "no_file"),
    };
    let section = |t: toml::Table| Section {
        name: string(&t, "name").expect("a name"),
        about: string(&t, "about").expect("what it is about"),
        statements: tables(&t, "statements").into_iter().map(statement).collect(),
    };
    tables(&list, "section").into_iter().map(section).collect()
}

/// The sections whose statements name a rule, in the order of the article.
fn sections_of(article: &[Section]) -> BTreeMap<&str, Vec<&str>> {
    let mut out = BTreeMap::<&str, Vec<&str>>::new();
    for section in article {
        for rule in section.statements.iter().flat_map(|s| &s.rules) {
            let sections = out.entry(rule).or_default();
            if sections.last() != Some(&section.name.as_str()) {
                sections.push(&section.name);
            }
        }
    }
    out
}

/// The page of a rule, relative to the crate.
fn page_of(id: &str) -> Option<String> {
    let file = format!("{}.md", id.replace('-', "_"));
    let families = std::fs::read_dir(path("src/rules")).expect("rules").flatten();
    families.map(|f| format!("src/rules/{}/{file}", f.file_name().to_string_lossy())).find(|p| path(p).is_file())
}

fn blessing() -> bool {
    std::env::var_os("VPNLINT_BLESS").is_some()
}

/// docs/readers.toml: kinds of files with their formats, and the kinds that each rule reads.
type Lists = BTreeMap<String, Vec<String>>;

fn readers() -> (Lists, Lists) {
    let text = std::fs::read_to_string(path("docs/readers.toml")).expect("docs/readers.toml");
    let list: toml::Table = toml::from_str(&text).expect("TOML");
    let texts = |value: &toml::Value| value.as_array().expect("a list").iter().map(|v| v.as_str().expect("a word").to_owned()).collect();
    let lists =
        |key: &str| -> Lists { list[key].as_table().expect("a table").iter().map(|(name, value)| (name.clone(), texts(value))).collect() };
    (lists("kinds"), lists("rules"))
}

/// The kinds of files that rules read, each once, in the order of their names.
fn kinds_of<'a>(rules: &Lists, ids: impl Iterator<Item = &'a String>) -> String {
    let kinds: BTreeSet<&str> = ids.filter_map(|id| rules.get(id)).flatten().map(String::as_str).collect();
    kinds.into_iter().collect::<Vec<_>>().join(", ")
}

fn document(article: &[Section]) -> String {
    let (kinds, reads) = readers();
    let mut out = String::from(
        "# What the article says, and what checks it\n\n\
         Every statement of Meraki's article \"Troubleshooting Client VPN\", in its order and in our words: the rules that check it, and what no file can tell.\n\
         Made from [article.toml](article.toml), [readers.toml](readers.toml) and the pages of the rules by `VPNLINT_BLESS=1 cargo test coverage`; do not edit.\n\n",
    );
    let all: Vec<_> = article.iter().flat_map(|s| &s.statements).collect();
    let count = |rules: bool, rest: bool| all.iter().filter(|s| s.rules.is_empty() != rules && s.no_file.is_some() == rest).count();
    out.push_str(&format!(
        "Of {} statements rules check {}, and {} in part; {} are about what no file can tell.\n",
        all.len(),
        count(true, false),
        count(true, true),
        count(false, true)
    ));
    out.push_str("\nAll of it can stand in the site file; \"read from\" names the files that tell it too. [formats.md](formats.md) says how each is read.\n\n| kind of file | formats |\n|---|---|\n");
    for (kind, formats) in &kinds {
        out.push_str(&format!("| {kind} | {} |\n", formats.join(", ")));
    }
    // Rules that exist are links; where they lead stands at the end.
    let link = |id: &str| find(id).map_or_else(|| format!("`{id}`"), |_| format!("[{id}]"));
    for section in article {
        out.push_str(&format!(
            "\n## {}\n\n{}.\n\n| the article | checked by | read from | no file can tell |\n|---|---|---|---|\n",
            section.name, section.about
        ));
        for statement in &section.statements {
            let rules: Vec<_> = statement.rules.iter().map(|id| link(id)).collect();
            out.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                statement.says,
                rules.join(", "),
                kinds_of(&reads, statement.rules.iter()),
                statement.no_file.as_deref().unwrap_or_default()
            ));
        }
    }
    out.push_str("\n## Rules from other sources\n\n| rule | source | read from |\n|---|---|---|\n");
    for rule in RULES {
        if let Some(source) = Page::parse(rule.docs).article.and_then(|a| a.strip_prefix("none; ")) {
            out.push_str(&format!("| {} | {source} | {} |\n", link(rule.id), kinds_of(&reads, [rule.id.to_owned()].iter())));
        }
    }
    out.push('\n');
    for rule in RULES {
        out.push_str(&format!("[{}]: ../{}\n", rule.id, page_of(rule.id).expect("a page")));
    }
    out
}

#[test]
fn coverage_is_made_from_the_list_and_the_pages() {
    let made = document(&article());
    let file = path("docs/coverage.md");
    if blessing() {
        std::fs::write(&file, &made).expect("docs/coverage.md");
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stands == made, "docs/coverage.md is not up to date: run `VPNLINT_BLESS=1 cargo test coverage` and look at the difference");
}

#[test]
fn every_format_and_every_rule_of_the_list_of_readers_exists() {
    let (kinds, rules) = readers();
    let known = vpnlint::import::detect::ids();
    let mut faults: Vec<String> = Vec::new();
    let listed: BTreeSet<&str> = kinds.values().flatten().map(String::as_str).collect();
    faults.extend(known.iter().filter(|id| !listed.contains(*id)).map(|id| format!("the format {id} stands in no kind")));
    faults.extend(listed.iter().filter(|id| !known.contains(id)).map(|id| format!("there is no format {id}")));
    faults.extend(rules.keys().filter(|id| find(id).is_none()).map(|id| format!("there is no rule {id}")));
    faults.extend(rules.values().flatten().filter(|kind| !kinds.contains_key(*kind)).map(|kind| format!("there is no kind {kind}")));
    assert!(faults.is_empty(), "docs/readers.toml:\n{}", faults.join("\n"));
}

#[test]
fn every_statement_has_an_answer_that_exists() {
    let mut faults = Vec::new();
    let article = article();
    let (mut names, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for section in &article {
        if !names.insert(&section.name) {
            faults.push(format!("section {} stands there twice", section.name));
        }
        for statement in &section.statements {
            if statement.rules.is_empty() && statement.no_file.is_none() {
                faults.push(format!("{}: no answer to `{}`", section.name, statement.says));
            }
            unknown.extend(statement.rules.iter().filter(|id| find(id).is_none()));
        }
    }
    faults.extend(unknown.iter().map(|id| format!("there is no rule {id}")));
    assert!(article.iter().map(|s| s.statements.len()).sum::<usize>() > 100, "the list is cut short");
    assert!(faults.is_empty(), "docs/article.toml:\n{}", faults.join("\n"));
}

#[test]
fn every_rule_comes_from_the_article_or_states_another_source() {
    let article = article();
    let listed = sections_of(&article);
    let mut faults = Vec::new();
    for rule in RULES {
        let cited = Page::parse(rule.docs).article.unwrap_or_default();
        if cited.strip_prefix("none; ").is_some_and(|source| !source.trim().is_empty()) {
            continue;
        }
        let Some(sections) = listed.get(rule.id) else {
            faults
                .push(format!("{}: no statement of docs/article.toml names it; name it there or write `article: none; <source>`", rule.id));
            continue;
        };
        let wanted = sections.join("; ");
        if cited != wanted {
            if blessing() {
                let page = path(&page_of(rule.id).expect("a page"));
                let text = std::fs::read_to_string(&page)
                    .expect("a page")
                    .replace(&format!("article: {cited}\n"), &format!("article: {wanted}\n"));
                std::fs::write(&page, text).expect("a page");
            }
            faults.push(format!("{}: its page says `article: {cited}`, docs/article.toml `{wanted}`", rule.id));
        }
    }
    assert!(
        faults.is_empty(),
        "`VPNLINT_BLESS=1 cargo test coverage` writes the sections of docs/article.toml into the pages:\n{}",
        faults.join("\n")
    );
}
