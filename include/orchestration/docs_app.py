"""The pages of the analytics, of the data docs and of the dbt docs, for whoever is logged in to Airflow: an app of its
API server.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from airflow.api_fastapi.app import API_ROOT_PATH
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from include.dbt_artifacts import docs_page

HEADERS = {
    # A reader sees a new run at once; and what a login has opened stays out of shared caches.
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
}
MESSAGE = Template("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>$title</title>
<style>
:root { color-scheme: light dark; }
body { margin: 4rem auto; padding: 0 1.5rem; max-width: 40rem; font: 16px/1.5 system-ui, sans-serif; }
</style></head>
<body><h1>$title</h1><p>$text</p></body>
</html>
""")
REFUSALS = {
    401: ("Please log in", 'These pages are for the users of this Airflow: <a href="$login">log in</a>.'),
    403: (
        "Not for this user",
        'Ask an administrator for a role that sees plugins, or <a href="$login">log in</a> anew.',
    ),
    404: (
        "No such page",
        'It may have made room for newer runs. The <a href="$index">data docs</a> list all.',
    ),
}


@dataclass(frozen=True)
class Site:
    """A folder of pages that begin with `index.html`, and what to tell while there are none."""

    folder: Path
    none_yet: str

    async def page(self, path: str, request: Request) -> Response:
        """The page at this path below the folder; nothing outside of it, whatever the path and the links say.

        Raises:
            HTTPException: there is no such page.
        """
        try:
            return await StaticFiles(directory=self.folder, check_dir=False).get_response(path, request.scope)
        except HTTPException:
            if (self.folder / "index.html").is_file():
                raise HTTPException(404) from None
            return HTMLResponse(MESSAGE.substitute(title="No pages yet", text=self.none_yet))


def docs_app(home: Path) -> FastAPI:
    """The app that serves the pages below this ROLLCALL_HOME."""
    sites = {
        "analytics": Site(
            home / "analytics",
            "The task <code>write_report</code> of the DAG <code>student_dbt</code> writes them when it has published"
            " gold, and so does <code>make analytics</code> on a laptop.",
        ),
        "data_docs": Site(
            home / "data_docs",
            "The checkpoints write them: trigger the DAG <code>student_ingestion</code>, and come back when its task"
            " <code>checkpoint_bronze</code> has ended.",
        ),
        "dbt_docs": Site(
            docs_page(home).parent,
            "<code>make docs</code> writes them on a laptop, <code>python -m include.dbt_artifacts</code> anywhere.",
        ),
    }
    app = FastAPI(
        # Who sees the plugins in the navigation may open them.
        dependencies=[Depends(requires_access_view(AccessView.PLUGINS))],
        openapi_url=None,
    )
    app.add_exception_handler(HTTPException, _refusal)

    @app.get("/{site}/{path:path}")
    async def page(site: str, path: str, request: Request) -> Response:
        if site not in sites:
            raise HTTPException(404)
        response = await sites[site].page(path or "index.html", request)
        response.headers.update(HEADERS)
        return response

    return app


async def _refusal(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    title, text = REFUSALS.get(status, ("Not available", "This page cannot be shown."))
    # Airflow's own address for a login, whoever manages its users.
    login = f"{API_ROOT_PATH}api/v2/auth/login?next={quote(str(request.url), safe='')}"
    links = {"login": escape(login), "index": escape(f"{request.scope['root_path']}/data_docs/index.html")}
    page = MESSAGE.substitute(title=title, text=Template(text).substitute(links))
    return HTMLResponse(page, status, headers=HEADERS)
