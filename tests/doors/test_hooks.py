"""The pre-commit hooks, by the real pre-commit: a commit that breaks client VPN is refused with the report shown, one that mends it passes."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

import yaml
from support import CLEAN, FAULTY, ROOT, TARGET, TOOLS, build_wheel, environment, must, repository, run

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}

# A usual name for each format that a site can import.
USUAL_NAMES = """
site.toml branch.site.yaml site.yml site.json vpnlint.toml vpnlint-baseline.json
clients/sales.mobileconfig clients/sales.plist clients/sales.networkConnect clients/smime.p7m clients/Add-Vpn.ps1 clients/add-vpn.bat clients/add-vpn.cmd clients/vpn.clixml clients/rasphone.pbk clients/ProfileXML.xml clients/PolicyAgent.reg GPO/Machine/registry.pol clients/sales.nmconnection
clients/ipsec.conf clients/ipsec.secrets clients/options.l2tpd.client clients/swanctl.conf clients/chromebook.onc clients/vpn.sh clients/vpn.nix clients/vpn.tf
edge/router.rules edge/rules.v4 edge/iptables.save edge/iptables edge/nftables.conf edge/ruleset.nft edge/ruleset.json edge/config.xml edge/router.cfg edge/running-config
edge/fortigate.conf edge/export.rsc edge/config.boot edge/srx.set edge/etc/config/firewall edge/groups.json
meraki/networks__N_1__appliance__vlans.json nac/data.nac.yaml meraki2tf/appliance_vlans.json dashboard/users.csv
radius/clients.conf radius/nps.xml ad/dc1.pem ad/dc1.der ad/dc1.cer hosts/route-print.txt hosts/rules.json secrets/psk.txt
""".split()


class Manifest(unittest.TestCase):
    def test_pre_commit_accepts_it(self):
        must([TOOLS / "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml"])
        self.assertEqual(set(HOOKS), {"vpnlint", "vpnlint-src", "vpnlint-system"})
        for hook in HOOKS.values():
            self.assertEqual((hook["pass_filenames"], hook["require_serial"], hook["entry"]), (False, True, "vpnlint check"))

    def test_files_are_those_that_a_check_may_read(self):
        for hook in HOOKS.values():
            files = re.compile(hook["files"])
            examples = [p.relative_to(ROOT).as_posix() for p in (ROOT / "examples").rglob("*") if p.is_file() and p.suffix != ".md"]
            self.assertGreater(len(examples), 10)
            self.assertEqual([n for n in USUAL_NAMES + examples if not files.search(n)], [])
            self.assertEqual([n for n in ["README.md", "src/main.rs", "Makefile", "diagram.svg", "config/readme", "yaml"] if files.search(n)], [])


class Commits(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)
        self.env = environment(PRE_COMMIT_HOME=str(self.place / "cache"))

    def project(self):
        """The project as it stands in the work tree, as a repository of its own; with its commit."""
        project = repository(self.place / "project")
        listed = must(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (project / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, project / name)
        must(["git", "add", "--all"], project)
        must(["git", "commit", "--quiet", "--message=All"], project)
        return {"repo": str(project), "rev": must(["git", "rev-parse", "HEAD"], project).strip()}

    def refuses_and_passes(self, repo):
        """Installs the hook in a scratch repository and commits there as a user does."""
        scratch = repository(self.place / "scratch")
        (scratch / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [repo]}))
        must([TOOLS / "pre-commit", "install", "--install-hooks"], scratch, self.env, tries=2)

        def commit(name, text):
            (scratch / name).write_text(text)
            must(["git", "add", "--all"], scratch)
            return run(["git", "commit", "--message=Change"], scratch, self.env)

        refused = commit("site.toml", FAULTY)
        self.assertEqual(refused.returncode, 1, refused.stdout)
        self.assertIn("uses another pre-shared key than the MX", refused.stdout)
        self.assertIn("site.toml:6:", refused.stdout)
        self.assertNotIn("CANARY", refused.stdout)
        self.assertNotEqual(run(["git", "rev-parse", "--verify", "HEAD"], scratch).returncode, 0, "the commit went through")

        passed = commit("site.toml", CLEAN)
        self.assertEqual(passed.returncode, 0, passed.stdout)
        self.assertRegex(passed.stdout, r"vpnlint.*\.Passed")

        other = commit("README.md", "Nothing that a check reads.\n")
        self.assertEqual(other.returncode, 0, other.stdout)
        self.assertRegex(other.stdout, r"vpnlint.*\(no files to check\)Skipped")

    def test_the_hook_with_the_installed_binary(self):
        self.refuses_and_passes({**self.project(), "hooks": [{"id": "vpnlint-system"}]})

    def test_the_hook_that_builds_the_wheel(self):
        # The quick profile and the shared target folder save a release build; the way from the tag to the command is the user's.
        self.env.update(MATURIN_PEP517_ARGS="--profile dev", CARGO_TARGET_DIR=str(TARGET), CARGO_INCREMENTAL="0")
        self.env["PATH"] = self.env["PATH"].split(":", 1)[1]
        self.refuses_and_passes({**self.project(), "hooks": [{"id": "vpnlint"}]})

    def test_the_recipe_with_the_ready_wheel(self):
        recipes = re.findall(r"^```yaml\n# \.pre-commit-config\.yaml\n(.*?)^```", (ROOT / "docs" / "ci.md").read_text(), re.MULTILINE | re.DOTALL)
        self.assertEqual(len(recipes), 2)
        for recipe in recipes:
            (self.place / "recipe.yaml").write_text(recipe)
            must([TOOLS / "pre-commit", "validate-config", self.place / "recipe.yaml"])
        wheel = build_wheel(self.place / "dist")
        # For such a hook pre-commit builds an empty package with setuptools.
        must([TOOLS / "pip", "download", "--quiet", "--no-deps", "--dest", wheel.parent, "setuptools"], tries=2)
        self.env.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheel.parent))
        self.env["PATH"] = self.env["PATH"].split(":", 1)[1]
        repo, = [r for r in (yaml.safe_load(recipe)["repos"][0] for recipe in recipes) if r["repo"] == "local"]
        self.refuses_and_passes(repo)
