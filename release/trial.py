"""Installs each artefact away from the repository, and runs the examples of the READMEs with it.

Usage: python release/trial.py

`make release-check` builds the artefacts before. Those for other systems and the image are not
among them: the workflow `release.yml` tries them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MINUTES = 20


def main() -> None:
    """Tries all artefacts, each in a folder of its own, and prints a table of them."""
    folder = Path(tempfile.mkdtemp(prefix="agentfold-trial-"))
    rows = [("artefact", "bytes", "SHA-256", "tried")]
    for pattern, trial in TRIALS.items():
        artefacts = sorted(ROOT.glob(pattern))
        if not artefacts:
            sys.exit(f"{pattern} is missing: run `make release-check`.")
        place = folder / trial.__name__
        place.mkdir()
        tried = trial(place, artefacts)
        for artefact in artefacts:
            content = artefact.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            rows.append((artefact.name, f"{len(content):,}", digest, tried))
    for name, size, digest, tried in rows:
        print(f"{name:48} {size:>12}  {digest:64}  {tried}")
    shutil.rmtree(folder)


def crates(place: Path, artefacts: list[Path]) -> str:
    """A program that depends on the libraries, and the command. Other crates are the newest."""
    versions = dict(re.split(r"-(?=\d)", artefact.stem, maxsplit=1) for artefact in artefacts)
    for artefact in artefacts:
        shutil.unpack_archive(artefact, place, "gztar")
    unpacked = {name: place / f"{name}-{version}" for name, version in versions.items()}
    if not (unpacked["agentfold-server"] / "page/index.html").exists():
        sys.exit("The server's crate has no page: run `make page` before `make crates`.")
    settings = place / ".cargo/config.toml"
    settings.parent.mkdir()
    patches = [f"{name}.path = '{path}'\n" for name, path in unpacked.items()]
    settings.write_text("[patch.crates-io]\n" + "".join(patches))
    program = place / "program"
    libraries = [name for name in unpacked if name not in ("agentfold-cli", "agentfold-server")]
    run(["cargo", "init", "--quiet", "--vcs", "none", program], place)
    with (program / "Cargo.toml").open("a") as manifest:
        manifest.writelines(f'{name} = "{versions[name]}"\n' for name in libraries)
    readmes = [ROOT / "README.md", *(unpacked[name] / "README.md" for name in libraries)]
    examples = [block for readme in readmes for block in blocks(readme, "rust")]
    for block in examples:
        main = block if "fn main()" in block else f"fn main() {{\n{block}}}\n"
        (program / "src/main.rs").write_text(main)
        run(["cargo", "run", "--quiet", "--manifest-path", program / "Cargo.toml"], place)
    command = unpacked["agentfold-cli"]
    installed = place / "installed"
    run(["cargo", "install", "--quiet", "--debug", "--path", command, "--root", installed], place)
    sessions = session(place, installed / "bin", [ROOT / "README.md", command / "README.md"])
    return f"a dependency of {len(examples)} programs; cargo install, {sessions} sessions"


def module(place: Path, artefacts: list[Path]) -> str:
    """The npm package in a new project."""
    (place / "package.json").write_text('{ "private": true }')
    run(["npm", "install", "--no-audit", "--no-fund", *artefacts], place)
    return (
        f"npm install, {examples(place, 'js', 'js/README.md', ['node', '--input-type=module', '-e'])}"
    )


def worker(place: Path, artefacts: list[Path]) -> str:
    """The folder that `npm create` makes, with the npm package that it names."""
    run(["npm", "install", "--no-audit", "--no-fund", *artefacts], place)
    run(["node_modules/.bin/create-agentfold-worker", "my-floor"], place)
    made = place / "my-floor"
    run(["npm", "install", "--no-audit", "--no-fund", *ROOT.glob("js/agentfold-*.tgz")], made)
    run(["npm", "run", "types"], made)
    run(["npx", "wrangler", "deploy", "--dry-run"], made, WRANGLER_SEND_METRICS="false")
    return "npm create, tsc, wrangler deploy --dry-run"


def wheel(place: Path, artefacts: list[Path]) -> str:
    """The wheel in a new environment."""
    run([sys.executable, "-m", "venv", place / "environment"], place)
    python = place / "environment/bin/python"
    run([python, "-m", "pip", "install", "--quiet", *artefacts], place)
    return f"pip install, {examples(place, 'python', 'python/README.md', [python, '-c'])}"


def sdist(place: Path, artefacts: list[Path]) -> str:
    """The sdist, which pip compiles, in a new environment."""
    return wheel(place, artefacts)


def archive(place: Path, artefacts: list[Path]) -> str:
    """The command from its archive."""
    shutil.unpack_archive(artefacts[0], place)
    [unpacked] = place.iterdir()
    for name in ("completions/agentfold.bash", "man/man1/agentfold.1", "LICENSE-MIT", "LICENSE-APACHE"):
        if not (unpacked / name).exists():
            sys.exit(f"{name} is not in {artefacts[0].name}")
    return f"{session(place, unpacked, [ROOT / 'README.md'])} sessions"


TRIALS: dict[str, Callable[[Path, list[Path]], str]] = {
    "target/package/*.crate": crates,
    "js/agentfold-*.tgz": module,
    "js/create/*.tgz": worker,
    "python/dist/*.whl": wheel,
    "python/dist/*.tar.gz": sdist,
    "target/archives/*.tar.gz": archive,
}


def examples(place: Path, language: str, readme: str, interpreter: list[str | Path]) -> str:
    """Runs the programs of two READMEs, apart from those that need packages which are not there."""
    ran, needed = 0, set()
    for program in [*blocks(ROOT / "README.md", language), *blocks(ROOT / readme, language)]:
        done = run([*interpreter, program], place, check=False)
        missing = re.findall(r"No module named '([\w-]+)|Cannot find package '([^']+)'", done.stderr)
        names = {name for names in missing for name in names if name}
        if done.returncode and (not names or "agentfold" in names):
            sys.exit(f"{program}\n{done.stderr}")
        ran += done.returncode == 0
        needed |= names
    others = f"; others need {', '.join(sorted(needed))}" if needed else ""
    return f"{ran} examples{others}"


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """Yields the blocks of a page that are in one of the languages."""
    text = page.read_text("utf-8")
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language in languages:
            yield block


def session(place: Path, programs: Path, pages: list[Path]) -> int:
    """Runs the blocks that call the command, compares what they print, and returns their number."""
    ran = 0
    for page in pages:
        folder = Path(tempfile.mkdtemp(dir=place))
        for block in blocks(page, "console", "sh"):
            lines = block.splitlines()
            commands = [line[2:] for line in lines if line.startswith(("$ ", "> "))] or lines
            if not any(line.startswith("agentfold ") for line in commands):
                continue
            path = f"{programs}{os.pathsep}{os.environ['PATH']}"
            done = run(["bash", "-euo", "pipefail", "-c", "\n".join(commands)], folder, PATH=path)
            shown = [line.rstrip() for line in lines if not line.startswith(("$ ", "> "))]
            printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
            pattern = ".*".join(map(re.escape, "\n".join(shown).split("...")))
            if commands is not lines and shown and not re.fullmatch(pattern, printed, re.DOTALL):
                sys.exit(f"{page}: {commands} prints\n{printed}")
            ran += 1
    return ran


def run(
    command: list[str | Path], folder: Path, *, check: bool = True, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, and shows what it said if it fails."""
    variables = {**os.environ, "CARGO_TARGET_DIR": str(folder / "built"), **environment}
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60 * MINUTES
    )
    if check and done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done


if __name__ == "__main__":
    main()
