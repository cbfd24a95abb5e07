"""The API as schemathesis calls it: with a key, and aimed at what there is."""

from typing import Any

import requests
import schemathesis
from schemathesis import Case

from starter.embedded.parts import api_address
from tests.starter.api_server import RunningApi, by

NOT_ASKED = {
    "positive_data_acceptance": "a well-formed command is refused by rule, with 409",
    "ignored_auth": "wrong keys from one address are slowed down; tests/starter/http/test_doors.py tries every route",
    "object_level_authorization": "needs a second owner; test_doors.py tries every route by both departments",
    "unsupported_method": "one fixed answer of the framework's; tests/starter/test_server.py",
}
# Who may ask it; the owner of `engine.hard_start` may ask the rest.
ASKERS = {
    "arbitrate": by("quality", "arbiter"),
    "record-verification-call": by("cx", "cx"),
    "close-unreachable": by("cx", "cx"),
    "reclassify": by("cx", "cx"),
    "merge-into": by("cx", "cx"),
    "escalate": by("powertrain", "manager"),
    "customer-reply": by("", "customer"),
    "withdraw": by("", "customer"),
    "acknowledge": by("", "leadership"),
    "adopt-policy": by("", "ops"),
}
OWNER = by("powertrain")


class Asking:
    """Call it from a thread."""

    def __init__(self, api: RunningApi, known: dict[str, str]) -> None:
        self._known = known
        self._session = requests.Session()
        self._session.trust_env = False
        self._headers = {"Authorization": str(api.http.headers["Authorization"])}
        self.kwargs: dict[str, Any] = {
            "base_url": api_address(api.settings),
            "session": self._session,
            "headers": self._headers,
        }

    def __call__(self, case: Case[Any]) -> int:
        """The answer's status, once it was held to all checks."""
        response = case.call(**self.kwargs)
        case.validate_response(response, excluded_checks=excluded())
        return response.status_code

    def aimed(self, case: Case[Any]) -> Case[Any]:
        """At what there is, and for whom it is: else every answer would be that nobody knows it."""
        given = {name: value for name, value in self._known.items() if name in case.path_parameters}
        case.path_parameters = {**case.path_parameters, **given}
        if case.path.endswith("/evidence/{sha256}"):
            case.query = {**case.query, "ticket_no": self._known["ticket_no"]}
        if isinstance(case.body, dict):
            case.body = {**case.body, **self._body(case)}
        return case

    def _body(self, case: Case[Any]) -> dict[str, Any]:
        last = case.path.rpartition("/")[2]
        if case.path.endswith("/evidence"):
            return {"ticket_no": self._known["ticket_no"], "kind": "log"}
        if last == "webhooks" or (last == "{webhook_id}" and case.method == "PATCH"):
            return {"url": self._known["url"]}
        if last == "seats":
            return {"seat": "li.min"}
        is_command = case.path.startswith("/api/v1/complaints/") and last not in ("personal", "customer-link", "revoke")
        named = {"ticket_no": self._known["ticket_no"]} if last == "notes" else {}
        return {"actor": ASKERS.get(last, OWNER)} if is_command else named


def excluded() -> list[Any]:
    found = {check.__name__: check for check in schemathesis.checks.CHECKS.get_all()}
    return [found[name] for name in NOT_ASKED]
