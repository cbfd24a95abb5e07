"""How fast words are found and a queue's page opens, at 100,000 complaints in a database of its own.

    .venv/bin/python -m bench.search [--complaints 100000]

Rows are written straight into the tables: it is the reading that is measured. Prints p50 and p95 in milliseconds, and
how SQLite goes about each query.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Table, event, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ticket import Ticket
from ledger import search
from ledger import tables as t
from ledger.database import connect, migrate, reading, writing
from ledger.filtering import ComplaintFilter
from ledger.projection import END_OF_TIME
from ledger.queries import complaints
from ledger.search_words import of_ticket

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
ROUNDS = 40
_TABLES = (t.complaints, t.complaint_tags, t.complaint_supporters, search.search_texts)
_DEPARTMENTS = [f"department-{n}" for n in range(12)]
_SAID = (
    *("发动机", "制动", "异响", "漏油", "空调", "变速箱", "顿挫", "高速", "熄火", "刹车"),
    *("方向盘", "抖动", "仪表", "黑屏", "充电", "续航", "座椅", "异味", "门店", "维修"),
)
_FILL = "车辆在行驶过程中突然出现问题多次到店检查未能解决要求尽快处理并给出说法客户情绪激动"


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'ledger.db'}"
        await migrate(url)
        engine = connect(url)
        began = time.perf_counter()
        await _fill(engine, count)
        async with writing(engine) as connection:
            await connection.execute(text("ANALYZE"))
        size = (Path(folder) / "ledger.db").stat().st_size / 2**20
        print(f"{count} complaints in {time.perf_counter() - began:.0f} s, {size:.0f} MiB")
        await _measure(Stopwatch(engine), count)
        await engine.dispose()


async def _measure(watch: "Stopwatch", count: int) -> None:
    engine = watch.engine
    texts = {"common": "制动", "half": "异响", "rare": "幽灵", "two": "制动 异响", "none": "火星", "one char": "灵"}
    vin = f"LV{count // 2:015d}"[-8:]
    for name, asked in (*texts.items(), ("vin tail", vin), ("latin", "rar")):
        await watch.time(f"matching, {name}", partial(search.matching, engine, asked, limit=50))
        await watch.time(f"list, {name}", partial(_page, engine, text=asked))
        await watch.time(f"queue, {name}", partial(_page, engine, text=asked, is_open=True, department="department-3"))
    some = "department-3"
    pages: dict[str, dict[str, Any]] = {
        "all": {},
        "desk": {"department": some},
        "working_on": {"working_on": some},
        "working_on, open": {"working_on": some, "is_open": True},
        "working_on small, open": {"working_on": "small", "is_open": True},
        "waits_for": {"waits_for": some},
        "waits_for customer": {"waits_for": "customer"},
        "owner": {"owner": some, "is_open": True},
        "red line, open": {"is_red_line": True, "is_open": True},
        "risk >= 5, open": {"risk_at_least": 5, "is_open": True},
        "vip, grey, open": {"tier": "vip", "is_grey": True, "is_open": True},
        "common word of few": {"text": "制动", "owner": "small", "risk_at_least": 5},
        "created in a day": {"created_from": AT - timedelta(days=30), "created_to": AT - timedelta(days=29)},
    }
    for name, filters in pages.items():
        await watch.time(f"page, {name}", partial(_page, engine, **filters))


async def _page(engine: AsyncEngine, **filters: Any) -> Any:
    return await complaints(engine, ComplaintFilter(**filters), at=AT, limit=50)


class Stopwatch:
    """Times a read and tells the plan of its last statement."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._last: tuple[str, Any] = ("", None)
        event.listen(engine.sync_engine, "before_cursor_execute", self._hear)

    async def time(self, name: str, ask: Callable[[], Awaitable[Any]]) -> None:
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await ask()
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        print(f"{name:32} p50 {took[ROUNDS // 2]:7.1f}  p95 {took[int(ROUNDS * 0.95)]:7.1f} ms")
        statement, parameters = self._last
        async with reading(self.engine) as connection:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            print("    " + " | ".join(str(detail) for *_, detail in plan), flush=True)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith("EXPLAIN"):
            self._last = (statement, parameters)


async def _fill(engine: AsyncEngine, count: int) -> None:
    dice = random.Random(1)
    for first in range(0, count, 2_000):
        numbers = range(first, min(first + 2_000, count))
        rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in _TABLES}
        for number in numbers:
            ticket = _ticket(number, dice)
            opened, personal = map(" ".join, of_ticket(ticket))
            found_by = {"id": number + 1, "open_tokens": opened, "personal_tokens": personal, "rules": search.RULES}
            rows[search.search_texts].append({"ticket_no": ticket.ticket_no} | found_by)
            _project(ticket, number, dice, rows)
        async with writing(engine) as connection:
            for table, some in rows.items():
                if some:
                    await connection.execute(insert(table), some)

    async with writing(engine) as connection:
        await connection.execute(text("INSERT INTO search_index (search_index) VALUES ('rebuild')"))


def _ticket(number: int, dice: random.Random) -> Ticket:
    at = dice.randrange(len(_FILL) - 12)
    said = [*dice.choices(_SAID, k=3), _FILL[at : at + 12], *(["幽灵"] if number % 5_000 == 7 else [])]
    said += ["异响"] if number % 2 else []
    vehicle = {"vin": f"LV{number:015d}", "model": "rarity" if number % 5_000 == 9 else "model"}
    facts = {"created_at": AT - timedelta(hours=number % 9_000), "tags": [f"tag.{number % 40}"], "vehicle": vehicle}
    customer = {"name": f"王{number}", "phone": f"1390{number:07d}"}
    return Ticket.model_validate({"ticket_no": f"T-{number}", "words": "，".join(said), "customer": customer, **facts})


def _project(ticket: Ticket, number: int, dice: random.Random, rows: dict[Table, list[dict[str, Any]]]) -> None:
    """Nine of ten are closed, as in a ledger of a year."""
    is_open = number % 10 == 0
    desk = "small" if number % 1_000 == 10 else dice.choice(_DEPARTMENTS)
    due_at = AT + timedelta(minutes=dice.randrange(-5_000, 5_000)) if is_open else None
    key = {"ticket_no": ticket.ticket_no}
    row: dict[str, Any] = dict.fromkeys(("tier", "channel", "clock_kind", "clock", "next_rule", "merged_into"), "")
    row |= {"hops": 1, "first_fix_failures": 0, "refusals": 0, "transfers_refused": 0, "is_complex": False}
    row |= {"seq": 9, "policy_version": "1", "owner": desk, "desk": desk, "tags": list(ticket.tags)}
    row |= {"stage": dice.choice(["dispatched", "in_work", "verification"]) if is_open else "closed"}
    row |= {"tier": dice.choice(["ordinary"] * 20 + ["vip"]), "risk_level": dice.choice([1, 1, 2, 2, 3, 4, 5])}
    row |= {"channel": "hotline", "is_grey": number % 30 == 0, "is_red_line": number % 50 == 0}
    row |= {"created_at": ticket.created_at, "closing": "" if is_open else "confirmed"}
    row |= {"due_at": due_at, "yellow_at": due_at, "next_due_at": due_at, "urgent_at": due_at or END_OF_TIME}
    row |= {"closed_at": None if is_open else AT, "state": {"padding": "x" * 2_000}}
    rows[t.complaints].append(key | row)
    rows[t.complaint_tags].append(key | {"tag": ticket.tags[0]})
    if number % 3 == 0:
        rows[t.complaint_supporters].append(key | {"department": dice.choice(_DEPARTMENTS)})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--complaints", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().complaints))
