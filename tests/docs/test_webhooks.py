"""docs/connect/webhooks.md is kept true: its receiver receives, its kinds and codes are the code's."""

import asyncio
import re
import sys
from pathlib import Path

from activities import webhook_post
from domain.webhooks import KINDS
from ledger import webhooks
from settings import Settings, utc_now
from tests.activities.receiver import Receiver
from tests.activities.sending import sending, subscribed
from tests.ledger.building import a_ledger
from tests.starter.api_server import soon
from tests.starter.processes import child_environment, free_port

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connect" / "webhooks.md").read_text(encoding="utf-8")
[RECEIVER] = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)


def test_every_kind_of_event_is_named() -> None:
    assert not [kind for kind in KINDS if f"`{kind}`" not in PAGE]


def test_every_code_of_an_attempt_is_named() -> None:
    source = Path(str(webhook_post.__file__)).read_text(encoding="utf-8")
    codes = set(re.findall(r'(?:error = |Refused\(|return |else |if [^"\n]+ else )"(\w+)"', source)) | {"redirected"}
    assert len(codes) >= 9
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()


def test_every_setting_named_exists() -> None:
    assert {name.lower() for name in re.findall(r"VOCLOOP_([A-Z_]+)", PAGE)} <= set(Settings.model_fields)


async def test_the_receiver_of_the_page_receives(tmp_path: Path) -> None:
    receiver = Receiver()
    port = free_port()
    receiver.url = f"http://127.0.0.1:{port}/"
    async with a_ledger(tmp_path) as engine, sending(engine):
        webhook = await subscribed(engine, receiver)
        (tmp_path / "receiver.py").write_text(RECEIVER, encoding="utf-8")
        environment = child_environment(SECRET=receiver.secrets[0])
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, str(tmp_path / "receiver.py"), str(port)),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            ping = await webhooks.ping(engine, webhook.webhook_id, at=utc_now())
            assert ping
            assert child.stdout
            line = await asyncio.wait_for(child.stdout.readline(), timeout=20)

            async def done() -> bool | None:
                found = await webhooks.delivery(engine, webhook.webhook_id, ping.delivery_id)
                return True if found and found[0].state == "delivered" else None

            assert await soon(done)
        finally:
            child.terminate()
            await child.communicate()
    assert line.decode().split() == [ping.delivery_id, "com.vocloop.ping.v1"]
