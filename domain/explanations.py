"""A complaint's clocks told so that people can check them: segment by segment, in a sentence each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.clocks import governing, running
from domain.complaint import Complaint
from domain.custody import Segment, customer_total, department_total, hop_total, segments
from domain.deadlines import Deadline, next_due
from domain.policy import Value
from domain.wording import Both, Language, both, name

_TOLD_FROM = timedelta(seconds=1)  # shorter is of the same instant to a person


class Sentence(Value):
    zh: str
    en: str


class ClockStory(Value):
    """One of the three clocks: "customer", "hop" or "department"; whose, how long, and why.

    `elapsed` counts all; told, a sentence each, are the segments that lasted a second or longer, and the present one.
    """

    clock: str
    whose: str
    elapsed: timedelta
    segments: tuple[Segment, ...]
    sentences: tuple[Sentence, ...]


def stories(
    c: Complaint, *, at: datetime, names: Callable[[str], Both] = both, zone: str | None = None
) -> tuple[ClockStory, ...]:
    """The customer's total, this hop, and each department's total over its hops.

    `names` gives what people call a department, a desk or a "custody:<kind>", in Chinese and in English. Instants are
    told on the wall clock of `zone`, to the minute; without one in UTC, to the second.
    """
    held = segments(c, at=at)
    tell = _Teller(names, zone, present=held[-1] if held and c.closed_at is None else None)
    told = [tell.story("customer", c.ticket.ticket_no, customer_total(c, at=at), held)]
    if c.hop:
        of_hop = tuple(segment for segment in held if segment.hop == c.hop.number)
        told.append(tell.story("hop", c.hop.department, hop_total(c, c.hop, at=at), of_hop))
    for department in dict.fromkeys(hop.department for hop in c.hops):
        theirs = tuple(segment for segment in held if segment.holder == department)
        told.append(tell.story("department", department, department_total(c, department, at=at), theirs))
    return tuple(told)


def deadline_told(due: Deadline, *, zone: str) -> Sentence:
    """What happens at the deadline when nobody does anything, and when, on the wall clock of `zone`."""
    zh, en = _what_happens(due)
    at = wall_clock(due.due_at, zone=zone)
    return Sentence(zh=f"{at} {zh}。", en=f"{en} at {at}.")


def wall_clock(at: datetime, *, zone: str) -> str:
    """The instant as the wall clock of `zone` shows it, to the minute, with how far that is from UTC."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M (UTC%z)")


def _what_happens(due: Deadline) -> Both:
    if due.rung:
        zh, en = both(f"level:{due.rung.level}")
        return f"未关闭则升级到{zh}", f"If it is still open it is escalated to {en}"
    if due.grade:
        level = due.grade.level
        return f"仍未关闭则风险升为 {level} 级", f"If it is still open its risk rises to level {level}"
    if due.clock is None:
        return f"第 {due.reminder} 次提醒客户答复", f"The customer is reminded to answer, reminder {due.reminder},"
    clock = both(f"clock:{due.clock.kind}")
    light = ("亮黄灯", "yellow") if due.rule.startswith("warn:") else ("到期，亮红灯", "red")
    return f"{clock[0]}{light[0]}", f"The {clock[1]} turns {light[1]}"


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


class _Teller:
    def __init__(self, names: Callable[[str], Both], zone: str | None, *, present: Segment | None) -> None:
        self._names, self._zone, self._present = names, zone, present

    def story(self, clock: str, whose: str, elapsed: timedelta, held: tuple[Segment, ...]) -> ClockStory:
        told = tuple(each for each in held if each.length >= _TOLD_FROM or each == self._present)
        sentences = tuple(Sentence(zh=self._in_chinese(segment), en=self._in_english(segment)) for segment in told)
        return ClockStory(clock=clock, whose=whose, elapsed=elapsed, segments=told, sentences=sentences)

    def _in_chinese(self, segment: Segment) -> str:
        (holder, _), (why, _) = self._names(segment.holder), self._names(f"custody:{segment.custody}")
        still = "（待定，裁定或答复后可能改变）" if segment.is_provisional else ""
        return f"{self._span(segment)}，{_length(segment.length, 'zh')}，{holder}：{why}{still}。"

    def _in_english(self, segment: Segment) -> str:
        (_, holder), (_, why) = self._names(segment.holder), self._names(f"custody:{segment.custody}")
        still = " (for now; the verdict may change it)" if segment.is_provisional else ""
        return f"{self._span(segment)}, {_length(segment.length, 'en')}, {holder}: {why}{still}."

    def _span(self, segment: Segment) -> str:
        return f"{_stamp(segment.begin, self._zone)} – {_stamp(segment.end, self._zone)}"


def _stamp(at: datetime, zone: str | None = None) -> str:
    return wall_clock(at, zone=zone) if zone else at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _length(length: timedelta, language: Language) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ("天", "小时", "分", "秒") if language == "zh" else (" d", " h", " min", " s")
    gap = "" if language == "zh" else " "
    parts = [f"{amount}{unit}" for amount, unit in zip((days, hours, minutes, seconds), units, strict=True) if amount]
    return gap.join(parts) or f"0{units[-1]}"
