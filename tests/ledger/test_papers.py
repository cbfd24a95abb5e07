"""Notes, evidence, notices, surveys, CRM writes and policies: each kept once, whatever comes again."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import NOTE_ID
from domain.outlets import Audience, Notice, NoticeKind
from ledger import evidence, notes, notices, policies, surveys
from ledger.notices import PostedNotice
from ledger.rows import Kept
from tests.builders import DAY, HOUR, T0, a_policy
from tests.ledger.building import a_ledger


async def test_a_note_comes_back_by_its_id_and_the_same_note_is_one(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        said = {"ticket_no": "T-1", "text": "更换了点火线圈", "author": "engine-1"}
        first = await notes.keep(engine, **said, at=T0)
        again = await notes.keep(engine, **said, at=T0 + DAY)
        other = await notes.keep(engine, **{**said, "text": "更换了火花塞"}, at=T0 + DAY)
        assert re.match(NOTE_ID, first)
        assert first == again != other
        assert await notes.get(engine, first) == notes.Note(first, "T-1", "更换了点火线圈", "engine-1", T0)
        assert [note.note_id for note in await notes.of_ticket(engine, "T-1")] == [first, other]


async def test_a_notes_id_cannot_be_guessed_from_its_text(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        async with a_ledger(tmp_path / name) as engine:
            ids.append(await notes.keep(engine, ticket_no="T-1", text="13800001111", author="cx", at=T0))
    assert ids[0] != ids[1]


async def test_evidence_is_kept_once_for_each_ticket(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        "sha256": "a" * 64,
        "kind": "photo",
        "media_type": "image/jpeg",
        "size": 12,
        "file_name": "点火线圈.jpg",
        "stored_at": T0,
        "by": "engine-1",
    }
    async with a_ledger(tmp_path) as engine:
        assert await evidence.keep(engine, ticket_no="T-1", **row)
        assert not await evidence.keep(engine, ticket_no="T-1", **{**row, "file_name": "other.jpg"})
        assert await evidence.keep(engine, ticket_no="T-2", **row)
        assert await evidence.of_ticket(engine, "T-1") == (evidence.EvidenceRow(ticket_no="T-1", **row),)
        assert await evidence.get(engine, ticket_no="T-3", sha256="a" * 64) is None


async def test_evidence_is_known_by_its_hash_as_it_was_sent_too(tmp_path: Path) -> None:
    said: dict[str, Any] = {"kind": "photo", "media_type": "image/jpeg", "size": 12, "file_name": "", "stored_at": T0}
    async with a_ledger(tmp_path) as engine:
        for ticket_no, original in (("T-1", "b"), ("T-1", "c"), ("T-1", "b"), ("T-2", "d")):
            sent = {"sha256": "a" * 64, "original_sha256": original * 64, "by": "engine-1", **said}
            await evidence.keep(engine, ticket_no=ticket_no, **sent)
        assert len(await evidence.of_ticket(engine, "T-1")) == 1
        assert await evidence.originals(engine, "T-1") == {name * 64: "a" * 64 for name in "abc"}
        assert await evidence.originals(engine, "T-3") == {}


def a_notice(key: str = "T-1:2:1", **fields: Any) -> Notice:
    values = {"kind": NoticeKind.WORK_ORDER, "audience": Audience.RESPONDERS, "department": "engine", **fields}
    return Notice(key=key, **values)


async def post(engine: AsyncEngine, notice: Notice, address: str = "engine@example.com", **fields: Any) -> PostedNotice:
    values = {"ticket_no": "T-1", "subject": "客诉处理工作单", "body": "……", "created_at": T0, **fields}
    return await notices.post(engine, notice, address=address, **values)


async def test_a_notice_stands_once_for_each_address_in_its_first_wording(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        first = await post(engine, a_notice())
        again = await post(engine, a_notice(), subject="reworded", created_at=T0 + DAY)
        await post(engine, a_notice(), address="other@example.com")
        assert again == first
        assert len(await notices.of_ticket(engine, "T-1")) == 2


async def test_a_notice_tells_what_became_of_it(tmp_path: Path) -> None:
    key = {"key": "T-1:2:1", "address": "engine@example.com"}
    async with a_ledger(tmp_path) as engine:
        await post(engine, a_notice())
        await notices.failed(engine, **key, reason="refused by the mail server")
        tried = await post(engine, a_notice())
        await notices.sent(engine, **key, by="mail", at=T0 + HOUR)
        await notices.failed(engine, **key, reason="never heard: it had gone")
        assert await notices.read(engine, **key, at=T0 + DAY)
        assert not await notices.read(engine, **key, at=T0 + 2 * DAY)
        at_last = await post(engine, a_notice())
    assert (tried.attempts, tried.failed_reason, tried.sent_at) == (1, "refused by the mail server", None)
    assert (at_last.attempts, at_last.failed_reason) == (2, "")
    assert (at_last.sent_at, at_last.read_at) == (T0 + HOUR, T0 + DAY)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, ["c", "b", "a"]),  # the newest first
        ({"department": "engine"}, ["b", "a"]),
        ({"audience": Audience.VP}, ["b"]),
        ({"department": "chassis", "audience": Audience.RESPONDERS}, ["c"]),
        ({"address": "vp@example.com"}, ["b"]),
        ({"limit": 1}, ["c"]),
    ],
)
async def test_each_sees_the_notices_meant_for_it(tmp_path: Path, asked: dict[str, Any], shown: list[str]) -> None:
    async with a_ledger(tmp_path) as engine:
        await post(engine, a_notice("a"))
        await post(engine, a_notice("b", audience=Audience.VP), address="vp@example.com", created_at=T0 + HOUR)
        await post(engine, a_notice("c", department="chassis"), created_at=T0 + DAY)
        assert [notice.key for notice in await notices.inbox_of(engine, **asked)] == shown


async def test_a_round_is_asked_once_and_answered_once(tmp_path: Path) -> None:
    yes, no = {"answer": "confirm"}, {"answer": "reject"}
    async with a_ledger(tmp_path) as engine:
        first = await surveys.invite(engine, ticket_no="T-1", round=1, token_hash="h1", invited_at=T0)
        again = await surveys.invite(engine, ticket_no="T-1", round=1, token_hash="h9", invited_at=T0 + DAY)
        taken = [
            await surveys.answer(engine, ticket_no="T-1", round=1, answer=answer, answered_at=T0 + HOUR)
            for answer in (yes, yes, no)
        ]
        found = await surveys.find_by_token_hash(engine, "h1")
        unknown = await surveys.find_by_token_hash(engine, "h9")
    assert first == again
    assert taken == [Kept.NEW, Kept.SAME, Kept.CONFLICT]
    assert found == first._replace(answered_at=T0 + HOUR, answer=yes)
    assert unknown is None


async def test_nobody_answers_a_round_that_was_never_asked(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await surveys.answer(engine, ticket_no="T-1", round=1, answer={}, answered_at=T0) is Kept.CONFLICT


async def test_a_policy_version_never_changes_its_meaning(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await policies.keep(engine, a_policy()) is Kept.SAME
        assert await policies.keep(engine, a_policy(hop_limit=3)) is Kept.CONFLICT
        assert await policies.get(engine, "test+1") == a_policy()
        with pytest.raises(policies.UnknownPolicy, match="keep it there first"):
            await policies.get(engine, "test+9")
