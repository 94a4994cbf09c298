"""pytest plugin that records the stories of a real site: `pytest -p tests.site.recorder.plugin tests/site/portable`.

`--traces=check` (the default) compares them with the committed traces and fails the run where they differ,
`--traces=write` replaces those that were told and passed, `--traces=renew` also forgets all others.
"""

import hashlib
import os
from collections import Counter
from pathlib import PurePath

import pytest

from benchless.back_office import files
from tests.site.recorder import writing

recorded: dict[str, list[dict]] = {}
failed: set[str] = set()


def pytest_addoption(parser):
	parser.addoption(
		"--traces",
		choices=("check", "write", "renew"),
		default="check",
		help="what to do with what was recorded",
	)


def story_of(nodeid: str) -> str:
	"""`tests/site/portable/test_x.py::test_y[z]` is told as `test_x.py::test_y[z]`."""
	path, _colons, test = nodeid.partition("::")
	return f"{PurePath(path).name}::{test}"


@pytest.fixture(scope="session")
def taps(site):
	"""Measure the site and stand between the app and ERPNext."""
	import frappe

	from tests.site.recorder import site as measuring
	from tests.site.recorder import taps

	os.environ["BENCHLESS_TRACES"] = frappe.__version__.partition(".")[0]
	files.measured.update(shapes=measuring.shapes(), seed=measuring.seed())
	taps.place()
	return taps


@pytest.fixture(autouse=True)
def told(taps, rolled_back, request):
	from benchless.back_office import names
	from tests.site.recorder.recording import Recording

	recording = Recording()
	names.tell(recording)
	taps.tell(recording)
	yield
	taps.tell(None)
	names.tell(None)
	recorded[story_of(request.node.nodeid)] = recording.exchanges


def pytest_runtest_logreport(report):
	if report.failed:
		failed.add(story_of(report.nodeid))


def view(keep) -> dict[str, dict]:
	"""What was recorded, in the form of the files; of what was not told now, the stories that `keep(story)` says."""
	exchanges, stories = {}, {}
	before = {kind: files.load(kind, files.version()) for kind in ("exchanges", "stories")}
	told = {
		s: files.told(before["stories"], before["exchanges"], s)
		for s in before["stories"]
		if s != files.BEGINNING and keep(s)
	}
	for story, asked in (told | {s: e for s, e in recorded.items() if s not in failed}).items():
		stories[story] = [_identify(exchange, exchanges) for exchange in asked]
	return {**files.measured, "exchanges": exchanges, "stories": _folded(stories)}


def _folded(stories: dict[str, list[str]]) -> dict[str, list[str]]:
	"""What most stories begin with is written once."""
	beginnings = Counter(tuple(ids[:n]) for ids in stories.values() for n in range(2, len(ids) + 1))
	common = max(beginnings, key=lambda ids: (len(ids) - 1) * beginnings[ids], default=())
	short = {
		story: [files.BEGINNING, *ids[len(common) :]] if tuple(ids[: len(common)]) == common else ids
		for story, ids in stories.items()
	}
	return {files.BEGINNING: list(common), **short} if common else short


def _identify(exchange: dict, known: dict) -> str:
	digest = hashlib.sha1(files.compact(exchange).encode()).hexdigest()[:8]
	identity = f"{exchange['ask']} {digest}"
	known[identity] = exchange
	return identity


def pytest_sessionfinish(session, exitstatus):
	say = session.config.pluginmanager.get_plugin("terminalreporter").write_line
	todo = session.config.getoption("--traces")
	if not recorded:
		return
	if todo != "check":
		writing.save(files.version(), view(lambda story: todo == "write" or story in failed))
		told = len(recorded.keys() - failed)
		say(f"\nWrote {told} stories of ERPNext {files.version()}; not those of {len(failed)} failed tests")
		return
	found = differences(view(lambda story: False))
	for line in found:
		say(line)
	if found:
		say(f"The traces of ERPNext {files.version()} no longer hold; `make record-traces` renews them")
		session.exitstatus = exitstatus or 1


def differences(now: dict[str, dict]) -> list[str]:
	"""What the committed traces say otherwise than this site, in words.

	A story that nobody recorded asks for masters at most (replay.py), which the others compare.
	"""
	from difflib import unified_diff

	found = []
	kept = {kind: files.read("both", kind) | files.read(files.version(), kind) for kind in files.KINDS}
	told_before, told_now = (
		{
			s: files.told(side["stories"], side["exchanges"], s)
			for s in side["stories"]
			if s != files.BEGINNING
		}
		for side in (kept, now)
	)
	for title, before, after in (
		("shape", kept["shapes"], now["shapes"]),
		("story", *({s: side[s] for s in told_before.keys() & told_now} for side in (told_before, told_now))),
	):
		for key in sorted({*before, *after}):
			if before.get(key) != after.get(key):
				old, new = (writing.readable(side.get(key)).splitlines() for side in (before, after))
				found += [
					f"{title} {key} differs (-recorded +this site):",
					*unified_diff(old, new, lineterm="", n=1),
				][:40]
	return found
