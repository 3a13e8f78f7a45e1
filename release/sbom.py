"""Lists what each artefact contains, as CycloneDX 1.5, in target/sbom, and checks the lists.

Usage: python release/sbom.py

cargo-cyclonedx lists the crates, and esbuild tells which npm packages are in the page. A wheel has a
list already, which maturin makes: those in python/dist are checked too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parent.parent
BOARD = ROOT / "js/board"
SBOM = ROOT / "target/sbom"
TOOLS = ROOT / "target/tools"
GENERATOR = "cargo-cyclonedx@0.5.9"
WASM = "wasm32-unknown-unknown"

Bom = dict[str, Any]


def main() -> None:
    """Writes and checks the lists."""
    shutil.rmtree(SBOM, ignore_errors=True)
    SBOM.mkdir(parents=True)
    run("cargo", "install", "--quiet", "--locked", "--root", TOOLS, GENERATOR)
    page = [package(path) for path in bundled()]
    everywhere, module = crates("all"), crates(WASM)["agentfold-wasm"]
    for name in ("agentfold", "agentfold-arrow", "agentfold-simulate", "agentfold-unpack"):
        write(f"{name}.crate", everywhere[name])
        check(f"{name}.crate", everywhere[name], linked(name, "all"))
    # Both contain the page, and the page contains the module.
    inside = [*page, module["metadata"]["component"], *module["components"]]
    for name in ("agentfold-server", "agentfold-cli"):
        bom = joined(everywhere[name], inside)
        write(name, bom)
        check(name, bom, linked(name, "all") | linked("agentfold-wasm", WASM))
    for folder, contents in (("js", inside[len(page) :]), ("js/create", inside)):
        root = package(ROOT / folder)
        bom = joined({**module, "components": [], "dependencies": []}, contents, root)
        write(f"npm-{root['name']}", bom)
        check(f"npm-{root['name']}", bom, linked("agentfold-wasm", WASM))
    for wheel in (ROOT / "python/dist").glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            [listed] = [name for name in files.namelist() if "/sboms/" in name]
            check(wheel.name, json.loads(files.read(listed)), linked("agentfold-python", "all"))


def crates(target: str) -> dict[str, Bom]:
    """Returns the list of each crate of the workspace, for a target or for all of them."""
    options = ["--format", "json", "--spec-version", "1.5", "--target", target, "--no-build-deps"]
    run(TOOLS / "bin/cargo-cyclonedx", "cyclonedx", *options, "--override-filename", "agentfold-sbom")
    found = {}
    for path in ROOT.glob("*/*/agentfold-sbom.json"):
        # Names of the workspace's crates contain the path of the repository.
        text = path.read_text("utf-8").replace(f"file://{ROOT}/", "file:///agentfold/")
        bom = json.loads(re.sub(r"\?download_url=file://[^\"#]*", "", text))
        found[bom["metadata"]["component"]["name"]] = bom
        path.unlink()
    return found


def bundled() -> set[Path]:
    """Returns the folders of the npm packages of which the page contains a part."""
    with tempfile.TemporaryDirectory() as folder:
        described = Path(folder, "described.json")
        outputs = [f"--outdir={folder}", f"--metafile={described}"]
        run("npm", "run", "--silent", "bundle", "--", *outputs, folder=BOARD)
        made = json.loads(described.read_text("utf-8"))["outputs"].values()
    used = [path for output in made for path, part in output["inputs"].items() if part["bytesInOutput"]]
    names = [re.match(r"node_modules/(?:@[^/]+/)?[^/]+", path) for path in used]
    return {BOARD / name[0] for name in names if name}


def package(folder: Path) -> Bom:
    """Returns an npm package as a component."""
    described = json.loads((folder / "package.json").read_text("utf-8"))
    name, version, licence = (described[key] for key in ("name", "version", "license"))
    purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
    licences = [{"expression": licence} if " " in licence else {"license": {"id": licence}}]
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl} | {
        "licenses": licences
    }


def joined(bom: Bom, components: list[Bom], root: Bom | None = None) -> Bom:
    """Returns a list with more components, and perhaps about something else."""
    root = root or bom["metadata"]["component"]
    known = {component["bom-ref"]: component for component in [*bom["components"], *components]}
    known.pop(root["bom-ref"], None)
    metadata = {**bom["metadata"], "component": root}
    depends = [*bom["dependencies"], {"ref": root["bom-ref"], "dependsOn": [*known]}]
    by_ref = {each["ref"]: each for each in depends}
    return {
        **bom,
        "metadata": metadata,
        "components": [*known.values()],
        "dependencies": [*by_ref.values()],
    }


def linked(name: str, target: str) -> set[tuple[str, str]]:
    """Returns the crates that a crate links, with their versions, as cargo has them."""
    options = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--locked", "--format", "{p}"]
    tree = run("cargo", "tree", "--package", name, "--target", target, *options).stdout
    found = [line.split(" ")[:2] for line in tree.splitlines() if line]
    return {(crate, version.removeprefix("v")) for crate, version in found if crate != name}


def check(name: str, bom: Bom, expected: set[tuple[str, str]]) -> None:
    """Ends the program if a list breaks the schema, or lacks a crate or what tells about it."""
    text = json.dumps(bom)
    problems = [str(JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) or "")]
    for component in bom["components"]:
        missing = {"name", "version", "purl", "licenses"} - component.keys()
        problems += [f"{component['name']} has no {key}" for key in missing]
    listed = {(component["name"], component["version"]) for component in bom["components"]}
    problems += [f"{crate} {version} is missing" for crate, version in expected - listed]
    if any(problems):
        sys.exit("\n".join([f"{name}:", *filter(None, problems)]))
    print(f"{name}: {len(listed)} components, of them {len(expected)} crates that it links")


def write(name: str, bom: Bom) -> None:
    """Writes a list."""
    (SBOM / f"{name}.cdx.json").write_text(json.dumps(bom, indent=2) + "\n", "utf-8")


def run(*command: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs a program, whose errors are shown."""
    # With this, the lists have no random number and not the present time.
    variables = {**os.environ, "SOURCE_DATE_EPOCH": "0"}
    return subprocess.run(
        command, check=True, cwd=folder, env=variables, stdout=subprocess.PIPE, text=True
    )


if __name__ == "__main__":
    main()
