"""A complaint's clocks told so that people can check them: segment by segment, in a sentence each."""

from datetime import datetime, timedelta

from domain.clocks import governing, running
from domain.complaint import Complaint
from domain.custody import Segment, customer_total, department_total, hop_total, segments
from domain.deadlines import next_due
from domain.policy import Value
from domain.wording import Language, name


class Sentence(Value):
    zh: str
    en: str


class ClockStory(Value):
    """One of the three clocks: "customer", "hop" or "department"; whose, how long, and why."""

    clock: str
    whose: str
    elapsed: timedelta
    segments: tuple[Segment, ...]
    sentences: tuple[Sentence, ...]


def stories(c: Complaint, *, at: datetime) -> tuple[ClockStory, ...]:
    """The customer's total, this hop, and each department's total over its hops."""
    held = segments(c, at=at)
    told = [_story("customer", c.ticket.ticket_no, customer_total(c, at=at), held)]
    if c.hop:
        of_hop = tuple(segment for segment in held if segment.hop == c.hop.number)
        told.append(_story("hop", c.hop.department, hop_total(c, c.hop, at=at), of_hop))
    for department in dict.fromkeys(hop.department for hop in c.hops):
        theirs = tuple(segment for segment in held if segment.holder == department)
        told.append(_story("department", department, department_total(c, department, at=at), theirs))
    return tuple(told)


def in_markdown(c: Complaint) -> str:
    """The story for the Temporal UI: where it stands, what runs, what comes next. No personal data."""
    clock, due = governing(c), next_due(c)
    lines = [
        f"**{name(c.stage, 'en')}** · owner `{c.owner}` · risk {c.risk_level} · tags {', '.join(c.tags) or '—'}",
        f"governed by `{clock.key}`, due {_stamp(clock.due_at)}" if clock else "no clock runs",
        f"next: `{due.rule}` at {_stamp(due.due_at)}" if due else "nothing is due",
        "",
        *(f"- {hop.number}. `{hop.department}` by {hop.origin} from {_stamp(hop.entered_at)}" for hop in c.hops),
        *(f"- breached `{breach.clock}`, due {_stamp(breach.due_at)}" for breach in c.breaches[-10:]),
        *(f"- running `{clock.key}` until {_stamp(clock.due_at)}" for clock in running(c)),
    ]
    return "\n".join(lines)


def _story(clock: str, whose: str, elapsed: timedelta, held: tuple[Segment, ...]) -> ClockStory:
    told = tuple(Sentence(zh=_sentence(segment, "zh"), en=_sentence(segment, "en")) for segment in held)
    return ClockStory(clock=clock, whose=whose, elapsed=elapsed, segments=held, sentences=told)


def _sentence(segment: Segment, language: Language) -> str:
    span = f"{_stamp(segment.begin)} – {_stamp(segment.end)}"
    holder, why = name(segment.holder, language), name(f"custody:{segment.custody}", language)
    long = _length(segment.length, language)
    if language == "zh":
        still = "（待定，裁定或答复后可能改变）" if segment.is_provisional else ""
        return f"{span}，{long}，{holder}：{why}{still}。"
    still = " (for now; the verdict may change it)" if segment.is_provisional else ""
    return f"{span}, {long}, {holder}: {why}{still}."


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _length(length: timedelta, language: Language) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ("天", "小时", "分", "秒") if language == "zh" else (" d", " h", " min", " s")
    gap = "" if language == "zh" else " "
    parts = [f"{amount}{unit}" for amount, unit in zip((days, hours, minutes, seconds), units, strict=True) if amount]
    return gap.join(parts) or f"0{units[-1]}"
