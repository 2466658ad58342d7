"""The note that a run leaves on itself in the Airflow UI: its summary in a few lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LONGEST = 1000
"""Characters that Airflow keeps of a note."""
LINES = "lines"
"""The key under which a task leaves lines for the note, in XCom and among the facts of its run."""
MORE = "\n- … the whole summary is in ops.run_summaries"


def note_text(outcome: str, failed_tasks: Sequence[str], facts: Mapping[str, Any]) -> str:
    """The summary as Markdown of at most 1,000 characters: counts, tables, tasks and files.

    No value of any row is in it, but names of schools, classes, products and types of events.
    """
    failed = f": {', '.join(failed_tasks)} failed" if failed_tasks else ""
    lines = [
        f"**{outcome}**{failed}",
        *_sources(facts.get("sources", {})),
        *_checkpoints(facts.get("checkpoints", {})),
        *facts.get("named_findings", []),
        *(f"{file}: not taken, did you mean {pattern}?" for file, pattern in facts.get("not_taken", {}).items()),
        *(f"{name}: not read, it is {what}" for name, what in facts.get("not_read", {}).items()),
        *facts.get(LINES, []),
        *_publication(facts),
    ]
    text = "\n- ".join(lines)
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - len(MORE)].rsplit("\n", 1)[0] + MORE


def _sources(sources: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for source, counts in sources.items():
        yield (
            f"{source}: files loaded {counts['files_loaded']:,}, rows read {counts['rows_read']:,}, "
            f"written {counts['rows_written']:,}, rejected {counts['rows_rejected']:,}"
        )
        for file in counts["not_loaded"]:
            yield f"{source}: not loaded: {file}"


def _checkpoints(outcomes: Mapping[str, str]) -> Iterator[str]:
    for outcome in ("failed", "warned"):
        tables = [table for table, its_outcome in outcomes.items() if its_outcome == outcome]
        if tables:
            yield f"checkpoint {outcome}: {', '.join(tables)}"


def _publication(facts: Mapping[str, Any]) -> Iterator[str]:
    if "publication" not in facts:
        return
    publication = facts["publication"]
    if not publication:
        yield "gold: nothing published, readers keep the last good one"
        return
    yield f"gold published as of {publication['as_of']}"
    for table, changes in publication["tables"].items():
        added, changed, removed = (changes[f"rows_{kind}"] for kind in ("added", "changed", "removed"))
        yield f"gold.{table}: rows added {added:,}, changed {changed:,}, removed {removed:,}"
