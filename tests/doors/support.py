"""What the tests of the doors share: the project's place, its tools, scratch repositories. `.ci/run` runs them, with the Python of .venv."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
VERSION = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = TARGET / "debug" / "vpnlint"

CLEAN = """version = 1
[client_vpn]
shared_secret = { env = "VPNLINT_EXAMPLE_PSK" }
[[clients]]
name = "sales"
pre_shared_key = { env = "VPNLINT_EXAMPLE_PSK" }
"""
FAULTY = CLEAN.replace('pre_shared_key = { env = "VPNLINT_EXAMPLE_PSK" }', 'pre_shared_key = { env = "VPNLINT_EXAMPLE_OTHER" }')


def environment(**more):
    """This process's environment with the examples' keys, the tools and the built binary first on the PATH, and no git settings but these."""
    place = {
        "PATH": os.pathsep.join([str(BINARY.parent), str(TOOLS), os.environ["PATH"]]),
        "VPNLINT_EXAMPLE_PSK": "CANARY-correct-Horse.7battery",
        "VPNLINT_EXAMPLE_OTHER": "CANARY-another.Key-9of-them-all",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "Example",
        "GIT_AUTHOR_EMAIL": "example@example.com",
        "GIT_COMMITTER_NAME": "Example",
        "GIT_COMMITTER_EMAIL": "example@example.com",
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**kept, **place, **more}


def run(arguments, folder=ROOT, env=None, **options):
    """Runs a command; its output is text, standard error included."""
    return subprocess.run(
        [str(a) for a in arguments], cwd=folder, env=env or environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def must(arguments, folder=ROOT, env=None, tries=1):
    """Runs a command that must succeed; one that asks a registry may be tried again."""
    for _ in range(tries):
        done = run(arguments, folder, env)
        if done.returncode == 0:
            return done.stdout
    raise AssertionError(f"{' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stdout}")


def repository(folder):
    """A new git repository."""
    folder.mkdir(parents=True)
    must(["git", "init", "--quiet", "--initial-branch=main"], folder)
    return folder


def build_wheel(folder):
    """Builds the wheel with the quick profile; gives its path."""
    must([TOOLS / "maturin", "build", "--profile", "dev", "--out", folder], env=environment(CARGO_INCREMENTAL="0"))
    wheel, = folder.glob("vpnlint-*.whl")
    return wheel
