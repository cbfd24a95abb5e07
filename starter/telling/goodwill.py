"""What became of goodwill that was asked for, told: one sentence for each step, in Chinese and in English."""

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from domain.command_values import Actor
from domain.explanations import Sentence
from domain.goodwill import GoodwillKind, GoodwillState, Step
from domain.money import yuan
from domain.wording import Both
from ledger.goodwill import GoodwillRow
from starter.telling.events import Names, spoken

KINDS: dict[str, Both] = {
    GoodwillKind.MONEY: ("现金补偿", "money"),
    GoodwillKind.WARRANTY_REPAIR: ("保修维修", "a warranty repair"),
}
_PLACED: dict[GoodwillState | None, Both] = {
    None: ("，等待答复", "; not answered yet"),
    GoodwillState.HELD: ("，在大区当月额度内，已预留", "; within the region's month, so it is held"),
    GoodwillState.AT_DESK: (
        "，超出大区当月额度，转特殊索赔台",
        "; beyond the region's month, so the special-claims desk rules",
    ),
}
_DONE: dict[GoodwillState, Both] = {
    GoodwillState.HELD: ("特殊索赔台批准商誉费用 {}", "granted {} of goodwill at the special-claims desk"),
    GoodwillState.REFUSED: ("特殊索赔台拒绝商誉申请", "refused the goodwill at the special-claims desk"),
    GoodwillState.COMMITTED: ("兑现商誉费用 {}", "made {} of goodwill good"),
    GoodwillState.RELEASED: ("退回商誉费用 {}", "gave {} of goodwill back"),
    GoodwillState.EXPIRED: (
        "商誉费用 {} 到期无人兑现，自动退回",
        "{} of goodwill was given back: not made good in time",
    ),
}

_WITHDRAWN: Both = ("撤回商誉申请 {}", "withdrew the request for {} of goodwill")


class GoodwillStep(NamedTuple):
    """`note_id` is the note that says why, "" without. `tone` is "", "loud" or "good"."""

    request_id: str
    at: datetime
    sentence: Sentence
    note_id: str
    tone: str = ""


def steps(row: GoodwillRow, names: Names, *, region: Both) -> tuple[GoodwillStep, ...]:
    """The first first. People are told by their office, not by an id."""
    taken = row.entry.steps if row.entry else ()
    asked = GoodwillStep(row.request_id, row.asked_at, _asked(row, taken[:1], names, region), row.note_id)
    return asked, *(_step(row, each, before.state, names) for before, each in pairwise(taken))


def _asked(row: GoodwillRow, placed: tuple[Step, ...], names: Names, region: Both) -> Sentence:
    """By an older release there are no steps, and where it went is not told."""
    known = placed[0] if placed else None
    where = ("", "") if row.entry and known is None else _PLACED[known.state if known else None]
    kind, much = KINDS[row.kind], yuan(row.fen)
    said = (
        f"为{region[0]}申请商誉费用 {much}（{kind[0]}）{where[0]}",
        f"asked for {much} of goodwill in {region[1]} ({kind[1]}){where[1]}",
    )
    return spoken(_office(known.word.actor) if known else None, said, names)


def _step(row: GoodwillRow, step: Step, before: GoodwillState, names: Names) -> GoodwillStep:
    is_withdrawn = step.state is GoodwillState.RELEASED and before is GoodwillState.AT_DESK
    zh, en = _WITHDRAWN if is_withdrawn else _DONE[step.state]
    much = yuan(step.fen)
    tone = {GoodwillState.COMMITTED: "good", GoodwillState.REFUSED: "loud"}.get(step.state, "")
    sentence = spoken(_office(step.word.actor), (zh.format(much), en.format(much)), names)
    return GoodwillStep(row.request_id, step.at, sentence, step.word.note_id, tone)


def _office(actor: Actor | None) -> Actor | None:
    return actor.model_copy(update={"id": ""}) if actor else None
