"""The customer's word, taken: an answer to the claim that waits for it, or something to add before there is one."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta

from starlette.datastructures import UploadFile

from ledger import notes, surveys
from ledger.links import hash_of
from ledger.surveys import Survey
from starter.api.customer_links import signer_of
from starter.commands import KeyReusedError
from starter.http.behind import Behind
from starter.web.customer_pictures import kept
from starter.web.customer_reply import Reply, UnreadableReply
from starter.web.customer_visit import CUSTOMER, Visit

FIRST_ANSWER_WITHIN = timedelta(seconds=6)  # longer than a command waits for its receipt
MOST_WORDS = 30  # notes on one complaint, from this page


class Overtaken(Exception):  # noqa: N818 - an answer to the customer
    """The question was settled meanwhile."""


class Unrecorded(Exception):  # noqa: N818 - an answer to the customer
    """What they wrote is kept, and their answer is not: they are to call."""


async def answer(visit: Visit, behind: Behind, reply: Reply, pictures: Sequence[UploadFile]) -> None:
    """Take the answer; the first one to a round counts, and a second changes nothing.

    Raises Overtaken, Unrecorded, and what keeping words and pictures raises: then nothing was answered.
    """
    if not visit.asked or reply.round not in (0, visit.asked):
        raise Overtaken
    survey = await _survey(visit, behind)
    pictures_kept = await kept(behind, survey.ticket_no, pictures, at=visit.at)
    note_id = await _note(behind, visit, reply.words) if reply.words else ""
    # The inbox first: were the survey's row marked before, a crash between the two would lose the customer's word.
    try:
        receipt = await behind.complaints.submit(
            survey.ticket_no,
            "customer_reply",
            reply.as_command(round=survey.round, note_id=note_id),
            command_id=_command_id(survey),
            received_at=visit.at,
        )
    except KeyReusedError:
        await _first_answer(behind, survey, within=FIRST_ANSWER_WITHIN)
        return
    if receipt is not None and not receipt.accepted:
        raise Overtaken
    given = {**reply.given(), "note_id": note_id, "pictures": len(pictures_kept)}
    await surveys.answer(
        behind.engine, ticket_no=survey.ticket_no, round=survey.round, answer=given, answered_at=visit.at
    )


async def add(visit: Visit, behind: Behind, words: str, pictures: Sequence[UploadFile]) -> None:
    """Keep words and pictures on the complaint for whoever works on it.

    Raises UnreadableReply when there are none, or too many by now, and what keeping them raises.
    """
    if not words and not pictures:
        raise UnreadableReply("fault.nothing")
    if len(visit.words) >= MOST_WORDS:
        raise UnreadableReply("fault.enough")
    await kept(behind, visit.ticket.ticket_no, pictures, at=visit.at)
    if words:
        await _note(behind, visit, words)


async def _survey(visit: Visit, behind: Behind) -> Survey:
    """The round's own; the customer may be quicker than the invitation."""
    if visit.survey and visit.survey.round == visit.asked:
        return visit.survey
    ticket_no, number = visit.ticket.ticket_no, visit.asked
    token_hash = hash_of(signer_of(behind.settings).token(ticket_no, number))
    return await surveys.invite(
        behind.engine, ticket_no=ticket_no, round=number, token_hash=token_hash, invited_at=visit.at
    )


def _command_id(survey: Survey) -> str:
    """Nobody else can tell it: an id that others could guess, they could use up before the customer."""
    return f"survey-{survey.token_hash[:32]}"


async def _note(behind: Behind, visit: Visit, words: str) -> str:
    return await notes.keep(behind.engine, ticket_no=visit.ticket.ticket_no, text=words, author=CUSTOMER, at=visit.at)


async def _first_answer(behind: Behind, asked: Survey, *, within: timedelta) -> None:
    """Two clicks, two answers: the first one counts, once it is kept. Raises Unrecorded without one."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within.total_seconds()):
            while True:
                for survey in await surveys.of_ticket(behind.engine, asked.ticket_no):
                    if survey.round == asked.round and survey.answer is not None:
                        return
                await asyncio.sleep(0.1)
    raise Unrecorded
