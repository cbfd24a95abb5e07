"""What a customer's page says: where the complaint stands, what was done, the next word, what they answered."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.complaint import Stage
from domain.explanations import Sentence
from domain.wording import Both, Language
from ledger.notes import Note
from policy.reading import PolicyFiles
from starter.telling.events import Names
from starter.telling.replies import StageReply, next_word, stage_replies
from starter.web.customer_visit import Visit

STEPS = ("received", "working", "asked", "closed")


class Told(NamedTuple):
    """A line of what happened. `words` are somebody's own, "" without; `is_customers`: the customer's doing."""

    at: datetime
    said: str
    words: str
    is_customers: bool


class Reader:
    """What things are called in the customer's language, and what the clock on the wall shows."""

    def __init__(self, files: PolicyFiles, language: Language) -> None:
        self._files, self.names, self._language = files, Names(files), language
        self.zone = self.names.zone

    def said(self, both: Both | Sentence) -> str:
        zh, en = both if isinstance(both, tuple) else (both.zh, both.en)
        return zh if self._language == "zh" else en

    def called(self, department: str) -> str:
        return self.said(self.names.of(department))

    def tags(self, codes: tuple[str, ...]) -> str:
        """In words; a tag that the matrix does not know says nothing to a customer."""
        known = [self.said((tag.zh, tag.en)) for code in codes if (tag := self._files.tag(code))]
        return ("、" if self._language == "zh" else ", ").join(known)

    def when(self, instant: datetime, *, at: datetime) -> str:
        """11月23日 10:05 or 23 Nov, 10:05, with the year where it is another one."""
        there, now = instant.astimezone(ZoneInfo(self.zone)), at.astimezone(ZoneInfo(self.zone))
        if self._language == "zh":
            year = "" if there.year == now.year else f"{there.year}年"
            return f"{year}{there.month}月{there.day}日 {there:%H:%M}"
        year = "" if there.year == now.year else f" {there.year}"
        return f"{there.day} {_MONTHS[there.month - 1]}{year}, {there:%H:%M}"

    def offset(self, at: datetime) -> str:
        """UTC+8, UTC+5:30."""
        minutes = (at.astimezone(ZoneInfo(self.zone)).utcoffset() or timedelta()) // timedelta(minutes=1)
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def told(visit: Visit, files: PolicyFiles, texts: dict[str, str]) -> dict[str, Any]:
    """What the template shows. `texts` are the notes of news by their id."""
    reader, c = Reader(files, visit.language), visit.complaint
    return {
        "ticket_no": visit.ticket.ticket_no,
        "problem": reader.tags(c.tags if c else visit.ticket.tags),
        "state": state(visit),
        "holder": _holder(visit, reader),
        "steps": STEPS,
        "step": _step(visit),
        "next_word": next_word(c, at=visit.at) if c else None,
        "asked": visit.asked,
        "may_add": visit.may_add,
        "happened": tuple(_happened(visit, reader, texts)),
        "given": visit.survey.answer if visit.survey else None,
        "given_at": visit.survey.answered_at if visit.survey else None,
        "given_words": _given_words(visit),
        "phone": files.customer_phone,
        "when": lambda instant: reader.when(instant, at=visit.at),
        "offset": reader.offset(visit.at),
    }


def state(visit: Visit) -> str:
    """Which sentence says where it stands."""
    c = visit.complaint
    if visit.asked:
        return "asked"
    if c is None:
        return "received"
    if c.stage is Stage.CLOSED:
        return f"closed_{c.closing}"
    if c.stage is Stage.VERIFICATION:  # answered, and not yet seen to be
        return f"after_{visit.survey.answer['answer']}" if visit.survey and visit.survey.answer else "asked"
    return c.stage.value


def _holder(visit: Visit, reader: Reader) -> str:
    """The department in whose hands it is, or that claimed it solved."""
    c = visit.complaint
    if c is None:
        return ""
    return reader.called(c.claims[-1].department if c.pending_claim else c.desk)


def _step(visit: Visit) -> int:
    c = visit.complaint
    if visit.asked or (c and c.stage is Stage.VERIFICATION):
        return STEPS.index("asked")
    if c is None or c.stage in (Stage.TRIAGE, Stage.DISPATCHED):
        return STEPS.index("received")
    return STEPS.index("closed" if c.stage is Stage.CLOSED else "working")


def _happened(visit: Visit, reader: Reader, texts: dict[str, str]) -> Iterator[Told]:
    """The newest first: what we told them, and what they told us."""
    replies = [_line(reply, reader, texts) for reply in stage_replies(visit.events, reader.names)]
    given = visit.survey.answer.get("note_id") if visit.survey and visit.survey.answer else None
    own = [Told(note.at, "", note.text, is_customers=True) for note in visit.words if note.note_id != given]
    yield from reversed(sorted([*replies, *own], key=lambda each: each.at))  # noqa: C413 - also of one instant the last first


def _line(reply: StageReply, reader: Reader, texts: dict[str, str]) -> Told:
    return Told(reply.at, reader.said(reply.said), texts.get(reply.note_id, ""), reply.is_customers)


def _given_words(visit: Visit) -> str:
    answer = visit.survey.answer if visit.survey else None
    return _text(visit.words, str(answer.get("note_id", ""))) if answer else ""


def _text(words: tuple[Note, ...], note_id: str) -> str:
    return next((note.text for note in words if note.note_id == note_id), "")
