"""docs/metrics.md says what the dbt yml and the committed sample say: every query in it is run."""

from __future__ import annotations

import pytest

from include.dbt_command import manifest_path
from include.metrics_page import PAGE, metrics_page
from tests.end_to_end.conftest import School

pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("first")]


def test_the_page_is_what_the_yml_and_the_sample_say(school: School) -> None:
    with school.stack.connect() as connection:
        page = metrics_page(manifest_path(school.stack.settings.home), connection)
    assert PAGE.read_text(encoding="utf-8") == page, "`make metrics` writes it anew"


def test_the_page_names_no_student(school: School) -> None:
    assert not school.pupils().search(PAGE.read_text(encoding="utf-8"))
