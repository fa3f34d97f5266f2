"""Workflows, the action, the GitLab component, the recipes and the image: their linters, and their scripts run for real."""

import os
import re
import tempfile
import unittest
from pathlib import Path

import yaml
from support import CLEAN, FAULTY, ROOT, TOOLS, VERSION, build_wheel, environment, must, repository, run

# Input that would run a command, were it ever part of a script's text.
HOSTILE = '"; touch pwned; $(touch pwned) `touch pwned` \' ${{ x }}'


def schema(name, *files):
    must([TOOLS / "check-jsonschema", "--builtin-schema", name, *files])


class Linters(unittest.TestCase):
    def test_workflows_and_the_action(self):
        workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
        self.assertEqual([w.stem for w in workflows], ["ci", "release"])
        schema("vendor.github-workflows", *workflows)
        schema("custom.github-workflows-require-timeout", *workflows)
        schema("vendor.github-actions", ROOT / "action.yml")
        must([TOOLS / "zizmor", "--offline", "--no-progress", "--persona=pedantic", *workflows, ROOT / "action.yml"])

    def test_every_action_is_pinned_by_one_commit(self):
        pins = {}
        for file in [*(ROOT / ".github" / "workflows").glob("*.yml"), ROOT / "docs" / "ci.md"]:
            for name, pin in re.findall(r"uses: ([\w./-]+)@(\S+ # v[\d.]+)$", file.read_text(), re.MULTILINE):
                self.assertRegex(pin, r"^[0-9a-f]{40} ")
                pins.setdefault(name, set()).add(pin)
        self.assertIn("actions/checkout", pins)
        self.assertEqual({name: p for name, p in pins.items() if len(p) > 1}, {})

    def test_the_image(self):
        must([TOOLS / "hadolint", ROOT / "Dockerfile"])
        text = (ROOT / "Dockerfile").read_text()
        self.assertEqual(len(re.findall(r"^FROM \S+@sha256:[0-9a-f]{64}", text, re.MULTILINE)), len(re.findall("^FROM ", text, re.MULTILINE)))
        context = re.findall("^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
        self.assertEqual([n for n in context if not (ROOT / n).exists()], [])

    def test_the_recipes(self):
        text = (ROOT / "docs" / "ci.md").read_text()
        recipes = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
        with tempfile.TemporaryDirectory() as place:
            for name, builtin in [(".github/workflows/vpnlint.yml", "vendor.github-workflows"), (".gitlab-ci.yml", "vendor.gitlab-ci"), ("azure-pipelines.yml", "vendor.azure-pipelines")]:
                file = Path(place) / "recipe.yml"
                file.write_text(recipes[name])
                schema(builtin, file)
        inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
        table = re.findall(r"^\| `([a-z-]+)` \| (?:`([^`]*)`|the action's own)? ?\|", text, re.MULTILINE)
        documented = {name: default for name, default in table if not name.startswith("vpnlint")}
        self.assertEqual(documented, {name: i["default"] for name, i in inputs.items()})


class Scripts(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)
        self.scratch = repository(self.place / "scratch")
        (self.scratch / "site.toml").write_text(FAULTY)

    def names(self):
        return sorted(p.name for p in self.scratch.iterdir() if p.name != ".git")


class Action(Scripts):
    def act(self, env=None, **inputs):
        """Runs the action's script as the runner does; gives exit code, log and outputs."""
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        step, = action["runs"]["steps"]
        values = {name: i["default"] for name, i in action["inputs"].items()} | inputs
        self.assertNotIn("${{", step["run"])
        variables = {k: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda m: values[m[1]], v) for k, v in step["env"].items()}
        output = self.place / "output"
        output.write_text("")
        more = {"GITHUB_OUTPUT": str(output), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(self.place / "summary"), "RUNNER_TEMP": str(self.place)}
        done = run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]], self.scratch, environment(**more, **variables, **(env or {})))
        return done.returncode, done.stdout, dict(line.split("=", 1) for line in output.read_text().splitlines())

    def test_it_annotates_summarises_and_writes_sarif(self):
        code, log, outputs = self.act(version="installed")
        self.assertEqual((code, outputs), (1, {"sarif": "vpnlint.sarif", "exit-code": "1"}), log)
        self.assertIn("::error file=site.toml,line=6", log)
        self.assertIn("vpnlint: 1 error", (self.place / "summary").read_text())
        self.assertIn('"2.1.0"', (self.scratch / "vpnlint.sarif").read_text())

    def test_inputs_reach_the_command(self):
        (self.scratch / "a site.toml").write_text(FAULTY)
        (self.scratch / "soft.toml").write_text('[rules]\npsk-mismatch = "advice"\n')
        inputs = {"version": "installed", "format": "concise", "sarif": "", "paths": "site.toml\na site.toml\n", "policy": "soft.toml"}
        code, log, outputs = self.act(**inputs)
        self.assertEqual((code, outputs), (0, {"sarif": "", "exit-code": "0"}), log)
        self.assertIn("a site.toml:6", log)
        self.assertEqual(self.act(**inputs, args="--fail-on=advice\n--quiet\n")[0], 1)

    def test_hostile_inputs_run_nothing(self):
        for name in ["paths", "format", "sarif", "policy", "args", "version"]:
            before = self.names()
            code, log, _ = self.act(**{"version": "installed", "sarif": ""} | {name: HOSTILE})
            self.assertNotEqual(code, 0, f"{name}: {log}")
            self.assertNotIn("pwned", self.names())
            self.assertLessEqual(set(self.names()) - set(before), {HOSTILE})
        code, log, outputs = self.act(version="installed", sarif="x\nsarif=y")
        self.assertEqual((code, outputs), (2, {}), log)

    def test_it_installs_its_own_version_from_a_wheel(self):
        wheel = build_wheel(self.place / "dist")
        env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent), "PATH": os.environ["PATH"]}
        code, log, _ = self.act(env)
        self.assertEqual(code, 1, log)
        self.assertIn("::error file=site.toml,line=6", log)
        self.assertEqual(self.act(env, version=f"v{VERSION}")[0], 1)
        self.assertNotEqual(self.act(env, version="9.9.9")[2].get("exit-code"), "1")


class Component(Scripts):
    def documents(self):
        return list(yaml.safe_load_all((ROOT / "templates" / "vpnlint.yml").read_text()))

    def job(self, **inputs):
        """Runs the component's job as a runner does; gives exit code and log."""
        head, body = self.documents()
        values = {name: i["default"] for name, i in head["spec"]["inputs"].items()} | inputs
        filled = {k: re.sub(r"\$\[\[ inputs\.([a-z]+) \]\]", lambda m: values[m[1]], v) for k, v in body["vpnlint"]["variables"].items()}
        script = "\n".join(body["vpnlint"]["script"])
        self.assertNotIn("$[[", script)
        done = run(["sh", "-e", "-c", script], self.scratch, environment(**filled))
        return done.returncode, done.stdout

    def test_the_schema_accepts_both_of_its_documents(self):
        text = (ROOT / "templates" / "vpnlint.yml").read_text()
        for part in text.split("\n---\n"):
            file = self.place / "part.yml"
            file.write_text(part)
            schema("vendor.gitlab-ci", file)
        # The schema does not look into the header.
        for name, one in self.documents()[0]["spec"]["inputs"].items():
            self.assertEqual(set(one), {"default", "description"}, name)
        used = set(re.findall(r"\$\[\[ inputs\.([a-z]+) \]\]", text))
        self.assertEqual(used, set(self.documents()[0]["spec"]["inputs"]))

    def test_it_writes_the_reports_that_gitlab_is_told_of(self):
        code, log = self.job(version="installed")
        self.assertEqual(code, 1, log)
        self.assertIn("site.toml:6:", log)
        reports = self.documents()[1]["vpnlint"]["artifacts"]["reports"]
        self.assertEqual(self.names(), sorted([*reports.values(), "site.toml"]))
        (self.scratch / "site.toml").write_text(CLEAN)
        self.assertEqual(self.job(version="installed")[0], 0)

    def test_inputs_reach_the_command_and_run_nothing(self):
        (self.scratch / "soft.toml").write_text('[rules]\npsk-mismatch = "advice"\n')
        self.assertEqual(self.job(version="installed", paths="site.toml", policy="soft.toml")[0], 0)
        self.assertEqual(self.job(version="installed", paths="site.toml", policy="soft.toml", args="--fail-on=advice\n--quiet")[0], 1)
        for name in ["paths", "policy", "args", "version"]:
            code, log = self.job(**{"version": "installed"} | {name: HOSTILE})
            self.assertNotEqual(code, 0, f"{name}: {log}")
            self.assertNotIn("pwned", self.names())
