"""The customer's link: the same in every letter, kept as a hash, ended by a word of CX."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import customer_links, surveys
from ledger.links import LinkSigner, hash_of
from tests.builders import DAY, HOUR, T0
from tests.ledger.building import a_ledger, dump

SIGNER = LinkSigner("s" * 32, base_url="https://voice.example/")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path) as engine:
        yield engine


async def sent(engine: AsyncEngine, *, signer: LinkSigner = SIGNER, at: datetime = T0) -> str:
    return await customer_links.to_send(engine, signer, ticket_no="T-1", at=at)


async def test_every_letter_carries_the_same_link_and_renews_its_life(engine: AsyncEngine) -> None:
    first, again = await sent(engine), await sent(engine, at=T0 + DAY)
    assert first == again
    assert len(first) == 22, "128 bits in base64"
    assert await customer_links.find(engine, first) == ("T-1", T0 + DAY)


async def test_a_letter_tried_again_late_does_not_shorten_its_life(engine: AsyncEngine) -> None:
    token = await sent(engine, at=T0 + DAY)
    await sent(engine, at=T0)
    assert await customer_links.find(engine, token) == ("T-1", T0 + DAY)


async def test_the_ledger_holds_its_hash_alone(engine: AsyncEngine) -> None:
    token = await sent(engine)
    rows = str(await dump(engine, customer_links.customer_links))
    assert hash_of(token) in rows
    assert token not in rows


async def test_whoever_has_the_secret_makes_it_again_as_it_stands(engine: AsyncEngine) -> None:
    other = LinkSigner("t" * 32, base_url="https://voice.example")
    assert await customer_links.standing(engine, SIGNER, ticket_no="T-1") == "", "none was sent"
    token = await sent(engine)
    assert await customer_links.standing(engine, SIGNER, ticket_no="T-1") == token
    assert await customer_links.standing(engine, other, ticket_no="T-1") == ""
    await customer_links.revoke(engine, SIGNER, ticket_no="T-1", at=T0, by="cx-1")
    assert await customer_links.standing(engine, SIGNER, ticket_no="T-1") == ""


async def test_what_nobody_made_opens_nothing(engine: AsyncEngine) -> None:
    await sent(engine)
    for token in (SIGNER.customer_token("T-1", 2), SIGNER.customer_token("T-2", 1), "", "A" * 22):
        assert await customer_links.find(engine, token) is None


async def test_a_revoked_link_opens_nothing_and_letters_carry_none(engine: AsyncEngine) -> None:
    token = await sent(engine)
    assert await customer_links.revoke(engine, SIGNER, ticket_no="T-1", at=T0 + HOUR, by="cx-1")
    assert await customer_links.find(engine, token) is None
    assert await sent(engine, at=T0 + 2 * HOUR) == ""
    assert not await customer_links.revoke(engine, SIGNER, ticket_no="T-1", at=T0 + DAY, by="cx-1"), "nothing was left"


async def test_a_new_link_ends_the_one_before_and_goes_into_letters(engine: AsyncEngine) -> None:
    old = await sent(engine)
    new = await customer_links.issue(engine, SIGNER, ticket_no="T-1", at=T0 + HOUR, by="cx-1")
    assert new != old
    assert await customer_links.find(engine, old) is None
    assert await customer_links.find(engine, new) == ("T-1", T0 + HOUR)
    assert await sent(engine, at=T0 + 2 * HOUR) == new


async def test_a_survey_link_of_an_earlier_release_opens_until_it_is_revoked(engine: AsyncEngine) -> None:
    token = SIGNER.token("T-1", 1)
    await surveys.invite(engine, ticket_no="T-1", round=1, token_hash=hash_of(token), invited_at=T0)
    assert await customer_links.find(engine, token) == ("T-1", T0)
    assert await customer_links.revoke(engine, SIGNER, ticket_no="T-1", at=T0 + HOUR, by="cx-1"), "no letter since then"
    assert await customer_links.find(engine, token) is None


async def test_under_another_secret_the_old_link_opens_and_letters_carry_a_new_one(engine: AsyncEngine) -> None:
    old, other = await sent(engine), LinkSigner("t" * 32, base_url="https://voice.example")
    new = await sent(engine, signer=other)
    assert new == await sent(engine, signer=other) != old
    for token in (old, new):
        assert await customer_links.find(engine, token) == ("T-1", T0)


async def test_its_life_begins_anew_with_each_letter_and_ends_by_a_word(engine: AsyncEngine) -> None:
    assert await customer_links.life(engine, ticket_no="T-1") is None
    await sent(engine)
    await sent(engine, at=T0 + DAY)
    assert await customer_links.life(engine, ticket_no="T-1") == (T0 + DAY, None)
    await customer_links.revoke(engine, SIGNER, ticket_no="T-1", at=T0 + DAY + HOUR, by="cx-1")
    assert await customer_links.life(engine, ticket_no="T-1") == (T0 + DAY, T0 + DAY + HOUR)
    await customer_links.issue(engine, SIGNER, ticket_no="T-1", at=T0 + 2 * DAY, by="cx-1")
    assert await customer_links.life(engine, ticket_no="T-1") == (T0 + 2 * DAY, None)
