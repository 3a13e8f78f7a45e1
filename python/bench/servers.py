"""Servers that are measured as processes."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path


def wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    """Waits until the server answers, whatever the status."""
    for _ in range(400):
        if process.poll() is not None:
            raise SystemExit("the server ended")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/nothing", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server does not answer")


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """Returns how long a process has used the processor. Only Linux tells."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
