"""The settings of Rollcall: the only reader of the environment and of `.env`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from include.errors import ToldError

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Limits:
    """How much of one file is taken in at most; beyond a limit it is refused, unless one record can be rejected alone.

    `max_file_bytes`: of the file as it stands, and of its content when it is compressed. `max_line_bytes`: of a line,
    of a JSON record. `max_field_bytes`: of one cell; a quoted one that is open for longer is broken. `max_json_depth`:
    objects and lists within each other in one record. `max_gzip_ratio`: bytes of content for each byte of a `.gz`.
    """

    max_file_bytes: int = 20 * 2**30
    max_line_bytes: int = 16 * 2**20
    max_field_bytes: int = 2**20
    max_json_depth: int = 64
    max_gzip_ratio: int = 200


DEFAULT_LIMITS = Limits()
DEFAULTS: Mapping[str, str] = {
    "ROLLCALL_HOME": ".rollcall",
    "ROLLCALL_RAW_DIR": "data/raw",
    "ROLLCALL_WAREHOUSE_URL": "",
    "ROLLCALL_PG_PORT": "54330",
    "ROLLCALL_UI_PORT": "8080",
    "ROLLCALL_TIMEZONE": "UTC",
    "ROLLCALL_MAX_REJECTED_SHARE": "0.05",
    "ROLLCALL_MAX_MISSING_SHARE": "0.20",
    "ROLLCALL_MIN_ROWS_FOR_SHARE": "20",
    "ROLLCALL_MAX_FILE_BYTES": str(DEFAULT_LIMITS.max_file_bytes),
    "ROLLCALL_MAX_LINE_BYTES": str(DEFAULT_LIMITS.max_line_bytes),
    "ROLLCALL_MAX_FIELD_BYTES": str(DEFAULT_LIMITS.max_field_bytes),
    "ROLLCALL_MAX_JSON_DEPTH": str(DEFAULT_LIMITS.max_json_depth),
    "ROLLCALL_MAX_GZIP_RATIO": str(DEFAULT_LIMITS.max_gzip_ratio),
    "ROLLCALL_RAW_EVENT_MONTHS": "18",
    "ROLLCALL_AGGREGATE_YEARS": "7",
}
URL_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
"""What may stand behind the `?` of ROLLCALL_WAREHOUSE_URL: what every program that connects can be told."""


class SettingsError(ToldError):
    """A setting has a value that cannot be used; the message names the variable and what was expected."""


@dataclass(frozen=True)
class Settings:
    """What the `ROLLCALL_` variables say; relative paths are resolved against the repository."""

    home: Path
    raw_dir: Path
    warehouse_url: str
    pg_port: int
    ui_port: int
    timezone: str
    max_rejected_share: float
    max_missing_share: float
    min_rows_for_share: int
    limits: Limits
    raw_event_months: int
    aggregate_years: int


def load_settings(overrides: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: `overrides`, else the environment, else `.env`, else the defaults.

    Raises:
        SettingsError: a variable holds a value of the wrong kind, or is unknown.
    """
    dotenv = {name: value or "" for name, value in dotenv_values(REPOSITORY / ".env").items()}
    values = {**DEFAULTS, **_ours(dotenv), **_ours(os.environ), **(overrides or {})}
    unknown = sorted(set(_ours(dotenv)) - set(DEFAULTS))
    if unknown:
        raise SettingsError(f"unknown settings in .env: {', '.join(unknown)}; .env.example names those there are")
    raw_event_months, aggregate_years = _retention(values)
    return Settings(
        home=_path(values, "ROLLCALL_HOME"),
        raw_dir=_path(values, "ROLLCALL_RAW_DIR"),
        warehouse_url=_warehouse_url(values["ROLLCALL_WAREHOUSE_URL"]),
        pg_port=_port(values, "ROLLCALL_PG_PORT"),
        ui_port=_port(values, "ROLLCALL_UI_PORT"),
        timezone=_timezone(values["ROLLCALL_TIMEZONE"]),
        max_rejected_share=_share(values, "ROLLCALL_MAX_REJECTED_SHARE"),
        max_missing_share=_share(values, "ROLLCALL_MAX_MISSING_SHARE"),
        min_rows_for_share=_integer(values, "ROLLCALL_MIN_ROWS_FOR_SHARE", 1, 2**31),
        limits=_limits(values),
        raw_event_months=raw_event_months,
        aggregate_years=aggregate_years,
    )


def _ours(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name.startswith("ROLLCALL_")}


def _path(values: Mapping[str, str], name: str) -> Path:
    try:
        path = (REPOSITORY / Path(values[name]).expanduser()).resolve()
    except RuntimeError as error:
        raise SettingsError(f"{name} is {values[name]!r}: {error}") from error
    if not values[name]:
        raise SettingsError(f"{name} is empty; expected a folder")
    return path


def _warehouse_url(text: str) -> str:
    problem = _url_problem(text) if text else ""
    if problem:
        # Not its value: that holds a password.
        raise SettingsError(
            f"ROLLCALL_WAREHOUSE_URL cannot be used: {problem}; expected postgresql://user:password@host:port/dbname, "
            "with %40 for an @ and %3A for a : in the password"
        )
    return text


def _url_problem(text: str) -> str:
    """What is wrong with a URL, without any of its text; empty when nothing is."""
    try:
        if "," in urlsplit(text).netloc.rpartition("@")[2]:
            return "it names several hosts"
        url = make_url(text)
    except (ArgumentError, ValueError):
        return "it cannot be read"
    if url.get_backend_name() not in ("postgresql", "postgres"):
        return "it is not one of Postgres"
    if not url.host or "/" in url.host or "%" in url.host or "host" in url.query:
        return "it names no host (a server on a unix socket is reached by 127.0.0.1)"
    parts = {"user": url.username, "password": url.password, "database": url.database}
    lacks = next((name for name, value in parts.items() if not value), None)
    if lacks:
        return f"it names no {lacks}"
    # dbt and Great Expectations take other characters for templates or for another part of the URL.
    odd = next((name for name in ("user", "database") if not re.fullmatch(r"[\w.@-]+", parts[name] or "")), None)
    return f"its {odd} has other characters than letters, digits and _ . @ -" if odd else _url_option_problem(url)


def _url_option_problem(url: URL) -> str:
    unknown = sorted(set(url.query) - set(URL_OPTIONS))
    if unknown:
        return f"of its options, {', '.join(unknown)} cannot be passed on; those that can are {', '.join(URL_OPTIONS)}"
    for name, value in url.query.items():
        if not isinstance(value, str):
            return f"its option {name} stands there twice"
        # The parts of the pipeline run in different folders.
        if name != "sslmode" and value != "system" and not Path(value).is_absolute():
            return f"its option {name} is not an absolute path"
    return ""


def _integer(values: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = values[name]
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingsError(f"{name} is {text!r}; expected a whole number from {least} to {most}")
    return int(text)


def _limits(values: Mapping[str, str]) -> Limits:
    return Limits(
        max_file_bytes=_integer(values, "ROLLCALL_MAX_FILE_BYTES", 1, 2**50),
        # Postgres holds at most 1 GB in one cell, and is told bytes as two letters each.
        max_line_bytes=_integer(values, "ROLLCALL_MAX_LINE_BYTES", 1, 2**28),
        max_field_bytes=_integer(values, "ROLLCALL_MAX_FIELD_BYTES", 1, 2**28),
        # Nested values are read by functions that call each other, and Python takes less than 1,000 of those calls.
        max_json_depth=_integer(values, "ROLLCALL_MAX_JSON_DEPTH", 1, 200),
        max_gzip_ratio=_integer(values, "ROLLCALL_MAX_GZIP_RATIO", 1, 2**31),
    )


def _retention(values: Mapping[str, str]) -> tuple[int, int]:
    """Months of raw events, and years of what is made of them."""
    months = _integer(values, "ROLLCALL_RAW_EVENT_MONTHS", 1, 1200)
    years = _integer(values, "ROLLCALL_AGGREGATE_YEARS", 1, 100)
    if months > 12 * years:
        # What is purged of the aggregates would come back with the raw events that it was made of.
        raise SettingsError(
            f"ROLLCALL_RAW_EVENT_MONTHS is {months} and ROLLCALL_AGGREGATE_YEARS is {years}; expected aggregates to be "
            "kept as long as raw events, or longer"
        )
    return months, years


def _port(values: Mapping[str, str], name: str) -> int:
    return _integer(values, name, 1, 65535)


def _share(values: Mapping[str, str], name: str) -> float:
    try:
        share = float(values[name])
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise SettingsError(f"{name} is {values[name]!r}; expected a share from 0 to 1")
    return share


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"ROLLCALL_TIMEZONE is {name!r}; expected a name like America/Chicago") from error
    return name
