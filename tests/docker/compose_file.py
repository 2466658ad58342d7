"""compose.yaml and the Dockerfile as Docker would understand them: what each service runs, and with which variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

import yaml

from include.settings import REPOSITORY

COMPOSE = REPOSITORY / "docker" / "compose.yaml"
DOCKERFILE = REPOSITORY / "docker" / "Dockerfile"
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<operator>:[?-])(?P<rest>[^}]*))?\})")


def services(variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services of compose.yaml, its variables replaced by these."""
    text = VARIABLE.sub(lambda found: _value(found, variables), COMPOSE.read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return found


def environment(service: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, str]:
    """What a container of the service is told; a variable without a value has that of docker/.env."""
    told = {name: variables.get(name) if value is None else value for name, value in service["environment"].items()}
    image = image_environment() if service["image"] == "rollcall" else {}
    return image | {name: value for name, value in told.items() if value is not None}


def command(service: Mapping[str, Any]) -> list[str]:
    """The command of a container as a list of arguments."""
    given = service["command"]
    return shlex.split(given) if isinstance(given, str) else list(given)


def health_command(service: Mapping[str, Any]) -> list[str]:
    """The health check as a list of arguments."""
    how, *rest = service["healthcheck"]["test"]
    return rest if how == "CMD" else ["sh", "-c", *rest]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def image_environment() -> dict[str, str]:
    """The variables that the image sets."""
    pairs = [pair for word, rest in instructions() if word == "ENV" for pair in shlex.split(rest)]
    return dict(pair.split("=", 1) for pair in pairs)


def last_build_step() -> str:
    """The last command that the image is built with: it makes the manifest and the dbt docs."""
    return [rest for word, rest in instructions() if word == "RUN"][-1]


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name, operator, rest = found["name"], found["operator"], found["rest"]
    if name is None:
        return "$"
    value = variables.get(name, "")
    if operator == ":?" and not value:
        raise KeyError(f"{name}: {rest}")
    return value or (rest if operator == ":-" else "")
