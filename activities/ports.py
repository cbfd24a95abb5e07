"""Every side effect the workflows may ask for, on one page. All may be asked twice: each names what makes that safe."""

from abc import ABC, abstractmethod

from temporalio import activity

from domain.goodwill_outlets import DeskBatch, GoodwillBatch
from domain.outlets import CrmBatch, Delivered, DutyCall, Invitation, LedgerBatch, Load, NoticeBatch
from domain.red_line_outlets import RedLineBatch, RedLineCall

CANARY_PREFIX = "canary-"  # of a workflow id; a complaint's is another (starter/canary.py)


class Ledger(ABC):
    @activity.defn(name="append_to_ledger")
    @abstractmethod
    async def append(self, batch: LedgerBatch) -> int:
        """Append the events and move the projections; returns the complaint's last seq in the ledger.

        An event whose (ticket, seq) is already there is skipped. Raises a retryable error while the database is away,
        and a non-retryable one ("LedgerGap", "LedgerFork") when the batch cannot belong there.
        """


class Crm(ABC):
    @activity.defn(name="write_back_to_crm")
    @abstractmethod
    async def write_back(self, batch: CrmBatch) -> int:
        """Write each state, and what was written on the way there, to the CRM's ticket, in order, each under its
        idempotency key; returns how many states were sent.

        Raises a retryable error while the CRM is away or answers 5xx or 429, and a non-retryable one ("CrmRefused")
        when it refuses a write for good. What it refuses of a closed complaint is given up after a while: it stays in
        the ledger, and the batch counts as done.
        """


class Notices(ABC):
    @activity.defn(name="send_notices")
    @abstractmethod
    async def send(self, batch: NoticeBatch) -> tuple[str, ...]:
        """Post each notice in the notice centre and, where configured, by mail; once per key and address.

        Returns the keys of notices that can never be delivered (nobody to address). Raises a retryable error when an
        outlet is away.
        """


class Survey(ABC):
    @activity.defn(name="invite_to_survey")
    @abstractmethod
    async def invite(self, invitation: Invitation) -> None:
        """Make the customer's link for this round, once per key, and send it. Opening the link never acts."""


class Courier(ABC):
    @activity.defn(name="deliver")
    @abstractmethod
    async def deliver(self, load: Load) -> Delivered:
        """Bring each outlet its part, all at the same time, and say which took theirs.

        Never raises for one that did not: that one is asked again by its own activity, whose keys make it safe that
        some of it may have arrived.
        """


class Duties(ABC):
    @activity.defn(name="perform_duty")
    @abstractmethod
    async def perform(self, call: DutyCall) -> str:
        """Do what is done for all complaints now and then; returns what came of it, in a line without personal data.

        Each duty keys what it does by `due_at`, or by what it finds, so that twice is once. Raises a retryable error
        while something it needs is away.
        """


class Authority(ABC):
    @activity.defn(name="record_goodwill")
    @abstractmethod
    async def record(self, batch: GoodwillBatch) -> None:
        """Keep how these requests stand; an older change never overwrites a newer one.

        Raises a retryable error while the database is away.
        """

    @activity.defn(name="tell_special_claims_desk")
    @abstractmethod
    async def tell_desk(self, batch: DeskBatch) -> None:
        """Write to whoever answers for the desk, once per request and occasion. Raises a retryable error when a way is
        away.
        """


class RedLines(ABC):
    @activity.defn(name="record_red_line")
    @abstractmethod
    async def record(self, batch: RedLineBatch) -> None:
        """Keep what happened and how the red line stands, and hold the complaint's evidence; once per seq.

        Raises a retryable error while the database is away.
        """

    @activity.defn(name="call_for_red_line")
    @abstractmethod
    async def call(self, call: RedLineCall) -> tuple[str, ...]:
        """Call whoever holds these posts today, whatever the hour, once per seq and address; returns those of the posts
        that nobody took the call for. Raises a retryable error when a way is away.
        """
