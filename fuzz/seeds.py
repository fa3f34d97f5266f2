"""Seeds for the fuzz targets from what the project holds: examples on the rules' pages, cases, example sites. Usage: seeds.py FOLDER"""

import hashlib
import pathlib
import re
import sys

HOME = pathlib.Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```\w+ file=(\S+).*?\n(.*?)^```", re.S | re.M)
SYNTAX = {".toml": b"\0", ".yaml": b"\1", ".yml": b"\1", ".json": b"\2"}


def files():
    """Name and content of every file there is."""
    for page in HOME.glob("src/rules/*/*.md"):
        for name, text in FENCE.findall(page.read_text()):
            yield pathlib.PurePath(name), text.encode()
    for top in ("examples", "tests/cases"):
        for path in (HOME / top).rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()


def main(out):
    for name, data in files():
        # Site files choose their syntax by the first byte; imports leave their format to the text.
        seeds = {"client_profile": b"\0", "upstream_export": b"\0", "surroundings": b"\0", "waiver_comment": b""}
        if name.suffix in SYNTAX:
            seeds["site_file"] = SYNTAX[name.suffix]
        if name.name.endswith(".nac.yaml"):
            seeds["network_as_code"] = b""
        for target, first in seeds.items():
            folder = out / target
            folder.mkdir(parents=True, exist_ok=True)
            (folder / hashlib.sha256(first + data).hexdigest()[:16]).write_bytes(first + data)


main(pathlib.Path(sys.argv[1]))
