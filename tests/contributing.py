"""The lists of CONTRIBUTING.md as steps that a program can follow.

Inside a numbered item a fenced block is what the sentence before it asks for: Write `path` gives a whole file, Change
`path` a diff without line numbers, Run a script, and a text block behind that script what it prints. `…` stands for
whatever is there.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

REST = "…"
INDENT = "   "
ASKED = re.compile(r"\b(?:(Write|Change) `([^`]+)`[^`]*|(Run)):$")


class StepError(AssertionError):
    """A step of the paper does not do what the paper says; the message names the step and what happened."""


@dataclass(frozen=True)
class Step:
    """One block of one numbered item. `action`: Write, Change or Run. `printed`: what a script is said to print."""

    name: str
    action: str
    path: str
    block: str
    printed: str = ""

    def follow(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Do it in a copy of the repository.

        Raises:
            StepError: it cannot be done, or does something else than the paper says.
        """
        path = folder / self.path
        if self.action == "Write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.block, encoding="utf-8")
        elif self.action == "Change":
            path.write_text(self._changed(path.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            self._run(folder, environment)

    def _changed(self, text: str) -> str:
        for hunk in hunks(self.block):
            before = "\n".join(line[1:] for line in hunk if line[0] in " -")
            found = list(re.finditer(f"^{_pattern(before)}$", text, re.MULTILINE))
            if len(found) != 1:
                raise StepError(f"{self.name}: {self.path} has {len(found)} places like this:\n{before}")
            rests = iter(found[0].groups())
            after = "\n".join(line[1:] for line in hunk if line[0] in " +")
            after = re.sub(REST, lambda _, rests=rests: next(rests), after)
            text = text[: found[0].start()] + after + text[found[0].end() :]
        return text

    def _run(self, folder: Path, environment: Mapping[str, str]) -> None:
        ran = subprocess.run(
            ["sh", "-e", "-c", self.block],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ran.returncode != 0:
            raise StepError(f"{self.name}: exit status {ran.returncode} of\n{self.block}\n{ran.stdout}")
        lines = iter(ran.stdout.splitlines())
        for expected in self.printed.splitlines():
            if not any(re.fullmatch(_pattern(expected), line.rstrip()) for line in lines):
                raise StepError(f"{self.name}: did not print, in this place, {expected!r}:\n{ran.stdout}")


def steps(paper: str, heading: str) -> list[Step]:
    """The steps of the numbered list below a heading.

    Raises:
        StepError: a block is not announced by Write, Change or Run.
    """
    section = paper.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    items = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |\Z)", section, re.MULTILINE | re.DOTALL)
    return [step for number, item in items for step in _steps_of(f"{heading}, step {number}", item)]


def _steps_of(name: str, item: str) -> Iterator[Step]:
    step = None
    for prose, language, block in re.findall(r"(.*?)^ {3}```(\w+)\n(.*?)^ {3}```$", item, re.MULTILINE | re.DOTALL):
        lines = "".join(line.removeprefix(INDENT) for line in block.splitlines(keepends=True))
        if language == "text" and step and step.action == "Run":
            step = replace(step, printed=lines)
            continue
        if step:
            yield step
        step = _announced(name, prose, lines)
    if step:
        yield step


def _announced(name: str, prose: str, block: str) -> Step:
    paragraph = " ".join(prose.rstrip().rpartition("\n\n")[2].split())
    asked = ASKED.search(paragraph)
    if not asked:
        raise StepError(f"{name}: nothing says what to do with the block behind {paragraph!r}")
    return Step(name, asked[1] or "Run", asked[2] or "", block)


def hunks(diff: str) -> Iterable[list[str]]:
    """The parts of a diff between lines that say `…`; an empty line is an empty line of context."""
    parts: list[list[str]] = [[]]
    for line in diff.splitlines():
        if line.strip() == REST:
            parts.append([])
        else:
            parts[-1].append(line or " ")
    return parts


def _pattern(text: str) -> str:
    return "(.*)".join(re.escape(part) for part in text.split(REST))
