"""A real mailbox read: every letter becomes what it is, once, and none stands in the way of another."""

import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bench.stage import ours, running
from ledger import evidence, notes, policies, tickets
from ledger import tables as t
from ledger.database import migrate, reading
from settings import Settings
from starter.http.behind import Behind, opened
from starter.letters_in import taking
from starter.letters_in.mailbox import MailboxAway, address_of, read_all
from starter.letters_in.reading import read
from starter.stopping import CannotGoOn
from tests.builders import Played
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.api_server import a_home, a_ledger, api_of, soon
from tests.starter.evidence.pictures import a_picture
from tests.starter.letters_in.post_office import PostOffice, a_letter, a_post_office
from tests.starter.processes import free_port


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with a_post_office(tmp_path / "imap.log") as office:
        yield office


@asynccontextmanager
async def behind(home: Path) -> AsyncIterator[Behind]:
    """Temporal is away: what is taken is kept."""
    nobody = f"127.0.0.1:{free_port()}"
    settings = Settings(
        home=home, temporal_address=nobody, secret_key="s" * 40, smtp_sender="voice@carmaker.example.com"
    )
    await migrate(settings.ledger_url)
    async with opened(settings) as found:
        yield found


async def test_each_letter_becomes_what_it_is_and_is_moved_out_of_the_way(tmp_path: Path, office: PostOffice) -> None:
    picture = a_letter(files=(("a.png", "image/png", a_picture("png")), ("b.exe", "image/png", b"MZ\x90\x00")))
    office.deliver(
        picture, a_letter(Auto_Submitted="auto-replied"), b"\xff\xfe no letter at all", a_letter(Message_ID="<1@x>")
    )
    async with behind(tmp_path) as here:
        done = await read_all(here, address_of(office.url))
        assert done == {"new": 3, "aside": 1}
        office.deliver(a_letter(Message_ID="<1@x>"))
        assert await read_all(here, address_of(office.url)) == {"again": 1}
        assert await read_all(here, address_of(office.url)) == {}
        async with reading(here.engine) as connection:
            numbers = list(await connection.scalars(select(t.tickets.c.ticket_no)))
        told = await tickets.of_many(here.engine, numbers)
        (with_files,) = [each for each in told.values() if each.files]
        assert [row.sha256 for row in await evidence.of_ticket(here.engine, with_files.ticket_no)] == list(
            with_files.files
        )
        assert "(b.exe: " in with_files.words, "what was not kept is named"
    assert len(numbers) == 3
    assert (office.lying_in("INBOX"), office.lying_in("Vocloop-Taken"), office.lying_in("Vocloop-Aside")) == (0, 4, 1)


@pytest.mark.parametrize(
    ("sender", "is_added"), [("王小明 <WANG@example.com>", True), ("somebody@else.example.com", False)]
)
async def test_an_answer_is_added_to_the_complaint_it_names_if_it_is_its_customers(
    tmp_path: Path, office: PostOffice, sender: str, is_added: bool
) -> None:
    async with behind(tmp_path) as here:
        customer = a_whole_ticket("T-1").customer.model_copy(update={"email": "wang@example.com"})
        ticket = a_whole_ticket("T-1").model_copy(update={"customer": customer})
        await tickets.keep(here.engine, ticket, received_at=ticket.created_at)
        await here_recorded(here)
        letter = a_letter("还是响。", subject="Re: 您的反馈已受理（T-1）", sender=sender, Message_ID="<2@x>")
        office.deliver(letter, letter)
        done = await read_all(here, address_of(office.url))
        assert done == ({"added": 1, "again": 1} if is_added else {"new": 1, "again": 1})
        written = [note for note in await notes.of_ticket(here.engine, "T-1") if note.author == "customer"]
        assert ["还是响。" in note.text for note in written] == [True] * is_added


async def here_recorded(here: Behind) -> None:
    policy = here.files.policy_at(a_whole_ticket("T-1").created_at)
    await policies.keep(here.engine, policy)
    await recorded(here.engine, Played("engine.stall", ticket_no="T-1", policy=policy))


async def test_what_cannot_be_kept_now_lies_there_still(tmp_path: Path, office: PostOffice) -> None:
    office.deliver(a_letter())
    async with behind(tmp_path) as here:
        async with here.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE inbox RENAME TO elsewhere")
        with pytest.raises(MailboxAway, match="cannot be kept"):
            await read_all(here, address_of(office.url))
        assert office.lying_in("INBOX") == 1
        async with here.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO inbox")
        assert await read_all(here, address_of(office.url)) == {"new": 1}


async def test_a_poisonous_letter_stands_in_nobodys_way(
    tmp_path: Path, office: PostOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """There is none that is known: one is made of whoever says so."""

    def poisoned(raw: bytes, **known: object) -> object:
        if b"poison" in raw:
            raise RuntimeError("a fault of ours")
        return read(raw, **known)  # type: ignore[arg-type]

    monkeypatch.setattr(taking, "read", poisoned)
    office.deliver(a_letter("poison"), a_letter("fine"))
    async with behind(tmp_path) as here:
        with caplog.at_level(logging.ERROR):
            assert await read_all(here, address_of(office.url)) == {"refused": 1, "new": 1}
    assert (office.lying_in("INBOX"), office.lying_in("Vocloop-Refused")) == (0, 1)
    assert "a fault of ours" not in caplog.text


async def test_a_mailbox_that_is_away_or_says_no_is_told_without_its_password(
    tmp_path: Path, office: PostOffice
) -> None:
    wrong = office.url.replace("p%40ss", "wrong")
    async with behind(tmp_path) as here:
        for url in (wrong, f"imap://u:secret@127.0.0.1:{free_port()}/INBOX"):
            with pytest.raises(MailboxAway) as told:
                await read_all(here, address_of(url))
            assert "secret" not in str(told.value)
            assert "wrong" not in str(told.value)


@pytest.mark.parametrize("setting", ["pop3://u:p@host", "imaps://host/INBOX", "imaps://u@host", "nonsense"])
def test_what_is_no_mailbox_is_said_before_anything_starts(setting: str) -> None:
    with pytest.raises(CannotGoOn, match="imaps://user:password@host/INBOX"):
        address_of(setting)


async def test_of_a_reader_that_is_killed_no_letter_is_lost_and_none_counts_twice(
    tmp_path: Path, office: PostOffice
) -> None:
    settings = await a_home(tmp_path / "home", temporal=f"127.0.0.1:{free_port()}")
    settings = settings.model_copy(update={"mailbox": office.url})
    office.deliver(*(a_letter(f"第 {number} 封信", Message_ID=f"<{number}@x>") for number in range(40)))

    async def taken() -> int:
        async with a_ledger(settings) as engine, reading(engine) as connection:
            return len(list(await connection.scalars(select(t.tickets.c.ticket_no))))

    async def some() -> bool | None:
        return await taken() > 3 or None

    with running(ours("api"), tmp_path / "api.log", settings) as process_id:
        await soon(some)
        os.kill(process_id, signal.SIGKILL)
    assert office.lying_in("INBOX") > 0, "it was killed in the middle"
    async with api_of(settings):

        async def all_of_them() -> bool | None:
            return (office.lying_in("INBOX") == 0 and await taken() >= 40) or None

        await soon(all_of_them, seconds=60)
    assert await taken() == 40
