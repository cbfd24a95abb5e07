"""The reference CRM's own database: tickets, the triggers still owed, and every state written to it."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS ticket (
    ticket_no TEXT PRIMARY KEY, body TEXT NOT NULL, created_at TEXT NOT NULL,
    trigger_state TEXT NOT NULL, trigger_tries INTEGER NOT NULL DEFAULT 0, trigger_answer TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS state_write (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, ticket_no TEXT NOT NULL REFERENCES ticket, seq INTEGER NOT NULL,
    state TEXT NOT NULL, received_at TEXT NOT NULL, is_applied INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS state_write_by_ticket ON state_write (ticket_no, seq);
CREATE TABLE IF NOT EXISTS note (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, ticket_no TEXT NOT NULL REFERENCES ticket, note TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, amount INTEGER NOT NULL);
"""


class Created(StrEnum):
    NEW = "created"
    SAME = "already there"
    DIFFERENT = "there with another content"


class Written(StrEnum):
    """How a state write was taken."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    OLDER = "older than what I have"
    KEY_REUSED = "this key came before with another content"
    UNKNOWN_TICKET = "unknown ticket"


@dataclass(frozen=True)
class OwedTrigger:
    ticket_no: str
    body: str
    tries: int


class CrmBook:
    """One connection, used from one thread; every method is one short transaction."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def create(self, ticket_no: str, *, body: str, at: datetime, is_triggering: bool) -> Created:
        row = self._db.execute("SELECT body FROM ticket WHERE ticket_no = ?", (ticket_no,)).fetchone()
        if row:
            return Created.SAME if row["body"] == body else Created.DIFFERENT
        self._db.execute(
            "INSERT INTO ticket (ticket_no, body, created_at, trigger_state) VALUES (?, ?, ?, ?)",
            (ticket_no, body, at.isoformat(), "pending" if is_triggering else "none"),
        )
        return Created.NEW

    def owed_triggers(self, *, limit: int) -> list[OwedTrigger]:
        """The oldest tickets that nobody has taken yet; those tried less often go first."""
        rows = self._db.execute(
            "SELECT ticket_no, body, trigger_tries FROM ticket WHERE trigger_state = 'pending' "
            "ORDER BY trigger_tries, rowid LIMIT ?",
            (limit,),
        )
        return [OwedTrigger(row["ticket_no"], row["body"], row["trigger_tries"]) for row in rows]

    def record_trigger(self, ticket_no: str, *, state: str, answer: str) -> None:
        self._db.execute(
            "UPDATE ticket SET trigger_state = ?, trigger_answer = ?, trigger_tries = trigger_tries + 1 "
            "WHERE ticket_no = ?",
            (state, answer, ticket_no),
        )

    def write(self, ticket_no: str, *, key: str, state: dict[str, Any], at: datetime) -> Written:
        """Keep a state under its key. An older one than what stands is kept too, but does not apply."""
        text = json.dumps(state, sort_keys=True)
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            taken = self._judge(ticket_no, key=key, text=text, seq=int(state["seq"]))
            if taken in (Written.APPLIED, Written.OLDER):
                self._db.execute(
                    "INSERT INTO state_write (key, ticket_no, seq, state, received_at, is_applied) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (key, ticket_no, state["seq"], text, at.isoformat(), taken is Written.APPLIED),
                )
            self._count(taken.name.lower())
        return taken

    def ticket(self, ticket_no: str) -> dict[str, Any] | None:
        """The ticket as created, where its trigger stands, and the state that applies now (None before the first)."""
        row = self._db.execute("SELECT * FROM ticket WHERE ticket_no = ?", (ticket_no,)).fetchone()
        if row is None:
            return None
        now = self._db.execute(
            "SELECT state FROM state_write WHERE ticket_no = ? AND is_applied ORDER BY seq DESC, id DESC LIMIT 1",
            (ticket_no,),
        ).fetchone()
        trigger = {"state": row["trigger_state"], "tries": row["trigger_tries"], "answer": row["trigger_answer"]}
        return {
            "ticket": json.loads(row["body"]),
            "trigger": trigger,
            "state": json.loads(now["state"]) if now else None,
        }

    def tickets_after(self, changed_at: str, ticket_no: str, *, limit: int) -> list[dict[str, Any]]:
        """In order of when they were created, here always in UTC, and of their numbers within that."""
        rows = self._db.execute(
            "SELECT * FROM ticket WHERE (created_at, ticket_no) > (?, ?) ORDER BY created_at, ticket_no LIMIT ?",
            (changed_at, ticket_no, limit),
        )
        return [
            {"position": {"at": row["created_at"], "id": row["ticket_no"]}, "ticket": json.loads(row["body"])}
            for row in rows
        ]

    def writes(self, ticket_no: str) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT * FROM state_write WHERE ticket_no = ? ORDER BY id", (ticket_no,))
        return [
            {"key": row["key"], "is_applied": bool(row["is_applied"]), "received_at": row["received_at"]}
            | json.loads(row["state"])
            for row in rows
        ]

    def tell(self, ticket_no: str, *, key: str, note: dict[str, Any]) -> Written:
        """Keep a note under its key, once."""
        if self.ticket(ticket_no) is None:
            return Written.UNKNOWN_TICKET
        text = json.dumps(note, sort_keys=True)
        row = (key, ticket_no, text)
        if self._db.execute("INSERT OR IGNORE INTO note (key, ticket_no, note) VALUES (?, ?, ?)", row).rowcount:
            return Written.APPLIED
        there = self._db.execute("SELECT key, ticket_no, note FROM note WHERE key = ?", (key,)).fetchone()
        return Written.DUPLICATE if tuple(there) == row else Written.KEY_REUSED

    def notes(self, ticket_no: str) -> list[dict[str, Any]]:
        """In the order they came."""
        rows = self._db.execute("SELECT note FROM note WHERE ticket_no = ? ORDER BY id", (ticket_no,))
        return [json.loads(row["note"]) for row in rows]

    def stats(self) -> dict[str, int]:
        tally = {row["name"]: int(row["amount"]) for row in self._db.execute("SELECT name, amount FROM tally")}
        return {
            "tickets": self._one("SELECT count(*) FROM ticket"),
            "pending_triggers": self._one("SELECT count(*) FROM ticket WHERE trigger_state = 'pending'"),
            "refused_triggers": self._one("SELECT count(*) FROM ticket WHERE trigger_state = 'refused'"),
            "writes": tally.get("applied", 0),
            "duplicates": tally.get("duplicate", 0),
            "out_of_order": tally.get("older", 0),
            "key_reused": tally.get("key_reused", 0),
            "unknown_ticket": tally.get("unknown_ticket", 0),
        }

    def _judge(self, ticket_no: str, *, key: str, text: str, seq: int) -> Written:
        if self._db.execute("SELECT 1 FROM ticket WHERE ticket_no = ?", (ticket_no,)).fetchone() is None:
            return Written.UNKNOWN_TICKET
        row = self._db.execute("SELECT state, ticket_no FROM state_write WHERE key = ?", (key,)).fetchone()
        if row:
            is_same = row["state"] == text and row["ticket_no"] == ticket_no
            return Written.DUPLICATE if is_same else Written.KEY_REUSED
        row = self._db.execute("SELECT max(seq) AS seq FROM state_write WHERE ticket_no = ?", (ticket_no,)).fetchone()
        return Written.OLDER if row["seq"] is not None and seq < row["seq"] else Written.APPLIED

    def _count(self, name: str) -> None:
        self._db.execute(
            "INSERT INTO tally VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET amount = amount + 1", (name,)
        )

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])
