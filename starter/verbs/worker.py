"""`vocloop worker`: the composition root, from the command line."""

from typing import Annotated

import typer

import settings
import worker as root
from starter.stopping import run


def worker(
    check: Annotated[bool, typer.Option("--check", help="Construct all of it, poll nothing, exit 0.")] = False,
) -> None:
    """Run the worker until SIGTERM or Ctrl-C; what runs then may finish."""
    run(root.check(settings.load()) if check else root.run(settings.load()))
