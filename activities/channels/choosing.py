"""Which channels there are: mail where a server is named, and what VOCLOOP_CHANNELS sets up."""

from collections.abc import Callable
from datetime import datetime

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from activities.channels.hooks import Hook, Hooks
from activities.channels.page import CUSTOMER_SMS, Channel
from activities.channels.robots import Robot, Robots
from activities.channels.sms import AliyunSms, SmsAccount, TencentSms


class _SetUp(BaseModel):
    """The whole of VOCLOOP_CHANNELS: each name is what a way of a person's names, `robot:quality`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    robot: dict[str, Robot] = {}
    hook: dict[str, Hook] = {}
    sms_aliyun: SmsAccount | None = None
    sms_tencent: SmsAccount | None = None


def channels(text: str, *, client: httpx2.AsyncClient, clock: Callable[[], datetime]) -> dict[str, Channel]:
    """By the first word of a way: robot, hook, sms, customer_sms.

    Raises ValueError, which never tells what the setting holds.
    """
    try:
        asked = _SetUp.model_validate_json(text or "{}")
    except ValidationError as fault:
        where = ", ".join(sorted({".".join(map(str, each["loc"])) or "the whole" for each in fault.errors()}))
        raise ValueError(f"VOCLOOP_CHANNELS is not as docs/connect/notices.md says; mend: {where}.") from None
    found: dict[str, Channel] = {}
    if asked.robot:
        found["robot"] = Robots(asked.robot, client=client, clock=clock)
    if asked.hook:
        found["hook"] = Hooks(asked.hook, client=client, clock=clock)
    for account, kind in ((asked.sms_aliyun, AliyunSms), (asked.sms_tencent, TencentSms)):
        if account:
            found["sms"] = kind(account, client=client, clock=clock)
            found |= {CUSTOMER_SMS: found["sms"]} if account.customer else {}
    return found
