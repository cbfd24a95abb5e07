"""What the customer filled in, read into the command that carries it."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from domain.commands import Answer, Ratings

FACTORS = ("attitude", "ability", "convenience", "fair_charge", "complaint_handling")
MAX_WORDS = 2000  # characters; browsers count a line's end as two, so it is counted here after they are one


class UnreadableReply(ValueError):  # noqa: N818 - an answer to the customer
    """The text is the key of the sentence that says what to mend."""


class Reply:
    """`words` are the customer's own, "" when there are none; `round` is the one they saw, 0 when none is named."""

    def __init__(self, form: Mapping[str, str]) -> None:
        """Raises UnreadableReply."""
        chosen = form.get("answer", "")
        if chosen not in tuple(Answer):
            raise UnreadableReply("fault.answer_missing")
        self.answer = Answer(chosen)
        self.ratings = _ratings(form)
        self.words = words_of(form)
        self.round = int(seen) if (seen := form.get("round", "")).isdecimal() and len(seen) < 5 else 0

    def as_command(self, *, round: int, note_id: str) -> dict[str, Any]:  # noqa: A002 - the claim's number
        """The body of a customer_reply; what was left out is left out."""
        note = {"note_id": note_id} if note_id else {}
        return {"actor": {"role": "customer"}, "round": round, **self.given(), **note}

    def given(self) -> dict[str, Any]:
        """The answer and the marks, as plain JSON."""
        return {"answer": self.answer.value, "ratings": self.ratings.model_dump(exclude_none=True)}


def words_of(form: Mapping[str, str]) -> str:
    """What the customer wrote. Raises UnreadableReply."""
    words = _readable(form.get("words", ""))
    if len(words) > MAX_WORDS:
        raise UnreadableReply("fault.words_too_long")
    return words


def _readable(words: str) -> str:
    """Without what nobody types and no database keeps: controls but for tabs and lines' ends, and halves of signs."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def _ratings(form: Mapping[str, str]) -> Ratings:
    marks = {name: form[name] for name in (*FACTORS, "recommend") if form.get(name)}
    try:
        return Ratings.model_validate(marks)
    except ValidationError:
        raise UnreadableReply("fault.answer_wrong") from None
