"""The tables of the webhooks: who subscribes, what is to be delivered, and every attempt. Nothing in them is secret."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table

from ledger.columns import flag, instant, metadata, number, ordinal, text, ticket_no

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", String(40), primary_key=True),
    text("url"),
    Column("kinds", JSON, nullable=False),  # empty lets every kind through
    Column("departments", JSON, nullable=False),  # empty lets every department through
    text("description", 200),
    Column("generation", Integer, nullable=False),  # which of its secrets signs
    instant("previous_until", nullable=True),  # until when the secret before signs too
    instant("created_at"),
    text("created_by", 200),
    flag("is_active"),
    instant("disabled_at", nullable=True),
    text("disabled_why", 16),  # "operator", "gone" (it answered 410) or "failing"
    number("failures"),  # rounds in a row that all failed
    instant("failing_since", nullable=True),
    instant("paused_until", nullable=True),
    text("leased_by", 64),  # the process that sends for it now
    instant("leased_until", nullable=True),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("delivery_id", String(40), primary_key=True),  # goes out as `webhook-id`, the same each time
    Column("webhook_id", String(40), ForeignKey("webhooks.webhook_id", ondelete="CASCADE"), nullable=False),
    ticket_no(),  # "" of a ping
    Column("seq", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    instant("happened_at"),
    Column("data", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    instant("created_at"),
    instant("queued_at"),  # again when it is sent again
    instant("next_attempt_at", nullable=True),  # None once nothing is to be done
    number("tries"),  # failures since it was queued
    number("attempts"),  # since ever
    number("last_status"),  # HTTP; 0 when there was no answer
    number("last_ms"),
    text("last_error", 32),
    instant("last_attempt_at", nullable=True),
    instant("delivered_at", nullable=True),
    Index(None, "webhook_id", "state", "next_attempt_at"),
    Index(None, "webhook_id", "ticket_no", "seq"),
    Index(None, "webhook_id", "created_at", "delivery_id"),
    Index(None, "created_at"),
)

attempts = Table(
    "webhook_attempts",
    metadata,
    Column(
        "delivery_id",
        String(40),
        ForeignKey("webhook_deliveries.delivery_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    ordinal("number"),
    instant("at"),
    number("status"),
    number("ms"),
    text("error", 32),
)
