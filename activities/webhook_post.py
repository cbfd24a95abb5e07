"""One signed event to one subscriber over HTTP, and nowhere that a subscriber must not be able to point us.

A name is resolved once and each of its addresses judged; then we connect to that very address, so that a second answer
of the resolver changes nothing. Redirects are not followed, no proxy is used, and of an answer only its status and
headers are looked at. docs/security.md says what remains.
"""

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import NamedTuple

import httpx2

from activities.patience import retry_after
from domain.webhooks import PING, Patience, envelope, is_public, secret_of, signature, url_fault
from ledger.webhooks import Delivery, Webhook

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_ASKED = (429, 503)
_DRAINED_BYTES, _DRAIN_S = 16 * 1024, 1
_CONNECTIONS = httpx2.Limits(max_connections=16, max_keepalive_connections=8)


class Answer(NamedTuple):
    """`status` is 0 when there was none. `error` is "" on success, else a code; `wait` is the Retry-After."""

    status: int
    ms: int
    error: str
    wait: timedelta | None = None


class Refused(Exception):  # noqa: N818  A state of the subscription, not a mistake of ours.
    """Nothing was sent. The message is the code for the log."""


class Origin(NamedTuple):
    """Who sends. `source` is the CloudEvents source, `key` what secrets are made of, `allowed` the inside hosts."""

    source: str
    key: str
    allowed: Collection[str] = frozenset()


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of `host`. Raises OSError when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Poster:
    """Sends to one subscriber. Its connections are shared with no other: two hosts may have one address."""

    def __init__(
        self,
        origin: Origin,
        *,
        patience: Patience,
        clock: Callable[[], datetime],
        trust: ssl.SSLContext,
        resolve: Resolve = resolved,
    ) -> None:
        self._origin, self._patience, self._clock, self._resolve = origin, patience, clock, resolve
        total = patience.answer_within.total_seconds()
        # A handshake ends by the client's own limit: one cut off from outside would leave its socket open.
        timeout = httpx2.Timeout(total, connect=total / 2)
        self._client = httpx2.AsyncClient(
            verify=trust, trust_env=False, follow_redirects=False, timeout=timeout, limits=_CONNECTIONS
        )

    async def __aenter__(self) -> "Poster":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def post(self, webhook: Webhook, delivery: Delivery) -> Answer:
        """Send it once. Raises nothing that the subscriber could cause."""
        begun = time.perf_counter()
        status, error, wait = 0, "", None
        try:
            async with asyncio.timeout(self._patience.answer_within.total_seconds()):
                response = await self._send(webhook, delivery)
            status = response.status_code
            error = "" if response.is_success else "redirected" if 300 <= status < 400 else "status"
            longest = self._patience.longest_asked
            wait = retry_after(response, at_most=longest) if status in _ASKED else None
        except Refused as refused:
            error = str(refused)
        except (TimeoutError, httpx2.TimeoutException):
            error = "timeout"
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as fault:
            error = _code(fault)
        return Answer(status, round((time.perf_counter() - begun) * 1000), error, wait)

    async def _send(self, webhook: Webhook, delivery: Delivery) -> httpx2.Response:
        """Its status and headers; nothing is kept of its body."""
        if url_fault(webhook.url, allowed=self._origin.allowed):
            raise Refused("address_refused")
        url = httpx2.URL(webhook.url)
        body = self.body(delivery)
        request_headers = {**self.headers(webhook, delivery.delivery_id, body), "Host": url.netloc.decode("ascii")}
        fault: httpx2.ConnectError | None = None
        for address in await self._addresses(url):
            try:
                request = self._client.build_request(
                    "POST",
                    url.copy_with(host=address),
                    content=body,
                    headers=request_headers,
                    extensions={"sni_hostname": url.host},
                )
                response = await self._client.send(request, stream=True)
            except httpx2.ConnectError as error:
                fault = error
                continue
            await _drain(response)
            return response
        raise fault or Refused("unresolvable")

    async def _addresses(self, url: httpx2.URL) -> Sequence[str]:
        """Where to connect. One inside address refuses them all: a resolver that mixes them means no good."""
        try:
            found = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        except (OSError, UnicodeError):
            raise Refused("unresolvable") from None
        if url.host.lower() not in self._origin.allowed and not all(map(is_public, found)):
            raise Refused("address_refused")
        return found

    def body(self, delivery: Delivery) -> bytes:
        """The event as it is sent, the same each time."""
        is_ping = delivery.kind == PING
        event = envelope(
            source=self._origin.source,
            event_id=delivery.delivery_id if is_ping else f"{delivery.ticket_no}:{delivery.seq}",
            kind=delivery.kind,
            subject=delivery.ticket_no,
            at=delivery.happened_at,
            data=delivery.data,
        )
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()

    def headers(self, webhook: Webhook, message_id: str, body: bytes) -> dict[str, str]:
        """Signed by the newest secret, and by the one before while that is still valid."""
        at = self._clock()
        is_rotating = webhook.previous_until is not None and at < webhook.previous_until
        generations = (webhook.generation, webhook.generation - 1) if is_rotating else (webhook.generation,)
        secrets = [secret_of(self._origin.key, webhook.webhook_id, generation) for generation in generations]
        return {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "Vocloop-Webhooks/1",
            "Accept-Encoding": "identity",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(
                signature(secret, message_id=message_id, at=at, body=body) for secret in secrets
            ),
        }


async def _drain(response: httpx2.Response) -> None:
    """Read a short body, so that the connection can be used again; drop one that is long or slow with it."""
    heard = 0
    try:
        with suppress(httpx2.HTTPError, TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                async for chunk in response.aiter_raw():
                    heard += len(chunk)
                    if heard > _DRAINED_BYTES:
                        break
    finally:
        await response.aclose()


def _code(fault: Exception) -> str:
    if isinstance(fault, httpx2.ConnectError):
        return "certificate" if "CERTIFICATE" in str(fault).upper() else "unreachable"
    return "cut_off" if isinstance(fault, httpx2.TransportError | OSError) else "no_http"
