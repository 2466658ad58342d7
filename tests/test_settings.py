"""The settings: where a value comes from, and which values are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from include import settings as settings_module
from include.settings import DEFAULTS, REPOSITORY, Limits, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ROLLCALL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The `.env` of a repository of its own."""
    monkeypatch.setattr(settings_module, "REPOSITORY", tmp_path)
    return tmp_path / ".env"


@pytest.mark.usefixtures("dotenv")
def test_without_any_setting_there_are_defaults(tmp_path: Path) -> None:
    settings = load_settings()

    assert (settings.home, settings.raw_dir) == (tmp_path / ".rollcall", tmp_path / "data" / "raw")
    assert (settings.warehouse_url, settings.pg_port, settings.timezone) == ("", 54330, "UTC")


def test_a_limit_is_what_its_setting_says() -> None:
    names = ("FILE_BYTES", "LINE_BYTES", "JSON_DEPTH", "GZIP_RATIO")
    limits = load_settings({f"ROLLCALL_MAX_{name}": str(number) for number, name in enumerate(names, start=1)}).limits
    assert limits == Limits(max_file_bytes=1, max_line_bytes=2, max_json_depth=3, max_gzip_ratio=4)


def test_overrides_win_over_the_environment_and_that_over_the_file(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv.write_text("ROLLCALL_UI_PORT=1\nROLLCALL_PG_PORT=1\nROLLCALL_TIMEZONE=America/Chicago\nOTHER=x\n")
    monkeypatch.setenv("ROLLCALL_UI_PORT", "2")
    monkeypatch.setenv("ROLLCALL_PG_PORT", "2")

    settings = load_settings({"ROLLCALL_UI_PORT": "3"})

    assert (settings.ui_port, settings.pg_port, settings.timezone) == (3, 2, "America/Chicago")


def test_an_unknown_setting_of_the_file_is_named(dotenv: Path) -> None:
    dotenv.write_text("ROLLCALL_RAWDIR=files\n")

    with pytest.raises(SettingsError, match="ROLLCALL_RAWDIR"):
        load_settings()


def test_relative_folders_are_meant_from_the_repository() -> None:
    assert load_settings({"ROLLCALL_RAW_DIR": "files"}).raw_dir == REPOSITORY / "files"
    assert load_settings({"ROLLCALL_RAW_DIR": "/files"}).raw_dir == Path("/files")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROLLCALL_HOME", ""),
        ("ROLLCALL_RAW_DIR", ""),
        ("ROLLCALL_RAW_DIR", "~nobody-of-this-name/files"),
        ("ROLLCALL_PG_PORT", "http"),
        ("ROLLCALL_PG_PORT", "65536"),
        ("ROLLCALL_UI_PORT", "0"),
        ("ROLLCALL_TIMEZONE", ""),
        ("ROLLCALL_TIMEZONE", "America"),
        ("ROLLCALL_TIMEZONE", "America/Gotham"),
        ("ROLLCALL_TIMEZONE", "../etc/passwd"),
        ("ROLLCALL_MAX_REJECTED_SHARE", "5%"),
        ("ROLLCALL_MAX_REJECTED_SHARE", "nan"),
        ("ROLLCALL_MAX_MISSING_SHARE", "1.1"),
        ("ROLLCALL_MIN_ROWS_FOR_SHARE", "-1"),
        ("ROLLCALL_MAX_FILE_BYTES", "20GB"),
        ("ROLLCALL_MAX_FILE_BYTES", "0"),
        ("ROLLCALL_MAX_LINE_BYTES", "-1"),
        ("ROLLCALL_MAX_LINE_BYTES", "1000000000"),
        ("ROLLCALL_MAX_JSON_DEPTH", "1000"),
        ("ROLLCALL_MAX_GZIP_RATIO", "1.5"),
        ("ROLLCALL_RAW_EVENT_MONTHS", "0"),
        ("ROLLCALL_AGGREGATE_YEARS", "seven"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    assert name in DEFAULTS
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value})


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3cret", "it cannot be read"),
        ("postgresql://u:s3cret@host:s3cret/db", "it cannot be read"),
        ("postgresql://u:s3cret@x:s3cret@host/db", "it cannot be read"),
        ("mysql://u:s3cret@host/db", "it is not one of Postgres"),
        ("postgresql://u:s3cret@host", "it names no database"),
        ("postgresql://host/db", "it names no user"),
        ("postgresql://u@host/db", "it names no password"),
        ("postgresql://u:@host/db", "it names no password"),
        ("postgresql://u:s3cret@/db", "it names no host"),
        ("postgresql://u:s3cret@/db?host=/run/postgresql", "it names no host"),
        ("postgresql://u:s3cret@%2Frun%2Fpostgresql/db", "it names no host"),
        ("postgresql://u{{x}}:s3cret@host/db", "its user has other characters than letters"),
        ("postgresql://u:s3cret@host/a%20b", "its database has other characters than letters"),
        ("postgresql://u:s3cret@one,two/db", "it names several hosts"),
        ("postgresql://u:s3cret@one:5432,two:5432/db", "it names several hosts"),
        ("postgresql://u:s3cret@h/db?options=-c%20a%3Ds3cret", "of its options, options cannot be passed on"),
        ("postgresql://u:s3cret@h/db?application_name=a&sslmode=require", "application_name cannot be passed on"),
        ("postgresql://u:s3cret@h/db?sslmode=require&sslmode=disable", "its option sslmode stands there twice"),
        ("postgresql://u:s3cret@h/db?sslrootcert=s3cret.pem", "its option sslrootcert is not an absolute path"),
    ],
)
def test_a_warehouse_url_that_cannot_be_used_is_refused_without_its_password(url: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"^ROLLCALL_WAREHOUSE_URL cannot be used: .*{reason}") as refused:
        load_settings({"ROLLCALL_WAREHOUSE_URL": url})

    assert "s3cret" not in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40ss%2F,@[::1]:5432/db?sslmode=require",
        "postgres://u:p@host/db",
        "postgresql+psycopg://u%40tenant:p@host/a-b.c?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem",
        "postgresql://u:p@host/db?sslmode=verify-full&sslrootcert=system",
    ],
)
def test_a_warehouse_url_of_postgres_is_taken_as_it_is(url: str) -> None:
    assert load_settings({"ROLLCALL_WAREHOUSE_URL": url}).warehouse_url == url


def test_aggregates_are_kept_as_long_as_raw_events() -> None:
    kept = load_settings({"ROLLCALL_RAW_EVENT_MONTHS": "24", "ROLLCALL_AGGREGATE_YEARS": "2"})
    assert (kept.raw_event_months, kept.aggregate_years) == (24, 2)
    with pytest.raises(SettingsError, match="ROLLCALL_RAW_EVENT_MONTHS is 25 and ROLLCALL_AGGREGATE_YEARS is 2"):
        load_settings({"ROLLCALL_RAW_EVENT_MONTHS": "25", "ROLLCALL_AGGREGATE_YEARS": "2"})
