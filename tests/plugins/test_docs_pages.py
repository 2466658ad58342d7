"""The pages of the docs as Airflow's API server serves them: its whole app, with its login."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow import plugins_manager, settings
from airflow.api_fastapi.app import create_app, get_auth_manager, purge_cached_app
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.revoked_token import RevokedToken
from fastapi.testclient import TestClient

from include.settings import REPOSITORY

INDEX = "/rollcall/data_docs/index.html"


def forget_plugins() -> None:
    plugins_manager._get_plugins.cache_clear()
    plugins_manager.get_fastapi_plugins.cache_clear()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def visitor(home: Path) -> Iterator[TestClient]:
    """A browser that is not logged in."""
    forget_plugins()
    RevokedToken.metadata.tables["revoked_token"].create(settings.engine, checkfirst=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLCALL_HOME", str(home))
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "a secret of these tests, long enough for a signature")
        patch.setattr(settings, "PLUGINS_FOLDER", str(REPOSITORY / "plugins"))
        yield TestClient(create_app("core"), follow_redirects=False)
    purge_cached_app()
    forget_plugins()


@pytest.fixture
def reader(visitor: TestClient) -> Iterator[TestClient]:
    """The same browser with the cookie of a user who may only read."""
    yield login(visitor, "viewer")
    visitor.cookies.clear()


@pytest.fixture
def pages(home: Path) -> Path:
    """The data docs, of two pages, with a secret beside them and a link to it among them."""
    folder = home / "data_docs"
    (folder / "validations").mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text("the index")
    (folder / "validations" / "a+b 1.html").write_text("a page")
    (home / "secret.html").write_text("a secret")
    (folder / "link.html").unlink(missing_ok=True)
    (folder / "link.html").symlink_to(home / "secret.html")
    return folder


def login(browser: TestClient, role: str | None) -> TestClient:
    browser.cookies.set("_token", get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="ann", role=role)))
    return browser


def test_before_the_first_run_a_page_says_what_to_do(reader: TestClient, home: Path) -> None:
    shutil.rmtree(home / "data_docs", ignore_errors=True)

    hints = (("analytics", "write_report"), ("data_docs", "student_ingestion"), ("dbt_docs", "make docs"))
    for site, hint in hints:
        answer = reader.get(f"/rollcall/{site}/index.html")
        assert (answer.status_code, hint in answer.text) == (200, True)


@pytest.mark.usefixtures("pages")
def test_whoever_is_logged_in_reads_the_pages(reader: TestClient) -> None:
    assert reader.get(INDEX).text == "the index"
    assert reader.get("/rollcall/data_docs/").text == "the index"
    assert reader.get("/rollcall/data_docs/validations/a%2Bb%201.html").text == "a page"


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("path", [INDEX, "/rollcall/dbt_docs/index.html", "/rollcall/data_docs/none.html"])
def test_without_a_login_there_is_nothing_but_the_way_to_log_in(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 401
    assert f"auth/login?next=http%3A%2F%2Ftestserver{path.replace('/', '%2F')}" in answer.text


@pytest.mark.usefixtures("pages")
def test_the_way_to_log_in_is_airflows_own(visitor: TestClient) -> None:
    answer = visitor.get("/api/v2/auth/login", params={"next": f"http://testserver{INDEX}"})

    assert (answer.status_code, "/auth/login" in answer.headers["location"]) == (307, True)


@pytest.mark.usefixtures("pages", "reader")
@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_user_without_a_role_and_a_forged_token_are_refused(visitor: TestClient, token: str) -> None:
    login(visitor, None)
    answer = visitor.get(INDEX, headers={"Authorization": f"Bearer {token}"} if token else {})

    assert (answer.status_code, "log in" in answer.text) == (403, True)


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize(
    "path",
    [
        "data_docs/%2e%2e/secret.html",
        "data_docs/%2e%2e%2fsecret.html",
        "data_docs/validations/..%2f..%2fsecret.html",
        "data_docs/link.html",
        "data_docs//etc/passwd",
        "data_docs/%00",
        "data_docs/validations",
        "secret.html/",
        "openapi.json/",
    ],
)
def test_nothing_outside_of_the_folder_is_served(reader: TestClient, path: str) -> None:
    answer = reader.get(f"/rollcall/{path}")

    assert (answer.status_code, "No such page" in answer.text) == (404, True)


def test_a_new_page_is_seen_at_once_and_an_old_one_is_not_sent_again(reader: TestClient, pages: Path) -> None:
    first = reader.get(INDEX)
    assert first.headers["cache-control"] == "private, no-cache"
    assert reader.get(INDEX, headers={"If-None-Match": first.headers["etag"]}).status_code == 304

    (pages / "index.html").write_text("a newer index")
    assert reader.get(INDEX, headers={"If-None-Match": first.headers["etag"]}).text == "a newer index"


@pytest.mark.usefixtures("pages")
def test_no_other_site_may_frame_the_pages(reader: TestClient) -> None:
    assert reader.get(INDEX).headers["content-security-policy"] == "frame-ancestors 'self'"


def test_the_entries_of_the_navigation_follow_the_ui_to_a_path(reader: TestClient) -> None:
    (entries,) = [
        plugin["external_views"]
        for plugin in reader.get("/api/v2/plugins").json()["plugins"]
        if plugin["name"] == "rollcall_docs_pages"
    ]

    assert [entry["name"] for entry in entries] == ["Analytics", "Data docs", "dbt docs"]
    sites = ("analytics", "data_docs", "dbt_docs")
    assert [entry["href"] for entry in entries] == [f"rollcall/{site}/index.html" for site in sites]


def test_a_task_that_reads_the_plugin_does_not_import_the_app() -> None:
    code = "import sys, plugins.docs_pages; sys.exit('include.orchestration.docs_app' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
