"""The API's description is whole: what a client's author needs stands in it, and every example in it is true."""

import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema_rs
import pytest

from domain.refusals import Refusal
from settings import Settings
from starter.http.problem_kinds import KINDS
from starter.http.problems import MEDIA_TYPE, answer
from starter.server import create_app

DESCRIBED = create_app(Settings()).openapi()
_PROBLEM = "#/components/schemas/ProblemBody"


class Operation(NamedTuple):
    label: str
    said: dict[str, Any]

    def contents(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Of the request and each answer: where, of what type, and the content itself."""
        for kind, content in self.said.get("requestBody", {}).get("content", {}).items():
            yield "request", kind, content
        for status, said in self.said["responses"].items():
            for kind, content in said.get("content", {}).items():
                yield status, kind, content


OPERATIONS = [
    Operation(f"{method.upper()} {path}", said)
    for path, methods in DESCRIBED["paths"].items()
    for method, said in methods.items()
]
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)


def test_it_is_openapi_3_1_and_says_what_each_tag_is_about() -> None:
    assert DESCRIBED["openapi"].startswith("3.1")
    assert len(OPERATIONS) > 40
    used = {tag for operation in OPERATIONS for tag in operation.said["tags"]}
    assert {tag["name"] for tag in DESCRIBED["tags"] if tag["description"]} == used


@every_operation
def test_an_operation_says_what_it_does_and_by_what_name(operation: Operation) -> None:
    assert operation.said["summary"]
    assert operation.said["description"]
    assert operation.said["operationId"].isidentifier()
    assert sum(operation.said["operationId"] == other.said["operationId"] for other in OPERATIONS) == 1


@every_operation
def test_what_is_sent_and_answered_has_an_example_that_fits_its_schema(operation: Operation) -> None:
    shown = 0
    for where, kind, content in operation.contents():
        if content["schema"].get("format") == "binary":  # a file
            continue
        examples = [content["example"]] if "example" in content else content.get("examples", {}).values()
        assert examples, (where, kind)
        for example in examples:
            check(content["schema"], example.get("value", example) if kind == MEDIA_TYPE else example)
            shown += 1
    assert shown or "204" in operation.said["responses"] or ".{ending}" in operation.label


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if ".{ending}" in each.label], ids=lambda o: o.label)
def test_a_table_shows_what_its_rows_look_like(operation: Operation) -> None:
    (example,) = [content["example"] for _, kind, content in operation.contents() if kind.startswith("text/csv")]
    head, *rows = csv.reader(io.StringIO(example))
    assert rows
    assert {len(row) for row in rows} == {len(head)}


def check(schema: dict[str, Any], example: Any) -> None:
    """Raises ValidationError."""
    whole = {**schema, "components": DESCRIBED["components"]}
    jsonschema_rs.validator_for(whole).validate(example)


@every_operation
def test_its_errors_are_problems_with_codes_of_their_status(operation: Operation) -> None:
    codes = {code: kind.status for code, kind in KINDS.items()} | dict.fromkeys(map(str, Refusal), 409)
    for status, said in operation.said["responses"].items():
        if status < "400" or operation.label == "GET /readyz":  # whose 503 says which part is away
            continue
        content = said["content"][MEDIA_TYPE]
        assert content["schema"] == {"$ref": _PROBLEM}
        assert content["examples"]
        for code, example in content["examples"].items():
            assert (str(codes[code]), example["value"]["code"]) == (status, code)
            assert f"`{code}`" in said["description"]


@every_operation
def test_it_says_how_to_show_who_asks(operation: Operation) -> None:
    is_open = operation.label in ("GET /healthz", "GET /readyz")
    shown: list[dict[str, list[str]]] = (
        [{"signature": []}] if "/crm/" in operation.label else [{"key": []}, {"session": []}]
    )
    assert operation.said["security"] == ([] if is_open else shown)
    if not is_open:
        assert {"401", "403", "429"} <= set(operation.said["responses"])


def test_the_ways_to_show_who_asks_are_explained() -> None:
    ways = DESCRIBED["components"]["securitySchemes"]
    assert (ways["key"]["scheme"], ways["session"]["in"]) == ("bearer", "cookie")
    assert "X-CSRF-Token" in ways["session"]["description"]


@every_operation
def test_it_says_when_to_ask_again(operation: Operation) -> None:
    for status in {"429", "503"} & set(operation.said["responses"]):
        assert "Retry-After" in operation.said["responses"][status]["headers"]


def test_what_is_away_says_when_to_ask_again() -> None:
    for code in ("ledger_unavailable", "store_unavailable"):
        assert answer(code, "en").headers["retry-after"] == "5"
    assert "retry-after" not in answer("not_found", "en").headers


def test_every_command_takes_an_idempotency_key_and_every_view_a_tag() -> None:
    for operation in OPERATIONS:
        headers = {each["name"] for each in operation.said.get("parameters", ()) if each["in"] == "header"}
        is_keyed = "commands" in operation.said["tags"] or operation.said["operationId"] == "ask_goodwill"
        is_keyed = is_keyed or operation.label.startswith("POST /api/v1/red-lines/")
        assert ("Idempotency-Key" in headers) == is_keyed, operation.label
        assert ("If-None-Match" in headers) == ("304" in operation.said["responses"]), operation.label
        assert ("If-None-Match" in headers) == ("complaints" in operation.said["tags"]), operation.label


def test_every_link_leads_to_an_operation() -> None:
    names = {operation.said["operationId"] for operation in OPERATIONS}
    led = [
        link["operationId"]
        for operation in OPERATIONS
        for said in operation.said["responses"].values()
        for link in said.get("links", {}).values()
    ]
    assert len(led) > 10
    assert set(led) <= names
