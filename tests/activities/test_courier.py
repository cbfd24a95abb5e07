"""The courier: each outlet's part is brought, and one that does not take its own keeps nobody else from theirs."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import ports
from activities.courier import Courier
from activities.ledger import SqlLedger
from domain.outlets import Audience, CrmBatch, Invitation, Load, Notice, NoticeBatch, NoticeKind
from domain.packing import packed
from ledger.events import events_of
from tests.builders import T0
from tests.ledger.building import a_batch, a_ledger, eventful

NOTICE = Notice(key="T-1:1:0", kind=NoticeKind.WORK_ORDER, audience=Audience.RESPONDERS)
LOAD = Load(
    ledger=a_batch(eventful()),
    crm=CrmBatch(ticket_no="T-1", writes=()),
    notices=NoticeBatch(ticket_no="T-1", notices=(NOTICE,)),
    survey=Invitation(key="T-1:1:survey", ticket_no="T-1", round=1, claimed_at=T0),
)


class Away(ports.Crm):
    async def write_back(self, batch: CrmBatch) -> int:
        raise ApplicationError("HTTP 500", type="CrmUnavailable")


class Hanging(ports.Crm):
    async def write_back(self, batch: CrmBatch) -> int:
        return await asyncio.Event().wait()


class NobodyToTell(ports.Notices):
    async def send(self, batch: NoticeBatch) -> tuple[str, ...]:
        return tuple(notice.key for notice in batch.notices)


class Asked(ports.Survey):
    async def invite(self, invitation: Invitation) -> None: ...


@pytest.mark.parametrize("crm", [Away(), Hanging()], ids=["away", "hanging"])
async def test_an_outlet_that_is_away_keeps_nobody_else_from_their_part(tmp_path: Path, crm: ports.Crm) -> None:
    async with a_ledger(tmp_path) as engine:
        courier = Courier(SqlLedger(engine, lambda: T0), crm, NobodyToTell(), Asked(), patience=timedelta(seconds=5))
        delivered = await ActivityEnvironment().run(courier.deliver, LOAD)
        assert delivered.took == ("ledger", "notices", "survey")
        assert delivered.given_up == (NOTICE.key,)
        assert list(await events_of(engine, "T-1")) == eventful().events


async def test_who_has_nothing_waiting_is_not_asked(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        courier = Courier(SqlLedger(engine, lambda: T0), Away(), NobodyToTell(), Asked())
        delivered = await ActivityEnvironment().run(courier.deliver, Load(survey=LOAD.survey))
        assert (delivered.took, delivered.given_up) == (("survey",), ())


def test_it_goes_by_the_ports_name() -> None:
    definition = activity._Definition.must_from_callable(Courier.deliver)
    assert definition.name == activity._Definition.must_from_callable(ports.Courier.deliver).name == "deliver"


def test_a_load_goes_packed_and_comes_out_as_it_was() -> None:
    told = LOAD.model_dump_json()
    assert Load.model_validate_json(told) == LOAD
    assert len(told) < len(packed(b"")) + sum(len(part.model_dump_json()) for _, part in LOAD if part) / 2
