"""What would change, in sentences, from one policy to another."""

from collections.abc import Iterator
from datetime import datetime

from domain.policy import EscalationRung, Policy
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


def differences(a: PolicyFiles, b: PolicyFiles, *, at: datetime) -> tuple[str, ...]:
    """What is otherwise in `b` than in `a` for a complaint opened at `at`, and in the names behind it."""
    before, after = a.policy_at(at), b.policy_at(at)
    return (
        *_rules(before, after),
        *_escalations(before, after),
        *_tags(before, after),
        *_calendar(before, after),
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


def _calendar(a: Policy, b: Policy) -> Iterator[str]:
    if a.calendar.zone != b.calendar.zone:
        yield f"Time zone: {a.calendar.zone} → {b.calendar.zone}."
    if a.calendar.week != b.calendar.week:
        yield "The working week changes."
    if (a.calendar.holidays, a.calendar.workdays) != (b.calendar.holidays, b.calendar.workdays):
        yield (
            f"Days off and make-up days: {len(a.calendar.holidays)} and {len(a.calendar.workdays)} → "
            f"{len(b.calendar.holidays)} and {len(b.calendar.workdays)}."
        )


def _departments(a: PolicyFiles, b: PolicyFiles) -> Iterator[str]:
    before, after = ({each.id for each in files.departments} for files in (a, b))
    for department in sorted(before | after):
        if department not in after:
            yield f"Department {department} goes away."
        elif department not in before:
            yield f"Department {department} is new."
        else:
            for position in Position:
                if a.people(department, position) != b.people(department, position):
                    yield f"The {position} of {department} changes."
