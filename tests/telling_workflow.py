"""A workflow of its own file, as the sandbox loads it anew for each run."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError


@workflow.defn
class Telling:
    """Says what it was told; fails with it where that is no thanks."""

    @workflow.run
    async def run(self, words: str) -> str:
        if words != "thanks":
            raise ApplicationError(f"the customer said {words}")
        return words
