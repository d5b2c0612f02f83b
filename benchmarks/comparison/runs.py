"""Runs the contestants in turns and keeps what each printed, so that a comparison can go on where it stopped."""
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import time


@dataclasses.dataclass(frozen=True)
class Contestant:
    """One command that prints a JSON object with its figures.

    `baseline` is the group of contestants it is compared with ("" for Pixelwake itself); `check` returns why the printed
    object cannot be trusted, or nothing.
    """
    name: str
    command: tuple
    environment: tuple = ()
    baseline: str = ""
    check: object = None


@dataclasses.dataclass(frozen=True)
class Case:
    """Contestants on equal terms. `prepare` makes the files they need. `facts` describes the case to tables and plots."""
    name: str
    title: str
    contestants: tuple
    prepare: object = None
    facts: tuple = ()


def _slug(text):
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def replace(path, text):
    """Writes a file whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


class Store:
    """Runs of one commit: PART/CASE/CONTESTANT.ROUND.json."""

    def __init__(self, folder, commit, fresh):
        self.folder = folder / _slug(commit)
        # What was measured before further changes is not what is there now.
        self.fresh = fresh or "changes" in commit
        self.commit = commit

    def file(self, part, case, contestant, number):
        return self.folder / part / _slug(case.name) / f"{_slug(contestant.name)}.{number}.json"

    def begin(self, part, case):
        if self.fresh:
            shutil.rmtree(self.folder / part / _slug(case.name), ignore_errors=True)

    def read(self, part, case):
        """The runs of every contestant that has one, in the case's order."""
        figures = {}
        for contestant in case.contestants:
            files = sorted(self.file(part, case, contestant, 1).parent.glob(f"{_slug(contestant.name)}.*.json"),
                           key=lambda file: int(file.name.rsplit(".", 2)[1]))
            if files:
                figures[contestant] = [json.loads(file.read_text()) for file in files]
        return figures


def _run(contestant, prefix):
    process = subprocess.run([*prefix, *contestant.command], env={**os.environ, **dict(contestant.environment)},
                             stdout=subprocess.PIPE, text=True)
    if process.returncode:
        sys.exit(f"compare.sh: {contestant.name} ended with exit code {process.returncode}: {' '.join(contestant.command)}")
    try:
        figures = json.loads(process.stdout)
    except json.JSONDecodeError as problem:
        sys.exit(f"compare.sh: {contestant.name} printed no JSON ({problem}): {process.stdout[:200]}")
    wrong = contestant.check and contestant.check(figures)
    if wrong:
        sys.exit(f"compare.sh: {contestant.name}: {wrong}")
    return figures


def measure(store, part, case, rounds, prefix):
    """All rounds of a case that are not there yet; within a round every contestant has one run."""
    store.begin(part, case)
    missing = [(number, contestant) for number in range(1, rounds + 1) for contestant in case.contestants
               if not store.file(part, case, contestant, number).is_file()]
    if missing and case.prepare:
        case.prepare()
    for number, contestant in missing:
        print(f"compare.sh: {part}, {case.name}, round {number} of {rounds}: {contestant.name}", file=sys.stderr, flush=True)
        started = time.monotonic()
        figures = _run(contestant, prefix)
        figures["wall_seconds"] = round(time.monotonic() - started, 1)
        file = store.file(part, case, contestant, number)
        file.parent.mkdir(parents=True, exist_ok=True)
        replace(file, json.dumps(figures))
