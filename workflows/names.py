"""Contracts with what runs elsewhere: a change here breaks running complaints and saved queries."""

from datetime import datetime

from temporalio.common import SearchAttributeKey

TASK_QUEUE = "complaints"
# What the server is to let into one run (`history.maximumSignalsPerExecution`); it tells the sender of one more that it
# is one too many. They may all come in one workflow task, and the SDK alone needs a second for its own 10,000.
MOST_SIGNALS = 2_000

STAGE: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintStage")
OWNER: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintOwner")
LIGHT: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintLight")
TIER: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintTier")
BLOCKED_ON: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintBlockedOn")
POLICY: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintPolicy")
RISK: SearchAttributeKey[int] = SearchAttributeKey.for_int("ComplaintRisk")
HOPS: SearchAttributeKey[int] = SearchAttributeKey.for_int("ComplaintHops")
REJECTIONS: SearchAttributeKey[int] = SearchAttributeKey.for_int("ComplaintRejections")
DUE_AT: SearchAttributeKey[datetime] = SearchAttributeKey.for_datetime("ComplaintDueAt")

# SQLite, PostgreSQL and MySQL hold no more than ten keywords and three of each other type in a namespace.
SEARCH_ATTRIBUTES = (STAGE, OWNER, LIGHT, TIER, BLOCKED_ON, POLICY, RISK, HOPS, REJECTIONS, DUE_AT)


def workflow_id(ticket_no: str) -> str:
    """The one workflow of a ticket. `ticket_no` is the CRM's and names nobody."""
    return f"complaint-{ticket_no}"


def authority_id(region: str, month: str) -> str:
    """The one workflow of a region's month ("2026-11")."""
    return f"authority-{region}-{month}"


def red_line_id(red_line: str) -> str:
    """The one workflow of a red line: of a ticket's, by its number, or of a drill, whose id begins with "drill-"."""
    return f"red-line-{red_line}"
