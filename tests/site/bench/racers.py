"""Processes that race, started once and kept: each job has a connection of its own, as each request has (racer.py)."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Those that wait for a job. They end with this process, which closes their input.
_waiting: list["Racer"] = []


class Racer:
	"""One process with one job: it has looked at its document when this is made."""

	def __init__(self, process: subprocess.Popen, job: dict):
		self.process = process
		self._say(json.dumps(job))
		assert self._hear() == "ready"

	def go(self) -> None:
		self._say("go")

	def answer(self) -> dict:
		"""{"result"} or {"error", "message", "at"}; the process is free again."""
		found = json.loads(self._hear())
		_waiting.append(self)
		return found

	def _say(self, line: str) -> None:
		self.process.stdin.write(line + "\n")
		self.process.stdin.flush()

	def _hear(self) -> str:
		# What ERPNext prints on the way is no answer.
		for line in self.process.stdout:
			if line.startswith("racer: "):
				return line.removeprefix("racer: ").strip()
		raise AssertionError(f"a racer ended with {self.process.wait()}")


def racer(job: dict) -> Racer:
	"""Give a job (racer.py says what one is) to a process that is free, or to a new one."""
	while _waiting:
		process = _waiting.pop().process
		if process.poll() is None:
			return Racer(process, job)
	process = subprocess.Popen(
		[sys.executable, "-W", "ignore", "-m", "tests.site.bench.racer"],
		stdin=subprocess.PIPE,
		stdout=subprocess.PIPE,
		text=True,
		env={**os.environ, "PYTHONPATH": str(ROOT)},
		cwd=ROOT,
	)
	return Racer(process, job)


def race(jobs: list[dict]) -> list[dict]:
	"""Let all jobs begin in the same moment; answers what each said."""
	racers = [racer(job) for job in jobs]
	for one in racers:
		one.go()
	return [one.answer() for one in racers]
