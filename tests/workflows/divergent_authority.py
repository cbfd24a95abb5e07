"""A region's month whose code asks for one thing more than was recorded: replay must notice."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.authority import AuthorityStart, AuthorityWorkflow


@workflow.defn(name="Authority")
class DivergentAuthority(AuthorityWorkflow):
    @workflow.init
    def __init__(self, start: AuthorityStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: AuthorityStart) -> str:
        await workflow.sleep(timedelta(milliseconds=1))
        return await super().run(start)
