"""What a person reads in the CRM: a state as one sentence in Chinese and one in English, and our people's notes."""

from datetime import UTC

from activities.crm_adapters.page import CrmSaid
from domain import wording
from domain.outlets import CrmWrite
from domain.wording import Both, Language

_KINDS: dict[str, Both] = {
    "transferred": ("举证转派的理由", "Reason for the transfer"),
    "arbitration_opened": ("提请仲裁的理由", "Reason for arbitration"),
    "ruled": ("裁定的理由", "Reason for the ruling"),
    "support_requested": ("请求协助", "Request for support"),
    "progress_posted": ("告知客户的进展", "News for the customer"),
    "claimed": ("解决说明", "Account of the solution"),
    "escalation_raised": ("升级的理由", "Reason for the escalation"),
    "reclassified": ("改判的理由", "Reason for another classification"),
    "closed": ("关闭说明", "Account of the closing"),
}


def text_of(said: CrmSaid) -> str:
    """A note as a person reads it: what it is, whose and when in the first line, and then its text."""
    zh, en = _KINDS.get(said.kind, (said.kind, said.kind))
    by = " / ".join(dict.fromkeys(wording.name(said.by, language) for language in ("zh", "en")))
    return f"{zh} / {en} · {by} · {said.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC\n{said.text}"


def note_of(write: CrmWrite) -> Both:
    """The sentences that go with the state: codes and instants alone."""
    return _said(write, "zh"), _said(write, "en")


def _said(write: CrmWrite, language: Language) -> str:
    owner, stage, light = (wording.name(code, language) for code in (write.owner, write.stage, write.light))
    clock = wording.name(f"clock:{write.clock}", language)
    closing = wording.name(f"closing:{write.closing}", language)
    due = f"{write.due_at:%Y-%m-%d %H:%M} UTC" if write.due_at else ""
    if language == "zh":
        said = (f"负责：{owner}", f"阶段：{stage}", light, due and f"{clock}：{due} 到期")
        return f"{'；'.join(filter(None, (*said, write.closing and f'关闭：{closing}')))}。"
    told = (f"Owner: {owner}", f"stage: {stage}", light, due and f"{clock}: due by {due}")
    return f"{'; '.join(filter(None, (*told, write.closing and f'closed: {closing}')))}."
