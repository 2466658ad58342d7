from __future__ import annotations

from include.settings import REPOSITORY
from include.warm_airflow import MODULES


def test_nothing_of_this_repository_is_imported_ahead() -> None:
    # A task would go on with the code of the moment at which Airflow was started.
    assert not [name for name in MODULES if (REPOSITORY / name.split(".")[0]).exists()]
