"""An org of Salesforce's on loopback, in the shapes of its REST documentation. It knows our questions alone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.activities.crm_adapters.loopback import Asked, Told

_EXPIRED = Told(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])
_DATA = "/services/data/v62.0"


class Org:
    """`fails` are errors of the next composites' first parts; `tokens` counts sign-ins."""

    def __init__(self) -> None:
        self.cases: dict[str, dict[str, Any]] = {}
        self.comments: list[dict[str, Any]] = []
        self.fails: list[tuple[int, str]] = []
        self.asked: list[Asked] = []
        self.tokens, self.is_locked_out, self.per_part = 0, False, 1000
        self._now = datetime(2026, 3, 2, 1, tzinfo=UTC)
        self._last = ""

    def create(self, **fields: Any) -> str:
        number = f"{len(self.cases) + 1001:08}"
        self._now += timedelta(seconds=len(self.cases) % 2)  # two share each instant
        said = self._now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        plain = {"Id": f"500{number}AAA", "CaseNumber": number, "CreatedDate": said, "SystemModstamp": said}
        self.cases[number] = {**plain, "Description": "早上打不着火", "Type": "engine.hard_start", **fields}
        return number

    def expire(self) -> None:
        self.tokens += 1

    def __call__(self, asked: Asked) -> Told:
        self.asked.append(asked)
        if asked.path == "/services/oauth2/token":
            return self._token(asked.body)
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return _EXPIRED
        if asked.path == f"{_DATA}/composite":
            return self._composite(asked.body)
        if asked.path.startswith(f"{_DATA}/query"):
            return self._query(asked)
        return Told(404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}])

    def _token(self, form: dict[str, str]) -> Told:
        right = {"grant_type": "client_credentials", "client_id": "id", "client_secret": "secret"}
        if form != right or self.is_locked_out:
            return Told(400, {"error": "invalid_client", "error_description": "invalid client credentials"})
        self.tokens += 1
        return Told(200, {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "issued_at": "1772413200000"})

    def _query(self, asked: Asked) -> Told:
        _, _, begin = asked.path.removeprefix(f"{_DATA}/query").partition("/next-")
        soql = asked.query.get("q") or self._last
        self._last = soql
        rows = self._found(soql)
        part = rows[int(begin or 0) : int(begin or 0) + self.per_part]
        end = int(begin or 0) + len(part)
        more = {} if end >= len(rows) else {"nextRecordsUrl": f"{_DATA}/query/next-{end}"}
        attributes = {"attributes": {"type": "Case", "url": f"{_DATA}/sobjects/Case/x"}}
        records = [attributes | case for case in part]
        return Told(200, {"totalSize": len(rows), "done": not more, "records": records, **more})

    def _found(self, soql: str) -> list[dict[str, Any]]:
        if numbers := re.search(r"CaseNumber IN \((.*)\)$", soql):
            return [self.cases[number] for number in re.findall(r"'([^']*)'", numbers[1]) if number in self.cases]
        if of_case := re.fullmatch(r"SELECT CommentBody FROM CaseComment WHERE ParentId = '(\w+)'", soql):
            return [comment for comment in self.comments if comment["ParentId"] == of_case[1]]
        begin = re.search(r"SystemModstamp >=? (\S+?)Z", soql)
        limit = re.search(r"ORDER BY SystemModstamp, Id LIMIT (\d+)$", soql)
        assert begin, soql
        assert limit, soql
        after = re.search(r"Id > '(\w+)'", soql)
        place = (f"{begin[1]}+0000", after[1] if after else "")
        found = sorted(self.cases.values(), key=lambda case: (case["SystemModstamp"], case["Id"]))
        is_open = [case for case in found if case.get("Status") != "Closed"]
        return [case for case in is_open if (case["SystemModstamp"], case["Id"]) > place][: int(limit[1])]

    def _composite(self, body: dict[str, Any]) -> Told:
        assert body["allOrNone"]
        parts = body["compositeRequest"]
        if self.fails:
            status, code = self.fails.pop(0)
            failed = [_part(parts[0], status, [{"errorCode": code, "message": "王女士", "fields": []}])]
            halted = [{"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back"}]
            return Told(200, {"compositeResponse": failed + [_part(part, 400, halted) for part in parts[1:]]})
        for part in parts:
            self._do(part)
        done = [
            _part(part, 204, None) if part["method"] == "PATCH" else _part(part, 201, {"success": True})
            for part in parts
        ]
        return Told(200, {"compositeResponse": done})

    def _do(self, part: dict[str, Any]) -> None:
        if part["url"].endswith("/sobjects/CaseComment"):
            assert len(part["body"]["CommentBody"].encode()) <= 4000
            self.comments.append(part["body"])
            return
        case_id = part["url"].rpartition("/")[2]
        (case,) = [case for case in self.cases.values() if case["Id"] == case_id]
        case.update(part["body"])
        if due_at := part["body"]["Vocloop_Due_At__c"]:
            case["Vocloop_Due_At__c"] = due_at.replace("Z", "+0000")


def _part(request: dict[str, Any], status: int, body: Any) -> dict[str, Any]:
    return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": request["referenceId"]}
