"""Builds the command for a target, and packs it with what belongs to it, in target/archives.

Usage: python release/archive.py [TARGET]

The target must be one whose programs run here.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHIVES = ROOT / "target/archives"
SHELLS = {
    "bash": "agentfold.bash",
    "elvish": "agentfold.elv",
    "fish": "agentfold.fish",
    "powershell": "_agentfold.ps1",
    "zsh": "_agentfold",
}
# The time of all files, in a form that both kinds of archives can hold.
TIME = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Makes the archive, and prints its path."""
    target = sys.argv[1] if len(sys.argv) > 1 else host()
    if not (ROOT / "js/board/dist/index.html").exists():
        sys.exit("The server's page is not built: run `make page` first.")
    manifest = (ROOT / "Cargo.toml").read_text("utf-8")
    [version] = re.findall(r'^version = "(.+)"$', manifest, re.MULTILINE)
    folder = ARCHIVES / f"agentfold-{version}-{target}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "completions").mkdir(parents=True)
    command = shutil.copy2(build(target), folder)
    for shell, name in SHELLS.items():
        script = subprocess.run([command, "completions", shell], check=True, capture_output=True).stdout
        (folder / "completions" / name).write_bytes(script)
    subprocess.run([command, "manual", folder / "man/man1"], check=True)
    for name in ("README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"):
        shutil.copy2(ROOT / name, folder)
    print(pack(folder))


def host() -> str:
    """Returns the target of this machine's toolchain."""
    about = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True, cwd=ROOT)
    [target] = re.findall("host: (.+)", about.stdout)
    return str(target)


def build(target: str) -> Path:
    """Builds the command, and returns its path."""
    built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    # Messages of panics name source files: from where this repository and the crates begin.
    flags = [f"--remap-path-prefix={ROOT}=agentfold", f"--remap-path-prefix={home}=cargo"]
    arguments = ["--release", "--locked", "--package", "agentfold-cli", "--target", target]
    environment = {**os.environ, "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags)}
    subprocess.run(["cargo", "build", *arguments], check=True, cwd=ROOT, env=environment)
    suffix = ".exe" if "windows" in target else ""
    return built / target / "release" / f"agentfold{suffix}"


def pack(folder: Path) -> Path:
    """Packs a folder: as a zip file for Windows, otherwise as a tar file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if "windows" in folder.name:
        archive = folder.with_name(f"{folder.name}.zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                name = file.relative_to(ARCHIVES).as_posix()
                packed.writestr(zipfile.ZipInfo(name, TIME), file.read_bytes(), zipfile.ZIP_DEFLATED)
        return archive
    archive = folder.with_name(f"{folder.name}.tar.gz")
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as packed,
    ):
        for file in files:
            entry = tarfile.TarInfo(file.relative_to(ARCHIVES).as_posix())
            entry.size = file.stat().st_size
            entry.mode = 0o755 if file.parent == folder and file.name == "agentfold" else 0o644
            with file.open("rb") as content:
                packed.addfile(entry, content)
    return archive


if __name__ == "__main__":
    main()
