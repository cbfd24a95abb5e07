"""What is masked finds nothing, however it is asked for; whom a complaint concerns finds it by the whole of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.access import is_concerned
from domain.commands import Actor, Role
from domain.ticket import Ticket
from ledger import notes, tickets
from ledger import tables as t
from ledger.concerning import concerns
from ledger.database import reading
from ledger.search import matching
from ledger.search_words import of_text, of_ticket
from tests.builders import ARBITER, CX, HOUR, LEADERSHIP, NOTE, PHOTO, T0, Played, of
from tests.ledger.building import a_ledger, a_whole_ticket, eventful, recorded, withdrawn

MUCH, NOTHING = "K-67", "K-69"  # of signs that stand in none of the facts
NAME, PHONE, PLATE, VIN = "王小明", "13800001111", "沪A12345", "LVSHCAMB1CE000001"
SAID = "{}说制动异响，车牌{}，电话{}，另一个电话{}，邮箱{}"
FACTS = (NAME, PLATE, "138 0000-1111", "1391-2345-678", "xiao.ming@example.com")
NOTED = "已联系{}，车牌{}"
ENGINE, CHASSIS = of("engine"), of("chassis")


def told_much(ticket_no: str = MUCH) -> Ticket:
    return a_whole_ticket(ticket_no, words=SAID.format(*FACTS))


def told_nothing(ticket_no: str = NOTHING) -> Ticket:
    """The same without what is personal in it."""
    return a_whole_ticket(ticket_no, words=SAID.format(*[" "] * 5), customer={}, vehicle={})


async def two_tickets(engine: AsyncEngine) -> None:
    for ticket, said in ((told_much(), NOTED.format(NAME, "沪 A 123 45")), (told_nothing(), NOTED.format(" ", " "))):
        await recorded(engine, Played("engine.stall", ticket_no=ticket.ticket_no))
        await tickets.keep(engine, ticket, received_at=T0)
        await notes.keep(engine, ticket_no=ticket.ticket_no, text=said, author="x", at=T0)


def asked_of(fact: str) -> set[str]:
    """Every part of it, and its parts with something between their signs."""
    parts = {fact[a:b] for a in range(len(fact)) for b in range(a + 1, len(fact) + 1)}
    return parts | {between.join(fact[:end]) for end in range(2, len(fact) + 1) for between in (" ", "-", "·", "*")}


async def test_who_may_not_see_them_cannot_tell_by_any_search_that_a_name_plate_or_phone_is_there(
    tmp_path: Path,
) -> None:
    asked = sorted(set().union(*map(asked_of, (NAME, PLATE, "13800001111", "xiao.ming"))))
    async with a_ledger(tmp_path) as engine:
        await two_tickets(engine)
        found = {each: await matching(engine, each, limit=5) for each in asked}
        # Another department's may see what is personal, and yet not here.
        found |= {f"{each} ": await matching(engine, each, limit=5, shown_to=CHASSIS) for each in FOUND_BY}
        assert {each for each, tickets_found in found.items() if len(tickets_found) == 1} == set()
        assert await matching(engine, "制动 车牌 联系", limit=5) == (NOTHING, MUCH)


FOUND_BY = [
    PLATE,
    "沪a 123 45",
    "沪·A-12345",
    PHONE,
    "138 0000 1111",
    "+86 13800001111",
    "13912345678",  # as it stands in the words, however it was grouped there
    NAME,
    "小明",
    "王 小 明",
    "xiao.ming@example.com",
    "制动 沪A12345",  # a word that all may find, and a plate
    "CE000001",  # a VIN with the year and the plant, which its mask hides
]


@pytest.mark.parametrize("shown_to", [CX, ENGINE, Actor(role=Role.INTEGRATION, id="key-1")])
async def test_whom_the_complaint_concerns_finds_it_by_the_whole_of_it(tmp_path: Path, shown_to: Actor) -> None:
    async with a_ledger(tmp_path) as engine:
        await two_tickets(engine)
        found = {each: await matching(engine, each, limit=5, shown_to=shown_to) for each in FOUND_BY}
        assert {each for each, tickets_found in found.items() if tickets_found != (MUCH,)} == set()
        assert await matching(engine, "制动 异响", limit=5, shown_to=shown_to) == (NOTHING, MUCH)


@pytest.mark.parametrize("part", ["沪A1234", "沪A1", "1380000111", "xia", "E00000"])
async def test_nobody_finds_them_sign_by_sign_past_the_log_of_unmasked_views(tmp_path: Path, part: str) -> None:
    async with a_ledger(tmp_path) as engine:
        await two_tickets(engine)
        assert await matching(engine, part, limit=5, shown_to=CX) == ()


SEPARATED = st.lists(st.sampled_from(["", " ", "-", "·", ".", " - ", "_"]), min_size=17, max_size=17)


@given(between=SEPARATED, fact=st.sampled_from([NAME, PLATE, PHONE, VIN]))
def test_however_a_fact_is_grouped_what_all_may_find_is_the_same_without_it(between: list[str], fact: str) -> None:
    written = "".join(sign + gap for sign, gap in zip(fact[:-1], between, strict=False)) + fact[-1]
    if fact == NAME:
        written = written.replace("_", "")
    ticket = a_whole_ticket()
    assert of_text(f"请联系 {written} 谢谢", ticket).opened == of_text("请联系  谢谢", ticket).opened


def test_a_plate_that_stands_in_no_text_leaves_nothing_for_all_to_find() -> None:
    with_plate, without = a_whole_ticket(), a_whole_ticket(vehicle={"vin": VIN})
    assert of_ticket(with_plate).opened == of_ticket(without).opened
    assert of_ticket(with_plate).personal != of_ticket(without).personal


@pytest.mark.parametrize(("vin", "is_open"), [(VIN, True), ("AB12345678", False), ("", False)])
def test_a_whole_vin_finds_its_car_for_all_and_one_that_is_none_does_not(vin: str, is_open: bool) -> None:
    words = of_ticket(a_whole_ticket(vehicle={"vin": vin}))
    assert any(vin.lower() in token for token in words.opened if vin) == is_open
    assert any(vin.lower() in token for token in words.personal if vin) == bool(vin and not is_open)


def disputed(ticket_no: str) -> Played:
    """Transferred and contested: before the arbiter."""
    played = Played("engine.stall", ticket_no=ticket_no)
    played.send(cmd.Transfer, at=T0 + HOUR, by=ENGINE, to="chassis", evidence=(PHOTO,), note_id=NOTE)
    played.send(cmd.Contest, at=T0 + 2 * HOUR, by=CHASSIS, evidence=(PHOTO,), note_id=NOTE)
    assert played.complaint.dispute
    return played


async def test_the_database_knows_whom_a_complaint_concerns_as_the_rules_do(tmp_path: Path) -> None:
    plays = [
        eventful("T-1"),
        withdrawn("T-2"),
        disputed("T-3"),
        Played(ticket_no="T-4"),
        Played("noise", ticket_no="T-5"),
    ]
    departments = ("engine", "chassis", "body", "quality", "cx", "")
    actors = [Actor(role=role, department=department) for role in Role for department in departments]
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *plays)
        async with reading(engine) as connection:
            for actor in (*actors, ARBITER, LEADERSHIP):
                asked = select(t.complaints.c.ticket_no).where(concerns(t.complaints, actor))
                concerned = {play.complaint.ticket.ticket_no for play in plays if is_concerned(play.complaint, actor)}
                assert set(await connection.scalars(asked)) == concerned, actor
