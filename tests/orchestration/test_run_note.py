from __future__ import annotations

from include.orchestration.run_note import LONGEST, MORE, note_text

LOADED = {"files_loaded": 2, "rows_read": 1031, "rows_written": 1030, "rows_rejected": 1, "not_loaded": []}
PUBLICATION = {
    "as_of": "2025-03-14",
    "tables": {"class_summary": {"rows_added": 1, "rows_changed": 8, "rows_removed": 0}},
}


def test_the_note_of_an_ingestion_counts_by_source() -> None:
    assert note_text("success", [], {"sources": {"assessments": LOADED}, "checkpoints": {}}) == (
        "**success**\n- assessments: files loaded 2, rows read 1,031, written 1,030, rejected 1"
    )


def test_the_note_of_a_partial_run_names_the_task_and_the_file_that_was_not_loaded() -> None:
    refused = {**LOADED, "not_loaded": ["attendance_2025-04.csv: missing: status; unexpected: state"]}

    note = note_text("partial", ["ingest_attendance"], {"sources": {"attendance": refused}})

    assert note.startswith("**partial**: ingest_attendance failed\n")
    assert "- attendance: not loaded: attendance_2025-04.csv: missing: status; unexpected: state" in note


def test_the_note_names_the_tables_on_which_a_checkpoint_warned_and_no_others() -> None:
    outcomes = {"bronze.students": "warned", "bronze.attendance": "passed", "bronze.assessments": "failed"}

    assert note_text("failed", [], {"checkpoints": outcomes}).splitlines()[1:] == [
        "- checkpoint failed: bronze.assessments",
        "- checkpoint warned: bronze.students",
    ]


def test_the_note_names_a_file_whose_name_no_source_takes() -> None:
    facts = {"not_taken": {"atendance_2025-04.csv": "attendance*.csv"}}

    assert note_text("success", [], facts).splitlines()[1:] == [
        "- atendance_2025-04.csv: not taken, did you mean attendance*.csv?"
    ]


def test_the_note_names_what_cannot_be_read_as_a_file() -> None:
    facts = {"not_read": {"last_year": "a symlink out of the raw folder, which is not followed"}}

    assert note_text("success", [], facts).splitlines()[1:] == [
        "- last_year: not read, it is a symlink out of the raw folder, which is not followed"
    ]


def test_the_note_of_an_operation_says_what_came_of_it() -> None:
    assert note_text("success", [], {"lines": ["no open rejections"]}) == "**success**\n- no open rejections"


def test_the_note_of_a_publication_says_as_of_when_and_what_changed() -> None:
    assert note_text("success", [], {"publication": PUBLICATION}).splitlines()[1:] == [
        "- gold published as of 2025-03-14",
        "- gold.class_summary: rows added 1, changed 8, removed 0",
    ]


def test_the_note_says_when_nothing_was_published() -> None:
    assert "nothing published" in note_text("failed", ["checkpoint_gold"], {"publication": {}})


def test_a_note_that_is_too_long_ends_with_where_the_rest_is() -> None:
    refused = {**LOADED, "not_loaded": [f"attendance_{number:03d}.csv: header only" for number in range(100)]}

    note = note_text("partial", [], {"sources": {"attendance": refused}})

    assert len(note) <= LONGEST
    assert note.endswith(MORE)
    assert note.splitlines()[-2].endswith("header only")
