"""Why no ticket of ours can be made of what a CRM has: a code, without what stood there."""

from pydantic import ValidationError

from domain.ticket import Ticket


def malformed(error: ValidationError) -> str:
    """As "malformed:created_at,words"; a field that we do not know is not named: its name is the CRM's own text."""
    named = {str(fault["loc"][0]) for fault in error.errors(include_input=False) if fault["loc"]}
    known = [name if name in Ticket.model_fields else "unknown_field" for name in named]
    return f"malformed:{','.join(sorted(set(known)))}"[:64]
