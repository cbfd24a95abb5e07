"""What somebody gets back for a command: taken or refused, and where that left the complaint."""

from domain.complaint import Complaint, Stage
from domain.policy import Value


class Receipt(Value):
    """`code` names the rule that refused it, "" when accepted; `domain.wording` says it in a sentence."""

    command_id: str
    accepted: bool
    code: str = ""
    seq: int
    stage: Stage
    owner: str
    is_duplicate: bool = False


def receipt_for(complaint: Complaint, command_id: str, *, is_duplicate: bool = False) -> Receipt:
    """The receipt for a command this complaint has seen. The same command always gets the same one.

    Where the complaint stood then is unknown of a command that an earlier release decided: then it is as of now.
    """
    seq, code, stage, owner = complaint.seen[command_id]
    return Receipt(
        command_id=command_id,
        accepted=not code,
        code=code,
        seq=seq,
        stage=stage or complaint.stage,
        owner=owner or complaint.owner,
        is_duplicate=is_duplicate,
    )
