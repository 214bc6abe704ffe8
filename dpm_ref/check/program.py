"""A program in any language as an adapter: one JSON line {"id", "function", "inputs"} out, {"id", "result"} back."""
import contextlib
import json
import os
import queue
import shlex
import subprocess
import threading
import weakref

from .calling import NotOffered, Stopped
from .cases import encode
from .catalogue import CATALOGUE


class Program:
    """A program that answers questions, and is started again once when it dies or does not answer in time."""

    def __init__(self, command, limit):
        self.command, self.wait = words(command), 0.9 * limit
        self.process, self.id, self.failures, self.silences = None, 0, 0, 0

    def start(self):
        """Start the program; a thread puts the lines that it prints in a queue, None after the last."""
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
                                        encoding="utf-8", errors="replace")
        weakref.finalize(self, end, self.process)                           # no later than at Python's exit
        self.lines = queue.Queue()

        def read(process, lines):
            with process.stdout:
                for line in process.stdout:
                    lines.put(line)
            lines.put(None)
        threading.Thread(target=read, args=(self.process, self.lines), daemon=True).start()

    def ask(self, function, **inputs):
        """The program's result. RuntimeError for an error that it reports, NotOffered, or Stopped where it is gone."""
        if self.failures > 1:
            raise NotOffered()
        if self.process is None:
            self.start()
        self.id += 1
        try:
            self.process.stdin.write(json.dumps({"id": self.id, "function": function, "inputs": inputs}) + "\n")
            self.process.stdin.flush()
        except OSError:                                                     # it has gone; `answer` says how
            pass
        reply = self.answer()
        self.failures = self.silences                                       # it answers: one more death is forgiven
        if reply.get("error") == "not offered":
            raise NotOffered()
        if "error" in reply:
            raise RuntimeError(str(reply["error"]))
        return from_json(reply["result"])

    def answer(self):
        """The answer to the last question; lines that are none are skipped."""
        last = ""
        while True:
            try:
                line = self.lines.get(timeout=self.wait)
            except queue.Empty:
                self.silences += 1
                raise self.gone(f"does not answer within {self.wait:g} s (see --limit){last}") from None
            if line is None:
                raise self.gone(f"stopped with status {self.process.wait()}{last}")
            last = f"; its last line: {line.strip()[:60]!r}"
            try:
                reply = json.loads(line)
            except ValueError:
                continue
            if isinstance(reply, dict) and reply.get("id") == self.id:
                if not {"result", "error"} & set(reply):
                    raise self.gone(f'answers without "result" or "error"{last}')
                return reply

    def gone(self, how):
        """End the process; the exception that says why, and, the second time, that nothing more is asked."""
        self.process.kill()
        end(self.process)
        self.process, self.failures = None, self.failures + 1
        return Stopped(f"the program {how}" + (": nothing more was asked" if self.failures > 1 else ""))


def end(process):
    """Close the program's input; kill the program if it does not leave within a second."""
    with contextlib.suppress(OSError):                                      # it may have gone with a question unread
        process.stdin.close()
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def words(command, windows=os.name == "nt"):
    """The command's words; Windows finds them itself, and keeps backslashes."""
    return command if windows else shlex.split(command)


def from_json(value):
    """JSON lists as they are, "inf", "-inf" and "nan" as numbers."""
    if isinstance(value, dict):
        return {k: from_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [from_json(v) for v in value]
    return float(value) if value in ("inf", "-inf", "nan") else value


def program(command, limit):
    """An adapter that asks a program. Its conventions are what it answers to the function "conventions", if it does."""
    this = Program(command, limit)

    def function(name):
        return lambda **inputs: this.ask(name, **{k: encode(v) for k, v in inputs.items()})
    try:
        conventions = this.ask("conventions")
    except (NotOffered, RuntimeError):
        conventions = {}
    return {"conventions": conventions if isinstance(conventions, dict) else {},
            **{name: function(name) for name in CATALOGUE}}
