"""The ways by which notices go, in people's words."""

from collections.abc import Iterable

from domain.wording import Both

_KINDS: dict[str, Both] = {
    "mail": ("邮件", "mail"),
    "sms": ("短信", "text message"),
    "robot": ("群机器人", "robot"),
    "hook": ("接口", "webhook"),
}


def said(way: str) -> Both:
    """One way as the ledger has it, `mail` or `robot:quality`; ("", "") when nothing has gone yet."""
    kind, _, called = way.partition(":")
    zh, en = _KINDS.get(kind, (kind, kind))
    return f"{zh} {called}".rstrip(), f"{en} {called}".rstrip()


def all_said(ways: Iterable[str]) -> Both:
    """Several, in their order."""
    told = [said(way) for way in ways]
    return "、".join(zh for zh, _ in told), ", ".join(en for _, en in told)
