"""The services of compose.yaml as processes of this machine, each with the command and the variables it has there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
from dotenv import dotenv_values

from include.local.environment import caller_environment
from include.local.ports import free_port
from include.local.postgres import EmbeddedPostgres
from include.local.process import RecordedProcess
from include.settings import REPOSITORY
from tests.docker.compose_file import command, environment, health_command, last_build_step, services
from tests.system_packages import program

WORKERS = ("worker-1", "worker-2")
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer", *WORKERS)
PATIENCE_SECONDS = 900
# What compose leaves to Airflow, shorter or smaller here: the test would wait for nothing but the clock.
HURRY = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "3",
}
# As Docker may give it to every container: nothing answers there.
PROXY = "http://127.0.0.1:9"


class Topology:
    """Postgres, Redis and every component of Airflow, two workers among them, below one folder."""

    def __init__(self, folder: Path, raw_dir: Path) -> None:
        self.folder = folder
        self.logs = folder / "output"
        self.ui_port, self.redis_port = free_port(), free_port()
        self.ui = f"http://127.0.0.1:{self.ui_port}"
        self.variables = {**make_env(folder), "WORKER_CONCURRENCY": "2", "UI_BASE_URL": self.ui}
        self.services = services(self.variables)
        self.postgres = EmbeddedPostgres(folder / "postgres-home", say=lambda _: None)
        self.processes = {name: RecordedProcess(folder / f"{name}.json") for name in ("redis", *COMPONENTS)}
        self.started: set[str] = set()
        self.places = {
            "@redis:6379": f"@127.0.0.1:{self.redis_port}",
            "//api-server:8080": f"//127.0.0.1:{self.ui_port}",
            "/opt/rollcall": str(REPOSITORY),
            "/srv/raw": str(raw_dir),
            "/var/lib/rollcall": str(folder / "home"),
            "/var/log/airflow": str(folder / "logs"),
        }

    def start(self) -> None:
        """Start everything in the order of `depends_on`, and wait until every health check passes."""
        self._start_postgres()
        self._start_redis()
        self.check("migrate", shlex.split(last_build_step()))
        self.check("migrate", command(self.services["migrate"]))
        for name in COMPONENTS:
            self.start_component(name)
        self.wait_until_healthy(COMPONENTS)

    def start_component(self, name: str) -> None:
        """Start a component, a worker under its own name."""
        arguments = command(self.services[_service(name)])
        if name in WORKERS:
            arguments += ["--celery-hostname", name]
        self.processes[name].start(
            self._found(arguments),
            environment=self.environment(name),
            folder=REPOSITORY,
            log=self.logs / f"{name}.log",
            notes={},
        )
        self.started.add(name)

    def environment(self, name: str) -> dict[str, str]:
        """What compose.yaml tells a component, with the places and ports of this machine."""
        told = environment(self.services[_service(name)], self.variables)
        # Each container has one of its own.
        airflow_home = self.folder / "airflow" / name
        airflow_home.mkdir(parents=True, exist_ok=True)
        places = {**self.places, "/var/lib/airflow": str(airflow_home)}
        here = {variable: _here(str(value), places) for variable, value in told.items()}
        own = {
            "HOSTNAME": name,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.ui_port),
            # Celery warns root, and there may be no other user here.
            "C_FORCE_ROOT": "1",
            "XDG_RUNTIME_DIR": str(self.folder),
        }
        proxy = {"HTTP_PROXY": PROXY, "http_proxy": PROXY}
        return {**caller_environment(), **proxy, **here, **own, **HURRY}

    def is_healthy(self, name: str) -> bool:
        """Whether the health check that compose.yaml gives the component passes."""
        arguments = self._found(health_command(self.services[_service(name)]))
        return self._run(name, arguments).returncode == 0

    def wait_until_healthy(self, names: Iterable[str]) -> None:
        """Wait until the health checks of these components have passed."""
        for name in names:
            self.wait_until(partial(self.is_healthy, name), f"{name} is healthy")

    def check(self, name: str, arguments: list[str]) -> str:
        """Run a command with the variables of a component; returns what it printed, and fails with it."""
        done = self._run(name, self._found(arguments))
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def kill(self, name: str) -> None:
        """End a component and all that it started at once, as when its machine loses power."""
        members = self.processes[name].members()
        for process in members:
            process.kill()
        psutil.wait_procs(members, timeout=30)
        self.started.discard(name)

    def stop(self) -> None:
        """End everything; nothing of it is needed again."""
        for name in self.processes:
            self.kill(name)
        self.postgres.stop()

    def wait_until(self, holds: Callable[[], Any], what: str) -> None:
        """Wait until something holds; fails, with the end of each component's output, when it does not come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            ended = [name for name in self.started if not self.processes[name].is_running()]
            assert not ended, f"ended by itself: {', '.join(ended)}\n{self._tails()}"
            assert time.monotonic() < deadline, f"waited in vain until {what}\n{self._tails()}"
            time.sleep(0.3)

    def warehouse(self) -> psycopg.Connection:
        """An autocommit connection as the owner of the warehouse."""
        return psycopg.connect(self.environment("worker-1")["ROLLCALL_WAREHOUSE_URL"], autocommit=True)

    def database_url(self, database: str, role: str, secret: str) -> str:
        """The URL with which a role of databases.sql reaches a database, its password that of docker/.env."""
        url = self.postgres.administrator_url().set(database=database, username=role, password=self.variables[secret])
        return url.render_as_string(hide_password=False)

    def _start_postgres(self) -> None:
        port = self.postgres.start(free_port())
        self.places["@postgres:5432"] = f"@127.0.0.1:{port}"
        make_databases(self.postgres, environment(self.services["postgres"], self.variables))

    def _start_redis(self) -> None:
        redis, service = program("redis-server", "redis-server"), self.services["redis"]
        told = {**caller_environment(), **environment(service, self.variables)}
        *shell, script = command(service)
        here = script.replace(
            "redis-server -", f"{redis} - --bind 127.0.0.1 --port {self.redis_port} --dir {self.folder}"
        )
        self.processes["redis"].start(
            [*shell, here], environment=told, folder=self.folder, log=self.logs / "redis.log", notes={}
        )
        *shell, script = health_command(service)
        ping = [*shell, script.replace("redis-cli", f"redis-cli -p {self.redis_port}")]
        self.wait_until(
            lambda: subprocess.run(ping, env=told, capture_output=True, check=False).returncode == 0, "Redis answers"
        )

    def _run(self, name: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            env=self.environment(name),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def _found(self, arguments: list[str]) -> list[str]:
        """The command with the programs of this environment."""
        name, *rest = arguments
        return [shutil.which(name, path=str(Path(sys.executable).parent)) or name, *rest]

    def _tails(self) -> str:
        texts = {path.stem: path.read_text(errors="replace").splitlines()[-15:] for path in self.logs.glob("*.log")}
        return "\n".join(f"--- {name}\n" + "\n".join(lines) for name, lines in sorted(texts.items()))


def make_env(folder: Path) -> dict[str, str]:
    """What docker/.env holds after make-env.sh, done in this folder."""
    for name in (".env.example", "make-env.sh"):
        shutil.copy(REPOSITORY / "docker" / name, folder)
    subprocess.run(["sh", "make-env.sh"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return {name: value or "" for name, value in dotenv_values(folder / ".env").items()}


def make_databases(server: EmbeddedPostgres, told: Mapping[str, str]) -> None:
    """Replace the databases of the embedded server by those of databases.sql, as the image of Postgres makes them."""
    administrator = server.administrator_url().render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        for name in ("airflow", "rollcall"):
            connection.execute(f"drop database {name}")
            connection.execute(f"drop role {name}")
    psql, script = server.binaries / "psql", REPOSITORY / "docker" / "databases.sql"
    options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={script}"]
    subprocess.run([psql, *options, administrator], env={**os.environ, **told}, check=True)


def _service(name: str) -> str:
    return "worker" if name in WORKERS else name


def _here(value: str, places: Mapping[str, str]) -> str:
    for there, here in places.items():
        value = value.replace(there, here)
    return value
