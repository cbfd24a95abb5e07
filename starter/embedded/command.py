"""`vocloop up`: the command line of the embedded stack."""

from pathlib import Path
from typing import Annotated

import typer

import settings as environment
from starter.embedded import up as stack
from starter.embedded.parts import Ports
from starter.stopping import run

_PORT = {"min": 1, "max": 65535}


def up(
    home: Annotated[Path | None, typer.Option(help="The folder for databases, evidence and logs.")] = None,
    temporal_address: Annotated[
        str, typer.Option(help="host:port of an existing Temporal cluster; then no server is started.")
    ] = "",
    host: Annotated[str | None, typer.Option(help="Where the API listens; loopback without a sign-in or keys.")] = None,
    api_port: Annotated[int | None, typer.Option(**_PORT)] = None,
    temporal_port: Annotated[int, typer.Option(**_PORT)] = 7233,
    temporal_http_port: Annotated[int, typer.Option(**_PORT)] = 7243,
    ui_port: Annotated[int, typer.Option(help="Temporal's web UI.", **_PORT)] = 8233,
    crm_port: Annotated[int, typer.Option(help="The reference CRM.", **_PORT)] = 8090,
    with_crm_sim: Annotated[bool, typer.Option("--with-crm-sim", help="Run the reference CRM as well.")] = False,
) -> None:
    """Run Temporal, the ledger, the worker and the API on this machine until Ctrl-C.

    Exit codes: 0 stopped as asked, 2 could not start.
    """
    given = {"home": home, "temporal_address": temporal_address or None, "api_host": host, "api_port": api_port}
    settings = environment.load().model_copy(update={key: value for key, value in given.items() if value is not None})
    ports = Ports(temporal=temporal_port, temporal_http=temporal_http_port, temporal_ui=ui_port, crm=crm_port)
    run(stack.run(settings, ports=ports, with_crm_sim=with_crm_sim, say=typer.echo))
