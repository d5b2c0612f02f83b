"""Runs commands within time limits and keeps what they printed: OUT/log.txt for reading, OUT/gpu.json for the report."""
import contextlib
import dataclasses
import json
import os
import shlex
import signal
import subprocess
import time

LOGGED = 20_000


@dataclasses.dataclass(frozen=True)
class Command:
    """One command of a part.

    `key` groups repetitions: once one of them failed the others are left out. `limit` is in seconds.
    """
    name: str
    arguments: tuple
    limit: float
    key: str = ""
    environment: tuple = ()


@dataclasses.dataclass
class Outcome:
    """What became of a command. `reason` says why it was stopped or left out, and is empty where it ended by itself."""
    command: Command
    status: int = -1
    output: str = ""
    seconds: float = 0.0
    reason: str = ""
    errors: str = ""  # what it wrote on standard error

    @property
    def ended_well(self):
        return not self.reason and self.status == 0

    def why(self):
        """Why it did not end well, in one line: its own last words where it had some."""
        if self.reason:
            return self.reason
        words = [line.strip() for text in (self.output, self.errors) for line in text.splitlines() if line.strip()]
        return f"exit code {self.status}" + (f": {words[-1][:300]}" if words else "")

    def json_lines(self):
        """The JSON objects that it printed: one over the whole output, or one a line."""
        with contextlib.suppress(json.JSONDecodeError):
            return [json.loads(self.output[self.output.index("{"):self.output.rindex("}") + 1])] if "{" in self.output else []
        found = []
        for line in self.output.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                if line.startswith("{"):
                    found.append(json.loads(line))
        return found


class Runner:
    def __init__(self, log):
        self.log = log

    def run(self, command, seconds_left):
        """Runs it, for at most its own limit and what is left of the part."""
        limit = min(command.limit, seconds_left)
        with self.log.open("a+") as log:
            log.write(f"\n$ {shlex.join(command.arguments)}\n")
            log.flush()
            before = log.tell()
            started = time.monotonic()
            # A session of its own, so that a stop reaches what it started too.
            process = subprocess.Popen(command.arguments, env={**os.environ, **dict(command.environment)}, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
            reason = ""
            try:
                output, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                reason = f"no result within {limit:.0f} s"
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
            seconds = time.monotonic() - started
            # Written there by the command itself: it is in the log also where this program is killed.
            log.seek(before)
            errors = log.read()
            log.write(output if len(output) <= LOGGED else f"{output[:LOGGED]}\n... {len(output)} characters in all\n")
            log.write(f"[exit code {process.returncode}, {seconds:.1f} s{', ' + reason if reason else ''}]\n")
        return Outcome(command, process.returncode, output, seconds, reason, errors)

    def run_all(self, commands, deadline, tell):
        """All commands in their order, as far as the deadline (of time.monotonic) allows."""
        outcomes, broken = [], set()
        for command in commands:
            left = deadline - time.monotonic()
            if command.key in broken:
                continue
            if left < 1:
                outcomes.append(Outcome(command, reason="left out: the time of the part was over"))
                continue
            tell(command)
            outcome = self.run(command, left)
            failed = not outcome.ended_well or all("error" in line for line in outcome.json_lines())
            if command.key and failed:
                broken.add(command.key)
            outcomes.append(outcome)
        return outcomes


class Store:
    """OUT/gpu.json: what is known of every part, written anew after each."""

    def __init__(self, folder, facts):
        self.file = folder / "gpu.json"
        self.facts = facts
        earlier = read(self.file)
        self.parts = {}
        if earlier and earlier["facts"] == facts:
            self.parts = earlier["parts"]
        elif earlier:
            # Figures of another bundle or machine are not mixed with these, nor thrown away.
            os.replace(self.file, folder / "gpu.json.old")

    def put(self, name, result):
        self.parts = merged(self.parts, {name: result})
        temporary = self.file.with_name("gpu.json.tmp")
        temporary.write_text(json.dumps({"facts": self.facts, "parts": self.parts}, indent=1))
        os.replace(temporary, self.file)


def read(file):
    return json.loads(file.read_text()) if file.is_file() else None


def merged(parts, others):
    """Later results replace earlier ones; runs of the contestants come together."""
    result = dict(parts)
    for name, other in others.items():
        runs = result.get(name, {}).get("runs", []) + other.get("runs", [])
        result[name] = {**other, "runs": runs} if runs else other
    return result
