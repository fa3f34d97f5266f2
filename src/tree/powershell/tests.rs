use super::*;

/// A value as the tests show it: what it is, and its text.
fn shown(expr: &Expr<'_>) -> String {
    let list = |items: &[Expr<'_>]| items.iter().map(shown).collect::<Vec<_>>().join(" ");
    match expr {
        Expr::Text(text) => format!("{}{}", if text.quote == Quote::Bare { "" } else { "'" }, parts(text)),
        Expr::Variable(name, _) => format!("${name}"),
        Expr::List(items, _) => format!("[{}]", list(items)),
        Expr::Table(entries, _) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}={}", parts(key), shown(value))).collect();
            format!("{{{}}}", entries.join(" "))
        }
        Expr::Sum(items, _) => format!("sum({})", list(items)),
        Expr::Member(of, name, _) => format!("{}.{name}", shown(of)),
        Expr::Block(body, _) => format!("block({})", body.len()),
        Expr::Computed { by, .. } => format!("?{}", by.unwrap_or_default()),
    }
}

fn parts(text: &Text<'_>) -> String {
    let one = |part: &Part<'_>| match part {
        Part::Plain(plain) => (*plain).to_owned(),
        Part::Escape(c) => format!("<`{c}>"),
        Part::Variable(name, _) => format!("<${name}>"),
        Part::Sub(_) => "<$()>".to_owned(),
    };
    text.parts.iter().map(one).collect()
}

fn command(command: &Command<'_>) -> String {
    let mut words: Vec<String> = command.name.iter().map(parts).collect();
    words.extend(command.args.iter().map(|arg| match arg {
        Arg::Parameter { name, value: None, .. } => format!("-{name}"),
        Arg::Parameter { name, value: Some(value), .. } => format!("-{name}:{}", shown(value)),
        Arg::Value(value) => shown(value),
        Arg::Splat(name, _) => format!("@{name}"),
    }));
    words.join(" ")
}

fn script(body: &[Statement<'_>]) -> String {
    let one = |statement: &Statement<'_>| match statement {
        Statement::Assign { name, entry, more, value, .. } => {
            let entry = entry.map_or_else(String::new, |(entry, _)| format!(".{entry}"));
            format!("${name}{entry} {}= {}", if *more { "+" } else { "" }, shown(value))
        }
        Statement::Run(commands) => commands.iter().map(command).collect::<Vec<_>>().join(" | "),
        Statement::Blocks(blocks) => {
            let blocks: Vec<_> = blocks.iter().map(|b| format!("{:?}{:?}({})", b.kind, b.sets, script(&b.body))).collect();
            blocks.join(" ")
        }
    };
    body.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn read(text: &str) -> String {
    script(&parse(text).body)
}

#[test]
fn commands_have_words_parameters_and_values() {
    for (text, tree) in [
        ("Add-X -Name 'a b' -Force", "Add-X -Name 'a b -Force"),
        ("Add-X –Name a —Force ―Q:b", "Add-X -Name a -Force -Q:b"),
        ("add-x -Split:$false -N: 'x'", "add-x -Split:$false -N:'x"),
        ("Add-X `\r\n  -Name a `\n  -B c\r\nNext", "Add-X -Name a -B c; Next"),
        ("Add-X -Net 10.0.0.0/8 -Name a-b=c # -Force", "Add-X -Net 10.0.0.0/8 -Name a-b=c"),
        ("Add-X -A Pap, Chap,\n  'Eap' -B", "Add-X -A [Pap Chap 'Eap] -B"),
        ("Add-X -A @('Pap') -B @('a', 'b') -C @(\n'a'\n'b'\n)", "Add-X -A ['Pap] -B ['a 'b] -C ['a 'b]"),
        ("A | B -X ; C; D", "A | B -X; C; D"),
        ("A 2>&1 | Out-Null", "A | Out-Null"),
        ("A -B c 2>$null > out.txt -D", "A -B c -D"),
        ("& 'Add-X' -Name a; & $cmd b", "Add-X -Name a;  $cmd b"),
        ("A -B $a/b -C $d.e -D \"x\"y", "A -B <$a>/b -C $d.e -D 'x y"),
        ("A -B pre\"fix $c\"'d' -E", "A -B prefix <$c>d -E"),
        ("A @p -B <# no #> c", "A @p -B c"),
        ("A -B:'x','y'", "A -B:['x 'y]"),
        ("A (Read-Host 'x') (\"y\") { z } $(q)", "A ?Read-Host 'y block(1) ?"),
        ("VpnClient\\Add-X a", "VpnClient\\Add-X a"),
        ("A -B ''''  -C \"\"\"\"", "A -B '' -C '\""),
        ("A && B || C", "A; B; C"),
        ("{ A", "block(1)"),
    ] {
        assert_eq!(read(text), tree, "{text}");
    }
}

#[test]
fn strings_keep_what_expands_apart() {
    for (text, tree) in [
        ("$a = 'x$y`n'", "$a = 'x$y`n"),
        ("$a = \"x$y`n$1 $ $-$$\"", "$a = 'x<$y><`n><$1> $ $-<$$>"),
        ("$a = \"${a b}c$env:X$x:y\"", "$a = '<$a b>c<$env:X><$x:y>"),
        ("$a = \"a$(Get-X \"in)ner\")b\"", "$a = 'a<$()>b"),
        ("$a = ‘x’", "$a = 'x"),
        ("$a = “x$y”", "$a = 'x<$y>"),
        ("$a = @'\nx'@ $y\n'@\nB", "$a = 'x'@ $y; B"),
        ("$a = @\"\r\nx\"y$z\r\n\"@\r\nB", "$a = 'x\"y<$z>; B"),
        ("$a = @'\n'@", "$a = '"),
    ] {
        assert_eq!(read(text), tree, "{text}");
    }
}

#[test]
fn assignments_hold_literals_and_say_what_computes_the_rest() {
    for (text, tree) in [
        ("$a = 'x' + \"y\" + $b", "$a = sum('x 'y $b)"),
        ("$a='x'; $B = $a", "$a = 'x; $B = $a"),
        ("[string]$a = 'x'", "$a = 'x"),
        ("[int]$a = 'x'; $b, $c = 'y'", "Once[]($a += ?; 'x); Once[]($b += ?; $c += ?; 'y)"),
        ("$a += 'x'", "$a += 'x"),
        ("$a = [string]'x'; $b = [int]5", "$a = 'x; $b = ?"),
        ("$a = Read-Host -Prompt 'k'", "$a = ?Read-Host"),
        ("$a = ('x' -replace 'y')", "$a = ?"),
        ("$a = 'x'.Trim()", "$a = ?"),
        ("$a = if ($b) { 'x' } else { 'y' }", "$a = ?"),
        ("$a = @{ N = 'x'; 'M' = $true\n  O = @('p','q')\n}", "$a = {N='x M=$true O=['p 'q]}"),
        ("$a = [ordered]@{ N = 1 }", "$a = {N=1}"),
        ("$a.N = 'x'", "$a.N = 'x"),
        ("$a.b.c = 'x'", "Once[]('x)"),
        ("$a = $b = 'x'", "$a = ?"),
        ("$a = 'x', 'y'", "$a = ['x 'y]"),
        ("$a = $b[0]", "$a = ?"),
        ("$a =", "$a = ?"),
    ] {
        assert_eq!(read(text), tree, "{text}");
    }
}

#[test]
fn compound_statements_say_when_they_run() {
    for (text, tree) in [
        ("if ($a) { A } elseif (B) { C } else { D }\nE", "Once[]($a) Branch[](A) Once[](B) Branch[](C) Branch[](D); E"),
        ("if ($a)\n{\n A\n}\nelse\n{\n D\n}\nE", "Once[]($a) Branch[](A) Branch[](D); E"),
        ("foreach ($x in $l) { A $x }\n{ E }", "Loop[\"x\"]($l) Loop[](A $x); block(1)"),
        ("function F { A }\nfunction G($n = 'd', [string] $m) { B }", "Function[](A); Function[\"n\", \"m\"]('d) Function[](B)"),
        ("try { A } catch [X] { B } finally { C }; D", "Branch[](A) Branch[](B) Branch[](C); D"),
        ("param([Parameter(Mandatory)][string]$A, $B = 'x')\nC", "Once[\"A\", \"B\"]('x); C"),
        ("do { A } while ($b)\nC", "Loop[](A) Loop[]($b); C"),
        ("return 'x'", "'x"),
        ("If-X a; iffy b", "If-X a; iffy b"),
        ("'a','b' | ForEach-Object { A $_ }", "['a 'b] | ForEach-Object block(1)"),
    ] {
        assert_eq!(read(text), tree, "{text}");
    }
}

#[test]
fn what_is_cut_or_no_script_is_passed_over_and_noted() {
    for text in ["'x", "\"x$(", "A (", "@{", "A @'\nx", "<# x", "$a = @(", "{{{", "if (", "function f("] {
        assert!(parse(text).cut.is_some(), "{text}");
    }
    for text in ["", "]", "))}", "\u{feff}", "= , ; |", "$", "@", "A `", "[", "::", "A -", "a]b[c", "-", "%{", "\u{2018}"] {
        parse(text);
    }
    let deep = "(".repeat(5000) + &"@{a=".repeat(5000) + &"\"$(".repeat(5000);
    assert!(parse(&deep).cut.is_some());
    let wide = "'a',".repeat(5000) + &"+".repeat(5000) + &"$a = ".repeat(3000) + &"if (".repeat(3000);
    parse(&wide);
    for row in ["1*", "1+1*", "$a.b.", "$a[0]", "'a'.b()", "$a++", "::x", ",", "-not ", "return ", "[x]", "! ", "a|", "else ", "$a,$b = "] {
        parse(&format!("$a = {}1", row.repeat(20_000)));
        parse(&format!("A {}", row.repeat(20_000)));
    }
}

#[test]
fn comments_are_told_from_text() {
    let text = "A 'x # y' # one\n<# two\n #> B a#b\n# three";
    let comments: Vec<_> = parse(text).comments.iter().map(|s| &text[s.start as usize..s.end as usize]).collect();
    assert_eq!(comments, ["# one", "<# two\n #>", "# three"]);
    assert_eq!(read(text), "A 'x # y; B a#b");
}
