"""`vocloop worker`: the composition root, from the command line."""

from typing import Annotated

import typer

import settings
from starter.stopping import run


def worker(
    check: Annotated[bool, typer.Option("--check", help="Construct all of it, poll nothing, exit 0.")] = False,
) -> None:
    """Run the worker until SIGTERM or Ctrl-C; what runs then may finish."""
    import worker as root  # the outlets' libraries are many: imported when they are needed

    run(root.check(settings.load()) if check else root.run(settings.load()))
