"""The processes Vocloop is made of on one machine: how each is started, and when it is ready."""

import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2
from pydantic import BaseModel, ConfigDict

from settings import Settings
from starter.connecting import TemporalUnavailable, connect
from starter.embedded import temporal_server
from starter.embedded.supervising import Part
from starter.embedded.temporal_server import LOOPBACK
from starter.stopping import CannotGoOn

_WORKER_GRACE = timedelta(seconds=35)  # the worker lets running activities finish for 30


class Ports(BaseModel):
    """Where the embedded stack listens, on loopback. The API's port is a setting of its own."""

    model_config = ConfigDict(frozen=True)

    temporal: int = 7233
    temporal_http: int = 7243
    temporal_ui: int = 8233
    crm: int = 8090


def temporal(settings: Settings, ports: Ports) -> Part:
    async def is_ready(_process_id: int) -> bool:
        try:
            await connect(settings, plugins=[])
        except TemporalUnavailable:
            return False
        return True

    command = temporal_server.command(
        settings.home,
        namespace=settings.temporal_namespace or "default",
        port=ports.temporal,
        http_port=ports.temporal_http,
        ui_port=ports.temporal_ui,
        codec_endpoint=codec_address(settings) if settings.payload_keys else "",
    )
    return Part(name="temporal", command=command, is_ready=is_ready, starts=temporal_server.STARTS)


def worker(settings: Settings) -> Part:
    ready_file = settings.home / "worker.ready"

    async def is_ready(process_id: int) -> bool:
        return ready_file.exists() and ready_file.read_text() == str(process_id)

    return _ours(settings, "worker", "worker", is_ready=is_ready, grace=_WORKER_GRACE)


def api(settings: Settings) -> Part:
    return _ours(settings, "api", "api", is_ready=_answers(f"{api_address(settings)}/readyz"))


def codec_server(settings: Settings) -> Part:
    return _ours(settings, "codec-server", "codec-server", is_ready=_answers(f"{codec_address(settings)}/healthz"))


def crm_sim(settings: Settings, ports: Ports) -> Part:
    arguments = ("crm-sim", "--port", str(ports.crm), "--trigger", api_address(settings))
    return _ours(settings, "crm-sim", *arguments, is_ready=_answers(f"{crm_address(ports)}/healthz"))


def api_address(settings: Settings) -> str:
    """Where the API answers on this machine, whatever the world calls it."""
    host = LOOPBACK if settings.api_host in ("0.0.0.0", "::") else settings.api_host
    return f"http://{host}:{settings.api_port}"


def codec_address(settings: Settings) -> str:
    """Where browsers of this machine find the codec server."""
    host = LOOPBACK if settings.codec_host in ("0.0.0.0", "::") else settings.codec_host
    return f"http://{host}:{settings.codec_port}"


def crm_address(ports: Ports) -> str:
    return f"http://{LOOPBACK}:{ports.crm}"


def refuse_taken(port: int, *, option: str) -> None:
    """Raises CannotGoOn when something listens on this port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just given up is free
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            raise CannotGoOn(f"Port {port} is taken: free it, or choose another with {option}.") from None


def _ours(
    settings: Settings,
    name: str,
    *arguments: str,
    is_ready: Callable[[int], Awaitable[bool]],
    grace: timedelta = timedelta(seconds=10),
) -> Part:
    # The child gets every setting said aloud, so that it cannot read another configuration than we did.
    environment = {
        f"VOCLOOP_{key.upper()}": str(value) for key, value in settings.model_dump().items() if value is not None
    }
    command = (sys.executable, "-m", "starter.cli", *arguments)
    return Part(name=name, command=command, is_ready=is_ready, environment=environment, grace=grace)


def _answers(url: str) -> Callable[[int], Awaitable[bool]]:
    async def is_ready(_process_id: int) -> bool:
        try:
            async with httpx2.AsyncClient(timeout=2.0, trust_env=False) as client:
                return (await client.get(url)).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    return is_ready
