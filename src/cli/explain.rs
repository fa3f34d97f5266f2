//! `vpnlint explain`: a rule's page, or what a symptom or a stage means and which rules explain it.

use std::collections::BTreeMap;
use std::io;

use super::args::Explain;
use super::{Failure, Io};
use crate::exit::Exit;
use crate::report::wrap;
use crate::rules::{Page, RULES, Rule, SYMPTOMS, Stage, Symptom, symptoms_in};
use crate::tree::decode::nearest;

/// Columns, whatever the terminal: the pages are wrapped by hand too.
const WIDTH: usize = 120;

/// Runs the command.
pub fn run(args: &Explain, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let asked = args.what.join(" ");
    let asked = asked.trim();
    if let Some(rule) = crate::rules::find(asked) {
        page(rule, io)?;
        return Ok(Exit::Clean);
    }
    if let Some(stage) = Stage::parse(asked) {
        about_stage(stage, io)?;
        return Ok(Exit::Clean);
    }
    if asked == "symptoms" {
        for symptom in SYMPTOMS {
            writeln!(io.out, "{:<28} {}", symptom.id, title(symptom))?;
        }
        return Ok(Exit::Clean);
    }
    let symptoms = symptoms_in(asked);
    if symptoms.is_empty() {
        let shown = crate::source::visible(asked);
        let shown = crate::source::clip(&shown, 60);
        return Err(Failure::Usage(format!("`{shown}` is no rule, stage or symptom that vpnlint knows; {}", suggestion(asked))));
    }
    for (n, symptom) in symptoms.iter().enumerate() {
        if n > 0 {
            writeln!(io.out)?;
        }
        about_symptom(symptom, io)?;
    }
    Ok(Exit::Clean)
}

/// The nearest id, or those that hold the word, or where to look.
fn suggestion(asked: &str) -> String {
    let ids: Vec<_> = RULES.iter().map(|r| r.id).chain(SYMPTOMS.iter().map(|s| s.id)).chain(Stage::ALL.map(Stage::word)).collect();
    let parts = |id: &str| asked.to_lowercase().split_whitespace().all(|word| word.len() > 2 && id.contains(word));
    if let Some(id) = nearest(asked, &ids) {
        return format!("did you mean `{id}`?");
    }
    let holding: Vec<_> = ids.iter().copied().filter(|id| !asked.is_empty() && parts(id)).collect();
    if holding.is_empty() {
        return "`vpnlint rules` lists the rules, `vpnlint explain symptoms` the symptoms".to_owned();
    }
    format!("did you mean {}?", crate::tree::decode::join(&holding))
}

fn page(rule: &Rule, io: &mut Io<'_>) -> io::Result<()> {
    writeln!(io.out, "{}", rule.docs.trim_end())?;
    let stages: Vec<_> = rule.stages().map(Stage::word).collect();
    let stages = if stages.is_empty() { "none".to_owned() } else { stages.join(", ") };
    let all = rule.symptoms_at(rule.stage);
    let symptoms = if all.is_empty() { "none of its own".to_owned() } else { all.join(", ") };
    writeln!(io.out, "\n---\nlevel: {}; stage: {stages}; symptoms: {symptoms}", rule.level)
}

fn about_symptom(symptom: &Symptom, io: &mut Io<'_>) -> io::Result<()> {
    writeln!(io.out, "# {}: {}\n", symptom.id, title(symptom))?;
    write!(io.out, "{}", wrap(symptom.means, "", "", WIDTH))?;
    let mut by_stage: BTreeMap<Stage, Vec<&'static Rule>> = symptom.stages.iter().map(|s| (*s, Vec::new())).collect();
    for rule in symptom.rules() {
        if let Some(stage) = rule.stages().find(|s| symptom.stages.contains(s)).or(rule.stage) {
            by_stage.entry(stage).or_default().push(rule);
        }
    }
    if !by_stage.is_empty() {
        writeln!(io.out, "\n## Where it may break, and the rules that look there")?;
    }
    for (stage, members) in by_stage {
        writeln!(io.out, "\nstage {} {}: {}", stage.number(), stage.word(), stage.happens())?;
        rules(members, io)?;
    }
    writeln!(io.out, "\n## What no file can tell\n")?;
    for line in symptom.no_file {
        write!(io.out, "{}", wrap(line, "- ", "  ", WIDTH))?;
    }
    writeln!(io.out, "\n---\nsource: {}", symptom.source)?;
    if !symptom.see.is_empty() {
        writeln!(io.out, "see also: {}", symptom.see.join(", "))?;
    }
    Ok(())
}

/// The short form as a heading.
fn title(symptom: &Symptom) -> String {
    match symptom.seen {
        crate::rules::Seen::User => symptom.short.to_owned(),
        crate::rules::Seen::EventLog => format!("{} in the event log", symptom.short),
        crate::rules::Seen::Capture => format!("{}, in a capture", symptom.short),
    }
}

fn about_stage(stage: Stage, io: &mut Io<'_>) -> io::Result<()> {
    writeln!(io.out, "# stage {} of {}, {}: {}\n", stage.number(), Stage::ALL.len(), stage.word(), stage.happens())?;
    writeln!(io.out, "## What is seen when it fails\n")?;
    for symptom in stage.symptoms().iter().filter_map(|id| crate::rules::symptom(id)) {
        writeln!(io.out, "- {}: {}", symptom.id, title(symptom))?;
    }
    let members: Vec<_> = RULES.iter().copied().filter(|r| r.stages().any(|s| s == stage)).collect();
    if !members.is_empty() {
        writeln!(io.out, "\n## Rules whose violation breaks it\n")?;
    }
    rules(members, io)
}

fn rules(rules: Vec<&'static Rule>, io: &mut Io<'_>) -> io::Result<()> {
    for rule in rules {
        let first = format!("  {:<8} {:<32} ", rule.level, rule.id);
        write!(io.out, "{}", wrap(Page::parse(rule.docs).summary, &first, &" ".repeat(first.len()), WIDTH))?;
    }
    Ok(())
}
