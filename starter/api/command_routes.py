"""One route for each command: the responder's, CX's, the arbiter's and the customer's acts."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict, Field

from domain.access import Permission
from domain.commands import Actor
from domain.complaint import Stage
from domain.explanations import Sentence
from domain.receipts import Receipt
from ledger import evidence, inbox, notes, queries
from starter.api.answers import At, Key, TicketNo, key_or_new, known_ticket, where_it_stands
from starter.api.bodies import COMMANDS, as_sent, body_of, route_of
from starter.api.legal_terms import terms_of
from starter.commands import KeyReusedError, UnknownComplaintError
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import ACCESS, REFUSALS, Problem, documented
from starter.telling.events import Names

router = APIRouter(tags=["commands"], dependencies=[needs(Permission.ACT)])


class ReceiptBody(BaseModel):
    """It was decided: `seq` is the event that did it, `stage` and `owner` where the complaint stands since."""

    model_config = ConfigDict(frozen=True)

    command_id: str = Field(examples=["9f2c1e0b7a"])
    accepted: bool
    seq: int
    stage: Stage
    owner: str = Field(examples=["powertrain"])
    is_duplicate: bool = Field(description="The same command came before; this is its first receipt.")
    sentence: Sentence


class QueuedBody(BaseModel):
    """It is kept and will be decided as received now. Ask again with the same key for the receipt."""

    model_config = ConfigDict(frozen=True)

    queued: bool = True
    command_id: str
    sentence: Sentence


_QUEUED = Sentence(
    zh="已保存，将按收到的时刻裁决；可用同一 Idempotency-Key 再次查询回执。",
    en="Kept; it will be decided as received now. Ask again with the same Idempotency-Key for the receipt.",
)


async def submit(
    behind: Behind, ticket_no: str, kind: str, body: BaseModel, *, who: Principal, key: str | None, at: datetime
) -> ReceiptBody | QueuedBody:
    """The receipt or word that it is queued, under the key as it was given. Raises a problem for everything else."""
    actor = who.speaking(getattr(body, "actor", None))
    await known_ticket(behind, ticket_no)
    key = key_or_new(key)
    command_id = await inbox.own_id(behind.engine, ticket_no=ticket_no, key=key, actor=actor)
    if kind == "merge_into":
        await _check_target(behind, ticket_no, as_sent(body)["ticket_no"], command_id=command_id)
    sent = await _as_command(behind, ticket_no, kind, body, actor=actor, at=at)
    try:
        receipt = await behind.complaints.submit(ticket_no, kind, sent, command_id=command_id, received_at=at)
    except KeyReusedError:
        if command_id != await inbox.own_id(behind.engine, ticket_no=ticket_no, key=key, actor=actor):
            # Another's came under this key meanwhile; the next time round it is no longer looked at.
            return await submit(behind, ticket_no, kind, body, who=who, key=key, at=at)
        raise Problem("key_reused") from None
    except UnknownComplaintError:
        raise Problem("unknown_complaint") from None
    if receipt is None:
        return QueuedBody(command_id=key, sentence=_QUEUED)
    return _answered(receipt.model_copy(update={"command_id": key}), Names(behind.files))


async def _check_target(behind: Behind, ticket_no: str, target: str, *, command_id: str) -> None:
    """A complaint is merged only into one that goes on, which its own workflow cannot see.

    What was taken before is let through: asked for again it gets its first receipt, whatever became of the target.
    """
    if target == ticket_no or await inbox.holds_command(behind.engine, ticket_no=ticket_no, command_id=command_id):
        return
    found = await queries.complaint(behind.engine, target)
    if found is None or found.stage is Stage.CLOSED:
        raise Problem("merge_target_not_open")


def _answered(receipt: Receipt, names: Names) -> ReceiptBody:
    if receipt.code.startswith("malformed"):
        raise Problem("malformed", command_id=receipt.command_id)
    stands = receipt.model_dump(mode="json", exclude={"code", "accepted"})
    if not receipt.accepted:
        raise Problem(receipt.code, **stands)
    now = where_it_stands(receipt.stage, receipt.owner, names)
    return ReceiptBody(**stands, accepted=True, sentence=Sentence(zh=f"已受理。{now.zh}", en=f"Done. {now.en}"))


async def _as_command(
    behind: Behind, ticket_no: str, kind: str, body: BaseModel, *, actor: Actor, at: datetime
) -> dict[str, Any]:
    """The command's own fields: who asks, a note kept and named by its id, evidence known, the policy of the files."""
    sent = as_sent(body) | {"actor": actor.model_dump(mode="json", exclude_unset=True)}
    if sent.get("evidence"):
        sent["evidence"] = await _as_stored(behind, ticket_no, sent["evidence"])
    text = sent.pop("note", None)
    if text:
        author = ":".join(str(sent["actor"].get(part, "")) for part in ("role", "department", "id"))
        sent["note_id"] = await notes.keep(behind.engine, ticket_no=ticket_no, text=text, author=author, at=at)
    if kind == "record_demand":
        sent["terms"] = await terms_of(behind, ticket_no, sent.get("demanded_on"), at=at)
    if kind == "adopt_policy":
        sent["policy"] = behind.files.policy_at(at).model_dump(mode="json")
    return sent


async def _as_stored(behind: Behind, ticket_no: str, attached: Any) -> list[dict[str, str]]:
    """What is attached, named as it is stored. It must have been uploaded for this ticket, as what it is said to be."""
    stored = await evidence.originals(behind.engine, ticket_no)
    faults = [
        (f"body.evidence.{number}", ("尚未在本工单下上传", "Not uploaded for this ticket"))
        for number, each in enumerate(attached)
        if each["sha256"] not in stored
    ]
    if faults:
        raise Problem("evidence_unknown", errors=faults)
    named = [{**each, "sha256": stored[each["sha256"]]} for each in attached]
    kinds = {row.sha256: row.kind for row in await evidence.of_ticket(behind.engine, ticket_no)}
    for number, each in enumerate(named):
        if kinds[each["sha256"]] != each["kind"]:
            how = (f"上传时的类型是 {kinds[each['sha256']]}", f"It was uploaded as {kinds[each['sha256']]}")
            raise Problem("malformed", errors=[(f"body.evidence.{number}.kind", how)])
    return named


def _endpoint(kind: str) -> Callable[..., Awaitable[Any]]:
    async def command(
        ticket_no: TicketNo,
        body: Any,
        response: Response,
        who: Who,
        behind: BehindRoutes,
        at: At,
        idempotency_key: Key = None,
    ) -> Any:
        answer = await submit(behind, ticket_no, kind, body, who=who, key=idempotency_key, at=at)
        response.headers["Idempotency-Key"] = answer.command_id
        response.status_code = 202 if isinstance(answer, QueuedBody) else 200
        return jsonable_encoder(answer)

    command.__annotations__["body"] = body_of(kind)
    return command


_PROBLEMS = (
    "unreadable_body",
    *ACCESS,
    "not_you",
    "unknown_complaint",
    "key_reused",
    *REFUSALS,
    "too_large",
    "malformed",
)
_OF_SOME = {
    "merge_into": ("merge_target_not_open",),
    **{kind: ("evidence_unknown",) for kind, command in COMMANDS.items() if "evidence" in command.model_fields},
    "record_demand": ("evidence_unknown", "no_statute"),
}

for _kind in COMMANDS:
    router.add_api_route(
        f"/complaints/{{ticket_no}}/{route_of(_kind)}",
        _endpoint(_kind),
        methods=["POST"],
        name=_kind,
        operation_id=_kind,
        summary=(COMMANDS[_kind].__doc__ or "").splitlines()[0],
        description="A command of one complaint. It is decided by rule; a refusal names the rule.",
        response_model=None,
        responses={
            200: {"model": ReceiptBody, "description": "Decided and accepted."},
            202: {"model": QueuedBody, "description": "Kept; no worker answered in time."},
            **documented(*_PROBLEMS, *_OF_SOME.get(_kind, ())),
        },
    )
