"""What is made of the dbt project alone, without a warehouse: the manifest that Airflow draws the models from, and the
page of the dbt docs. `python -m include.dbt_artifacts` makes both.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

from include.dbt_command import PROJECT, DbtFailed, manifest_path, run_dbt
from include.settings import SettingsError, load_settings

BUILT = frozenset({"target", "logs", "dbt_packages", "__pycache__"})
LOADS_NOTHING = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    # The page compiles its own templates.
    "script-src 'unsafe-inline' 'unsafe-eval'"
)
FAVICON = """<link rel="shortcut icon" href="${require('./assets/favicons/favicon.ico')}"/>"""
MENDED = (
    ("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{LOADS_NOTHING}">'),
    # Both are meant for a template engine; a browser asks for them as they stand.
    (FAVICON, '<link rel="icon" href="data:,"/>'),
    ('<use xlink:href="{{', '<use ng-attr-href="{{'),
)
"""What is replaced in the page that dbt writes."""


def docs_page(home: Path) -> Path:
    """Where the page of the dbt docs is, alone in its folder."""
    return home / "dbt" / "docs" / "index.html"


def build_manifest(home: Path) -> bool:
    """Parse the dbt project unless its files are those of the last parse; returns whether it was parsed.

    Raises:
        DbtFailed: dbt cannot read the project.
    """
    manifest, digest = manifest_path(home), project_digest(PROJECT)
    mark = manifest.with_name("manifest.sha256")
    if manifest.exists() and _is_marked(mark, digest):
        return False
    manifest.parent.mkdir(parents=True, exist_ok=True)
    # Beside the one there is, which Airflow may be reading.
    parsed = manifest.parent / "parsed"
    parsed.mkdir(exist_ok=True)
    run_dbt("parse", environment={}, target=parsed)
    (parsed / manifest.name).replace(manifest)
    mark.write_text(digest)
    return True


def build_docs_page(home: Path) -> bool:
    """Write the dbt docs of the built manifest, one page that loads nothing, unless it is there; returns whether it was
    written.

    Raises:
        DbtFailed: dbt cannot read the project.
    """
    page, digest = docs_page(home), project_digest(PROJECT)
    target = manifest_path(home).parent
    mark = target / "docs.sha256"
    if page.exists() and _is_marked(mark, digest):
        return False
    # Neither compiled models nor a catalog: both need a warehouse, and the page is the same wherever it is made.
    run_dbt("docs", "generate", "--static", "--no-compile", "--empty-catalog", environment={}, target=target)
    made = target / "static_index.html"
    text = made.read_text(encoding="utf-8")
    # Seeds name the folder that they lie in.
    for written, meant in (*MENDED, (str(PROJECT), ".")):
        text = text.replace(written, meant)
    made.write_text(text, encoding="utf-8")
    page.parent.mkdir(parents=True, exist_ok=True)
    made.replace(page)
    mark.write_text(digest)
    return True


def project_digest(project: Path) -> str:
    """A digest of all that the artifacts are made of: this module, dbt's version, and the names and contents of the
    project's files, without what dbt writes itself.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes() + version("dbt-core").encode())
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project)
        if path.is_file() and not BUILT & set(name.parts):
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_marked(mark: Path, digest: str) -> bool:
    return mark.exists() and mark.read_text() == digest


def main() -> int:
    """Build what is not up to date below ROLLCALL_HOME; returns the exit status."""
    try:
        home = load_settings().home
        build_manifest(home)
        build_docs_page(home)
    except (DbtFailed, SettingsError) as error:
        print(f"dbt artifacts: {error}", file=sys.stderr)
        return 1
    print(f"manifest: {manifest_path(home)}\ndbt docs: {docs_page(home)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
