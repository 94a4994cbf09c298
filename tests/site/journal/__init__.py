"""Journals: what a story was told and what it left behind, as text that can be read and compared.

An assertion looks at what its test is about. The journal of a test holds the rest: what the app answered to the test,
what it said to the user, each record that is new, gone or changed in the end. A test has one where the file of its module
in `tests/site/journals` has a section with its name. It is compared on benchless with the answers of ERPNext 15: there
the day stands still, and what is drawn at random is drawn alike.

	make journals                                              what has changed on purpose; read the difference
	make journals ARGS="--journals=write -k test_a_new_one"    a journal for a test that has none
"""

import contextlib
import difflib
import re
from pathlib import Path

KEPT = Path(__file__).resolve().parents[1] / "journals"
HEADING = "## "


def add_option(parser) -> None:
	told = "write the journals that are there anew (renew), or one of each test that runs (write)"
	parser.addoption("--journals", choices=("renew", "write"), help=told)


@contextlib.contextmanager
def compared(request, patch):
	"""Around a test: what happens in it is what its journal says. `patch` is pytest's monkeypatch."""
	from tests.site.journal.happening import Happening

	module, test, mode = request.node.path.stem, request.node.name, request.config.getoption("journals", None)
	kept = kept_of(module)
	if test not in kept and mode != "write":
		yield
		return
	happening = Happening(request.node.nodeid)
	happening.begin(patch)
	yield
	now = happening.end()
	if getattr(request.node, "failed", True):
		return
	if mode:
		keep(module, {**kept, test: now})
		return
	assert now == kept[test], f"Something else happened; on purpose? make journals\n{difference(kept[test], now)}"


def kept_of(module: str) -> dict[str, str]:
	"""{test: journal} of a test file, which is named by its stem."""
	file = KEPT / f"{module}.journal"
	if not file.exists():
		return {}
	sections = re.split(f"^{HEADING}", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
	return {name: text.strip("\n") for name, _line, text in (section.partition("\n") for section in sections)}


def keep(module: str, journals: dict[str, str]) -> None:
	text = "\n".join(f"{HEADING}{test}\n{journals[test]}\n" for test in sorted(journals))
	(KEPT / f"{module}.journal").write_text(text, encoding="utf-8")


def difference(before: str, now: str) -> str:
	lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "in the journal", "now", lineterm="", n=1)
	return "\n".join(lines)
