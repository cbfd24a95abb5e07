"""How each outlet is asked: time-outs, retries and summaries. Called from workflow code only."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities import ports
    from domain.outlets import CrmBatch, Delivered, Invitation, LedgerBatch, Load, NoticeBatch
    from domain.policy import Policy

# Must happen, however long the ledger is away; people wait to read it.
_FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))
# Must happen as well, but a whole company's complaints asking a dead CRM every few minutes would keep it dead.
_PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(hours=1))
_CALL = timedelta(seconds=30)
_REFUSED = timedelta(minutes=10)  # before an outlet that refused for good is asked again
_LONGEST_PAUSE = timedelta(hours=6)


def pause_after_refusals(outlet: str, times: int) -> timedelta:
    """How long an outlet that refused for good, so many times running, is left alone.

    The CRM's refusal is about one ticket and may last as long as the complaint: ever longer, so that history stays
    small and the CRM is not pestered. Another outlet's is a fault of set-up that somebody is mending.
    """
    return min(_REFUSED * 2 ** min(times - 1, 16), _LONGEST_PAUSE) if outlet == "crm" else _REFUSED


async def together(load: Load) -> Delivered:
    """Tried once: what was not taken, each outlet is asked for by itself."""
    parts = [outlet for outlet, part in load if part is not None]
    return await workflow.execute_activity_method(
        ports.Courier.deliver,
        load,
        start_to_close_timeout=_CALL,
        retry_policy=RetryPolicy(maximum_attempts=1),
        summary=f"{_span(load.ledger)}: {', '.join(parts)}" if load.ledger else ", ".join(parts),
    )


async def to_ledger(batch: LedgerBatch) -> None:
    """A regular activity, never a local one: a local one writes before the workflow task is committed, and a task that
    is tried again decides anew, at another instant, against rows that are already there.
    """
    await workflow.execute_activity_method(
        ports.Ledger.append,
        batch,
        start_to_close_timeout=_CALL,
        retry_policy=_FOR_EVER,
        summary=_span(batch),
    )


async def to_crm(batch: CrmBatch) -> None:
    await workflow.execute_activity_method(
        ports.Crm.write_back,
        batch,
        start_to_close_timeout=_CALL * max(1, len(batch.writes) // 20),
        retry_policy=_PATIENTLY,
        summary=f"state after event {batch.writes[-1].seq}",
    )


async def to_notices(batch: NoticeBatch, *, policy: Policy) -> tuple[str, ...]:
    """The keys of the notices that were given up."""
    now = workflow.now()
    try:
        return await workflow.execute_activity_method(
            ports.Notices.send,
            batch,
            start_to_close_timeout=_CALL * 2,
            schedule_to_close_timeout=policy.calendar.add(now, policy.notice_life) - now,
            retry_policy=_PATIENTLY,
            summary=", ".join(dict.fromkeys(notice.kind for notice in batch.notices))[:200],
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise  # the run ends, and nothing is given up
        return tuple(notice.key for notice in batch.notices)


async def to_survey(invitation: Invitation) -> None:
    await workflow.execute_activity_method(
        ports.Survey.invite,
        invitation,
        start_to_close_timeout=_CALL,
        retry_policy=_PATIENTLY,
        summary=f"round {invitation.round}",
    )


def _span(batch: LedgerBatch) -> str:
    return f"events {batch.events[0].seq} to {batch.events[-1].seq}"
