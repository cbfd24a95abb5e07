"""The product calls no address that a user gave, but for webhooks, which are judged before each message."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]

# Which modules have a client that calls out, and whose address it calls.
CALLERS = {
    "activities/answering.py": "nobody of its own: it asks with the client that it is given, and bounds the answer",
    "activities/channels/page.py": "the vendors that the operator set",
    "activities/channels/robots.py": "robots that the operator set",
    "activities/channels/sms.py": "the vendor that the operator set",
    "activities/channels/hooks.py": "webhooks that the operator set",
    "activities/channels/choosing.py": "makes them of the operator's setting",
    "activities/crm_adapters/asking.py": "the CRM that the operator set",
    "activities/crm_adapters/choosing.py": "the CRM that the operator set",
    "activities/crm_adapters/http.py": "the CRM that the operator set",
    "activities/crm_adapters/page.py": "the CRM that the operator set",
    "activities/crm_adapters/tryton.py": "the CRM that the operator set",
    "activities/mail.py": "the mail server that the operator set",
    "activities/patience.py": "nobody: it reads an answer",
    "activities/webhook_post.py": "a subscriber: domain.webhooks judges the name, then what it leads to",
    "starter/evidence/checking.py": "links that the operator's own S3 signed, for the command line",
    "starter/verbs/evidence.py": "makes its client",
    "starter/http/oidc.py": "the identity provider that the operator set",
    "starter/api_client.py": "our own API, for the command line",
    "starter/importing/sending.py": "our own API, for the command line",
    "starter/importing/command.py": "our own API, for the command line; names its errors",
    "starter/embedded/parts.py": "what `vocloop up` itself started",
    "starter/crm_sim/triggers.py": "our own API, for the demo",
    "starter/demo/theatre.py": "the demo's own parts",
    "worker.py": "makes the clients of activities",
}
_CLIENTS = {"httpx", "httpx2", "aiohttp", "requests", "urllib3", "aiosmtplib", "smtplib", "authlib", "anyio", "ftplib"}
_CLIENT_MODULES = {"urllib.request", "http.client"}
_CONNECTS = {"open_connection", "create_connection", "urlopen", "getaddrinfo"}


def test_no_module_calls_out_but_those_whose_address_is_the_operators_or_judged() -> None:
    found = {path for path in _modules() if _calls_out(ast.parse((ROOT / path).read_text(encoding="utf-8")))}
    assert found == set(CALLERS)


def _modules() -> list[str]:
    rooms = ("activities", "domain", "ledger", "policy", "starter", "workflows")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")] + [
        ROOT / "worker.py",
        ROOT / "settings.py",
    ]
    return [path.relative_to(ROOT).as_posix() for path in files]


def _calls_out(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name in _CLIENT_MODULES or name.partition(".")[0] in _CLIENTS for name in names):
            return True
        if isinstance(node, ast.Attribute) and node.attr in _CONNECTS:
            return True
    return False
