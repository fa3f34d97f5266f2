//! A rule's page: documentation, `vpnlint explain`, and tests in one Markdown file.

/// A page, taken apart.
pub struct Page<'a> {
    /// The heading: the rule's id.
    pub title: &'a str,
    /// The sentence below it.
    pub summary: &'a str,
    /// The text of `## Why`.
    pub why: &'a str,
    /// Sections of the article that it comes from, or another source.
    pub article: Option<&'a str>,
    /// Examples that must make the rule fire: one set of files for each `## Bad…` section.
    pub bad: Vec<Example<'a>>,
    /// Examples on which all must be silent.
    pub good: Vec<Example<'a>>,
    /// Examples on which the rule cannot decide, for want of what each names.
    pub undecided: Vec<Example<'a>>,
    /// Rules that may fire beside this one in its examples.
    pub also: Vec<&'a str>,
    /// `## References`.
    pub references: &'a str,
}

/// A set of files.
pub struct Example<'a> {
    /// The section's heading.
    pub title: &'a str,
    /// Name, text, and the line of the primary label when it is in this file.
    pub files: Vec<(&'a str, &'a str, Option<u32>)>,
    /// The line `reason:` of an `## Undecided…` section: what the verdict says is missing.
    pub reason: Option<&'a str>,
}

impl<'a> Example<'a> {
    fn parse(title: &'a str, body: &'a str) -> Self {
        Self { title, files: fences(body), reason: body.lines().find_map(|l| l.strip_prefix("reason:")).map(str::trim) }
    }
}

impl<'a> Page<'a> {
    /// Takes a page apart. What is missing stays empty; the tests of the rule table say so.
    pub fn parse(text: &'a str) -> Self {
        let mut page = Page {
            title: "",
            summary: "",
            why: "",
            article: None,
            bad: Vec::new(),
            good: Vec::new(),
            undecided: Vec::new(),
            also: Vec::new(),
            references: "",
        };
        let (head, sections) = split(text);
        page.title = head.lines().find_map(|l| l.strip_prefix("# ")).unwrap_or_default().trim();
        page.summary = head.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
        for (title, body) in sections {
            if title.starts_with("Bad") {
                page.bad.push(Example::parse(title, body));
            } else if title.starts_with("Good") {
                page.good.push(Example::parse(title, body));
            } else if title.starts_with("Undecided") {
                page.undecided.push(Example::parse(title, body));
            } else if title == "Why" {
                page.why = body.trim();
            } else if title == "References" {
                page.references = body.trim();
            }
        }
        for line in text.lines() {
            if let Some(rest) = line.trim_start_matches("- ").strip_prefix("also:") {
                page.also.extend(rest.split(',').map(str::trim).filter(|s| !s.is_empty()));
            } else if let Some(rest) = line.strip_prefix("article:") {
                page.article = Some(rest.trim());
            }
        }
        page
    }
}

/// The part before the first `## ` heading, and the sections; headings inside fences are text.
fn split(text: &str) -> (&str, Vec<(&str, &str)>) {
    let mut marks = Vec::new();
    let (mut at, mut fenced) = (0, false);
    for line in text.split_inclusive('\n') {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && line.starts_with("## ") {
            marks.push((at, at + line.len()));
        }
        at += line.len();
    }
    let head = &text[..marks.first().map_or(text.len(), |(start, _)| *start)];
    let sections = marks.iter().enumerate().map(|(n, (start, body))| {
        let end = marks.get(n + 1).map_or(text.len(), |(next, _)| *next);
        (text[*start + 3..*body].trim(), &text[*body..end])
    });
    (head, sections.collect())
}

/// The fenced files of a section: ```` ```toml file=site.toml primary=4 ````.
fn fences(body: &str) -> Vec<(&str, &str, Option<u32>)> {
    let mut out = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in body.split_inclusive('\n') {
        if let Some(info) = line.strip_prefix("```") {
            match open.take() {
                None => open = Some((info.trim(), at + line.len())),
                Some((info, start)) => {
                    let word = |key: &str| info.split_whitespace().find_map(|w| w.strip_prefix(key));
                    if let Some(name) = word("file=") {
                        out.push((name, &body[start..at], word("primary=").and_then(|n| n.parse().ok())));
                    }
                }
            }
        }
        at += line.len();
    }
    out
}
