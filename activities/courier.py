"""One trip to all outlets: while all is well, one activity does what would otherwise take four."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any

from temporalio import activity

from activities import ports
from domain.outlets import Delivered, Load

PATIENCE = timedelta(seconds=20)  # with one outlet; less than a workflow waits for the trip

_log = logging.getLogger("vocloop.worker")


class Courier(ports.Courier):
    """Asks the outlets' own ports. One that takes longer than `patience` is broken off and has not taken its part."""

    def __init__(
        self,
        ledger: ports.Ledger,
        crm: ports.Crm,
        notices: ports.Notices,
        survey: ports.Survey,
        *,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._ledger, self._crm, self._notices, self._survey = ledger, crm, notices, survey
        self._patience = patience.total_seconds()

    @activity.defn(name="deliver")
    async def deliver(self, load: Load) -> Delivered:
        answers = await self._all(self._calls(load))
        took = {outlet: answer for outlet, answer in answers.items() if not isinstance(answer, BaseException)}
        return Delivered(took=tuple(took), given_up=took.get("notices", ()))

    def _calls(self, load: Load) -> dict[str, Awaitable[Any]]:
        calls: dict[str, Awaitable[Any]] = {}
        if load.ledger:
            calls["ledger"] = self._ledger.append(load.ledger)
        if load.crm:
            calls["crm"] = self._crm.write_back(load.crm)
        if load.notices:
            calls["notices"] = self._notices.send(load.notices)
        if load.survey:
            calls["survey"] = self._survey.invite(load.survey)
        return calls

    async def _all(self, calls: Mapping[str, Awaitable[Any]]) -> dict[str, Any]:
        """Each outlet's answer, or what it raised."""
        answers = await asyncio.gather(*map(self._in_time, calls.values()), return_exceptions=True)
        for outlet, answer in zip(calls, answers, strict=True):
            if isinstance(answer, BaseException):
                # By class alone: an error's text may quote what is personal.
                _log.info("%s did not take its part of a load: %s", outlet, type(answer).__name__)
        return dict(zip(calls, answers, strict=True))

    async def _in_time(self, call: Awaitable[Any]) -> Any:
        async with asyncio.timeout(self._patience):
            return await call
