"""The page of the analytics, in a real browser, from a file: nobody serves it, and it may ask nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, sync_playwright
from sqlalchemy import URL

from include.analytics.report import ReportError, analytics_page, write_report
from tests.system_packages import program

PATIENCE = 60_000
"""Milliseconds, for a machine that is busy."""
PHONE: ViewportSize = {"width": 360, "height": 740}


@dataclass
class Opened:
    """The page in the browser, and what was asked or complained of while it was opened."""

    page: Page
    asked: list[str]
    wrong: list[str]

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).all_inner_texts()


@pytest.fixture(scope="module")
def file(gold_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(gold_url, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def opened(file: Path) -> Iterator[Opened]:
    """On a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium"))
        page = browser.new_page(viewport=PHONE)
        page.set_default_timeout(PATIENCE)
        opened = Opened(page, [], [])
        page.on("request", lambda request: opened.asked.append(request.url))
        page.on("console", lambda message: opened.wrong.append(message.text))
        page.on("pageerror", lambda error: opened.wrong.append(str(error)))
        page.goto(file.as_uri())
        yield opened
        browser.close()


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened: Opened, file: Path) -> None:
    assert (opened.asked, opened.wrong) == ([file.as_uri()], [])


def test_every_chart_is_drawn_with_titles_on_its_axes_and_a_table_of_its_numbers(opened: Opened) -> None:
    charts = opened.page.locator("figure").count()
    assert charts > 12
    assert opened.page.locator(".drawing .xtitle").count() == charts
    assert opened.page.locator(".drawing .ytitle").count() == charts
    assert opened.page.locator("figure details tbody tr:first-child").count() == charts


def test_it_says_what_it_is_of_and_when_that_was_published(opened: Opened) -> None:
    assert "as of 2025-01-08" in opened.texts("header")[0]
    assert "Published 2025-01-09 06:10 UTC" in opened.texts("header")[0]


def test_the_key_figures_are_those_of_the_newest_day(opened: Opened) -> None:
    cards = dict(zip(opened.texts("dt"), opened.texts("dd.value"), strict=True))
    assert cards["ADA / ADM"] == "100.0%"
    assert cards["Chronically absent"] == "66.7%"
    assert cards["Active in 30 days"] == "4"
    assert cards["Quick ratio, Dec 2024"] == "0.50"
    assert "CRITICAL: Quick Ratio Below 1.0" in opened.texts("dd")


def test_a_table_opens_and_holds_the_numbers_of_the_chart(opened: Opened) -> None:
    opened.page.get_by_text("Table: Growth accounting by month").click()
    table = opened.page.locator("details[open] table")
    assert table.locator("tbody tr").all_inner_texts() == [
        "Dec 2024\t5\t0\t5\t0\t0\t–\t–\tyes",
        "Jan 2025\t4\t2\t1\t1\t3\t0.67\t40.0%\tno",
    ]


def test_it_fits_a_phone(opened: Opened) -> None:
    assert opened.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize(
    ("scheme", "text", "ground"),
    [("dark", "rgb(226, 230, 234)", "rgb(15, 19, 23)"), ("light", "rgb(31, 35, 40)", "rgb(244, 246, 248)")],
)
def test_text_stands_out_on_a_dark_ground_and_on_a_light_one(
    opened: Opened, scheme: Literal["dark", "light"], text: str, ground: str
) -> None:
    opened.page.emulate_media(color_scheme=scheme)
    color = "element => getComputedStyle(element).{}"
    assert opened.page.locator(".xtitle").first.evaluate(color.format("fill")) == text
    assert opened.page.locator("body").evaluate(color.format("backgroundColor")) == ground


def test_a_name_in_gold_that_looks_like_html_stays_a_name(opened: Opened) -> None:
    assert opened.page.locator(".drawing b, figure script:not([type])").count() == 0
    assert opened.page.get_by_text("<script>alert(1)</script>, short").count() == 1
    assert "<b>" in "".join(opened.texts(".drawing"))


def test_only_the_scripts_that_it_came_with_may_run_in_it(file: Path) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', file.read_text(encoding="utf-8"))
    assert re.fullmatch(
        r"default-src 'none'; script-src ('sha256-[\w+/=]+' ?){2}; style-src 'unsafe-inline'; img-src data:",
        policy.replace("&#39;", "'"),
    )


def test_it_holds_no_name_and_no_id_of_a_student_or_user(file: Path) -> None:
    text = re.sub(r"<script>.*?</script>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    figures = [json.loads(figure) for figure in re.findall(r'type="application/json">(.*?)</script>', text)]
    assert figures
    assert not re.search(r"\bS-\d|guest-7|Doe|Roe", text)


def test_of_a_school_that_has_recorded_nothing_it_says_so_in_sentences(empty_gold_url: URL, tmp_path: Path) -> None:
    text = write_report(empty_gold_url, tmp_path).read_text(encoding="utf-8")
    assert text.count('<p class="nothing">') == text.count("<figure>") > 12
    assert '<p class="nothing">Nobody has been active up to this day.</p>' in text
    assert set(re.findall(r'<dd class="value">(.*?)</dd>', text)) == {"–", "0"}


def test_while_gold_cannot_be_read_the_page_of_before_stays(warehouse_url: URL, tmp_path: Path) -> None:
    page = analytics_page(tmp_path)
    page.parent.mkdir()
    page.write_text("the page of before")
    with pytest.raises(ReportError, match=r"gold cannot be read: UndefinedTable.*`make run` publishes it"):
        write_report(warehouse_url, tmp_path)
    assert [(path.name, path.read_text()) for path in page.parent.iterdir()] == [(page.name, "the page of before")]
