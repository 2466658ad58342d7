"""What gold says of products, made of the events up to as_of alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.dbt.reference.bronze import Row, Rows, grouped
from tests.dbt.reference.learning_events import seconds_between
from tests.dbt.reference.learning_events_gold import average, within

MORE_THAN = 5
"""A user with more events than these in a week is an active one."""


def named(events: Rows, product_names: dict[str, str]) -> Rows:
    """The events of products, with the product's name and the month."""
    return [
        {
            **event,
            "product_name": product_names.get(event["product"], event["product"]),
            "verb_id": event["properties"]["verb"],
            "object_id": event["properties"]["object"],
            "month_start": event["event_date"].replace(day=1),
        }
        for event in events
        if event["source"] == "product_events"
    ]


def mart_user_product_activity_weekly(events: Rows, as_of: date) -> Rows:
    """`events` are `named` ones, here and below."""
    return [
        {
            "user_id": user_id,
            "product_name": product_name,
            "event_count": len(of_user),
            "first_event_date": min(event["event_date"] for event in of_user),
            "last_event_date": max(event["event_date"] for event in of_user),
            "is_active_user": len(of_user) > MORE_THAN,
        }
        for (user_id, product_name), of_user in grouped(
            within(events, "event_date", as_of, 7), "user_id", "product_name"
        ).items()
    ]


def mart_event_details_monthly(events: Rows) -> Rows:
    key = ("user_id", "product_name", "verb_id", "object_id", "month_start")
    return [
        {
            **dict(zip(key[:-1], values, strict=False)),
            "year": values[-1].year,
            "month": values[-1].month,
            "event_count": len(of_month),
            "active_days": len({event["event_date"] for event in of_month}),
        }
        for values, of_month in grouped(events, *key).items()
    ]


def mart_user_avg_duration_monthly(events: Rows) -> Rows:
    """Every month from the first to the last with an event."""
    months = grouped(events, "month_start")
    first, last = min(months)[0], max(months)[0]
    spine = [date(number // 12, number % 12 + 1, 1) for number in range(month_number(first), month_number(last) + 1)]
    return [{"month_start": month} | durations(months.get((month,), [])) for month in spine]


def month_number(month: date) -> int:
    return month.year * 12 + month.month - 1


def durations(events: Rows) -> Row:
    seconds: list[Decimal] = [
        seconds_between(min(times), max(times))
        for of_user in grouped(events, "user_id").values()
        if (times := [event["occurred_at"] for event in of_user])
    ]
    return {
        "avg_duration_seconds": average(seconds, 2),
        "min_duration_seconds": average(sorted(seconds)[:1], 2),
        "max_duration_seconds": average(sorted(seconds)[-1:], 2),
        "users": len(seconds),
    }


def mart_product_rank(events: Rows, current: dict[str, Row], as_of: date) -> Rows:
    """Products of the last 30 days; those of as many events share a rank."""
    products = grouped(within(events, "event_date", as_of, 30), "product_name")
    return [
        {
            "product_name": name,
            "event_count": len(of_product),
            "rank": 1 + sum(len(others) > len(of_product) for others in products.values()),
            "active_users": len({event["user_id"] for event in of_product if event["is_active"]}),
            "schools": len(schools_of(of_product, current)),
        }
        for (name,), of_product in products.items()
    ]


def schools_of(events: Rows, current: dict[str, Row]) -> set[str]:
    users = {event["user_id"] for event in events}
    return {current[user_id]["school_id"] for user_id in users if user_id in current} - {"UNKNOWN"}
