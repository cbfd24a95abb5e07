"""A workflow that imports what nobody meant to pass through the sandbox."""

import jinja2
from temporalio import workflow


@workflow.defn
class Astray:
    @workflow.run
    async def run(self) -> str:
        return jinja2.__version__
