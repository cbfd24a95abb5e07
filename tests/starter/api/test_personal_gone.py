"""A complaint whose customer was erased, or put away, as the doors show it."""

from typing import Any

import pytest

from domain.commands import Role
from domain.outlets import Audience
from ledger import erasing, notices, restricting
from settings import utc_now
from tests.starter.api_server import NAME, PHONE, VIN, RunningApi, a_ledger, soon
from tests.starter.people import signed_in

BY: dict[str, Any] = {"by": "ops-1", "why": "request 7"}


async def gone(api: RunningApi, ticket_no: str, *, is_erased: bool) -> None:
    """Once the customer has their first letter: one that is being written just then would come after."""
    async with a_ledger(api.settings) as engine:

        async def has_a_letter() -> bool | None:
            written = await notices.of_ticket(engine, ticket_no)
            return any(each.audience == Audience.CUSTOMER for each in written) or None

        await soon(has_a_letter)
        if is_erased:
            done = await erasing.erase(engine, ticket_no, at=utc_now(), is_forced=True, **BY)
            assert done.refused is None
        else:
            assert await restricting.restrict(engine, ticket_no, at=utc_now(), **BY)


@pytest.mark.parametrize(
    ("is_erased", "sentence"),
    [(True, "The customer&#39;s personal data was erased."), (False, "The customer&#39;s personal data was put away")],
)
async def test_the_page_says_so_plainly_and_nobody_sees_any(
    running_api: RunningApi, *, is_erased: bool, sentence: str
) -> None:
    no = (await running_api.opened())["ticket_no"]
    sha256 = (await running_api.upload(no, f"trace of {no}\n".encode())).json()["sha256"]
    await gone(running_api, no, is_erased=is_erased)
    async with await signed_in(running_api, Role.CX, "cx") as http:
        looked = await http.post(f"/api/v1/complaints/{no}/personal", json={"why": "call back"})
        file = await http.get(f"/api/v1/evidence/{sha256}", params={"ticket_no": no})
        page = await http.get(f"/complaints/{no}", headers={"Accept": "text/html"})
    assert (
        (looked.status_code, looked.json()["code"]) == (file.status_code, file.json()["code"]) == (410, "personal_gone")
    )
    assert sentence in page.text
    assert "Reveal personal data" not in page.text
    assert not [value for value in (NAME, PHONE, VIN[-6:]) if value in page.text]


async def test_its_work_goes_on(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    await gone(running_api, no, is_erased=True)
    accepted = await running_api.command(
        no, "accept", actor={"role": "responder", "department": "powertrain", "id": "p"}
    )
    assert accepted.status_code == 200
