"""Analytics, data docs and dbt docs inside the Airflow UI, in a real browser, as a person opens them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect, sync_playwright

from include.dbt_command import manifest_path
from tests.end_to_end.conftest import School
from tests.system_packages import program

pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("first")]

PATIENCE = 60_000
"""Milliseconds, for a machine that is busy."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program("chromium", "chromium"))
        yield opened
        opened.close()


@pytest.fixture
def ui(request: pytest.FixtureRequest, browser: Browser, school: School) -> Iterator[Page]:
    """The UI, freshly opened; when it is closed, no error was seen in it, and nothing was asked of another host."""
    wrong: list[str] = []
    home = school.stack.api.base_url
    page = browser.new_page(color_scheme=getattr(request, "param", "light"))
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((f"{home}/", "data:", "blob:")) else wrong.append(asked.url),
    )
    page.goto(home)
    yield page
    page.close()
    assert wrong == []


def opened(ui: Page, name: str) -> FrameLocator:
    """The frame in which an entry of the navigation opens."""
    ui.get_by_role("link", name=name, exact=True).click()
    return ui.frame_locator(f"iframe[title='{name}']")


def seen(frame: FrameLocator, text: str) -> Locator:
    """The text that is visible: dbt's page has every name twice, in two trees, of which one is hidden."""
    return frame.get_by_text(text, exact=True).locator("visible=true").first


def test_the_analytics_show_in_the_navigation_what_was_published(ui: Page, school: School, tmp_path: Path) -> None:
    analytics = opened(ui, "Analytics")
    ((as_of,),) = school.rows("select as_of from ops.publications order by publication_id desc limit 1")
    expect(analytics.locator("header")).to_contain_text(f"as of {as_of}")
    # Plotly has drawn it: the last of its charts too.
    expect(analytics.locator(".drawing").last.locator(".ytitle")).to_be_visible()
    assert analytics.locator(".drawing .ytitle").count() == analytics.locator("figure").count()
    ui.screenshot(path=tmp_path / "analytics.png")
    analytics.get_by_text("Table: Active users by day").click()
    newest = analytics.locator("details[open] tbody tr").last
    expect(newest).to_contain_text(str(as_of))


@pytest.mark.parametrize("ui", ["light", "dark"], indirect=True)
def test_the_data_docs_lead_from_the_navigation_to_the_page_of_a_table(ui: Page, tmp_path: Path) -> None:
    docs = opened(ui, "Data docs")
    row = docs.get_by_role("row").filter(has_text="silver.fact_attendance").first
    expect(row).to_contain_text("passed")
    ui.screenshot(path=tmp_path / "data_docs.png")
    row.get_by_role("link").click()
    expect(docs.get_by_role("heading", name="silver.fact_attendance")).to_be_visible()
    expect(docs.get_by_role("row").filter(has_text="lost_records")).to_contain_text("critical")
    ui.screenshot(path=tmp_path / "table.png")


def test_the_page_of_a_table_has_an_address_of_its_own_in_the_ui(ui: Page) -> None:
    opened(ui, "Data docs").get_by_role("link", name="bronze.students").first.click()
    heading = ui.frame_locator("iframe").get_by_role("heading", name="bronze.students")
    expect(heading).to_be_visible()
    ui.reload()
    expect(heading).to_be_visible()


def test_the_dbt_docs_lead_from_the_navigation_to_the_description_of_a_model(
    ui: Page, school: School, tmp_path: Path
) -> None:
    docs = opened(ui, "dbt docs")
    expect(docs.get_by_role("heading", name="Rollcall: what the tables mean")).to_be_visible()
    for name in ("rollcall", "models", "gold", "students", "class_summary"):
        seen(docs, name).click()
    manifest = json.loads(manifest_path(school.stack.settings.home).read_text())
    described = manifest["nodes"]["model.rollcall.class_summary"]["description"]
    expect(docs.get_by_text(described).first).to_be_visible()
    ui.screenshot(path=tmp_path / "dbt_docs.png")


def test_no_page_names_a_student(ui: Page, school: School) -> None:
    pages = f"{school.stack.api.base_url}/rollcall/"
    waiting, texts = [f"{pages}{site}/index.html" for site in ("analytics", "data_docs", "dbt_docs")], {}
    while waiting:
        address = waiting.pop()
        ui.goto(address)
        # All of the file: what a page does not show at once may still be found in it.
        texts[address] = ui.content()
        links = ui.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        found = {urljoin(address, link).split("#")[0] for link in links}
        waiting += sorted(link for link in found if link.startswith(pages) and link not in {*texts, *waiting})
    assert len(texts) > 10
    assert [address for address, text in texts.items() if school.pupils().search(text)] == []
