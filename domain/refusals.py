"""The rules that can refuse a command, by name. `domain.wording` says each in a sentence."""

from enum import StrEnum


class Refusal(StrEnum):
    NOT_AT_THIS_STAGE = "not_at_this_stage"
    NOT_YOURS = "not_yours"
    ALREADY_ACCEPTED = "already_accepted"
    ONLY_ARBITRATION_MOVES_IT = "only_arbitration_moves_it"
    GREY_LEAD_KEEPS_IT = "grey_lead_keeps_it"
    EVIDENCE_MISSING = "evidence_missing"
    REASON_MISSING = "reason_missing"
    UNKNOWN_DEPARTMENT = "unknown_department"
    ALREADY_THEIRS = "already_theirs"
    RULING_IS_FINAL = "ruling_is_final"
    NOTHING_TO_CONFIRM = "nothing_to_confirm"
    STALE_ROUND = "stale_round"
    CLAIMANT_MAY_NOT_CLOSE = "claimant_may_not_close"
    TOO_FEW_ATTEMPTS = "too_few_attempts"
    ALREADY_ESCALATED = "already_escalated"
    NOTHING_TO_ACKNOWLEDGE = "nothing_to_acknowledge"
    UNKNOWN_TAG = "unknown_tag"
    NOTHING_CHANGES = "nothing_changes"
    CANNOT_MERGE_INTO_ITSELF = "cannot_merge_into_itself"
    COMMAND_ID_REUSED = "command_id_reused"
    FLOODED = "flooded"
    CLOSED = "closed"
