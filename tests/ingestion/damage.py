"""Files as nobody should deliver them: arbitrary bytes, and real files with damage. For the tests that read them.

FUZZ_EXAMPLES=5000 looks for new failures with so many examples a test; without it every run has the same few.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.ingestion.conftest import ATTENDANCE_HEADER, STUDENTS_HEADER

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
BOM = b"\xef\xbb\xbf"
BLANK = b" \t\r\n"

CSV_FILES = (
    "\n".join([ATTENDANCE_HEADER, *[f"A-{n},S-{n},2025-01-07,PRESENT,2025-01-07T15:00:00" for n in range(8)], ""]),
    "\r\n".join(
        [
            f"{ATTENDANCE_HEADER},note",
            *[f'"A-{n}",S,2025-01-07,TARDY,2025-01-07,"a ""b""\r\nü"' for n in range(5)],
        ]
    ),
    "\n".join([STUDENTS_HEADER, *[f'S-{n}, "Pupil, {n}" ,CLASS-01,{n},active,2024-09-0{n}' for n in range(1, 6)], ""]),
)
ASSESSMENTS = [
    {
        "assessment_id": f"M-{number}",
        "student": {"id": "S-1", "tags": ["ü", {"x": [None, True]}]},
        "subject": 'Math "1"',
        "score": 5.50,
        "max_score": 1e1,
        "assessment_date": "2025-01-07",
        "created_at": "2025-01-07T15:00:00",
    }
    for number in range(4)
]
JSON_LINES = ("\n".join(map(json.dumps, ASSESSMENTS)) + "\n", "\r\n\r\n".join(map(json.dumps, ASSESSMENTS)))
JSON_FILES = (
    json.dumps(ASSESSMENTS, indent=1),
    json.dumps(ASSESSMENTS, ensure_ascii=False),
    json.dumps({"meta": {"data": 1}, "data": ASSESSMENTS, "more": [1, "}"]}),
    json.dumps(ASSESSMENTS[0], indent=2),
    *JSON_LINES,
)
NASTY = [
    *(bytes([byte]) for byte in b"\"\r\n\x00\x1a\\,\xff\xc3[]{}:'0-e \t;"),
    *(BOM, b"\r\n", b'""', b'","', b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"\\N", b"\\.", b"$$;--", b"NaN", b"1e999"),
    *(b"[" * 3000, b'{"a":' * 3000, b'{"a":1,"a":2}', b'"data":[],', "\u2028\u0085é".encode(), b"9" * 400),
]

LIGHT = [b"\xff", b"\x00", b"\x1a", b"\t", b"\\u0000", b"\\ud800", b"\\n", b"\xc3\xa9", b"7", b"a", b" "]
"""What inside a text of JSON leaves everything else as it is."""


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """The same examples in every run, unless more of them are asked for."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def damaged(draw: st.DrawFn, contents: tuple[str, ...]) -> bytes:
    """A real file with some bytes put in, taken out or changed."""
    content = draw(st.sampled_from(contents)).encode()
    is_light = draw(st.booleans())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        taken_out = draw(st.sampled_from([0, 1] if is_light else [0, 0, 1, 2, 30, len(content)]))
        put_in = draw(st.sampled_from(LIGHT if is_light else [b"", *NASTY]))
        content = content[:at] + put_in + content[at + taken_out :]
    return draw(st.sampled_from([b"", b"", BOM])) + content


def arbitrary() -> st.SearchStrategy[bytes]:
    soup = st.lists(st.sampled_from([*NASTY, b"a", b"1", b"\n", b'"', b"{}", b'{"a":1}']), max_size=40).map(b"".join)
    return st.one_of(st.binary(max_size=300), soup)
