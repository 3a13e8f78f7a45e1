"""The Arrow streams of `agentfold serve`, read by other libraries, equal the tables of the package."""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from pages import programs_of
from vectors import REPOSITORY

from agentfold import Fold, buckets, types

pa: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed: it reads the streams")

COMMAND = REPOSITORY / "target/debug/agentfold"
if not COMMAND.exists():
    pytest.skip("the command is not built: there is no server to ask", allow_module_level=True)

ACCOUNT = "10000345"
DAY = {"from": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z", "as_of": "2026-01-06T00:00:00Z"}
WINDOW: Any = {"from_": DAY["from"], "to": DAY["to"], "as_of": DAY["as_of"]}
NAMES: types.Names = {"agents": {}, "groups": {}}


class Server:
    """A server of one account, and a fold of what it knows."""

    def __init__(self, folder: Path) -> None:
        def run(*arguments: str) -> str:
            command = [str(COMMAND), *arguments]
            return subprocess.run(
                command, cwd=folder, check=True, capture_output=True, text=True
            ).stdout

        day = run("simulate", "--agents", "40", "--hours", "24", "--seed", "7", "--shuffle", "120")
        lines = [line for line in day.splitlines() if f'"account_id":{ACCOUNT},' in line]
        self.fold = Fold()
        self.fold.read(lines)
        (folder / "day.ndjson").write_text("\n".join(lines))
        (folder / "agentfold.toml").write_text(
            f'[accounts.{ACCOUNT}]\nsecrets = ["a secret of a test"]\n'
        )
        run("serve", "import", "day.ndjson")
        self.token = run("serve", "token", "add", "test", "--only", ACCOUNT).strip()
        command = [str(COMMAND), "serve", "--address", "127.0.0.1:0", "--log", "warn"]
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr
        self.log = self.process.stderr
        found = re.search(r"http://[^/]+", self.log.readline())
        assert found
        self.url = found[0]

    def stream(self, path: str, **query: str) -> Any:
        """Returns the body of an answer as an Arrow stream, unread."""
        url = f"{self.url}{path}?{urlencode({**query, 'format': 'arrow'})}"
        response = urlopen(Request(url, headers={"Authorization": f"Bearer {self.token}"}), timeout=60)
        assert response.headers["content-type"] == "application/vnd.apache.arrow.stream"
        return response

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


def report(fold: Fold, every: str, **options: Any) -> Any:
    return fold.to_arrow("report", buckets=buckets(**WINDOW, every=every), names=NAMES, **options)


def test_pyarrow_reads_the_tables_of_the_package(server: Server) -> None:
    for path, query, expected in [
        ("/api/report", {"every": "30m"}, report(server.fold, "30m")),
        ("/api/report", {"every": "30m", "row": "channel"}, report(server.fold, "30m", rows="channel")),
        ("/api/report", {"every": "30m", "by": "group"}, report(server.fold, "30m", by="group")),
        ("/api/timeline", {}, server.fold.to_arrow("intervals", **WINDOW, names=NAMES)),
        (
            f"/accounts/{ACCOUNT}/work_items",
            {},
            server.fold.to_arrow("work_items", **WINDOW, names=NAMES),
        ),
    ]:
        found = pa.ipc.open_stream(server.stream(path, **DAY, **query)).read_all()
        table = pa.table(expected)
        assert found.schema == table.schema
        assert found.num_rows == table.num_rows > 100
        assert found.to_pylist() == table.to_pylist(), path


def test_polars_reads_a_report_of_many_batches(server: Server) -> None:
    polars: Any = pytest.importorskip("polars", reason="polars is not installed")
    found = polars.read_ipc_stream(server.stream("/api/report", **DAY, every="5m"))
    expected = polars.DataFrame(report(server.fold, "5m"))
    testing = pytest.importorskip("polars.testing")
    testing.assert_frame_equal(found, expected, categorical_as_str=True)


def test_duckdb_asks_a_report_while_it_is_sent(server: Server) -> None:
    duckdb: Any = pytest.importorskip("duckdb", reason="duckdb is not installed")
    connection = duckdb.connect()
    question = """
        select channel, count(*), sum(online_ns), max("to"), sum(list_sum([one.ns for one in state]))
        from rows where "row" = 'channel' group by channel order by channel
    """
    connection.register("rows", pa.ipc.open_stream(server.stream("/api/report", **DAY, every="5m")))
    found = connection.sql(question).fetchall()
    connection.register("rows", report(server.fold, "5m"))
    assert found == connection.sql(question).fetchall()
    assert len(found) > 1


def test_a_stream_that_breaks_off_is_not_taken_for_a_whole_one(server: Server) -> None:
    batches = pa.ipc.open_stream(server.stream("/api/report", **DAY, every="1m"))
    batches.read_next_batch()
    # The server waits some seconds for a reader that pauses, and logs that it gave up.
    ready, _, _ = select.select([server.log], [], [], 120)
    assert ready
    assert "took too long" in os.read(ready[0].fileno(), 1 << 16).decode()
    with pytest.raises(IncompleteRead):
        batches.read_all()


def test_the_example_of_several_servers_merges_what_they_stored(server: Server) -> None:
    [example] = programs_of("docs/scale.md")
    defined: dict[str, Any] = {}
    exec(example, defined)
    merged = defined["fold_of"](ACCOUNT, {server.url: server.token})
    assert merged.save() == server.fold.save()


def test_the_example_of_a_report_reads_all_of_its_rows(server: Server) -> None:
    [example] = programs_of("docs/server.md")
    defined: dict[str, Any] = {"server": server.url, "token": server.token}
    exec(example, defined)
    assert len(defined["frame"]) == pa.table(report(server.fold, "15m")).num_rows > 100
