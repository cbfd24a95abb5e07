"""What a channel is: something that takes a short message to an address, once, or says why it did not.

A message to colleagues names the complaint and what is asked of them. It never holds the customer's name, phone, VIN or
words: what stands in a group's chat cannot be taken back.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import httpx2

from activities.answering import NoAnswer, answer
from activities.patience import retry_after

TIMEOUT = httpx2.Timeout(10.0, connect=3.0)  # seconds
CUSTOMER_SMS = "customer_sms"  # beside "sms": a customer's text message has another template
LONGEST_WAIT = timedelta(minutes=30)


class ChannelRefused(Exception):  # noqa: N818 - a refusal is an answer
    """It will never take this message for this address. The text holds the vendor's code, and nothing that was sent."""


class ChannelAway(Exception):  # noqa: N818 - a state that passes
    """It cannot be reached, or asks for patience: `wait` is for how long, where it says."""

    def __init__(self, why: str, *, wait: timedelta | None = None) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class Said:
    """A message. `key` is the same when it is sent again; `facts` fill a template of the vendor's. `language` is the
    customer's whom it is for; "" is for colleagues.
    """

    key: str
    subject: str
    text: str
    facts: Mapping[str, str]
    language: Literal["", "zh", "en"] = ""


class Channel(ABC):
    @abstractmethod
    async def send(self, address: str, said: Said) -> None:
        """Raises ChannelRefused or ChannelAway."""


async def post(client: httpx2.AsyncClient, url: str, **request: Any) -> dict[str, Any]:
    """The JSON object that comes back with success. These vendors say no with success and a code, so look into it."""
    try:
        response = await answer(client, "POST", url, timeout=TIMEOUT, **request)
    except NoAnswer as error:
        raise ChannelAway(str(error)) from None
    status = response.status_code
    if status == httpx2.codes.TOO_MANY_REQUESTS or status >= 500:
        raise ChannelAway(f"HTTP {status}", wait=retry_after(response, at_most=LONGEST_WAIT))
    try:
        said = response.json()
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return said
    if response.is_success:
        raise ChannelAway("its answer is not what it documents")
    raise ChannelRefused(f"HTTP {status}")
