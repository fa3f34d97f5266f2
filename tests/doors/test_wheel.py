"""The wheel and the source distribution for PyPI."""

import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

from support import CLEAN, FAULTY, ROOT, TOOLS, VERSION, build_wheel, environment, must, run


class Wheel(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)

    def test_it_installs_the_command_in_the_crates_version(self):
        wheel = build_wheel(self.place / "dist")
        with zipfile.ZipFile(wheel) as archive:
            name, = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
            metadata = archive.read(name).decode()
        for line in [f"Version: {VERSION}", "License: MIT OR Apache-2.0", "Keywords: meraki,vpn,linter,ipsec,policy"]:
            self.assertIn(line, metadata.splitlines())

        must([TOOLS / "python", "-m", "venv", self.place / "venv"])
        must([self.place / "venv" / "bin" / "pip", "install", "--quiet", "--no-index", wheel])
        command = self.place / "venv" / "bin" / "vpnlint"
        self.assertEqual(must([command, "--version"]), f"vpnlint {VERSION}\n")
        site = self.place / "site.toml"
        for text, code in [(FAULTY, 1), (CLEAN, 0)]:
            site.write_text(text)
            done = run([command, "check"], self.place)
            self.assertEqual(done.returncode, code, done.stdout)
        self.assertIn("# psk-mismatch", must([command, "explain", "psk-mismatch"]))

    def test_the_source_distribution_holds_what_a_build_needs(self):
        must([TOOLS / "maturin", "sdist", "--out", self.place], env=environment())
        path, = self.place.glob("*.tar.gz")
        with tarfile.open(path) as archive:
            names = {n.partition("/")[2] for n in archive.getnames()}
        pages = {p.relative_to(ROOT).as_posix() for p in (ROOT / "src").rglob("*.md")} | {p.relative_to(ROOT).as_posix() for p in (ROOT / "policies").rglob("*.t*")}
        self.assertGreater(len(pages), 50)
        self.assertLessEqual(pages | {"pyproject.toml", "Cargo.lock", "src/main.rs"}, names)
        self.assertEqual([n for n in names if n.startswith(("tests/", ".ci/", ".github/", "target/"))], [])
