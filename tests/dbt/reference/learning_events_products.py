"""The star of the product events."""

from __future__ import annotations

import hashlib

from tests.dbt.reference.bronze import Row, Rows, grouped

PRODUCT_MONTH = ("user_id", "product", "verb_id", "object_id", "month_start")


def key_of(*parts: str) -> str:
    return hashlib.md5("|".join(parts).encode()).hexdigest()  # noqa: S324 - a key, no secret


def fact_product_events(events: Rows) -> Rows:
    return [product_event(event) for event in events if event["source"] == "product_events"]


def product_event(event: Row) -> Row:
    said = event["properties"]
    return {
        "event_key": key_of(event["source"], event["event_id"]),
        "user_key": key_of(event["user_id"]),
        "product_key": key_of(event["product"]),
        "verb_key": key_of(said["verb"]),
        "object_key": key_of(said["object"]),
        "date_key": int(f"{event['event_date']:%Y%m%d}"),
        "event_id": said["id"],
        "user_id": event["user_id"],
        "event_at": event["occurred_at"],
        "event_date": event["event_date"],
        "_load_id": event["_load_id"],
    }


def product_user_months(events: Rows) -> Rows:
    of_products = [
        {
            **event,
            "verb_id": event["properties"]["verb"],
            "object_id": event["properties"]["object"],
            "month_start": event["event_date"].replace(day=1),
        }
        for event in events
        if event["source"] == "product_events"
    ]
    return [
        dict(zip(PRODUCT_MONTH, key, strict=True))
        | {
            "event_count": len(of_month),
            "active_days": len({event["event_date"] for event in of_month}),
            "first_event_at": min(event["occurred_at"] for event in of_month),
            "last_event_at": max(event["occurred_at"] for event in of_month),
            "_load_id": max(event["_load_id"] for event in of_month),
        }
        for key, of_month in grouped(of_products, *PRODUCT_MONTH).items()
    ]


def dimensions(months: Rows, event_types: dict[tuple[str, str], Row], products: dict[str, str]) -> dict[str, Rows]:
    """dim_users, dim_verbs, dim_objects and dim_products; `products` are the names of the seed."""

    def of(column: str) -> list[str]:
        return sorted({row[column] for row in months})

    def canonical(verb: str) -> str:
        return str(event_types.get(("product_events", verb), {"event_type": verb})["event_type"])

    return {
        "dim_users": [{"user_key": key_of(user), "user_id": user} for user in of("user_id")],
        "dim_verbs": [
            {"verb_key": key_of(verb), "verb_id": verb, "event_type": canonical(verb)} for verb in of("verb_id")
        ],
        "dim_objects": [{"object_key": key_of(name), "object_id": name} for name in of("object_id")],
        "dim_products": [
            {"product_key": key_of(name), "product": name, "product_name": products.get(name, name)}
            for name in {*products, *of("product")}
        ],
    }
