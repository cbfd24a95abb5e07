"""`vocloop codec-server`."""

import logging
import signal
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvicorn

import settings as environment
from settings import Settings, utc_now
from starter.codec.server import create_app
from starter.connecting import connect_options
from starter.encrypting import codec
from starter.http.behind import read_policy
from starter.http.listening import refuse_open
from starter.sockets import listen
from starter.stopping import CannotGoOn, run


def codec_server(
    host: Annotated[str | None, typer.Option(help="Beyond loopback only with a sign-in or keys.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one.")] = None,
    ui: Annotated[str | None, typer.Option(help="The Temporal UI's origin, https://host; several by commas.")] = None,
) -> None:
    """Open sealed payloads for the Temporal UI. Exit codes: 0 stopped as asked, 2 could not start."""
    given = {"codec_host": host, "codec_port": port, "codec_ui": ui}
    chosen = {key: value for key, value in given.items() if value is not None}
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    run(serve(environment.load().model_copy(update=chosen)))


async def serve(settings: Settings) -> None:
    """Answer requests until SIGTERM or Ctrl-C. Raises CannotGoOn when it cannot begin."""
    chosen = codec(settings)
    if chosen is None:
        raise CannotGoOn("No keys are set, so nothing is sealed: set VOCLOOP_PAYLOAD_KEYS as the worker has it.")
    origins = origins_of(settings)
    await refuse_open(settings.model_copy(update={"api_host": settings.codec_host}), at=utc_now())
    read_policy(settings)
    namespace = settings.temporal_namespace or connect_options(settings).get("namespace") or "default"
    try:
        listener = listen(settings.codec_host, settings.codec_port)
    except (OSError, OverflowError):
        raise CannotGoOn(f"Port {settings.codec_port} is taken: free it, or choose another with --port.") from None
    with listener:
        app = create_app(settings, chosen, origins=origins, namespace=namespace)
        config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False, proxy_headers=False)
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: None)  # uvicorn stops, and then raises it again
        typer.echo(f"The codec server listens on http://{settings.codec_host}:{listener.getsockname()[1]}")
        await uvicorn.Server(config).serve(sockets=[listener])


def origins_of(settings: Settings) -> frozenset[str]:
    """Raises CannotGoOn for what is no origin."""
    origins = frozenset(each.strip().rstrip("/") for each in settings.codec_ui.split(",")) - {""}
    for each in origins:
        parts = urlsplit(each)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise CannotGoOn(f"VOCLOOP_CODEC_UI: {each[:80]} is no origin; write https://host or http://host:port.")
    return origins
