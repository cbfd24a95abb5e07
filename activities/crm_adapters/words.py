"""A state as a person reads it in the CRM: one sentence in Chinese, one in English. Codes and instants alone."""

from domain import wording
from domain.outlets import CrmWrite
from domain.wording import Both, Language


def note_of(write: CrmWrite) -> Both:
    """The note that goes with the state."""
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
