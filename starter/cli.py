"""`vocloop`: every verb by name. A verb's module is imported when it is called, so that `--help` answers at once."""

import gc
import sys
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

# verb → where it is, and what it does. Functions become commands; typer apps become groups.
VERBS: dict[str, tuple[str, str]] = {
    "up": ("starter.embedded.command:up", "Start everything on this machine: Temporal, worker, API."),
    "demo": ("starter.demo.command:demo", "Play complaints through the whole loop, then prove it."),
    "worker": ("starter.verbs.worker:worker", "Run the worker."),
    "api": ("starter.server:api", "Run the API."),
    "open": ("starter.verbs.open:open_ticket", "Open a complaint from a ticket's JSON."),
    "show": ("starter.verbs.open:show", "Show a complaint: owner, light, clocks, timeline."),
    "notices": ("starter.verbs.notices:notices", "Show what was written about a complaint, and to whom."),
    "notice": ("starter.verbs.notice:app", "Preview the notices' templates, try the ways they go."),
    "import": ("starter.importing.command:import_file", "Turn a file of complaints into tickets."),
    "simulate": ("starter.simulating.command:simulate", "Lay a policy on a history of tickets."),
    "audit": ("starter.verbs.audit:audit", "Feed recorded messages to the core again and compare."),
    "key": ("starter.verbs.key:app", "Make, list and revoke the keys of systems."),
    "session": ("starter.verbs.session:app", "List who is signed in, and sign people out."),
    "policy": ("starter.verbs.policy:app", "Check, compare and show the policy."),
    "ledger": ("starter.verbs.ledger:app", "Rebuild or verify the ledger."),
    "erase": ("starter.verbs.erase:erase", "Forget one customer's personal data, for good."),
    "retention": ("starter.verbs.retention:retention", "Restrict and erase what has been kept long enough."),
    "restricted": ("starter.verbs.restricted:restricted", "Show personal data that is only kept; it is logged."),
    "red-line": ("starter.verbs.red_line:app", "Drill red lines, list them, acknowledge, decide, close."),
    "hold": ("starter.verbs.hold:app", "Place, lift and list legal holds."),
    "keys": ("starter.verbs.keys:app", "Make keys that seal what Temporal keeps."),
    "codec-server": ("starter.codec.command:codec_server", "Open sealed payloads for the Temporal UI."),
    "evidence": ("starter.verbs.evidence:app", "Check, verify, copy and sweep the files of evidence."),
    "migrate": ("starter.verbs.migrate:migrate", "Bring the ledger's tables up to this release."),
    "doctor": ("starter.doctor.command:doctor", "Find what is stuck and say what to do."),
    "canary": ("starter.canary:canary", "Prove that a deadline fires on time."),
    "crm": ("starter.verbs.crm:app", "Check the CRM's connection, read its tickets, compare its states."),
    "crm-sim": ("starter.crm_sim.app:crm_sim", "Run the reference CRM."),
}


class LazyVerbs(TyperGroup):
    """A group whose members are imported only when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - click's signature
        if cmd_name not in VERBS:
            return None
        path, short_help = VERBS[cmd_name]
        if "--help" in sys.argv[1:2] or not sys.argv[1:]:
            return TyperCommand(cmd_name, short_help=short_help)
        return _imported(cmd_name, path)


def _imported(verb: str, path: str) -> Any:
    module, _, attribute = path.partition(":")
    gc.disable()  # a quarter of the start went to looking for garbage among what is here to stay
    found: Any = getattr(import_module(module), attribute)
    gc.freeze()
    gc.enable()
    if not isinstance(found, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command(name=verb)(found)
        found = app
    return typer.main.get_command(found)


def main() -> None:
    """The console script."""
    LazyVerbs(
        name="vocloop",
        help="Vocloop closes the loop on customer complaints. 闭环每一条客诉。",
        no_args_is_help=True,
    )()


if __name__ == "__main__":
    main()
