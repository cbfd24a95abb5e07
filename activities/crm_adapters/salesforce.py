"""Salesforce Service Cloud over REST: cases and their comments. docs/connect/salesforce.md; not tried on the vendor's.

The state stands in fields of ours on the case, and each change of it is a comment for people.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC
from typing import Any

from activities.crm_adapters.page import (
    CrmAdapter,
    CrmAway,
    CrmConnection,
    CrmRefuses,
    CrmSaid,
    CrmState,
    Found,
    Position,
)
from activities.crm_adapters.salesforce_cases import READ, SAID, comment_of, fields_of, mark_in, state_in, ticket_of
from activities.crm_adapters.salesforce_session import SalesforceSession
from activities.crm_adapters.words import note_of
from domain.outlets import CrmWrite
from domain.ticket import TICKET_NO

_ALWAYS = "IsClosed = false"
# A composite's part says its failure by itself; these pass when it is tried again.
_PASSING = frozenset({"UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE"})
_HALTED = "PROCESSING_HALTED"  # of the parts beside the one that failed


class SalesforceCrm(CrmAdapter):
    """`url` is My Domain's. Options: `client_id`, `client_secret`; and, where the defaults do not fit, `version`,
    `where` (which cases are tickets, in SOQL), `tag_field` and `tags` (from its values to our tags), `closed_status`.
    """

    def __init__(self, connection: CrmConnection) -> None:
        options: Mapping[str, Any] = connection.options
        self._session = SalesforceSession(connection)
        self._data = f"/services/data/{options.get('version', 'v62.0')}"
        self._where = options.get("where", _ALWAYS)
        self._tag_field = options.get("tag_field", "Type")
        self._tags: Mapping[str, str] = options.get("tags", {})
        self._closed_status = options.get("closed_status", "Closed")

    async def tickets_after(self, position: Position, *, limit: int) -> tuple[Found, ...]:
        at = f"{position.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{position.at.microsecond // 1000:03}Z"
        same = f" OR (SystemModstamp = {at} AND Id > '{_quotable(position.id)}')" if position.id else ""
        behind = f"SystemModstamp > {at}{same}" if position.id else f"SystemModstamp >= {at}"
        fields = ", ".join(dict.fromkeys((*READ, self._tag_field)))
        order = f"ORDER BY SystemModstamp, Id LIMIT {limit}"
        rows = await self._query(f"SELECT {fields} FROM Case WHERE ({self._where}) AND ({behind}) {order}")
        return tuple(ticket_of(row, tag_field=self._tag_field, tags=self._tags) for row in rows)

    async def write(self, write: CrmWrite) -> None:
        row = (await self._cases([write.ticket_no])).get(write.ticket_no)
        if row is None:
            raise CrmRefuses("unknown ticket")
        there = state_in(row)
        if (there and there.seq > write.seq) or row.get("Vocloop_Key__c") == write.key:
            return
        status = {"Status": self._closed_status} if write.closing else {}
        comment = {"ParentId": row["Id"], "CommentBody": "\n".join(note_of(write)), "IsPublished": False}
        await self._together(
            ("PATCH", f"sobjects/Case/{row['Id']}", {**fields_of(write), **status}),
            ("POST", "sobjects/CaseComment", comment),
        )

    async def tell(self, said: CrmSaid) -> None:
        row = (await self._cases([said.ticket_no])).get(said.ticket_no)
        if row is None:
            raise CrmRefuses("unknown ticket")
        comment = comment_of(said)
        there = await self._query(f"SELECT CommentBody FROM CaseComment WHERE ParentId = '{_quotable(row['Id'])}'")
        if all(mark_in(str(each.get("CommentBody") or "")) != mark_in(comment) for each in there):
            body = {"ParentId": row["Id"], "CommentBody": comment, "IsPublished": False}
            await self._together(("POST", "sobjects/CaseComment", body))

    async def states(self, ticket_nos: Collection[str]) -> Mapping[str, CrmState | None]:
        return {number: state_in(row) for number, row in (await self._cases(ticket_nos)).items()}

    async def _cases(self, numbers: Collection[str]) -> dict[str, Mapping[str, Any]]:
        asked = ", ".join(f"'{_quotable(number)}'" for number in numbers)
        rows = await self._query(f"SELECT {', '.join(SAID)} FROM Case WHERE CaseNumber IN ({asked})")
        return {row["CaseNumber"]: row for row in rows}

    async def _query(self, soql: str) -> list[Mapping[str, Any]]:
        """All of it: an answer may come in several parts."""
        said = await self._session.asked("GET", f"{self._data}/query", part="records", params={"q": soql})
        rows = list(said["records"])
        while not said.get("done", True):
            said = await self._session.asked("GET", said["nextRecordsUrl"], part="records")
            rows += said["records"]
        return rows

    async def _together(self, *parts: tuple[str, str, Mapping[str, Any]]) -> None:
        """All or none of them, in one request, which is answered 200 whatever becomes of them."""
        requests = [
            {"method": method, "url": f"{self._data}/{path}", "referenceId": f"part{number}", "body": body}
            for number, (method, path, body) in enumerate(parts)
        ]
        body = {"allOrNone": True, "compositeRequest": requests}
        said = await self._session.asked("POST", f"{self._data}/composite", part="compositeResponse", json=body)
        for part in said["compositeResponse"]:
            if part["httpStatusCode"] >= 300:
                _raise_of(part)


def _raise_of(part: Mapping[str, Any]) -> None:
    """By the code alone: its message may quote what stands in the case."""
    errors = part.get("body") or [{}]
    codes = {re.sub(r"[^A-Z_]", "", str(error.get("errorCode", "")))[:48] for error in errors} or {""}
    if codes == {_HALTED}:
        return  # the part that failed says why
    why = f"HTTP {part['httpStatusCode']} {' '.join(sorted(codes))}"
    if codes & _PASSING or part["httpStatusCode"] >= 500:
        raise CrmAway(why)
    raise CrmRefuses(why[:64])


def _quotable(value: str) -> str:
    """Within quotes in SOQL. Ours need no escaping; what does was never a number or an id."""
    if value and not re.fullmatch(TICKET_NO, value):
        raise CrmRefuses("not a case number")
    return value
