"""Network as Code: what vpnlint merges, against Cisco's own nac-yaml, on real files where they are at hand, on the example, and on made-up ones.

Outside CI it is skipped where nac-yaml or the built tool is missing."""

import datetime
import itertools
import json
import os
import random
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from support import BINARY, ROOT, TARGET, environment, must, repository, run

try:
    from nac_yaml.yaml import load_yaml_files
except ImportError:
    load_yaml_files = None

MERGE = TARGET / "debug" / "examples" / "nac_merge"
CORPUS = ROOT.parent / "shared" / "corpus" / "meraki" / "nac"


def plain(value):
    """What nac-yaml loaded, as JSON has it."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)


def opened(value):
    """What vpnlint merged, with `!env NAME` as the text that the environment gives below."""
    if isinstance(value, dict):
        return value["!"] if set(value) == {"!"} else {key: opened(inner) for key, inner in value.items()}
    return [opened(inner) for inner in value] if isinstance(value, list) else value


def both(files):
    """The two outcomes for files in this order."""
    for name in re.findall(r"!env (\w+)", "".join(Path(f).read_text() for f in files)):
        os.environ[name] = f"!env {name}"
    done = run([MERGE, *files])
    assert done.returncode == 0, done.stdout
    return opened(json.loads(done.stdout)), plain(load_yaml_files([Path(f) for f in files]))


class Shuffler:
    """Made-up documents in which items agree, nearly agree, and repeat."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def single(self):
        return self.random.choice(["1", '"1"', "0", "true", "false", "1.0", "x", '"x"', "~", '"${x}"', "!env X_NAME", "!env Y_NAME", "10.0.0.0/8"])

    def table(self, depth):
        keys = self.random.sample("abcd", self.random.randint(0, 3))
        return "{" + ", ".join(f"{key}: {self.value(depth)}" for key in keys) + "}"

    def value(self, depth):
        kind = self.random.random()
        if depth == 0 or kind < 0.55:
            return self.single()
        if kind < 0.7:
            return self.table(depth - 1)
        return "[" + ", ".join(self.table(depth - 1) if self.random.random() < 0.85 else self.single() for _ in range(self.random.randint(0, 4))) + "]"

    def document(self):
        keys = self.random.sample("lmn", 2)
        return "".join(f"{key}: {self.value(3)}\n" for key in keys)


@unittest.skipUnless(load_yaml_files or "CI" in os.environ, "nac-yaml is not installed: .ci/run puts it into .venv")
@unittest.skipUnless(MERGE.exists() or "CI" in os.environ, "the merging tool is not built: cargo build --example nac_merge")
class Merge(unittest.TestCase):
    maxDiff = 4000

    def same(self, files):
        ours, theirs = both(files)
        self.assertEqual(ours, theirs, [Path(f).name for f in files])
        # Python takes 1 for true.
        self.assertEqual(json.dumps(ours, sort_keys=True), json.dumps(theirs, sort_keys=True))

    def test_real_files(self):
        files = sorted(f for f in CORPUS.glob("*.yaml") if f.name not in ("schema.yaml", "nac-validate.pre-commit-hooks.yaml"))
        if not files:
            self.skipTest("the real files are not at hand")
        self.same(files)
        self.same(files[::-1])
        for file in files:
            self.same([file])
        for pair in itertools.permutations(files, 2):
            self.same(pair)

    def test_the_example(self):
        files = sorted((ROOT / "examples" / "network-as-code" / "data").glob("*.yaml"))
        self.assertGreater(len(files), 1)
        self.same(files)

    def test_made_up_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(400):
                shuffler = Shuffler(seed)
                files = []
                for n in range(shuffler.random.randint(2, 4)):
                    file = Path(folder) / f"{n}.yaml"
                    file.write_text(shuffler.document())
                    files.append(file)
                with self.subTest(seed=seed, files=[f.read_text() for f in files]):
                    self.same(files)


class Init(unittest.TestCase):
    """`vpnlint init` in a repository of Network as Code, and a check of what it wrote."""

    def test_the_example_repository(self):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder).resolve() / "repository"
            repository(place)
            shutil.copytree(ROOT / "examples" / "network-as-code", place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("site.toml"))
            (place / "ignored").mkdir()
            (place / "ignored" / "other.rules").write_text("*nat\nCOMMIT\n")
            (place / ".gitignore").write_text("ignored/\n")
            said = must([BINARY, "init", "--network", "Nara"], place)
            self.assertIn("site.toml is written", said)
            text = (place / "site.toml").read_text()
            for path in ("data/", "edge/router.rules", "clients/sales.mobileconfig"):
                self.assertIn(f'import = "{path}"', text)
            self.assertNotIn("ignored", text)
            key = {"VPNLINT_NARA_PSK": "CANARY-correct-Horse.7battery"}
            report = json.loads(must([BINARY, "check", "--format", "json"], place, environment(**key)))
            self.assertEqual(report["findings"], [])
            self.assertGreater(report["summary"]["holds"], 20)
            # What only its reader knows makes it complete, and the planted fault comes out.
            filled = text.replace('# subnet = "192.168.100.0/24"', 'subnet = "192.168.130.0/24"')
            (place / "site.toml").write_text(filled)
            done = run([BINARY, "check"], place, environment(**key))
            self.assertEqual(done.returncode, 1, done.stdout)
            for part in ("error[subnet-overlap]", "data/03_branches.nac.yaml:14:31", "site.toml:"):
                self.assertIn(part, done.stdout)
            again = run([BINARY, "init"], place)
            self.assertEqual((again.returncode, (place / "site.toml").read_text()), (2, filled))


if __name__ == "__main__":
    unittest.main()
