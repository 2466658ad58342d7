"""The sources of learning events: each event has a time, by whose month its table in bronze is partitioned."""

from __future__ import annotations

from include.ingestion.spec import FIRST_DATE, Column, Source

PLATFORM_EVENTS = Source(
    table="platform_events",
    files=("platform_events*.jsonl", "platform_events*.parquet", "platform_events*.csv"),
    strategy="append_dedupe",
    key=("event_id",),
    newest_by="timestamp",
    partition_by="timestamp",
    columns=(
        Column("event_id", "text", required=True),
        Column("learner_id", "text", required=True),
        Column("event_type", "text", required=True),
        Column("timestamp", "timestamp", required=True, earliest=FIRST_DATE),
        Column("session_id", "text", optional=True),
        Column("data", "json", optional=True),
        Column("metadata", "json", optional=True),
        Column("version", "text", optional=True, default="1.0"),
    ),
)

PRODUCT_EVENTS = Source(
    table="product_events",
    files=tuple(
        f"{name}*.{ending}"
        for name in ("product_events", "ela_events", "science_events")
        for ending in ("csv", "jsonl")
    ),
    strategy="append_dedupe",
    key=("product", "id"),
    newest_by="timestamp",
    partition_by="timestamp",
    columns=(
        Column("id", "text", required=True),
        Column("userId", "text", required=True),
        Column("verb", "text", required=True),
        Column("object", "text", required=True),
        Column("product", "text", required=True, lower=True),
        Column("timestamp", "timestamp", required=True, earliest=FIRST_DATE),
    ),
)

_WHO_AND_WHEN = (
    Column("event_name", "text", required=True),
    Column("event_timestamp", "timestamp", required=True, earliest=FIRST_DATE),
    Column("user_id", "text", required=True),
    Column("arrival_timestamp", "timestamp", optional=True),
    Column("session_id", "text", optional=True),
)
_ACCESS_AND_ITEM = (
    Column("user_access_type", "text", optional=True),
    Column("item_id", "text", optional=True, whole=True),
    Column("item_type", "text", optional=True),
    Column("item_title", "text", optional=True),
)
_ITEM_EVENT_KEY = ("event_name", "event_timestamp", "user_id", "session_id", "item_id")

MOBILE_EVENTS = Source(
    table="mobile_events",
    files=("mobile_events*.csv",),
    strategy="append_dedupe",
    key=_ITEM_EVENT_KEY,
    key_is_hashed=True,
    newest_by=None,
    partition_by="event_timestamp",
    columns=(
        *_WHO_AND_WHEN,
        Column("device_locale_country", "text", optional=True),
        Column("device_platform_name", "text", optional=True),
        *_ACCESS_AND_ITEM,
    ),
)

WEB_EVENTS = Source(
    table="web_events",
    files=("web_events*.csv",),
    strategy="append_dedupe",
    key=_ITEM_EVENT_KEY,
    key_is_hashed=True,
    newest_by=None,
    partition_by="event_timestamp",
    columns=(
        *_WHO_AND_WHEN,
        *_ACCESS_AND_ITEM,
        Column("country_code", "text", optional=True),
        Column("device_type", "text", optional=True),
        Column("referrer", "text", optional=True),
    ),
)

REWARD_EVENTS = Source(
    table="reward_events",
    files=("reward_events*.csv",),
    strategy="append_dedupe",
    key=("event_time", "user_id", "event_type", "transaction_category", "miles_amount", "platform"),
    key_is_hashed=True,
    newest_by=None,
    partition_by="event_time",
    columns=(
        Column("event_time", "timestamp", required=True, earliest=FIRST_DATE),
        Column("user_id", "text", required=True),
        Column("event_type", "text", required=True),
        Column("transaction_category", "text", optional=True),
        Column("miles_amount", "numeric", optional=True),
        Column("platform", "text", optional=True),
        Column("utm_source", "text", optional=True),
        Column("country", "text", optional=True),
    ),
)

EVENT_SOURCES = (PLATFORM_EVENTS, PRODUCT_EVENTS, MOBILE_EVENTS, WEB_EVENTS, REWARD_EVENTS)
