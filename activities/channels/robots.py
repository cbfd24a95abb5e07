"""Robots of WeCom, DingTalk and Feishu: a message to the group in which each was set up.

Sources: WeCom "Group Robot Configuration Description" (developer.work.weixin.qq.com, document 91770), DingTalk
"Custom robot access" and "Customize robot security settings", Feishu "Use custom bots in a group". Each answers a
refusal with HTTP 200 and a code that is not 0. None was called here: tests hold the requests to what is published.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from activities.channels.page import Channel, ChannelAway, ChannelRefused, Said, post

_WECOM_BYTES = 4096  # of markdown
_A_MINUTE = timedelta(minutes=1)
# What each says when a robot sends more than twenty messages in a minute, or when the vendor is at fault.
_PATIENCE = {"wecom": {45009, 45033, -1}, "dingtalk": {130101, 660026, -1}, "feishu": {9499, 11232, 19025}}


class Robot(BaseModel):
    """One group's robot. `url` is the whole webhook address that the vendor shows; it is as secret as a password."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["wecom", "dingtalk", "feishu"]
    url: str = Field(pattern=r"^https?://\S+$", repr=False)
    secret: str = Field("", repr=False)  # DingTalk's and Feishu's "signature" setting; WeCom has none


class Robots(Channel):
    """An address is a robot's name. `client` stays the composition root's to close; `clock` is aware UTC."""

    def __init__(self, robots: dict[str, Robot], *, client: httpx2.AsyncClient, clock: Callable[[], datetime]) -> None:
        self._robots, self._client, self._clock = robots, client, clock

    async def send(self, address: str, said: Said) -> None:
        robot = self._robots.get(address)
        if robot is None:
            raise ChannelRefused("no robot of that name is set up")
        ask = {"wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu}[robot.kind]
        url, body = ask(robot, said, self._clock())
        answer = await post(self._client, url, json=body)
        code = answer.get("errcode", answer.get("code", answer.get("StatusCode")))
        if code == 0:
            return
        if isinstance(code, int) and code in _PATIENCE[robot.kind]:
            raise ChannelAway(f"{robot.kind} {code}", wait=_A_MINUTE)
        raise ChannelRefused(f"{robot.kind} {code if isinstance(code, int) else 'without a code'}")


def _wecom(robot: Robot, said: Said, _at: datetime) -> tuple[str, dict[str, Any]]:
    return robot.url, {"msgtype": "markdown", "markdown": {"content": _cut(_markdown(said), _WECOM_BYTES)}}


def _dingtalk(robot: Robot, said: Said, at: datetime) -> tuple[str, dict[str, Any]]:
    body = {"msgtype": "markdown", "markdown": {"title": said.subject[:64], "text": _markdown(said)}}
    if not robot.secret:
        return robot.url, body
    timestamp = str(round(at.timestamp() * 1000))
    signed = hmac.digest(robot.secret.encode(), f"{timestamp}\n{robot.secret}".encode(), hashlib.sha256)
    # Quoted once: a client that quotes it again sends a signature that DingTalk refuses.
    return f"{robot.url}&timestamp={timestamp}&sign={quote(base64.b64encode(signed), safe='')}", body


def _feishu(robot: Robot, said: Said, at: datetime) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": f"{said.subject}\n{said.text}"}}
    if robot.secret:
        timestamp = str(int(at.timestamp()))
        # Theirs: what is signed is the key, and the message is empty.
        signed = hmac.digest(f"{timestamp}\n{robot.secret}".encode(), b"", hashlib.sha256)
        body |= {"timestamp": timestamp, "sign": base64.b64encode(signed).decode()}
    return robot.url, body


def _markdown(said: Said) -> str:
    return f"**{said.subject}**\n\n{said.text}"


def _cut(text: str, most: int) -> str:
    """The beginning that fits into so many bytes of UTF-8."""
    return text if len(text.encode()) <= most else text.encode()[: most - 3].decode(errors="ignore") + "…"
