"""Each channel over real HTTP, against a server that holds it to the vendor's published rules."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from activities.channels.choosing import channels
from activities.channels.hooks import Hook, Hooks
from activities.channels.page import Channel, ChannelAway, ChannelRefused, Said
from activities.channels.robots import Robot, Robots
from activities.channels.sms import AliyunSms, SmsAccount, TencentSms
from settings import utc_now
from tests.activities.channels.vendors import Answer, Vendor, a_vendor, aliyun, dingtalk, feishu, tencent, wecom
from tests.builders import T0

SECRET = "SEC/with+signs=and spaces"
SAID = Said(
    key="T-1:4:vp", subject="红灯：T-1", text="请 13:00 前答复。" * 200, facts={"ticket_no": "T-1", "kind": "vp_copy"}
)
PHONE = "+8613800000000"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with a_vendor() as found:
        yield found


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False) as found:
        yield found


def a_robot(kind: Any, vendor: Vendor, client: httpx2.AsyncClient, *, secret: str = SECRET) -> Robots:
    path = {
        "wecom": "/cgi-bin/webhook/send?key=k",
        "dingtalk": "/robot/send?access_token=t",
        "feishu": "/open-apis/bot/v2/hook/h",
    }
    robot = Robot(kind=kind, url=f"{vendor.url}{path[kind]}", secret=secret)
    return Robots({"quality": robot}, client=client, clock=lambda: T0)


def an_account(vendor: Vendor, **more: Any) -> SmsAccount:
    given = {
        "key_id": "id",
        "key_secret": "s3cret",
        "sign_name": "某车企",
        "template": "SMS_1",
        "app_id": "1400",
        "url": vendor.url,
    }
    return SmsAccount(**{**given, **more})


async def test_a_dingtalk_robot_is_signed_as_published(vendor: Vendor, client: httpx2.AsyncClient) -> None:
    vendor.answer = dingtalk(SECRET, now_ms=round(T0.timestamp() * 1000))
    await a_robot("dingtalk", vendor, client).send("quality", SAID)
    assert SAID.subject in vendor.requests[0].json["markdown"]["text"]
    with pytest.raises(ChannelRefused, match="dingtalk 310000"):
        await a_robot("dingtalk", vendor, client, secret="another").send("quality", SAID)


async def test_a_feishu_robot_is_signed_as_published(vendor: Vendor, client: httpx2.AsyncClient) -> None:
    vendor.answer = feishu(SECRET)
    await a_robot("feishu", vendor, client).send("quality", SAID)
    with pytest.raises(ChannelRefused, match="feishu 19021"):
        await a_robot("feishu", vendor, client, secret="another").send("quality", SAID)


async def test_a_wecom_message_is_cut_to_what_it_takes(vendor: Vendor, client: httpx2.AsyncClient) -> None:
    vendor.answer = wecom
    await a_robot("wecom", vendor, client).send("quality", SAID)
    assert 4000 < len(vendor.requests[0].json["markdown"]["content"].encode()) <= 4096


async def test_text_messages_are_signed_as_published(vendor: Vendor, client: httpx2.AsyncClient) -> None:
    for kind, rules in ((AliyunSms, aliyun), (TencentSms, tencent)):
        vendor.answer = rules("id", "s3cret")
        account = an_account(vendor, facts=("subject", "ticket_no"))
        await kind(account, client=client, clock=lambda: T0).send(PHONE, SAID)
        with pytest.raises(ChannelRefused, match="Signature"):
            await kind(an_account(vendor, key_secret="another"), client=client, clock=lambda: T0).send(PHONE, SAID)
    assert vendor.requests[0].query["PhoneNumbers"] == "13800000000"
    assert vendor.requests[2].json["TemplateParamSet"] == ["红灯：T-1", "T-1"]


async def test_a_webhook_is_verified_by_the_standards_library(vendor: Vendor, client: httpx2.AsyncClient) -> None:
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
    hooks = Hooks({"pager": Hook(url=vendor.url, secret=secret)}, client=client, clock=utc_now)
    for _ in range(2):
        await hooks.send("pager", SAID)
    first, again = vendor.requests
    assert Webhook(secret).verify(first.body, first.headers)["subject"] == SAID.subject
    assert first.headers["webhook-id"] == again.headers["webhook-id"]


A_MINUTE = timedelta(minutes=1)
TROUBLE: list[tuple[Answer, type[Exception], timedelta | None]] = [
    ((200, {}, {"errcode": 310000, "errmsg": "keywords not in content"}), ChannelRefused, None),  # a no with HTTP 200
    ((200, {}, {"errcode": 130101, "errmsg": "send too fast"}), ChannelAway, A_MINUTE),
    ((200, {}, {"errcode": -1, "errmsg": "system busy"}), ChannelAway, A_MINUTE),
    ((429, {"Retry-After": "7"}, {}), ChannelAway, timedelta(seconds=7)),
    ((429, {"Retry-After": "999999"}, {}), ChannelAway, timedelta(minutes=30)),  # patience has an end
    ((503, {}, b"<html>"), ChannelAway, None),
    ((200, {}, b"<html>a proxy's page"), ChannelAway, None),  # success of somebody else's
    ((200, {}, {"nothing": "known"}), ChannelRefused, None),
    ((404, {}, b"gone"), ChannelRefused, None),
]


@pytest.mark.parametrize(("answer", "raised", "wait"), TROUBLE)
async def test_a_no_is_told_from_a_not_now(
    vendor: Vendor, client: httpx2.AsyncClient, answer: Answer, raised: type[Exception], wait: timedelta | None
) -> None:
    vendor.answer = lambda _: answer
    with pytest.raises(raised) as told:
        await a_robot("dingtalk", vendor, client).send("quality", SAID)
    assert getattr(told.value, "wait", None) == wait
    assert "13:00" not in str(told.value)


@pytest.mark.parametrize(
    ("kind", "said", "raised"),
    [
        (AliyunSms, {"Code": "isv.BUSINESS_LIMIT_CONTROL"}, ChannelAway),
        (AliyunSms, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, ChannelRefused),
        (TencentSms, {"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}}, ChannelAway),
        (
            TencentSms,
            {"Response": {"SendStatusSet": [{"Code": "FailedOperation.PhoneNumberInBlacklist"}]}},
            ChannelRefused,
        ),
        (TencentSms, {"Response": {"Error": {"Code": "InternalError"}}}, ChannelAway),
    ],
)
async def test_a_text_message_is_refused_by_its_code(
    vendor: Vendor, client: httpx2.AsyncClient, kind: Any, said: dict[str, Any], raised: type[Exception]
) -> None:
    vendor.answer = lambda _: (200, {}, said)
    channel: Channel = kind(an_account(vendor), client=client, clock=lambda: T0)
    with pytest.raises(raised):
        await channel.send(PHONE, SAID)


async def test_a_vendor_that_is_away_is_asked_again(client: httpx2.AsyncClient) -> None:
    with a_vendor() as vendor:
        robots = a_robot("feishu", vendor, client)
    with pytest.raises(ChannelAway):
        await robots.send("quality", SAID)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"robot": {"quality": {"kind": "slack", "url": "https://x.example"}}}', "robot.quality.kind"),
        ('{"pigeon": {}}', "pigeon"),
        ("not json", "the whole"),
    ],
)
async def test_a_set_up_that_is_wrong_is_named_and_not_told(client: httpx2.AsyncClient, text: str, named: str) -> None:
    with pytest.raises(ValueError, match="VOCLOOP_CHANNELS") as told:
        channels(text, client=client, clock=utc_now)
    assert named in str(told.value)
    assert "x.example" not in str(told.value)
