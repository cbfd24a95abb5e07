"""The composition root: settings → outlets → plugin → client → worker. `python -m worker --check` proves it fits."""

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.converter import PayloadCodec
from temporalio.plugin import SimplePlugin
from temporalio.worker import Worker, WorkerDeploymentConfig

import settings as environment
from activities import ports
from activities.authority import SqlAuthority
from activities.canary import CanaryAside
from activities.channels.choosing import channels
from activities.courier import Courier
from activities.crm import CrmGateway, NoCrm
from activities.crm_adapters import choosing
from activities.crm_adapters.page import CrmAway as CrmAway
from activities.crm_adapters.page import CrmCannot as CrmCannot
from activities.crm_desk import CrmDesk
from activities.digest import Digests
from activities.duties import DutyTable
from activities.held_texts import HeldTexts
from activities.ledger import SqlLedger
from activities.links import CustomerLinks
from activities.mail import SmtpMailer
from activities.notice_desk import NoticeDesk
from activities.notices import SqlNotices
from activities.red_lines import SqlRedLines
from activities.roster import PolicyRoster
from activities.survey import LinkSigner, SqlSurvey
from activities.watching import AGE, LATENESS, FailureLog, Measures
from activities.webhook_post import Origin
from activities.webhook_sender import WebhookSender
from ledger import database
from policy.reading import load
from policy.red_lines import load_red_lines
from settings import Settings, utc_now
from starter import canary, red_lines, retaining
from starter.connecting import connect, ensure_search_attributes, missing_search_attributes
from starter.converting import convert
from starter.encrypting import codec
from starter.evidence import proving, sweeping
from starter.home import prepare, secret
from starter.logs import set_up
from starter.measuring import measured
from starter.sandbox import InOneBatch, sandboxed
from starter.schedules import ensure_schedules
from starter.stopping import CannotGoOn
from starter.stopping import run as to_end
from workflows.authority import AuthorityWorkflow
from workflows.complaint import ComplaintWorkflow
from workflows.duties import DutyWorkflow
from workflows.guarding import Guard
from workflows.red_line import RedLineWorkflow

_GRACE = timedelta(seconds=30)

_log = logging.getLogger("vocloop.worker")


@dataclass(frozen=True)
class Outlets:
    """One implementation of each port, and what seals payloads where the settings have keys."""

    ledger: ports.Ledger
    crm: ports.Crm
    notices: ports.Notices
    survey: ports.Survey
    duties: DutyTable
    red_lines: ports.RedLines
    authority: ports.Authority
    codec: PayloadCodec | None = None
    crm_desk: CrmDesk | None = None


@asynccontextmanager
async def outlets(settings: Settings) -> AsyncIterator[Outlets]:
    """The outlets the settings ask for, open for as long as this lasts. Opens no connection yet. Raises CannotGoOn."""
    async with AsyncExitStack() as stack:
        engine = database.connect(settings.ledger_url)
        stack.push_async_callback(engine.dispose)
        http = await stack.enter_async_context(httpx2.AsyncClient())
        try:
            implementations = _outlets(settings, engine, http)
        except ValueError as fault:  # each names the setting or the policy's file and line
            raise CannotGoOn(str(fault)) from fault
        yield implementations


def _outlets(settings: Settings, engine: AsyncEngine, http: httpx2.AsyncClient) -> Outlets:
    files = load(settings.policy)
    roster = PolicyRoster(files)
    mailer = SmtpMailer(settings.smtp_url, sender=settings.smtp_sender) if settings.smtp_url else None
    signer = LinkSigner(settings.secret_key or secret(settings.home), base_url=settings.base_url)
    links = CustomerLinks(engine, signer, clock=utc_now)
    ways = channels(settings.channels, client=http, clock=utc_now)
    desk = _crm_desk(settings, engine, http)
    notices = SqlNotices(engine, roster=roster, mailer=mailer, clock=utc_now, channels=ways, link=links.of)
    digests = Digests(engine, files=files, stationery=notices.stationery, delivery=notices.delivery)
    return Outlets(
        ledger=SqlLedger(engine, utc_now),
        crm=CrmGateway(desk.adapter, engine=engine, clock=utc_now) if desk else NoCrm(),
        notices=notices,
        survey=SqlSurvey(engine, signer=signer, names=roster, mailer=mailer, clock=utc_now, channels=ways),
        duties=DutyTable(
            {
                "canary": partial(canary.fly, files=files, task_queue=settings.task_queue, clock=utc_now),
                "digest": digests.perform,
                "held_texts": HeldTexts(engine, delivery=notices.delivery, link=links.of).perform,
                "evidence_sweep": partial(sweeping.duty, engine=engine, settings=settings),
                "evidence_verify": partial(proving.duty, engine=engine, settings=settings),
                "retention": partial(retaining.duty, engine=engine, settings=settings),
                **(desk.duties(is_polling=settings.crm_poll) if desk else {}),
            }
        ),
        red_lines=SqlRedLines(engine, files=files, notices=notices, clock=utc_now),
        authority=SqlAuthority(engine, policy=settings.policy, notices=notices),
        codec=codec(settings),
        crm_desk=desk,
    )


@asynccontextmanager
async def notice_desk(settings: Settings) -> AsyncIterator[NoticeDesk]:
    """What the command line looks at notices with. Raises ValueError, naming the setting that is wrong."""
    async with httpx2.AsyncClient() as http:
        mailer = SmtpMailer(settings.smtp_url, sender=settings.smtp_sender) if settings.smtp_url else None
        ways = channels(settings.channels, client=http, clock=utc_now)
        yield NoticeDesk(PolicyRoster(load(settings.policy)), mailer=mailer, channels=ways)


def _crm_desk(settings: Settings, engine: AsyncEngine, http: httpx2.AsyncClient) -> CrmDesk | None:
    kind, options, token = settings.crm_kind, settings.crm_options, settings.crm_token
    if not settings.crm_url:
        return None
    adapter = choosing.adapter(kind, url=settings.crm_url, token=token, options=options, client=http)
    words = load_red_lines(settings.policy)
    return CrmDesk(adapter, engine=engine, connection=kind, clock=utc_now, red_lines=words)


@asynccontextmanager
async def webhooks(settings: Settings) -> AsyncIterator[None]:
    """Webhooks are sent for as long as this lasts. Any number of workers may: they take turns by subscription."""
    engine = database.connect(settings.ledger_url)
    key = settings.secret_key or secret(settings.home)
    origin = Origin(f"{settings.base_url}/api/v1/complaints", key, settings.webhook_hosts)
    holder = f"{socket.gethostname()[:40]}:{secrets.token_hex(8)}"
    keep_log = timedelta(days=settings.webhook_log_days)
    sender = WebhookSender(engine, origin, holder=holder, clock=utc_now, keep_log=keep_log)
    try:
        async with sender.going():
            yield
    finally:
        await engine.dispose()


def complaint_plugin(implementations: Outlets, *, is_strict: bool = False) -> SimplePlugin:
    """Everything that makes a worker, a replayer or a client ours, beside what it is already (docs/connect/embed.md).

    `is_strict` refuses a workflow whose imports are neither reloaded nor meant to be passed through.
    """
    return InOneBatch(
        "vocloop",
        workflows=[ComplaintWorkflow, DutyWorkflow, RedLineWorkflow, AuthorityWorkflow],
        activities=[
            Courier(
                implementations.ledger, implementations.crm, implementations.notices, implementations.survey
            ).deliver,
            implementations.ledger.append,
            implementations.crm.write_back,
            implementations.notices.send,
            implementations.survey.invite,
            implementations.duties.perform,
            implementations.red_lines.record,
            implementations.red_lines.call,
            implementations.authority.record,
            implementations.authority.tell_desk,
        ],
        data_converter=partial(convert, codec=implementations.codec),
        interceptors=[Guard(), FailureLog(), Measures(utc_now), CanaryAside()],
        workflow_runner=partial(sandboxed, is_strict=is_strict),
    )


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then let what runs finish. Raises CannotGoOn."""
    prepare(settings.home)
    set_up(settings)
    ready = settings.home / "worker.ready"
    async with outlets(settings) as implementations:
        runtime = measured(settings.metrics_address, (LATENESS, AGE))
        client = await connect(settings, plugins=[complaint_plugin(implementations)], runtime=runtime)
        await make_ready(client, implementations, settings)
        async with webhooks(settings), red_lines.begun(client, settings), _worker(client, settings):
            asked = _stop_asked()  # before anybody reads that it is ready, and may ask
            ready.write_text(str(os.getpid()))
            _log.info("ready on %s, task queue %s", client.service_client.config.target_host, settings.task_queue)
            await asked.wait()
            ready.unlink(missing_ok=True)
            _log.info("stopping; running activities have %d s to finish", _GRACE.total_seconds())


async def make_ready(client: Client, implementations: Outlets, settings: Settings) -> None:
    """What a server has to know before a worker of ours begins: search attributes and schedules. Safe to repeat."""
    await ensure_search_attributes(client)
    zone = load(settings.policy).policy_at(utc_now()).calendar.zone
    await ensure_schedules(client, implementations.duties.names, task_queue=settings.task_queue, zone=zone)


async def check(settings: Settings) -> None:
    """Construct all of it and poll nothing.

    Raises CannotGoOn when a search attribute is missing or the sandbox finds an import that is not meant to be there.
    """
    prepare(settings.home)
    async with outlets(settings) as implementations:
        client = await connect(settings, plugins=[complaint_plugin(implementations, is_strict=True)])
        if missing := await missing_search_attributes(client):
            raise CannotGoOn(f"Search attributes are missing ({', '.join(missing)}): start `vocloop worker` once.")
        try:
            _worker(client, settings)
        except RuntimeError as fault:
            raise CannotGoOn(f"A workflow does not fit the sandbox: {fault.__cause__ or fault}") from fault


def _stop_asked() -> asyncio.Event:
    """Set by SIGTERM or SIGINT. A second one ends the process in the system's own way."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask() -> None:
        asked.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)
    return asked


def _worker(client: Client, settings: Settings) -> Worker:
    return Worker(
        client,
        task_queue=settings.task_queue,
        max_cached_workflows=settings.max_cached_workflows,
        graceful_shutdown_timeout=_GRACE,
        deployment_config=deployment_config(settings),
    )


def deployment_config(settings: Settings) -> WorkerDeploymentConfig | None:
    """Versioned only when the environment says so: a behaviour on the class would wedge an unversioned worker."""
    if not (settings.deployment and settings.build_id):
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


if __name__ == "__main__":
    settings = environment.load()
    to_end(check(settings) if "--check" in sys.argv[1:] else run(settings))
