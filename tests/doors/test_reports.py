"""Reports as their consumers read them: the official schemas, the parsers that others use, and the stricter rules of GitHub and GitLab."""

import json
import os
import tempfile
import unittest
from pathlib import Path

import reports
from support import BINARY, ROOT, environment, run

KEYS = {
    "VPNLINT_EXAMPLE_RADIUS": "CANARY-radius.Third-4thing",
    "VPNLINT_EXAMPLE_BLANK": "CANARY-correct-Horse.7battery ",
    "VPNLINT_EXAMPLE_SHORT": "CANARY.7q",
    "VPNLINT_EXAMPLE_GUESSABLE": "CANARY1234567890",
}
# A name that is a command, a link, a tag, a fence and the end of a section at once.
NAME = "%0A::error::x\n::set-output name=a::b, [l](1) ](//x.example) \\ ]]>--><b>&amp;\"'`@all \x1b[31m\u202e\x85"
FOLDERS = [
    b"with space", b"new\nline", b"%0A::error::x,y", b"<b>&amp;]]>", b"[l](1)", b"back\\slash", b"q\"'`", b"latin-\xe9", "\u202e-é".encode(), b"#f?q=1",
]  # fmt: skip


def hostile(folder):
    """Sites below a folder whose paths and names are hostile to some format."""
    text = f"""version = 1
[site]
name = {json.dumps(NAME)}
[client_vpn]
subnet = "192.168.130.7/24"
shared_secret = {{ env = "VPNLINT_EXAMPLE_PSK" }}
[[clients]]
name = {json.dumps(NAME)}
pre_shared_key = {{ env = "VPNLINT_EXAMPLE_OTHER" }}
"""
    for n, name in enumerate(FOLDERS):
        place = Path(os.fsdecode(os.path.join(os.fsencode(folder), name)))
        place.mkdir()
        (place / "site.toml").write_text(text.replace('"\n[client', f' {n}"\n[client'))
    (folder / "vpnlint.toml").write_text(f'[[waivers]]\nrule = "subnet-host-bits"\npath = "with space/**"\nreason = {json.dumps(NAME)}\n')


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.place.cleanup)
        out = Path(cls.place.name)
        (out / "hostile").mkdir()
        hostile(out / "hostile")
        (out / "broken").mkdir()
        (out / "broken" / "site.toml").write_bytes(b"\x00\xff[[[ no file\n")
        (out / "broken" / "b.site.toml").symlink_to("nowhere.toml")
        folders = [*sorted(p for part in ("examples", "tests/cases") for p in (ROOT / part).iterdir() if p.is_dir()), out / "hostile", out / "broken"]
        cls.reports = {}
        for n, folder in enumerate(folders):
            formats = [f"--format={name}={out / f'{n}.{name}'}" for name in reports.CHECKS]
            done = run([BINARY, "check", folder, "--root", folder, "--show-waived", *formats], env=environment(**KEYS))
            assert done.returncode in (0, 1, 3, 4), done.stdout
            cls.reports[folder.name] = {name: (out / f"{n}.{name}").read_text() for name in reports.CHECKS}
        # All sites in one report, and those of the hostile ones that waivers do not cover.
        formats = [f"--format={name}={out / f'all.{name}'}" for name in reports.CHECKS]
        run([BINARY, "check", ROOT / "examples", ROOT / "tests" / "cases", "--root", ROOT, *formats], env=environment(**KEYS))
        cls.reports["all"] = {name: (out / f"all.{name}").read_text() for name in reports.CHECKS}

    def test_every_consumer_takes_them(self):
        found = sum(len(json.loads(one["gitlab"])) for one in self.reports.values())
        self.assertGreater(found, 60)
        for folder, one in self.reports.items():
            for name, checks in reports.CHECKS.items():
                for check in checks:
                    with self.subTest(folder=folder, check=check.__name__):
                        self.assertEqual(check(one[name]), [])

    def test_every_format_tells_the_same_findings(self):
        for folder, one in self.reports.items():
            log = json.loads(one["sarif"])["runs"][0]
            unread = len(log["invocations"][0]["toolExecutionNotifications"])
            counts = {
                "gitlab": len(json.loads(one["gitlab"])),
                "rdjson": len(json.loads(one["rdjson"])["diagnostics"]),
                "checkstyle": one["checkstyle"].count("<error "),
                "github": len(reports.commands(one["github"])) - unread,
            }
            self.assertEqual(set(counts.values()), {len(log["results"])}, f"{folder}: {counts}")

    def test_a_hostile_name_arrives_as_a_name(self):
        one = self.reports["hostile"]
        found = reports.commands(one["github"])
        self.assertGreater(len(found), 2 * len(FOLDERS) - 1)
        for name, properties, message in found:
            self.assertIn(name, ("error", "warning", "notice"))
            self.assertTrue(set(properties) >= {"file", "line", "title"}, properties)
            self.assertIn("%0A::error::x", properties["title"] + message)
        self.assertNotIn("\x1b", "".join(one.values()))
        waived = [r for r in json.loads(one["sarif"])["runs"][0]["results"] if "suppressions" in r]
        self.assertEqual([r["ruleId"] for r in waived], ["subnet-host-bits"])

    def test_what_was_not_read_is_told(self):
        one = self.reports["broken"]
        invocation = json.loads(one["sarif"])["runs"][0]["invocations"][0]
        self.assertFalse(invocation["executionSuccessful"])
        self.assertTrue(invocation["toolExecutionNotifications"])
        self.assertIn("<error ", one["junit"])
        self.assertIn("::error title=not read::", one["github"])

    def test_no_report_holds_a_key(self):
        for folder, one in self.reports.items():
            for name, text in one.items():
                if name == "sarif":  # the rules' pages hold examples of keys
                    log = json.loads(text)
                    log["runs"][0]["tool"]["driver"].pop("rules")
                    text = json.dumps(log)
                self.assertFalse("CANARY" in text, f"{folder} {name}")

    def test_the_checks_see_what_is_wrong(self):
        """A check that passes everything proves nothing: each fault that is planted here is told."""
        three = self.reports["three-files"]["sarif"]
        region = lambda result: result["locations"][0]["physicalLocation"]["region"]  # noqa: E731
        for change in [
            lambda log, run, result: log.update(version="2.0.0"),
            lambda log, run, result: run.pop("tool"),
            lambda log, run, result: result.update(level="fatal"),
            lambda log, run, result: region(result).update(startLine=0),
        ]:
            self.assertTrue(reports.sarif_schema(self.changed(three, change)), change)
        for change in [
            lambda log, run, result: run.pop("columnKind"),
            lambda log, run, result: run["tool"]["driver"]["rules"][0]["help"].update(text=""),
            lambda log, run, result: result.update(locations=[]),
            lambda log, run, result: result["relatedLocations"].pop(),
            lambda log, run, result: result["message"].update(text="see [x](9)"),
            lambda log, run, result: region(result).update(endColumn=region(result)["startColumn"]),
            lambda log, run, result: region(result).update(snippet={"text": "x"}),
            lambda log, run, result: result["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="/a b"),
            lambda log, run, result: run["results"].append(result),
        ]:
            self.assertTrue(reports.github_scanning(self.changed(three, change)), change)
        issues = json.loads(self.reports["three-files"]["gitlab"])
        self.assertTrue(reports.gitlab(json.dumps(issues * 2)))
        issues[0]["location"]["path"] = "/x"
        self.assertTrue(reports.gitlab(json.dumps(issues)))
        suite = '<testsuites><testsuite name="a" tests="2"><testcase name="x"><failure/></testcase></testsuite></testsuites>'
        self.assertTrue(reports.junit(suite))
        self.assertTrue(reports.checkstyle('<checkstyle version="8.0"><file name="/x"/></checkstyle>'))
        self.assertTrue(reports.rdjson('{"diagnostics": [{"message": "m", "location": {"path": "/x"}}]}'))
        self.assertTrue(reports.github("::set-output name=a::b"))

    @staticmethod
    def changed(text, change):
        log = json.loads(text)
        change(log, log["runs"][0], log["runs"][0]["results"][0])
        return json.dumps(log)
