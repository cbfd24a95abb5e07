"""A red line whose code asks for one thing more than was recorded: replay must notice."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.red_line import RedLineStart, RedLineWorkflow


@workflow.defn(name="RedLine")
class DivergentRedLine(RedLineWorkflow):
    @workflow.init
    def __init__(self, start: RedLineStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: RedLineStart) -> str:
        await workflow.sleep(timedelta(milliseconds=1))
        return await super().run(start)
