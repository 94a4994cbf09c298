"""pytest plugin that records the stories of a real site while the portable tests tell them.

`--traces=check` (the default) compares each story with the committed one and fails the test that tells it where they
differ; `--traces=write` replaces those that were told and passed, `--traces=renew` also forgets all others.
"""

import functools
import hashlib
import os
from collections import Counter
from difflib import unified_diff
from pathlib import PurePath

import pytest

from benchless import clock
from benchless.back_office import files
from tests.site.hosts import PORTABLE
from tests.site.recorder import writing

# Masters that ERPNext chooses from when nobody says which: with others it would choose others.
CHOSEN_FROM = ("Company", "Customer Group", "Territory", "Price List", "Sales Person")
LONGEST = 60

recorded: dict[str, list[dict]] = {}
failed: set[str] = set()
compared: set[str] = set()


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


def release() -> str:
	"""The major release of this site's ERPNext, which is that of its Frappe."""
	import frappe

	return frappe.__version__.partition(".")[0]


@pytest.fixture(scope="session")
def taps(site, request):
	"""Measure the site and stand between the app and ERPNext; None where nothing could be compared, which
	tests/site/bench/test_traces.py tells."""
	from tests.site.recorder import site as measuring
	from tests.site.recorder import taps

	os.environ["BENCHLESS_TRACES"] = release()
	if request.config.getoption("--traces") == "check":
		if other_masters():
			return None
	else:
		assert not (why := other_month()), f"what is recorded on this site has {why}"
	files.measured.update(shapes=measuring.shapes(), seed=measuring.seed())
	taps.place()
	return taps


def other_masters() -> list[str]:
	"""What this site has to choose from otherwise than the one that was recorded, in words."""
	import frappe

	found, seed = [], kept(release())["seed"]
	for doctype in CHOSEN_FROM:
		then = {row["name"] for row in seed[doctype]}
		now = set(frappe.get_all(doctype, pluck="name", order_by="name asc"))
		if now != then:
			found.append(f"{doctype}: {', '.join(sorted(now ^ then))}")
	return [*found, *filter(None, [other_month()])]


def other_month() -> str:
	"""Why answers of today are not those of the recorded day; empty where they are. They are told in days from there."""
	from frappe.utils import add_months, getdate

	day, today = clock.NOON.date(), getdate()
	days = (getdate(add_months(day, 1)) - day).days
	return "" if (getdate(add_months(today, 1)) - today).days == days else f"a next month that is not {days} days away"


@pytest.fixture(autouse=True)
def told(request):
	"""What a portable test asks of ERPNext is one story."""
	taps = request.getfixturevalue("taps") if PORTABLE in request.node.nodeid else None
	if taps is None:
		yield
		return
	request.getfixturevalue("rolled_back")
	from benchless.back_office import names
	from tests.site.recorder.recording import Recording

	recording, story = Recording(), story_of(request.node.nodeid)
	request.node.is_recorded = request.config.getoption("--traces") != "check" or told_before(story) is not None
	names.tell(recording)
	taps.tell(recording)
	yield
	taps.tell(None)
	names.tell(None)
	recorded[story] = recording.exchanges
	# A test that failed has told half of its story.
	if request.config.getoption("--traces") == "check" and not getattr(request.node, "failed", True):
		compare(story)


def compare(story: str) -> None:
	"""Fail where ERPNext answered otherwise than it was recorded; a new story has nothing to compare with."""
	before = told_before(story)
	if before is not None:
		compared.add(story)
	found = difference("story", story, before, recorded[story])
	if found:
		pytest.fail("\n".join([*found, "make record-traces renews them"]), pytrace=False)


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


def pytest_sessionfinish(session):
	todo = session.config.getoption("--traces")
	if recorded and todo != "check":
		writing.save(files.version(), view(lambda story: todo == "write" or story in failed))


def pytest_terminal_summary(terminalreporter, config):
	if recorded and config.getoption("--traces") == "check":
		terminalreporter.write_line(f"{len(compared)} stories compared with the traces of ERPNext {files.version()}")
	elif recorded:
		terminalreporter.write_line(
			f"Wrote {len(recorded.keys() - failed)} stories of ERPNext {files.version()}; not those of {len(failed)} failed tests"
		)


@functools.cache
def kept(version: str) -> dict[str, dict]:
	"""The committed traces of a version; files.load answers with what was measured instead."""
	return {kind: files.read("both", kind) | files.read(version, kind) for kind in files.KINDS}


def told_before(story: str) -> list[dict] | None:
	"""The committed exchanges of a story, None of a new one."""
	traces = kept(files.version())
	return files.told(traces["stories"], traces["exchanges"], story)


def difference(what: str, name: str, before, after) -> list[str]:
	"""What the committed traces say otherwise than this site, in words; nothing of what they don't hold.

	A story that nobody recorded asks for masters at most (replay.py), which the others compare.
	"""
	if before is None or before == after:
		return []
	old, new = (writing.readable(side).splitlines() for side in (before, after))
	lines = [*unified_diff(old, new, lineterm="", n=1)]
	return [f"{what} {name} differs (-recorded +this site):", *lines[:LONGEST]]
