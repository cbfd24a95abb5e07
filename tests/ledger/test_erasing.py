"""After erasing no personal value is anywhere, and everything that is counted is as before."""

import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

import ledger
from domain import audit
from domain.commands import Actor, Role
from domain.outlets import Audience, Notice, NoticeKind
from domain.ticket import Customer, Ticket, Vehicle
from domain.vehicle import Repair, VehicleFacts
from ledger import (
    boards,
    erasing,
    evidence,
    holds,
    inbox,
    notes,
    notices,
    personal,
    restricting,
    saved_filters,
    search,
    surveys,
    tickets,
    vehicles,
)
from ledger import tables as t
from ledger.access_tables import disclosures
from ledger.columns import metadata
from ledger.customer_links import customer_links
from ledger.database import reading, writing
from ledger.erasing import Refusal
from ledger.events import append, events_of
from ledger.messages import messages
from ledger.personal import Act
from ledger.personal_tables import complaint_keys
from ledger.rebuilding import rebuild
from ledger.rows import Kept
from ledger.scrubbing import scrub
from ledger.search_filling import refill
from ledger.tokens import tokens
from ledger.verifying import heads, verify
from tests.builders import DAY, T0, a_policy
from tests.end_to_end.leaks import leaks
from tests.ledger.building import a_batch, a_ledger, withdrawn

NAME, PHONE, MAIL, VIN, PLATE = "欧阳春晓", "13912345678", "ouyang@example.com", "LSVAA4182E2184847", "沪A8K9Z7"
WORDS, SAID, FILE = "高速上突然熄火很害怕", "客户说孩子在车上", "欧阳春晓的行车记录.mp4"
PLANTED = (NAME, PHONE, MAIL, VIN, PLATE, WORDS, SAID, FILE, *tokens("高速")[:1], *tokens("孩子")[:1])
CX = Actor(role=Role.CX, department="cx", id="cx-1")
BY: dict[str, Any] = {"by": "dpo-1", "why": "request of 2026-03-09"}


def a_ticket(ticket_no: str, **changes: Any) -> Ticket:
    who = Customer(name=NAME, phone=PHONE, email=MAIL)
    car = Vehicle(vin=VIN, plate=PLATE, brand="星途", model="R7", mileage_km=12_345)
    given = {"customer": who, "vehicle": car, "words": WORDS, "tags": ("engine.stall", "孩子在车上"), **changes}
    return Ticket(ticket_no=ticket_no, created_at=T0, files=("c" * 64,), **given)


async def planted(engine: AsyncEngine, ticket_no: str) -> None:
    """Everything that a customer may leave behind."""
    await inbox.take_ticket(engine, a_ticket(ticket_no), received_at=T0, key=f"open-{ticket_no}")
    await notes.keep(engine, ticket_no=ticket_no, text=f"{SAID} {PHONE}", author="cx-1", at=T0)
    row: dict[str, Any] = {"kind": "video", "media_type": "video/mp4", "size": 5, "stored_at": T0, "by": "cx-1"}
    await evidence.keep(engine, ticket_no=ticket_no, sha256="e" * 64, file_name=FILE, **row)
    await vehicles.keep(engine, VIN, VehicleFacts(), at=T0, by="crm")
    await vehicles.keep_repair(engine, VIN, Repair(repair_no="R-1", begun_at=T0), at=T0, by="crm")
    notice = Notice(
        key=f"{ticket_no}:n1", kind=NoticeKind.CUSTOMER_RECEIVED, audience=Audience.CUSTOMER, department="", facts={}
    )
    said: dict[str, Any] = {"subject": f"{NAME} 您好", "body": f"{WORDS} {PLATE}", "created_at": T0}
    await notices.post(engine, notice, ticket_no=ticket_no, address=MAIL, **said)
    await notices.failed(engine, key=notice.key, address=MAIL, reason=f"550 <{MAIL}> unknown")
    await surveys.invite(engine, ticket_no=ticket_no, round=1, token_hash="f" * 64, invited_at=T0)
    answer = {"answer": "resolved", "ratings": {"speed": 4}, "words": SAID}
    await surveys.answer(engine, ticket_no=ticket_no, round=1, answer=answer, answered_at=T0)
    await saved_filters.keep(engine, person_id="cx-1", name="他的", query={"text": PHONE}, at=T0)
    await saved_filters.keep(engine, person_id="cx-1", name="红灯", query={"light": "red"}, at=T0)
    seen = {"person_id": "cx-1", "name": {"zh": "李", "en": "Li"}, "what": "personal", "why": f"call {NAME} back"}
    link = {"token_hash": "9" * 64, "issued_at": T0, "issued_by": "", "sent_at": T0, "revoked_by": ""}
    async with writing(engine) as connection:
        await connection.execute(insert(disclosures).values(at=T0, ticket_no=ticket_no, **seen))
        await connection.execute(insert(customer_links).values(ticket_no=ticket_no, number=1, **link))


@asynccontextmanager
async def a_planted_ledger(folder: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(folder) as engine:
        await planted(engine, "T-1")
        await append(engine, a_batch(withdrawn("T-1"), messages=True), recorded_at=T0 + DAY)
        yield engine


def left_in(folder: Path) -> list[str]:
    return leaks(PLANTED, folder.iterdir())


def every_table() -> list[Table]:
    for module in pkgutil.iter_modules(ledger.__path__):
        import_module(f"ledger.{module.name}")
    return metadata.sorted_tables


async def everything(engine: AsyncEngine) -> str:
    """Each row of each table."""
    async with reading(engine) as connection:
        rows = [repr(tuple(row)) for table in every_table() for row in await connection.execute(select(table))]
    return "\n".join(rows)


async def test_no_personal_value_is_left_in_any_table(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        before = await everything(engine)
        assert all(value in before for value in PLANTED)
        done = await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        after = await everything(engine)
        assert (done.refused, [value for value in PLANTED if value in after]) == (None, [])
        assert done.files == ("c" * 64, "e" * 64)


@pytest.mark.on("sqlite")
async def test_no_personal_value_is_left_in_any_file(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        assert left_in(tmp_path)
        await scrub(engine)
        assert left_in(tmp_path) == []


@pytest.mark.on("postgresql")
async def test_postgresqls_tables_are_written_anew(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        await scrub(engine)
        async with reading(engine) as connection:
            assert await connection.scalar(select(t.tickets.c.content_hash)) == "erased"


async def test_history_chain_audit_and_figures_are_as_before(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        events, anchors = await events_of(engine, "T-1"), await heads(engine)
        figures = await boards.totals(engine), await boards.department_table(engine)
        await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        assert await verify(engine, anchored=anchors) == ()
        assert (await rebuild(engine)).broken == ()
        await refill(engine)
        assert await events_of(engine, "T-1") == events
        taken = [each.message for each in await messages(engine, "T-1")]
        assert audit.differences(events, taken, policy=a_policy()) == ()
        assert (await boards.totals(engine), await boards.department_table(engine)) == figures
        survey = (await surveys.of_ticket(engine, "T-1"))[0]
        assert survey.answer == {"answer": "resolved", "ratings": {"speed": 4}}


@pytest.mark.parametrize("asked", [NAME, PHONE, VIN, PLATE, "熄火", "孩子"])
async def test_search_finds_it_by_nothing_personal(tmp_path: Path, asked: str) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        assert await search.matching(engine, asked, limit=5, shown_to=CX) == ("T-1",)
        await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        assert await search.matching(engine, asked, limit=5, shown_to=CX) == ()
        assert await search.matching(engine, "T-1", limit=5, shown_to=CX) == ("T-1",)


async def test_it_is_written_down_who_erased_when_and_why(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        act = await personal.standing(engine, "T-1")
        assert act is not None
        assert (act.act, act.at, act.by, act.why) == (Act.ERASED, T0 + DAY, "dpo-1", "request of 2026-03-09")
        assert (act.counts["notes"], act.counts["files"]) == (1, 2)


async def test_the_key_of_its_notes_ids_is_destroyed(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        said: dict[str, Any] = {"ticket_no": "T-1", "text": f"{SAID} {PHONE}", "author": "cx-1", "at": T0}
        first = (await notes.of_ticket(engine, "T-1"))[0].note_id
        assert await notes.keep(engine, **said) == first
        await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        async with reading(engine) as connection:
            assert (await connection.execute(select(complaint_keys))).all() == []
        assert await notes.keep(engine, **said) != first  # nobody can try the text against the id any more


async def test_a_dry_run_says_the_same_and_forgets_nothing(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        before = await everything(engine)
        would = await erasing.erase(engine, "T-1", at=T0 + DAY, dry=True, **BY)
        assert await everything(engine) == before
        assert would == await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)


async def test_a_complaint_under_legal_hold_is_kept_and_says_why(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        await holds.place(engine, "T-1", why="court file 12/26", at=T0, by="legal-1")
        before = await everything(engine)
        refused = await erasing.erase(engine, "T-1", at=T0 + DAY, is_forced=True, **BY)
        assert (refused.refused, await everything(engine)) == (Refusal.HELD, before)
        assert "court file 12/26" in refused.sentence
        assert await holds.lift(engine, "T-1", at=T0 + DAY, by="legal-1")
        assert (await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)).refused is None


async def test_an_open_complaint_is_erased_only_by_force(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await planted(engine, "T-1")
        assert (await erasing.erase(engine, "T-1", at=T0, **BY)).refused is Refusal.OPEN
        assert (await erasing.erase(engine, "T-1", at=T0, is_forced=True, **BY)).refused is None
        assert (await erasing.erase(engine, "T-9", at=T0, is_forced=True, **BY)).refused is Refusal.UNKNOWN


async def test_what_another_complaint_has_stays(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        other = a_ticket("T-2", customer=Customer(name="王芳"), vehicle=Vehicle(vin="LSVAA4182E2184999"), words="异响")
        await inbox.take_ticket(engine, other, received_at=T0, key="open-T-2")
        done = await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        assert done.files == ("e" * 64,)  # both tickets came with the other file
        kept = await inbox.take_ticket(engine, other, received_at=T0, key="open-T-2")
        assert kept.kept is Kept.SAME
        assert await search.matching(engine, "王芳", limit=5, shown_to=CX) == ("T-2",)
        assert [each.name for each in await saved_filters.of_person(engine, "cx-1")] == ["红灯"]


async def test_the_crm_cannot_bring_an_erased_customer_back(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        await erasing.erase(engine, "T-1", at=T0 + DAY, **BY)
        again = await inbox.take_ticket(engine, a_ticket("T-1"), received_at=T0 + DAY, key="open-again")
        assert again.kept is Kept.SAME
        assert NAME not in await everything(engine)


async def test_restricted_data_is_put_away_until_it_is_asked_for_or_erased(tmp_path: Path) -> None:
    async with a_planted_ledger(tmp_path) as engine:
        assert await restricting.restrict(engine, "T-1", at=T0 + DAY, by="retention", why="36 months")
        assert not await restricting.restrict(engine, "T-1", at=T0 + DAY, by="retention", why="36 months")
        kept = await tickets.get(engine, "T-1")
        assert (kept and kept.customer.name, await search.matching(engine, PHONE, limit=5, shown_to=CX)) == ("", ())
        papers = await restricting.papers(engine, "T-1")
        assert papers is not None
        assert papers.ticket == a_ticket("T-1")
        assert (list(papers.notes.values()), list(papers.files.values())) == ([f"{SAID} {PHONE}"], [FILE])
        done = await erasing.erase(engine, "T-1", at=T0 + 2 * DAY, **BY)
        after = await everything(engine)
        assert (done.files, [value for value in PLANTED if value in after]) == (("c" * 64, "e" * 64), [])
        assert await restricting.papers(engine, "T-1") is None


# Tables of complaints that hold facts and references alone: nothing in them is to be forgotten.
IMPERSONAL = frozenset(
    (
        *(
            "events",
            "messages",
            "evidence_originals",
            "personal_acts",
            "legal_holds",
            "crm_refusals",
            "crm_differences",
        ),
        *("complaints", "complaint_tags", "complaint_supporters", "hops", "claims", "breaches", "escalations"),
        *("refusals", "webhook_deliveries", "red_lines", "kin", "kin_looks", "goodwill", "campaign_members"),
        "seatings",
    )
)
FORGOTTEN = frozenset(
    (
        *("tickets", "inbox", "notes", "evidence", "notices", "surveys", "customer_links", "disclosures"),
        *("search_texts", "restricted_papers", "complaint_keys", "campaign_bands", "customer_marks"),
    )
)


def test_each_table_of_complaints_is_known_to_erasing() -> None:
    """Whoever adds one says here whether it may hold what is personal, and erases that if it does."""
    assert {table.name for table in every_table() if "ticket_no" in table.c} == IMPERSONAL | FORGOTTEN
