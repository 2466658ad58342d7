"""The setting of a case: where it runs, how large it is, how often; and the rounds themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.bronze import contestants
from bench.bronze.contestants import ContestError, Measured
from bench.bronze.databases import EMPTY_WAREHOUSE, MEASURED, Databases, create_typed_table
from include.ingestion.sources import SOURCES
from include.warehouse.connection import connect

Contestant = Callable[[], Measured]
Figures = dict[str, list[Measured]]


@dataclass(frozen=True)
class Sizes:
    """How many rows there are: those of the issue when `rows` is 3 million, else in proportion."""

    rows: int

    def of(self, rows: int) -> int:
        """A number of rows of the full benchmark, in proportion; at least 100."""
        return max(100, rows * self.rows // 3_000_000)


@dataclass(frozen=True)
class Contest:
    """What every case needs. `peers` is a Python with pandas and dlt, None when there is none."""

    databases: Databases
    folder: Path
    sizes: Sizes
    rounds: int
    peer_rounds: int
    peers: Path | None
    say: Callable[[str], None]

    def file(self, case: str, name: str) -> Path:
        """The place of a file in a raw folder of the case's own."""
        return self.folder / "raw" / case / name

    def load(self, source: str, file: Path, template: str = EMPTY_WAREHOUSE, **counts: int) -> Contestant:
        """Rollcall loads a file onto a template; the counts named must come out."""

        def contestant() -> Measured:
            measured = contestants.load(self.databases.restore(template), self.home(template), source, file)
            told = {name: measured.told["counts"].get(name, 0) for name in counts}
            if measured.told["status"] != "loaded" or told != counts:
                raise ContestError(f"{file.name} onto {template}: expected {counts}, not {measured.told}")
            return measured

        return contestant

    def copy(self, source: str, file: Path, template: str | None = None) -> Contestant:
        """COPY of a file into the typed table of a template, or into a new one."""

        def contestant() -> Measured:
            url = self.databases.restore(template or EMPTY_WAREHOUSE)
            if template is None:
                with connect(url, autocommit=True) as connection:
                    create_typed_table(connection, SOURCES[source])
            return contestants.copy(url, source, file)

        return contestant

    def checkpoint(self, template: str) -> Contestant:
        """checkpoint_bronze on the measured database as the load before has left it."""
        return lambda: contestants.checkpoint(self.databases.url(MEASURED), self.home(template))

    def template(self, name: str, source: str, file: Path) -> str:
        """Make a template of a warehouse into which a file was loaded; returns its name."""
        self.say(f"making {name}")
        contestants.load(self.databases.create(name, EMPTY_WAREHOUSE), self.home(name), source, file)
        return name

    def home(self, template: str) -> Path:
        """The ROLLCALL_HOME of a template: its checkpoints keep their results there."""
        return self.folder / "homes" / template

    def play(self, contestants_by_name: Mapping[str, Contestant], slow: Sequence[str] = ()) -> Figures:
        """Every contestant in turn, round after round; the slow ones in the first rounds only."""
        figures: Figures = {name: [] for name in contestants_by_name}
        for number in range(self.rounds):
            for name, contestant in contestants_by_name.items():
                if name in slow and number >= self.peer_rounds:
                    continue
                figures[name].append(measured := contestant())
                self.say(f"round {number + 1}, {name}: {measured.seconds:.3f} s {measured.told or ''}")
        return figures
