"""Ledgers of any size, filled with what the core itself decided.

The core plays a few hundred complaints over a year under the policy that ships; each is written again and again under
other numbers, with a hash chain, rows that lists read, a ticket and its words of its own. Messages are left out: no
figure here reads them.
"""

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain import commands as cmd
from domain.commands import RootCause
from domain.complaint import Stage
from domain.events import Event
from domain.policy import Policy
from domain.ticket import Ticket
from ledger import policies, search
from ledger import tables as t
from ledger.chain import GENESIS, linked
from ledger.database import writing
from ledger.projection import refusals_of, rows_of
from ledger.rows import Write, write
from ledger.search_words import of_ticket
from ledger.tickets import hash_of
from policy.reading import load
from tests.builders import CUSTOMER, HOUR, NOTE, Played, of

PLAYED, OPEN_EACH, AT_A_TIME = 400, 10, 1_000  # plays; one in so many is open; complaints a transaction
SINCE = timedelta(days=365)
PREFIX = "B-"  # of the numbers of what was filled in
_PLACEHOLDER = f"{PREFIX}XXXXXXXXX"
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_SAID = (
    *("发动机", "制动", "异响", "漏油", "空调", "变速箱", "顿挫", "高速", "熄火", "刹车"),
    *("方向盘", "抖动", "仪表", "黑屏", "充电", "续航", "座椅", "异味", "门店", "维修"),
)
_FILL = "车辆在行驶过程中突然出现问题多次到店检查未能解决要求尽快处理并给出说法客户情绪激动"


class Pattern(NamedTuple):
    """A complaint that was played, ready to be written under another number."""

    events: tuple[str, ...]  # JSON
    rows: str  # of the complaint's projections by table, as JSON with instants marked
    ticket: dict[str, Any]


class Filled(NamedTuple):
    complaints: int
    events: int


def number_of(place: int) -> str:
    return f"{PREFIX}{place:09d}"


def plays(*, now: datetime) -> Iterator[Played]:
    """Complaints of the last year: nine of ten over, the others begun in the last few days."""
    policy, dice = load(None).policy_at(now), random.Random(1)
    barred = {*policy.matrix.red_line_tags, *policy.matrix.complex_tags}
    tags = [tag for known in policy.matrix.owners.values() for tag in known if tag not in barred]
    for place in range(PLAYED):
        is_open = place % OPEN_EACH == 0
        age = timedelta(minutes=dice.randrange(60, 6_000)) if is_open else _earlier(dice)
        yield _played(policy, dice, dice.choice(tags), at=now - age, until=now if is_open else None)


def _earlier(dice: random.Random) -> timedelta:
    return timedelta(minutes=dice.randrange(21 * 1_440, SINCE // timedelta(minutes=1)))


def _played(policy: Policy, dice: random.Random, tag: str, *, at: datetime, until: datetime | None) -> Played:
    """Accepted, moved on, claimed; two in five are rejected once. It stops at `until`."""
    played = Played(tag, policy=policy, at=at, ticket_no=_PLACEHOLDER)
    owner = of(played.complaint.owner)
    claimed = {"note_id": NOTE, "root_cause": RootCause.DESIGN}
    reply = cmd.CustomerReply
    steps: list[tuple[timedelta, Any, Any, dict[str, Any]]] = [
        (HOUR * dice.randrange(1, 4), cmd.Accept, owner, {}),
        (HOUR * dice.randrange(4, 20), cmd.PostProgress, owner, {"note_id": NOTE}),
        (HOUR * dice.randrange(20, 72), cmd.Claim, owner, claimed),
    ]
    if is_rejected := dice.randrange(5) < 2:
        steps.append((74 * HOUR, reply, CUSTOMER, {"answer": cmd.Answer.REJECT, "round": 1}))
        steps.append((80 * HOUR, cmd.Claim, owner, claimed))
    steps.append((86 * HOUR, reply, CUSTOMER, {"answer": cmd.Answer.CONFIRM, "round": 1 + is_rejected}))
    for after, command, by, fields in steps:
        if until and at + after > until:
            break
        played.send(command, at=at + after, by=by, **fields)
    if until:
        played.wait(until)
    elif played.complaint.stage is not Stage.CLOSED:
        raise RuntimeError(f"a play did not close: {played.kinds()}")
    return played


def patterns(*, now: datetime) -> tuple[Policy, list[Pattern]]:
    made = list(plays(now=now))
    return made[0].policy, [_pattern(played) for played in made]


def _pattern(played: Played) -> Pattern:
    complaint = played.complaint
    rows = {table.name: rows for table, rows in rows_of(complaint).items()}
    rows[t.refusals.name] = refusals_of(complaint.ticket.ticket_no, played.events)
    told = complaint.ticket.model_dump(mode="json")
    facts = {name: told[name] for name in ("created_at", "tags", "tier", "channel")}
    return Pattern(tuple(event.model_dump_json() for event in played.events), json.dumps(rows, default=_marked), facts)


def _marked(value: object) -> object:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    raise TypeError(f"a row holds {value!r}, which the filler cannot copy")


def _unmarked(found: dict[str, Any]) -> Any:
    return datetime.fromisoformat(found["instant"]) if found.keys() == {"instant"} else found


async def fill(engine: AsyncEngine, complaints: int, *, now: datetime, on_progress: Any = None) -> Filled:
    """Bring an empty, migrated ledger to so many complaints."""
    policy, made = patterns(now=now)
    await policies.keep(engine, policy)
    dice, events = random.Random(2), 0
    for first in range(0, complaints, AT_A_TIME):
        places = range(first, min(first + AT_A_TIME, complaints))
        async with writing(engine) as connection:
            events += await _write_some(connection, [(place, made[place % len(made)]) for place in places], dice, now)
        if on_progress:
            on_progress(places.stop, complaints)
    await _settle(engine)
    return Filled(complaints, events)


async def _write_some(
    connection: AsyncConnection, some: Sequence[tuple[int, Pattern]], dice: random.Random, now: datetime
) -> int:
    """How many events were written."""
    tickets: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    projected: dict[str, list[dict[str, Any]]] = {table.name: [] for table in t.PROJECTIONS}
    for place, pattern in some:
        number = number_of(place)
        ticket = _ticket(place, pattern, dice)
        tickets.append(_ticket_row(ticket))
        opened, personal = map(" ".join, of_ticket(ticket))
        texts.append({"id": place + 1, "ticket_no": number, "open_tokens": opened, "personal_tokens": personal})
        told = [_EVENT.validate_json(body.replace(_PLACEHOLDER, number)) for body in pattern.events]
        events += linked(told, ticket_no=number, after=GENESIS, recorded_at=now)
        for name, rows in json.loads(pattern.rows.replace(_PLACEHOLDER, number), object_hook=_unmarked).items():
            projected[name] += rows
    texts = [row | {"rules": search.RULES} for row in texts]
    await write(connection, [(_TICKETS, tickets), (_TEXTS, texts), (_EVENTS, events), *_writes(projected)])
    return len(events)


_TICKETS, _TEXTS, _EVENTS = insert(t.tickets), insert(search.search_texts), insert(t.events)
_PROJECTED = {table.name: insert(table) for table in t.PROJECTIONS}


def _writes(projected: dict[str, list[dict[str, Any]]]) -> list[Write]:
    return [(_PROJECTED[table.name], projected[table.name]) for table in t.PROJECTIONS]


def _ticket(place: int, pattern: Pattern, dice: random.Random) -> Ticket:
    """Words of its own: half of all tickets say 异响, one in seven 制动, one in 5,000 幽灵."""
    at = dice.randrange(len(_FILL) - 12)
    said = [*dice.choices(_SAID, k=3), _FILL[at : at + 12], *(["幽灵"] if place % 5_000 == 7 else [])]
    said += ["异响"] if place % 2 else []
    facts = {
        "ticket_no": number_of(place),
        "words": "，".join(said),
        "customer": {"name": f"王{place}", "phone": f"139{place:08d}"},
        "vehicle": {"vin": f"LV{place:015d}", "model": "model"},
    }
    return Ticket.model_validate(pattern.ticket | facts)


def _ticket_row(ticket: Ticket) -> dict[str, Any]:
    whole = ticket.model_dump(mode="json")
    row = {name: getattr(ticket, name) for name in ("ticket_no", "created_at", "tier", "risk_level", "channel")}
    row |= {name: whole["vehicle"][name] for name in ("vin", "plate", "brand", "model", "mileage_km")}
    row |= {"is_complex": ticket.is_complex, "words": ticket.words, "received_at": ticket.created_at}
    row |= {
        "tags": whole["tags"],
        "files": whole["files"],
        "customer": whole["customer"],
        "case_facts": ticket.case.model_dump(mode="json"),
    }
    return row | {"content_hash": hash_of(ticket)}


async def _settle(engine: AsyncEngine) -> None:
    """What the databases would have done by themselves in a year: the search's index merged, statistics taken."""
    is_sqlite = engine.dialect.name == "sqlite"
    async with writing(engine) as connection:
        if is_sqlite:
            await connection.execute(text("INSERT INTO search_index (search_index) VALUES ('rebuild')"))
        else:  # rows came with their ids
            await connection.execute(
                text("SELECT setval(pg_get_serial_sequence('search_texts', 'id'), (SELECT max(id) FROM search_texts))")
            )
        await connection.execute(text("ANALYZE"))


def sample(complaints: int, *, of_all: int) -> list[str]:
    """So many numbers, evenly spread over a ledger of `of_all`."""
    return [number_of(place) for place in itertools.islice(range(0, of_all, max(1, of_all // complaints)), complaints)]
