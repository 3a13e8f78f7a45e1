"""Keeps what the fuzzers found in the repository: an archive of cases for each target.

Usage: python fuzz/seeds.py pack|unpack TARGET...

`make fuzz` unpacks into `fuzz/corpus`. `make seeds` packs what is there.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FOLDER = Path(__file__).resolve().parent
LARGEST = 4096
"""In bytes: larger cases are not kept."""
MOST = 200
"""So many cases of a target are kept, from the smallest to the largest."""


def pack(target: str) -> None:
    """Writes the archive of a target. The same cases give the same bytes."""
    cases = [file.read_bytes() for file in (FOLDER / "corpus" / target).iterdir()]
    small = sorted({case for case in cases if len(case) <= LARGEST}, key=lambda case: (len(case), case))
    kept = small[:: -(-len(small) // MOST)]
    with ZipFile(FOLDER / "seeds" / f"{target}.zip", "w", ZIP_DEFLATED) as archive:
        for number, case in enumerate(kept):
            archive.writestr(ZipInfo(f"{number:03}"), case, ZIP_DEFLATED)
    print(f"{target}: {len(kept)} of {len(cases)} cases")


def unpack(target: str) -> None:
    """Adds the cases of a target's archive to its corpus."""
    corpus = FOLDER / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    with ZipFile(FOLDER / "seeds" / f"{target}.zip") as archive:
        for name in archive.namelist():
            (corpus / f"seed-{name}").write_bytes(archive.read(name))


if __name__ == "__main__":
    for target in sys.argv[2:]:
        {"pack": pack, "unpack": unpack}[sys.argv[1]](target)
