"""What would change, in sentences, from one policy to another."""

from collections.abc import Iterator
from datetime import datetime
from itertools import product

from domain.case import CaseKind
from domain.plans import Settled
from domain.policy import EscalationRung, Policy
from domain.ticket import Tier
from policy.calendars import OwnCalendar, YearEntry
from policy.reading import PolicyFiles
from policy.tables import Position

_CLOCKS = {
    "triage": "Triage clock",
    "response": "Response clock",
    "resolution_ordinary": "Resolution clock, ordinary",
    "resolution_complex": "Resolution clock, complex",
    "arbitration": "Arbitration clock",
    "progress": "Promise of news",
}
_VERIFICATION = {
    "reminders": "Reminders to the customer",
    "call": "Verification call",
    "call_again": "Next verification call",
    "attempt_gap": "Time between two verification calls that count as two attempts",
    "unreachable_attempts": "Attempts before a customer counts as unreachable",
    "on_rejection": "A rejected claim's clock",
    "link_life": "Life of a survey's link",
}
_RULES = {
    "yellow_share": "Yellow at this share of the clock",
    "hop_limit": "Hop limit",
    "lead_share": "Lead's share in basis points",
    "vp_copied_on": "Breaches that copy the VP",
    "warned_on": "Clocks that warn",
    "notice_life": "Time after which a notice is given up",
    "triage_desk": "Triage desk",
    "arbiter": "Arbiter",
    "arbiter_when_party": "Arbiter when the arbiter is a party",
}


COMPANY = "the company's"


def differences(a: PolicyFiles, b: PolicyFiles, *, at: datetime) -> tuple[str, ...]:
    """What is otherwise in `b` than in `a` for a complaint opened at `at`, and in the names behind it."""
    before, after = a.policy_at(at), b.policy_at(at)
    return (
        *_rules(before, after),
        *_escalations(before, after),
        *_served(before, after),
        *_tags(before, after),
        *_calendar(a, b),
        *_departments(a, b),
    )


def _rules(a: Policy, b: Policy) -> Iterator[str]:
    yield from _values(a.clocks, b.clocks, _CLOCKS)
    yield from _values(a.verification, b.verification, _VERIFICATION)
    yield from _values(a, b, _RULES)


def _values(a: object, b: object, words: dict[str, str]) -> Iterator[str]:
    for name, word in words.items():
        before, after = getattr(a, name), getattr(b, name)
        if before != after:
            yield f"{word}: {_said(before)} → {_said(after)}."


def _said(value: object) -> str:
    return ", ".join(str(each) for each in value) or "none" if isinstance(value, tuple) else str(value)


def _escalations(a: Policy, b: Policy) -> Iterator[str]:
    before = {rung.level: rung for rung in a.escalations}
    after = {rung.level: rung for rung in b.escalations}
    for level in dict.fromkeys([*before, *after]):
        if before.get(level) != after.get(level):
            yield f"Escalation to {level}: {_rung(before.get(level))} → {_rung(after.get(level))}."
    if list(before) != list(after) and set(before) == set(after):
        yield f"Order of escalation: {_said(tuple(before))} → {_said(tuple(after))}."


def _rung(rung: EscalationRung | None) -> str:
    if rung is None:
        return "none"
    said = [
        f"after {rung.after}" if rung.after else "",
        f"risk {rung.risk_at_least} or more" if rung.risk_at_least else "",
    ]
    channel = f", channel {rung.channel}" if rung.channel else ""
    return " or ".join(each for each in said if each) + f" to {rung.to}{channel}"


def _served(a: Policy, b: Policy) -> Iterator[str]:
    """What would be settled otherwise, for each tier and kind of case."""
    for tier, kind in product(Tier, CaseKind):
        before, after = ({each.name: each.value for each in settled(policy, tier, kind)} for policy in (a, b))
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                was, now = (str(said.get(name, "as the rules say")) for said in (before, after))
                yield f"Service of {tier} customers, {kind}: {name} {was} → {now}."
    grades = ("medium_from", "major_from", "experts_from")
    if a.plans and b.plans:
        yield from _values(a.plans, b.plans, {name: f"Service plans' {name}" for name in grades})


def settled(policy: Policy, tier: Tier, kind: CaseKind) -> tuple[Settled, ...]:
    """What its service plans settle for such a complaint; nothing where it has none."""
    return tuple(policy.plans.settled(tier, kind)) if policy.plans else ()


def _tags(a: Policy, b: Policy) -> Iterator[str]:
    before = {tag: owner for owner, tags in a.matrix.owners.items() for tag in tags}
    after = {tag: owner for owner, tags in b.matrix.owners.items() for tag in tags}
    for tag in sorted(before.keys() | after.keys()):
        if tag not in after:
            yield f"Tag {tag} of {before[tag]} goes away."
        elif tag not in before:
            yield f"Tag {tag} is new, owned by {after[tag]}."
        else:
            if before[tag] != after[tag]:
                yield f"Tag {tag} moves from {before[tag]} to {after[tag]}."
            yield from _kinds(a, b, tag)


def _kinds(a: Policy, b: Policy, tag: str) -> Iterator[str]:
    before, after = a.matrix.supporters.get(tag), b.matrix.supporters.get(tag)
    if before is None and after is not None:
        yield f"Tag {tag} becomes grey, supported by {_said(after)}."
    elif before is not None and after is None:
        yield f"Tag {tag} is no longer grey."
    elif before is not None and after is not None and set(before) != set(after):
        yield f"Tag {tag} is supported by {_said(after)} instead of {_said(before)}."
    for word, marked in (("complex", "complex_tags"), ("a red line", "red_line_tags")):
        was, is_now = tag in getattr(a.matrix, marked), tag in getattr(b.matrix, marked)
        if was != is_now:
            yield f"Tag {tag} becomes {word}." if is_now else f"Tag {tag} is no longer {word}."


def _calendar(a: PolicyFiles, b: PolicyFiles) -> Iterator[str]:
    before, after = a.sheets.calendar.table, b.sheets.calendar.table
    if before.zone != after.zone:
        yield f"Time zone: {before.zone} → {after.zone}."
    if before.week != after.week:
        yield "The working week changes."
    yield from _years("", before.year, after.year)
    for name in sorted(before.calendar.keys() | after.calendar.keys()):
        yield from _named(name, before.calendar.get(name), after.calendar.get(name))


def _named(name: str, before: OwnCalendar | None, after: OwnCalendar | None) -> Iterator[str]:
    if before is None or after is None:
        yield f"Calendar {name} goes away." if after is None else f"Calendar {name} is new."
        return
    if before.zone != after.zone:
        yield f"Time zone of {name}: {before.zone or COMPANY} → {after.zone or COMPANY}."
    if before.week != after.week:
        yield f"The working week of {name} changes."
    yield from _years(f" of {name}", before.year or (), after.year or ())


def _years(whose: str, a: tuple[YearEntry, ...], b: tuple[YearEntry, ...]) -> Iterator[str]:
    before, after = ({entry.year: entry for entry in years} for years in (a, b))
    for year in sorted(before.keys() | after.keys()):
        if before.get(year) != after.get(year):
            was, now = (_counted(years.get(year)) for years in (before, after))
            yield f"Days off and make-up days{whose} in {year}: {was} → {now}."


def _counted(entry: YearEntry | None) -> str:
    return f"{len(entry.days_off())} and {len(entry.workdays)}" if entry else "not announced"


def _departments(a: PolicyFiles, b: PolicyFiles) -> Iterator[str]:
    before, after = ({each.id for each in files.departments} for files in (a, b))
    for department in sorted(before | after):
        if department not in after:
            yield f"Department {department} goes away."
        elif department not in before:
            yield f"Department {department} is new."
        else:
            was, now = (files.calendar_name(department) or COMPANY for files in (a, b))
            if was != now:
                yield f"Calendar of {department}: {was} → {now}."
            for position in Position:
                if a.people(department, position) != b.people(department, position):
                    yield f"The {position} of {department} changes."
