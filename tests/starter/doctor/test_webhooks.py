from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from ledger import webhook_tables as w
from ledger import webhooks
from ledger.database import writing
from settings import utc_now
from starter.doctor.webhooks import silent_webhooks
from tests.ledger.building import a_ledger

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),  # well
        ({"is_active": False, "disabled_at": utc_now(), "disabled_why": "gone"}, ["webhook_disabled"]),
        ({"is_active": False, "disabled_at": utc_now(), "disabled_why": "failing"}, ["webhook_disabled"]),
        ({"is_active": False, "disabled_at": utc_now(), "disabled_why": "operator"}, []),  # as somebody wished
        ({"failing_since": utc_now() - 2 * HOUR}, ["webhook_failing"]),
        ({"failing_since": utc_now() - HOUR / 2}, []),  # it may come back
    ],
)
async def test_a_subscriber_that_gets_nothing_is_found(
    tmp_path: Path, changes: dict[str, object], codes: list[str]
) -> None:
    async with a_ledger(tmp_path) as engine:
        await webhooks.subscribe(
            engine, url="https://a.example/", kinds=(), departments=(), description="", by="ops-1", at=utc_now()
        )
        if changes:
            async with writing(engine) as connection:
                await connection.execute(update(w.webhooks).values(**changes))
        assert [finding.code for finding in await silent_webhooks(engine, utc_now())] == codes


async def test_events_that_nobody_sends_are_found(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        made = await webhooks.subscribe(
            engine, url="https://a.example/", kinds=(), departments=(), description="", by="ops-1", at=utc_now()
        )
        await webhooks.ping(engine, made.webhook_id, at=utc_now() - HOUR)
        assert [finding.code for finding in await silent_webhooks(engine, utc_now())] == ["webhook_unsent"]
