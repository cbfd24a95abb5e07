"""`vocloop doctor`: finds what is stuck and says what to do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from temporalio.client import Client
from temporalio.service import RPCError

import settings as environment
from ledger import database
from settings import Settings
from starter.connecting import TemporalUnavailable, client_plugin, connect
from starter.doctor import ailments, calendars, crm, evidence, red_lines, refusals, webhooks
from starter.doctor.ailments import Finding
from starter.stopping import CannotGoOn, run


class Diagnosis(BaseModel):
    """What `doctor --json` prints."""

    model_config = ConfigDict(frozen=True)

    is_healthy: bool
    findings: tuple[Finding, ...]


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Find what is stuck and say what to do. Exit codes: 0 healthy, 1 something found, 2 could not look."""
    diagnosis = run(examine(environment.load(), at=environment.utc_now()))
    typer.echo(diagnosis.model_dump_json(indent=2) if as_json else in_words(diagnosis))
    raise typer.Exit(0 if diagnosis.is_healthy else 1)


async def examine(settings: Settings, *, at: datetime) -> Diagnosis:
    """Look at the ledger and at Temporal, each also when the other is away.

    Raises LedgerUnavailable or CannotGoOn when one of them answers and yet cannot be looked at.
    """
    found = [*calendars.unannounced(settings, at), *await _ledger(settings, at), *await _temporal(settings, at)]
    return Diagnosis(is_healthy=not found, findings=tuple(found))


def in_words(diagnosis: Diagnosis) -> str:
    """One paragraph per kind of trouble, its places listed under it."""
    if diagnosis.is_healthy:
        return "Healthy: nothing is stuck."
    return "\n\n".join(_paragraph(finding, diagnosis.findings) for finding in _first_of_each(diagnosis.findings))


def _paragraph(first: Finding, findings: Sequence[Finding]) -> str:
    alike = [finding for finding in findings if finding.code == first.code]
    places = [f"  {finding.where}: {finding.what}" for finding in alike]
    return "\n".join([f"{first.code} ({len(alike)})", *places, f"  → {first.do}"])


def _first_of_each(findings: Sequence[Finding]) -> list[Finding]:
    return list({finding.code: finding for finding in reversed(findings)}.values())[::-1]


async def _ledger(settings: Settings, at: datetime) -> list[Finding]:
    engine = database.connect(settings.ledger_url)
    try:
        if not await database.is_ready(engine):
            return [_unready(engine.url.render_as_string(hide_password=True))]
        return [
            *await ailments.undelivered(engine, at),
            *await ailments.overdue(engine, at),
            *await refusals.crm_refused(engine),
            *await red_lines.unanswered(engine, at),
            *await evidence.faulty_files(engine),
            *await crm.differences(engine),
            *await crm.unread(engine, settings, at),
            *await webhooks.silent_webhooks(engine, at),
        ]
    finally:
        await engine.dispose()


def _unready(ledger: str) -> Finding:
    return Finding(
        code="ledger",
        what="The ledger does not answer, or lacks the tables of this release.",
        where=ledger,
        do="Run `vocloop up` or `vocloop migrate`; where it is a server, see that it runs.",
    )


async def _temporal(settings: Settings, at: datetime) -> list[Finding]:
    try:
        client = await connect(settings, plugins=[client_plugin()])
    except TemporalUnavailable as unavailable:
        do = "Until it answers, tickets and commands are kept in the inbox and no deadline is handled."
        return [Finding(code="temporal", what=str(unavailable), where="Temporal", do=do)]
    try:
        return await _workflows(client, settings, at)
    except RPCError as error:
        raise CannotGoOn(f"Temporal answers but does not let us look ({error.message}): try again.") from error


async def _workflows(client: Client, settings: Settings, at: datetime) -> list[Finding]:
    unregistered = await ailments.search_attributes(client)
    return [
        *await ailments.unpolled(client, settings.task_queue, at),
        *unregistered,
        *await ailments.failing_tasks(client),
        *([] if unregistered else await ailments.refused_outlets(client, settings.task_queue)),
        *await ailments.old_backlogs(client, settings.task_queue),
        *await _ended_early(client, settings),
    ]


async def _ended_early(client: Client, settings: Settings) -> list[Finding]:
    """Nothing without the ledger, which knows what may have ended."""
    engine = database.connect(settings.ledger_url)
    try:
        if not await database.is_ready(engine):
            return []
        return await ailments.ended_early(client, engine, settings.task_queue)
    finally:
        await engine.dispose()
