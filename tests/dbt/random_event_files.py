"""Made-up files of learning events, morning by morning: late, corrected, moved, sent twice, in any order and format."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from tests.dbt.random_events import STEPS, TIMES, EventStream, Row


class RandomEventFiles:
    """Writes the files of each morning into a raw folder, the same for the same seed.

    At the `edges` users begin to do something, at the last of them something that they never end.
    """

    def __init__(self, raw_dir: Path, seed: int, edges: Sequence[datetime]) -> None:
        self.raw_dir, self.chance, self.edges = raw_dir, random.Random(seed), edges
        self.stream = EventStream(self.chance, [f"L{number:02}" for number in range(12)])
        self.sent: list[tuple[str, Row]] = []
        self.held_back: list[tuple[str, Row]] = []

    def write(self, number: int) -> None:
        """New events, late ones, corrections, rows sent before, in any order, over several files."""
        new = [event for user in self.stream.users for event in self.stream.walk(user, self._begin())]
        late = self.chance.sample(range(len(new)), k=len(new) // 4)
        rows = self.held_back + [event for place, event in enumerate(new) if place not in late]
        self.held_back = [new[place] for place in late]
        some = self.chance.sample(self.sent, k=min(40, len(self.sent)))
        rows += [(source, self.stream.corrected(source, row)) for source, row in some[:20]] + some[20:]
        rows += self._months_later(number) + self._over_the_edge(number)
        self.chance.shuffle(rows)
        for source in TIMES:
            of_source = [row for name, row in rows if name == source]
            cut = self.chance.randint(0, len(of_source))
            for part, members in enumerate((of_source[:cut], of_source[cut:])):
                if members:
                    self._file(source, f"_{number}_{part}", members)
        self.sent += rows

    def _months_later(self, number: int) -> list[tuple[str, Row]]:
        """Each user has a session once; on a morning of their own an event has its id again."""
        edge, users = self.edges[-1], self.stream.users
        begun = [(user, edge) for user in users if number == 0]
        return [
            ("mobile_events", self.stream.event("mobile_events", user, moment, "once"))
            for user, moment in [*begun, (users[number], edge + timedelta(days=100))]
        ]

    def _over_the_edge(self, number: int) -> list[tuple[str, Row]]:
        """The next event of sessions that go on from morning to morning, and have no name of their own."""
        moment = self.edges[-1] + number * timedelta(minutes=25)
        return [
            (source, self.stream.event(source, user, moment, None))
            for source in ("product_events", "reward_events")
            for user in self.stream.users[:3]
        ]

    def _begin(self) -> datetime:
        """An edge, or close to what was sent before."""
        if not self.sent or self.chance.random() < 0.4:
            return self.chance.choice(self.edges)
        source, row = self.chance.choice(self.sent)
        moment: datetime = row[TIMES[source]]
        return moment - self.chance.choice(STEPS)

    def _file(self, source: str, name: str, rows: list[Row]) -> None:
        kind = self.chance.choice(
            {"platform_events": ("jsonl", "csv", "parquet"), "product_events": ("jsonl", "csv")}.get(source, ("csv",))
        )
        path = self.raw_dir / f"{source}{name}.{kind}"
        if kind == "jsonl":
            path.write_text("".join(f"{json.dumps(row, default=datetime.isoformat)}\n" for row in rows))
        elif kind == "parquet":
            pyarrow.parquet.write_table(pa.Table.from_pylist([cells(row) for row in rows]), path)
        else:
            with path.open("w", newline="") as lines:
                writer = csv.DictWriter(lines, list(rows[0]))
                writer.writeheader()
                writer.writerows(as_csv(cells(row)) for row in rows)


def cells(row: Row) -> Row:
    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()}


def as_csv(row: Row) -> Row:
    """Products in capitals, ids of items as a table of numbers writes them."""
    written = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
    if "product" in written:
        written["product"] = written["product"].upper()
    if written.get("item_id"):
        written["item_id"] += ".0"
    return written
