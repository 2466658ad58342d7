"""Shows the analytics, the data docs and the dbt docs in Airflow's navigation; the API server serves them."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import quote

from airflow.plugins_manager import AirflowPlugin

CURVE = "M3 3v18h18M7 15l4-5 4 3 5-7"
CHECKS = "M9 11l3 3 8-8M20 12v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h9"
LAYERS = "M12 2l10 5-10 5L2 7zM2 12l10 5 10-5M2 17l10 5 10-5"


def view(name: str, page: str, drawing: str) -> dict[str, Any]:
    """An entry of the navigation that opens a page inside the UI."""
    return {
        "name": name,
        "url_route": page.replace("_", "-"),
        # Relative to the UI, which may live below a path.
        "href": f"rollcall/{page}/index.html",
        "destination": "nav",
        "nav_top_level": True,
        "icon": icon(drawing, "#3f3f46", "#dbe7f6"),
        "icon_dark_mode": icon(drawing, "#d4d4d8", "none"),
    }


def icon(drawing: str, color: str, behind: str) -> str:
    """The path of a drawing of 24 by 24 as an image, with an outline that shows it where the ground has its color."""
    outline, line = (
        f"<path d='{drawing}' stroke='{stroke}' stroke-width='{width}'/>" for stroke, width in ((behind, 5), (color, 2))
    )
    return "data:image/svg+xml," + quote(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-1 -1 26 26' fill='none' stroke-linecap='round'"
        f" stroke-linejoin='round'>{outline}{line}</svg>"
    )


class DocsPagesPlugin(AirflowPlugin):
    """Registers the pages with Airflow."""

    name = "rollcall_docs_pages"
    external_views = [  # noqa: RUF012 - Airflow's own declaration
        view("Analytics", "analytics", CURVE),
        view("Data docs", "data_docs", CHECKS),
        view("dbt docs", "dbt_docs", LAYERS),
    ]

    @cached_property
    def fastapi_apps(self) -> list[Any]:
        """The app with the pages. Imported here, for every task reads the plugins and only the API server asks."""
        from include.orchestration.docs_app import docs_app  # noqa: PLC0415
        from include.settings import load_settings  # noqa: PLC0415

        return [{"name": "rollcall_docs_pages", "url_prefix": "/rollcall", "app": docs_app(load_settings().home)}]
