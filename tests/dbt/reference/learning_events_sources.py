"""What each source says of an event, in the words of all sources; what it does not say is left out."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from tests.dbt.reference.bronze import Bronze, Row, Rows, newest_of_each

CONTENTS = ("lesson", "assessment", "problem", "item", "unit", "page")
"""What an event may be about: the first of them of which it gives the id."""
PLATFORMS = {"web_app": "web", "mobile_app": "mobile"}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def platform_events(bronze: Bronze) -> Rows:
    return [
        platform_event(row, row["data"] or {}, row["metadata"] or {})
        for row in newest_of_each(bronze.platform_events, "timestamp", "event_id")
    ]


def platform_event(row: Row, data: Row, metadata: Row) -> Row:
    return {
        "event_id": row["event_id"],
        "user_id": row["learner_id"],
        "session_id": row["session_id"],
        "raw_type": row["event_type"],
        "occurred_at": row["timestamp"],
        "product": lower(text(data, "product")),
        "platform": PLATFORMS.get(text(metadata, "source") or ""),
        "device_os": lower(text(metadata, "device")),
        "country": upper(text(metadata, "country")),
        **content(data),
        "content_title": text(data, "title"),
        "unit_id": text(data, "unit_id"),
        "page_id": text(data, "page_id"),
        **{name: number(data, name) for name in ("score", "max_score", "time_seconds", "points")},
        "is_correct": BOOLEANS.get((text(data, "correct") or "").lower()),
        "utm_source": text(metadata, "utm_source"),
        "properties": data,
        "_load_id": row["_load_id"],
    }


def content(data: Row) -> Row:
    """The first content of which an id is given."""
    given = [name for name in CONTENTS if text(data, f"{name}_id") is not None]
    return {"content_id": text(data, f"{given[0]}_id"), "content_type": given[0]} if given else {}


def text(values: Row, key: str) -> str | None:
    """A JSON value as text; an empty one says nothing."""
    value: Any = values.get(key)
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None or value == "" else str(value)


def number(values: Row, key: str) -> Decimal | None:
    """A JSON number, or a text that is a plain decimal; nothing of anything else."""
    value = text(values, key)
    return Decimal(value) if value is not None and NUMBER.fullmatch(value) else None


def product_events(bronze: Bronze) -> Rows:
    return [
        {
            "event_id": f"{row['product']}|{row['id']}",
            "user_id": row["userId"],
            "raw_type": row["verb"],
            "occurred_at": row["timestamp"],
            "product": row["product"],
            "content_id": row["object"],
            "content_type": "object",
            "properties": {"id": row["id"], "verb": row["verb"].lower(), "object": row["object"]},
            "_load_id": row["_load_id"],
        }
        for row in newest_of_each(bronze.product_events, "timestamp", "product", "id")
    ]


def mobile_events(bronze: Bronze) -> Rows:
    return [
        device_event(row)
        | {
            "platform": "mobile",
            "device_os": lower(row["device_platform_name"]),
            "country": upper(row["device_locale_country"]),
        }
        for row in newest_of_each(bronze.mobile_events, "event_timestamp", "event_key")
    ]


def web_events(bronze: Bronze) -> Rows:
    return [
        device_event(row)
        | {"platform": "web", "country": upper(row["country_code"]), "properties": web_properties(row)}
        for row in newest_of_each(bronze.web_events, "event_timestamp", "event_key")
    ]


def web_properties(row: Row) -> Row:
    named = {name: row[name] for name in ("device_type", "referrer") if row[name] is not None}
    return (row["_extra"] or {}) | named


def device_event(row: Row) -> Row:
    has_item = row["item_id"] is not None
    return {
        "event_id": row["event_key"],
        "user_id": row["user_id"],
        "session_id": row["session_id"],
        "raw_type": row["event_name"],
        "occurred_at": row["event_timestamp"],
        "received_at": row["arrival_timestamp"],
        "access_type": row["user_access_type"],
        "content_id": row["item_id"],
        "content_type": lower(row["item_type"] or "item") if has_item else None,
        "content_title": row["item_title"],
        "properties": row["_extra"] or {},
        "_load_id": row["_load_id"],
    }


def reward_events(bronze: Bronze) -> Rows:
    return [
        {
            "event_id": row["event_key"],
            "user_id": row["user_id"],
            "raw_type": row["event_type"],
            "occurred_at": row["event_time"],
            **reward_platform(lower(row["platform"])),
            "country": upper(row["country"]),
            "points": points(row["event_type"], row["miles_amount"]),
            "transaction_category": row["transaction_category"],
            "utm_source": row["utm_source"],
            "properties": row["_extra"] or {},
            "_load_id": row["_load_id"],
        }
        for row in newest_of_each(bronze.reward_events, "event_time", "event_key")
    ]


def reward_platform(platform: str | None) -> Row:
    """Web or mobile, and which of the mobile systems."""
    system = platform if platform in ("ios", "android") else None
    return {
        "platform": "mobile" if system else platform if platform in ("web", "mobile") else None,
        "device_os": system,
    }


def points(raw_type: str, amount: Decimal | None) -> Decimal | None:
    """What is redeemed is less than nothing, whichever sign the source gives it; other events move no miles."""
    signs = {"miles_earned": 1, "miles_redeemed": -1}
    return signs[raw_type.lower()] * abs(amount) if amount is not None and raw_type.lower() in signs else None


def lower(said: str | None) -> str | None:
    return said.lower() if said is not None else None


def upper(said: str | None) -> str | None:
    return said.upper() if said is not None else None


READ = {
    "platform_events": platform_events,
    "product_events": product_events,
    "mobile_events": mobile_events,
    "web_events": web_events,
    "reward_events": reward_events,
}
