"""One ordered outbox per outlet, in the workflow's state, so that an outlet that is away delays nothing else."""

from collections.abc import Collection, Sequence
from typing import Any

from temporalio import workflow

from domain import telling
from domain.complaint import Complaint
from domain.events import Event
from domain.messages import Message
from domain.outlets import CrmBatch, CrmNote, CrmWrite, Invitation, LedgerBatch, Load, Notice, NoticeBatch
from workflows.carrying import Outboxes

LEDGER, CRM, NOTICES, SURVEY = OUTLETS = ("ledger", "crm", "notices", "survey")
_BATCH = 200  # items that leave together; keeps a batch after a long outage well under Temporal's 2 MiB
# While so much waits, no more messages are taken: a run carries all of it to the next one, within the same 2 MiB.
_FULL = 300  # items for one outlet
_FULL_BYTES = 128 * 1024  # of messages; their events repeat them


class Outbox:
    """What has happened and has not left yet, per outlet and in order. `together` is as in `ComplaintStart`."""

    def __init__(self, carried: Outboxes | None = None, *, together: bool = True) -> None:
        held = carried or Outboxes()
        self._together = together
        self.events: list[Event] = list(held.events)
        self.messages: list[Message] = list(held.messages)
        self.crm: list[CrmWrite] = list(held.crm)
        self.notices: list[Notice] = list(held.notices)
        self.survey: list[Invitation] = list(held.survey)
        self._crm_knows = held.crm_knows
        self._bytes = sum(map(_size, self.messages))

    def put(self, complaint: Complaint, events: Sequence[Event], message: Message | None = None) -> None:
        """Queue what `events` cause; `complaint` is how it stands after them."""
        if message is not None:
            self.messages.append(message)
            self._bytes += _size(message)
        if not events:
            return
        self.events += events
        write, notes = telling.crm_write(complaint, at=complaint.settled_at), self._notes(complaint, events)
        if notes or not write.says_the_same_as(self._crm_knows):
            self.crm.append(write.model_copy(update={"notes": notes}))
            self._crm_knows = write
        for event in events:
            self.notices += telling.notices(complaint, event)
            self.survey += telling.invitations(complaint, event)

    def waiting(self, outlet: str) -> list[Any]:
        """The outlet's queue itself, oldest first."""
        queues: dict[str, list[Any]] = {
            LEDGER: self.events,
            CRM: self.crm,
            NOTICES: self.notices,
            SURVEY: self.survey,
        }
        return queues[outlet]

    def load(self, complaint: Complaint, outlets: Collection[str]) -> Load:
        """The next batch of each of these; `complaint` is how it stands."""
        ticket_no = complaint.ticket.ticket_no
        events, writes, notices = (
            tuple(self.waiting(outlet)[:_BATCH]) if outlet in outlets else () for outlet in (LEDGER, CRM, NOTICES)
        )
        ledger = LedgerBatch(
            ticket_no=ticket_no,
            policy_version=complaint.policy.version,
            events=events,
            messages=tuple(self.messages[: len(events)]),  # each caused an event, so none is left behind
        )
        return Load(
            ledger=ledger if events else None,
            crm=CrmBatch(ticket_no=ticket_no, writes=writes) if writes else None,
            notices=NoticeBatch(ticket_no=ticket_no, notices=notices) if notices else None,
            survey=self.survey[0] if SURVEY in outlets and self.survey else None,
        )

    def left(self, outlet: str, load: Load) -> None:
        """What `load` had for the outlet is there."""
        counts = {
            LEDGER: len(load.ledger.events) if load.ledger else 0,
            CRM: len(load.crm.writes) if load.crm else 0,
            NOTICES: len(load.notices.notices) if load.notices else 0,
            SURVEY: 1,
        }
        del self.waiting(outlet)[: counts[outlet]]
        if outlet == LEDGER and load.ledger:
            del self.messages[: len(load.ledger.messages)]
            self._bytes = sum(map(_size, self.messages))

    def _notes(self, complaint: Complaint, events: Sequence[Event]) -> tuple[CrmNote, ...]:
        """Complaints that were open before notes went to the CRM ask for no more writes than they did."""
        notes = telling.crm_notes(complaint.ticket.ticket_no, events)
        return notes if notes and (self._together or workflow.patched("notes-go-to-the-crm")) else ()

    def is_full(self, *, times: int = 1) -> bool:
        """Whether so much waits, or `times` as much, that no more may be taken. Ordinary complaints never come near."""
        longest = max(len(self.waiting(outlet)) for outlet in OUTLETS)
        return self._bytes > _FULL_BYTES * times or longest > _FULL * times

    def backlog(self) -> dict[str, int]:
        return {outlet: len(self.waiting(outlet)) for outlet in OUTLETS}

    def is_empty(self) -> bool:
        return not any(self.waiting(outlet) for outlet in OUTLETS)

    def carried(self) -> Outboxes:
        return Outboxes(
            events=tuple(self.events),
            messages=tuple(self.messages),
            crm=tuple(self.crm),
            notices=tuple(self.notices),
            survey=tuple(self.survey),
            crm_knows=self._crm_knows,
        )


def _size(message: Message) -> int:
    return len(message.model_dump_json())
