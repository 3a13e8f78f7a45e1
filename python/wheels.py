"""Audits the wheels in a folder: each must need no more than its tag promises.

`python wheels.py FOLDER`. auditwheel compares the platform tag with the symbols that the native module
needs, and abi3audit the stable ABI with the functions of Python that it calls.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def report(*command: str) -> Any:
    """Runs an auditor. Returns what it reports."""
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return json.loads(done.stdout)


def audit(wheel: Path) -> str:
    """Returns a line about a wheel, or ends the program if the wheel needs more than it promises."""
    _, _, _, abi, platform = wheel.stem.split("-")
    # No folder: libraries of this machine are none of the wheel's.
    found = report("auditwheel", "show", "--json", "--ldpaths", "/nowhere", str(wheel))
    # What musl calls itself, unless Alpine built it. auditwheel knows Alpine's name alone.
    libraries = set(found["external_libs"]) - ({"libc.so"} if "musllinux" in platform else set())
    needs = found["sym_tag"]
    if needs not in platform.split(".") or libraries or found["unsupported_isa"]:
        raise SystemExit(f"{wheel.name} needs {needs} {' '.join(libraries)}")
    if abi == "abi3":
        found = report("abi3audit", "--strict", "--report", str(wheel))
        modules = [module["result"] for module in found["specs"][str(wheel)]["wheel"]]
        if not modules or not all(
            module["is_abi3"] and module["is_abi3_baseline_compatible"] for module in modules
        ):
            raise SystemExit(f"{wheel.name} is not of the stable ABI: {modules}")
    return f"{wheel.name} needs {needs}"


if __name__ == "__main__":
    wheels = sorted(Path(sys.argv[1]).glob("*.whl"))
    if not wheels:
        raise SystemExit("no wheel")
    for wheel in wheels:
        print(audit(wheel))
