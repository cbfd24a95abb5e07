"""A complaint's workflow whose code asks for one thing more than was recorded: replay must notice."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.carrying import ComplaintStart, Finish
    from workflows.complaint import ComplaintWorkflow


@workflow.defn(name="ComplaintWorkflow")
class Divergent(ComplaintWorkflow):
    @workflow.init
    def __init__(self, start: ComplaintStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ComplaintStart) -> Finish:
        await workflow.sleep(timedelta(milliseconds=1))
        return await super().run(start)
