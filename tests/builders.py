"""Builders of values for tests: state only what the test is about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain import commands as cmd
from domain.commands import Actor, Evidence, EvidenceKind, Role
from domain.complaint import Complaint
from domain.core import Outcome, open_complaint, take
from domain.policy import Policy
from domain.ticket import TicketFacts

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
NOTE = "note-" + "0" * 32
PHOTO = Evidence(kind=EvidenceKind.PHOTO, sha256="a" * 64)

CX = Actor(role=Role.CX, department="cx", id="cx-1")
CUSTOMER = Actor(role=Role.CUSTOMER)
ARBITER = Actor(role=Role.ARBITER, department="quality", id="arbiter-1")
LEADERSHIP = Actor(role=Role.LEADERSHIP, id="ceo")
OPS = Actor(role=Role.OPS, id="ops-1")


def of(department: str, role: Role = Role.RESPONDER) -> Actor:
    return Actor(role=role, department=department, id=f"{department}-1")


def a_policy(**changes: Any) -> Policy:
    """Small and round: the defaults of the mission, six departments, a few tags."""
    clocks = {
        "triage": "2 hours",
        "response": "4 hours",
        "resolution_ordinary": "3 calendar_days",
        "resolution_complex": "7 calendar_days",
        "arbitration": "1 calendar_days",
        "progress": "2 calendar_days",
        **changes.pop("clocks", {}),
    }
    verification = {
        "reminders": ["1 calendar_days", "2 calendar_days"],
        "call": "3 calendar_days",
        "call_again": "1 calendar_days",
        "attempt_gap": "4 hours",
        "unreachable_attempts": 3,
        "on_rejection": "unstop",
        **changes.pop("verification", {}),
    }
    base: dict[str, Any] = {
        "version": "test+1",
        "clocks": clocks,
        "verification": verification,
        "yellow_share": "1/3",
        "hop_limit": 2,
        "lead_share": 7000,
        "escalations": [
            {"level": "station", "to": "regional_service", "risk_at_least": 4, "channel": "dealer"},
            {"level": "service", "to": "service", "after": "5 calendar_days", "risk_at_least": 4},
            {"level": "leadership", "to": "leadership", "after": "10 calendar_days", "risk_at_least": 5},
        ],
        "vp_copied_on": ["response", "resolution"],
        "warned_on": ["response", "resolution"],
        "triage_desk": "cx",
        "arbiter": "quality",
        "arbiter_when_party": "cx",
        "matrix": {
            "owners": {
                "engine": ["engine.stall", "engine.oil"],
                "chassis": ["brakes.noise"],
                "body": ["body.paint"],
                "quality": ["noise"],
                "service": ["service.attitude"],
                "battery": ["battery.fire"],
            },
            "supporters": {"noise": ["body", "chassis"]},
            "complex_tags": ["noise", "battery.fire"],
            "red_line_tags": ["battery.fire"],
        },
        "calendar": {
            "zone": "Asia/Shanghai",
            "week": {day: ["09:00-12:00", "13:00-18:00"] for day in range(1, 6)},
        },
    }
    return Policy.model_validate({**base, **changes})


def a_ticket(*tags: str, at: datetime = T0, **facts: Any) -> TicketFacts:
    values = {"ticket_no": "T-1", "created_at": at, "received_at": at, "tags": tags or ("engine.stall",), **facts}
    return TicketFacts.model_validate(values)


def a_complaint(*tags: str, policy: Policy | None = None, at: datetime = T0, **facts: Any) -> Complaint:
    """Opened and dispatched at `at`."""
    return open_complaint(a_ticket(*tags, at=at, **facts), policy=policy or a_policy(), now=at).complaint


class Played:
    """A complaint played message by message; `events` is all that happened since it was opened."""

    def __init__(self, *tags: str, policy: Policy | None = None, at: datetime = T0, **facts: Any) -> None:
        self.policy = policy or a_policy()
        outcome = open_complaint(a_ticket(*tags, at=at, **facts), policy=self.policy, now=at)
        self.complaint = outcome.complaint
        self.events = list(outcome.events)
        self.messages: list[cmd.Command] = []
        self._sent = 0

    def send(self, command: Any, *, at: datetime, by: Actor, now: datetime | None = None, **fields: Any) -> Outcome:
        """Send `command` received at `at` (and processed then, unless `now` is later)."""
        self._sent += 1
        command_id = fields.pop("command_id", f"c{self._sent}")
        message = command(command_id=command_id, received_at=at, actor=by, **fields)
        self.messages.append(message)
        return self._keep(take(self.complaint, message, now=now or at))

    def wait(self, until: datetime) -> Outcome:
        from domain.core import settle

        return self._keep(settle(self.complaint, now=until))

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def all(self, kind: str) -> list[Any]:
        return [event for event in self.events if event.kind == kind]

    def _keep(self, outcome: Outcome) -> Outcome:
        self.complaint = outcome.complaint
        self.events += outcome.events
        return outcome


def kinds(events: Sequence[Any]) -> list[str]:
    return [event.kind for event in events]
