"""A fold in a SQLite file, for the examples with FastAPI and Flask."""

import sqlite3
from threading import Lock

from agentfold import Fold
from agentfold.types import Applied, Buffer, Received

# How many events to store one by one before their agents are packed.
PACK_AFTER = 1000

TABLES = """
CREATE TABLE IF NOT EXISTS agents (
    account_id TEXT NOT NULL, agent_id TEXT NOT NULL, saved BLOB NOT NULL,
    PRIMARY KEY (account_id, agent_id)
);
CREATE TABLE IF NOT EXISTS events (account_id TEXT, agent_id TEXT, body BLOB NOT NULL);
"""


class StoredFold:
    """A fold that loses nothing: each event is on the disk before `apply` returns.

    The file has the agents, packed, and the events since they were packed. It belongs to one process.
    """

    def __init__(self, path: str) -> None:
        self.fold = Fold()
        self._lock = Lock()
        self._waiting = 0
        self._file = sqlite3.connect(path, timeout=1, check_same_thread=False)
        # Two processes would each know only half of the events, so the second one may not start.
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._file.execute("PRAGMA journal_mode = WAL")
        # An event survives a loss of power too.
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(TABLES)
        for (saved,) in self._file.execute("SELECT saved FROM agents"):
            self.fold.restore(saved)
        for (body,) in self._file.execute("SELECT body FROM events"):
            self.fold.apply(body)
        self._pack()

    def apply(self, body: Buffer, event: Received) -> Applied:
        """Stores a verified event, then applies it. Raises if it can't be stored."""
        agent = event["agent"] or {"account_id": None, "agent_id": None}
        with self._lock:
            with self._file:
                row = (agent["account_id"], agent["agent_id"], body)
                self._file.execute("INSERT INTO events VALUES (?, ?, ?)", row)
            applied = self.fold.apply(body)
            self._waiting += 1
            if self._waiting >= PACK_AFTER:
                self._pack()
            return applied

    def _pack(self) -> None:
        """Saves the agents of the stored events, and deletes the events, both or neither."""
        changed = "SELECT DISTINCT account_id, agent_id FROM events WHERE agent_id IS NOT NULL"
        with self._file:
            for account_id, agent_id in self._file.execute(changed).fetchall():
                saved = self.fold.save_agent((account_id, agent_id))
                row = (account_id, agent_id, saved)
                self._file.execute("REPLACE INTO agents VALUES (?, ?, ?)", row)
            self._file.execute("DELETE FROM events")
        self._waiting = 0
