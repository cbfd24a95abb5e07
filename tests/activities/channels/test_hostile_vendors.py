"""A vendor that answers anything at all is away or refuses, and says so as a channel has to: the next way is tried."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from activities import answering
from activities.channels.choosing import channels
from activities.channels.page import ChannelAway, ChannelRefused, Said
from settings import utc_now
from tests.activities.channels.vendors import Answer, Vendor, a_vendor

SAID = Said(key="T-1:4:vp", subject="红灯：T-1", text="请答复。", facts={"ticket_no": "T-1", "kind": "vp_copy"})
ACCOUNT = {"key_id": "id", "key_secret": "s", "sign_name": "某车企", "template": "1"}
WAYS = ["robot:wecom", "robot:dingtalk", "robot:feishu", "hook:pager", "sms:+8613800000000"]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with a_vendor() as found:
        yield found


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as found:
        yield found


async def send(vendor: Vendor, client: httpx2.AsyncClient, way: str, *, sms: str = "sms_aliyun") -> None:
    asked: dict[str, Any] = {
        "robot": {kind: {"kind": kind, "url": f"{vendor.url}/?key=k"} for kind in ("wecom", "dingtalk", "feishu")},
        "hook": {"pager": {"url": vendor.url, "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}},
        sms: {**ACCOUNT, "url": vendor.url},
    }
    kind, _, to = way.partition(":")
    await channels(json.dumps(asked), client=client, clock=utc_now)[kind].send(to, SAID)


@pytest.mark.parametrize("way", WAYS[:3] + WAYS[4:])
@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        pytest.param((200, {"content-encoding": "gzip"}, b"plain"), ChannelAway, id="not packed as it says"),
        pytest.param((200, {}, b"[" * 100_000), ChannelAway, id="nested deeper than anything reads"),
        pytest.param((302, {"location": "http://127.0.0.1:9/"}, b""), ChannelRefused, id="sent elsewhere"),
        pytest.param((200, {}, {"errcode": [9], "code": [9], "Code": ["x"]}), ChannelRefused, id="a list for a code"),
    ],
)
async def test_an_answer_of_no_use_is_told_as_one(
    vendor: Vendor, client: httpx2.AsyncClient, way: str, answer: Answer, raised: type[Exception]
) -> None:
    vendor.answer = lambda _: answer
    with pytest.raises(raised):
        await send(vendor, client, way)


@pytest.mark.parametrize(
    "said", [None, [], "OK", {"Error": None}, {"SendStatusSet": {"Code": "Ok"}}, {"SendStatusSet": [None]}]
)
async def test_tencents_answer_in_another_shape_is_no_success(
    vendor: Vendor, client: httpx2.AsyncClient, said: Any
) -> None:
    vendor.answer = lambda _: (200, {}, {"Response": said})
    with pytest.raises((ChannelAway, ChannelRefused)):
        await send(vendor, client, WAYS[4], sms="sms_tencent")


async def test_a_hook_that_took_it_may_say_whatever_it_likes(
    vendor: Vendor, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_BYTES", 10)
    vendor.answer = lambda _: (200, {"content-encoding": "gzip"}, b"plain" * 1000)
    await send(vendor, client, "hook:pager")
    assert len(vendor.requests) == 1
