"""The ledger's tables. Events are the truth; the projections beside them can be made again from the events.

Names of people, phones, VINs and free text stand in `tickets`, `inbox`, `notes`, `notices` and `surveys` only.
"""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, false

from ledger.columns import flag, index_where, instant, metadata, number, ordinal, text, ticket_no

# The truth ------------------------------------------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    ticket_no(primary_key=True),
    ordinal("seq"),
    Column("kind", String(64), nullable=False),
    instant("at"),
    instant("noticed_at"),
    instant("recorded_at"),
    Column("body", Text, nullable=False),  # JSON, kept as the text that was hashed
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

messages = Table(
    "messages",
    metadata,
    ticket_no(primary_key=True),
    Column("key", String(160), primary_key=True),  # what makes it safe to keep twice
    Column("number", Integer, nullable=False),  # from 1, in the order the complaint took them
    Column("kind", String(64), nullable=False),
    Column("body", JSON, nullable=False),
    instant("recorded_at"),
    UniqueConstraint("ticket_no", "number"),
)

policies = Table(
    "policies", metadata, Column("version", String(128), primary_key=True), Column("body", JSON, nullable=False)
)

salts = Table(
    "salts", metadata, Column("name", String(32), primary_key=True), Column("salt", String(64), nullable=False)
)

# What came in ---------------------------------------------------------------------------------------------------------

tickets = Table(
    "tickets",
    metadata,
    ticket_no(primary_key=True),
    Column("content_hash", String(64), nullable=False),
    instant("created_at"),
    instant("received_at"),
    Column("tags", JSON, nullable=False),
    text("tier", 16),
    Column("risk_level", Integer, nullable=False),
    text("channel", 32),
    flag("is_complex"),
    Column("customer", JSON, nullable=False),
    text("vin", 17),
    text("plate", 16),
    text("brand", 100),
    text("model", 200),
    Column("mileage_km", Integer),
    text("words"),
    Column("files", JSON, nullable=False),
    Column("case_facts", JSON, nullable=False, server_default="{}"),
    Index(None, "vin"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    ticket_no(),
    text("name", 64),
    Column("body", JSON, nullable=False),
    Column("content_hash", String(64), nullable=False),
    instant("received_at"),
    instant("delivered_at", nullable=True),
    instant("attempted_at", nullable=True),
    number("attempts"),
    text("last_error"),
    Index(None, "ticket_no"),
    Index(None, "delivered_at", "received_at"),
)

notes = Table(
    "notes",
    metadata,
    Column("note_id", String(37), primary_key=True),
    ticket_no(),
    text("text"),
    text("author", 200),
    instant("at"),
    Index(None, "ticket_no"),
)

evidence = Table(
    "evidence",
    metadata,
    ticket_no(primary_key=True),
    Column("sha256", String(64), primary_key=True),
    text("kind", 32),
    text("media_type", 128),
    Column("size", Integer, nullable=False),
    text("file_name", 255),
    instant("stored_at"),
    text("by", 200),
    Index(None, "sha256"),
)

evidence_originals = Table(
    "evidence_originals",
    metadata,
    ticket_no(primary_key=True),
    Column("original_sha256", String(64), primary_key=True),  # as it was sent, before it lost its place
    Column("sha256", String(64), nullable=False),
)


# The projections ------------------------------------------------------------------------------------------------------

complaints = Table(
    "complaints",
    metadata,
    ticket_no(primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("policy_version", String(128), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("desk", String(64), nullable=False),
    Column("tags", JSON, nullable=False),
    text("tag", 64),  # the first of them, by which it was dispatched
    Column("tier", String(16), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("risk_level", Integer, nullable=False),
    flag("is_complex"),
    flag("is_grey"),
    flag("is_red_line"),
    Column("calls_expert", Boolean, nullable=False, server_default=false()),  # it is one for an expert seat of CX
    instant("created_at"),
    number("hops"),
    number("first_fix_failures"),
    number("refusals"),
    number("transfers_refused"),
    text("clock_kind", 16),  # the governing clock's; "" when closed
    text("clock", 64),
    instant("yellow_at", nullable=True),
    instant("due_at", nullable=True),
    Column("is_provisional", Boolean, nullable=False, server_default=false()),  # due_at may still move
    instant("urgent_at"),  # due_at, or the end of time when closed: what lists are ordered by
    instant("next_due_at", nullable=True),
    text("next_rule", 128),
    text("closing", 16),
    instant("closed_at", nullable=True),
    text("merged_into", 64),
    Column("state", JSON, nullable=False),  # the folded complaint without its policy
    Index(None, "urgent_at", "ticket_no"),
    Index(None, "desk", "urgent_at", "ticket_no"),
    Index(None, "owner", "urgent_at", "ticket_no"),
    Index(None, "next_due_at"),
    Index(None, "created_at"),
    # The board reads these every other second, and nothing of what is closed.
    index_where("closed_at IS NULL", "ix_complaints_open_lights", "desk", "tag", "yellow_at", "due_at", "closed_at"),
    index_where("closed_at IS NULL", "ix_complaints_open_since", "created_at", "ticket_no"),
    index_where("closed_at IS NULL", "ix_complaints_open_stages", "stage", "urgent_at", "ticket_no"),
)

complaint_tags = Table(
    "complaint_tags",
    metadata,
    ticket_no(primary_key=True, of_complaint=True),
    Column("tag", String(64), primary_key=True),
    Index(None, "tag", "ticket_no"),
)

complaint_supporters = Table(
    "complaint_supporters",
    metadata,
    ticket_no(primary_key=True, of_complaint=True),
    Column("department", String(64), primary_key=True),  # helps the present hop's department
    Index(None, "department", "ticket_no"),
)

hops = Table(
    "hops",
    metadata,
    ticket_no(primary_key=True, of_complaint=True),
    ordinal("number"),
    Column("department", String(64), nullable=False),
    Column("origin", String(16), nullable=False),
    flag("is_grey"),
    instant("entered_at"),
    text("response", 16),
    instant("responded_at", nullable=True),
    instant("deemed_at", nullable=True),
    instant("left_at", nullable=True),
    text("handed_to", 64),
    flag("is_refuted"),
    flag("is_void"),
    Index(None, "department"),
)

claims = Table(
    "claims",
    metadata,
    ticket_no(primary_key=True, of_complaint=True),
    ordinal("round"),
    Column("department", String(64), nullable=False),
    instant("claimed_at"),
    Column("root_cause", String(32), nullable=False),
    Column("verdict", String(16), nullable=False),
    instant("decided_at", nullable=True),
    Index(None, "department"),
)

breaches = Table(
    "breaches",
    metadata,
    ticket_no(primary_key=True, of_complaint=True),
    ordinal("number"),
    Column("clock", String(64), nullable=False),
    Column("clock_kind", String(16), nullable=False),
    Column("department", String(64), nullable=False),  # whose clock it was; `charged` says who answers by how much
    instant("due_at"),
    instant("noticed_at"),
    Column("charged", JSON, nullable=False),
    Index(None, "department"),
    Index(None, "noticed_at"),
)

escalations = Table(
    "escalations",
    metadata,
    ticket_no(primary_key=True, of_complaint=True),
    ordinal("number"),
    Column("level", String(16), nullable=False),
    Column("to", String(64), nullable=False),
    Column("why", String(32), nullable=False),
    instant("raised_at"),
    instant("acknowledged_at", nullable=True),
    text("acknowledged_by", 64),
)

refusals = Table(
    "refusals",
    metadata,
    ticket_no(primary_key=True, of_complaint=True),
    ordinal("seq"),
    text("department", 64),
    Column("command", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    instant("at"),
    Index(None, "department"),
)

PROJECTIONS = (complaints, complaint_tags, complaint_supporters, hops, claims, breaches, escalations, refusals)

# What goes out --------------------------------------------------------------------------------------------------------

notices = Table(
    "notices",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("address", String(254), primary_key=True),
    ticket_no(),
    Column("kind", String(32), nullable=False),
    Column("audience", String(32), nullable=False),
    text("department", 64),
    Column("facts", JSON, nullable=False),
    text("subject"),
    text("body"),
    instant("created_at"),
    instant("sent_at", nullable=True),
    text("sent_by", 64),
    number("attempts"),
    text("failed_reason"),
    instant("read_at", nullable=True),
    Index(None, "ticket_no"),
    Index(None, "department", "audience", "created_at"),
    index_where("read_at IS NULL", "ix_notices_unread", "department", "audience", "created_at"),
)

surveys = Table(
    "surveys",
    metadata,
    ticket_no(primary_key=True),
    ordinal("round"),
    Column("token_hash", String(64), nullable=False),
    instant("invited_at"),
    instant("answered_at", nullable=True),
    Column("answer", JSON(none_as_null=True)),
    UniqueConstraint("token_hash"),
)
