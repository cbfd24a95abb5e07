"""From a folded complaint to the rows that lists and boards read, and back."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, Table, bindparam, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import governing
from domain.complaint import Breach, Complaint
from domain.deadlines import next_due
from domain.events import CommandRefused, Event, Opened
from domain.fold import replay
from domain.policy import Policy
from domain.service import has_expert
from ledger import policies
from ledger import tables as t
from ledger.rows import Write, upserting, write

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)  # a closed complaint is due then, so it stands last in every list

Rows = list[dict[str, Any]]
PolicyIn = Callable[[AsyncConnection, str], Awaitable[Policy]]

# Made once: each append asks them.
_REFUSED = insert(t.refusals)
_DELETES = {
    table: delete(table).where(*(column == bindparam(column.name) for column in table.primary_key))
    for table in t.PROJECTIONS
}


def complaint_from(state: Mapping[str, Any], policy: Policy) -> Complaint:
    """The complaint whose `state` column this is."""
    return Complaint.model_validate({**state, "policy": policy})


async def complaints_from(connection: AsyncConnection, rows: Iterable[Any]) -> tuple[Complaint, ...]:
    """Those whose `state` and `policy_version` these rows have. Many live under a few policies, each a long text."""
    found = tuple(rows)
    versions = {row.policy_version for row in found}
    known = {version: await policies.get_in(connection, version) for version in versions}
    return tuple(complaint_from(row.state, known[row.policy_version]) for row in found)


def rows_of(complaint: Complaint) -> dict[Table, Rows]:
    """The rows of every projection that follows from the complaint alone."""
    return {t.complaints: [row_of(complaint)], **_children_of(complaint)}


def row_of(complaint: Complaint) -> dict[str, Any]:
    return {"ticket_no": complaint.ticket.ticket_no} | _row(complaint)


def _children_of(complaint: Complaint) -> dict[Table, Rows]:
    key = {"ticket_no": complaint.ticket.ticket_no}
    return {
        t.complaint_tags: [key | {"tag": tag} for tag in dict.fromkeys(complaint.tags)],
        t.complaint_supporters: [key | {"department": name} for name in _supporters(complaint)],
        t.hops: [key | _columns(hop, t.hops) for hop in complaint.hops],
        t.claims: [key | _columns(claim, t.claims) for claim in complaint.claims],
        t.breaches: [key | _breach(breach, n) for n, breach in enumerate(complaint.breaches, start=1)],
        t.escalations: [
            key | {"number": n} | _columns(raised, t.escalations)
            for n, raised in enumerate(complaint.escalations, start=1)
        ],
    }


def moved(dialect: str, before: Complaint | None, after: Complaint, happened: Iterable[Event]) -> Iterator[Write]:
    """What brings the rows from `before`, or from none, to how the complaint stands after `happened`.

    Rows that stay as they were are not written: a complaint has many and an event moves few.
    """
    yield upserting(t.complaints, dialect), [row_of(after)]
    there = _children_of(before) if before else {}
    for table, wanted in _children_of(after).items():
        yield from _changed(dialect, table, there.get(table, []), wanted)
    yield _REFUSED, refusals_of(after.ticket.ticket_no, happened)


async def project_anew(connection: AsyncConnection, happened: Sequence[Event]) -> Complaint:
    """Make the complaint's rows from all its events, whatever stood there before.

    Raises ValueError when an event is missing, policies.UnknownPolicy when the ledger lacks the opening's policy.
    """
    complaint = await refold(connection, happened)
    await put_anew(connection, [(complaint, happened)])
    return complaint


async def put_anew(connection: AsyncConnection, told: Sequence[tuple[Complaint, Sequence[Event]]]) -> None:
    """These complaints' rows, made of what happened to each, in place of whatever stood there: a statement a table."""
    await forget(connection, [complaint.ticket.ticket_no for complaint, _ in told])
    together: dict[Executable, list[Mapping[str, Any]]] = {}
    for complaint, happened in told:
        for statement, rows in moved(connection.dialect.name, None, complaint, happened):
            together.setdefault(statement, []).extend(rows)
    await write(connection, together.items())


def _changed(dialect: str, table: Table, there: Rows, wanted: Rows) -> Iterator[Write]:
    if there == wanted:
        return
    keys = table.primary_key.columns.keys()
    before = {tuple(row[name] for name in keys): row for row in there}
    after = {tuple(row[name] for name in keys): row for row in wanted}
    yield _DELETES[table], [dict(zip(keys, key, strict=True)) for key in before if key not in after]
    yield upserting(table, dialect), [row for key, row in after.items() if before.get(key) != row]


async def refold(
    connection: AsyncConnection, happened: Sequence[Event], *, policy_in: PolicyIn = policies.get_in
) -> Complaint:
    """The complaint told by its events alone, under the policy it was opened with."""
    opening = happened[0]
    if not isinstance(opening, Opened):
        raise ValueError("a complaint's first event is its opening")
    return replay(happened, await policy_in(connection, opening.policy_version))


async def forget(connection: AsyncConnection, ticket_nos: Sequence[str]) -> None:
    """Remove these complaints from the projections; their events stay."""
    await connection.execute(delete(t.complaints).where(t.complaints.c.ticket_no.in_(ticket_nos)))


def refusals_of(ticket_no: str, happened: Iterable[Event]) -> Rows:
    """Who was refused what. It follows from the events: the fold only counts it."""
    return [
        {
            "ticket_no": ticket_no,
            "seq": event.seq,
            "department": event.actor.department if event.actor else "",
            "command": event.command,
            "code": event.code,
            "at": event.at,
        }
        for event in happened
        if isinstance(event, CommandRefused)
    ]


def _supporters(c: Complaint) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.hop.supporters)) if c.hop else ()


def _row(c: Complaint) -> dict[str, Any]:
    return _standing(c) | _clock(c) | {"state": c.model_dump(mode="json", exclude={"policy"})}


def _standing(c: Complaint) -> dict[str, Any]:
    return {
        "seq": c.seq,
        "policy_version": c.policy.version,
        "stage": c.stage,
        "owner": c.owner,
        "desk": c.desk,
        "tags": list(c.tags),
        "tag": c.tags[0] if c.tags else "",
        "tier": c.ticket.tier,
        "channel": c.ticket.channel,
        "risk_level": c.risk_level,
        "is_complex": c.is_complex,
        "is_grey": c.hop.is_grey if c.hop else False,
        "is_red_line": c.is_red_line,
        "calls_expert": has_expert(c),
        "created_at": c.ticket.created_at,
        "hops": sum(not hop.is_void for hop in c.hops),
        "first_fix_failures": c.first_fix_failures,
        "refusals": c.refusals,
        "transfers_refused": c.transfers_refused,
        "closing": c.closing or "",
        "closed_at": c.closed_at,
        "merged_into": c.merged_into,
    }


def _clock(c: Complaint) -> dict[str, Any]:
    clock, due = governing(c), next_due(c)
    return {
        "clock_kind": clock.kind if clock else "",
        "clock": clock.key if clock else "",
        "yellow_at": clock.yellow_at if clock else None,
        "due_at": clock.due_at if clock else None,
        "is_provisional": clock.is_provisional if clock else False,
        "urgent_at": clock.due_at if clock else END_OF_TIME,
        "next_due_at": due.due_at if due else None,
        "next_rule": due.rule if due else "",
    }


def _breach(breach: Breach, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "clock": breach.clock,
        "clock_kind": breach.clock_kind,
        "department": breach.holder,
        "due_at": breach.due_at,
        "noticed_at": breach.noticed_at,
        "charged": breach.charged,
    }


def _columns(value: Any, table: Table) -> dict[str, Any]:
    """The fields of `value` that `table` has columns for; a missing text is ""."""
    fields = {name: getattr(value, name) for name in table.c.keys() if hasattr(value, name)}  # noqa: SIM118
    return {name: "" if found is None and not table.c[name].nullable else found for name, found in fields.items()}
