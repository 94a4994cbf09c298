"""What a run tested, by tier: a thousand static checks say nothing about a sale."""

import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent

# Folder -> what its tests look at, and whether they need a bench.
TIERS = {
	"unit": ("the rules, as functions", False),
	"contract": ("facts read from the app's files", False),
	"benchless": ("the embedded host, and faults of a machine", False),
	"site/portable": ("sales as people do them", False),
	"site/bench": ("what only a real site can show", True),
	"browser": ("Desk in a browser", True),
}
OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def tier_of(nodeid: str) -> str | None:
	return next((tier for tier in TIERS if nodeid.startswith(f"tests/{tier}/")), None)


def pytest_terminal_summary(terminalreporter):
	lines = summary(terminalreporter.stats)
	if lines:
		terminalreporter.section("what was tested")
		for line in lines:
			terminalreporter.write_line(line)


def summary(stats: dict[str, list]) -> list[str]:
	"""A line per tier, and one about what was left out; none when a single tier was asked for."""
	counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
	functions: dict[str, set[str]] = defaultdict(set)
	for outcome in OUTCOMES:
		for report in stats.get(outcome, ()):
			tier = tier_of(getattr(report, "nodeid", ""))
			if tier:
				counts[tier][outcome] += 1
				functions[tier].add(report.nodeid.partition("[")[0])
	if len(counts) < 2:
		return []
	lines = []
	for tier, (about, _needs_bench) in TIERS.items():
		if tier in counts:
			told = ", ".join(f"{number:,} {outcome}" for outcome, number in counts[tier].items())
			lines.append(f"{tier:<14} {len(functions[tier]):>5,} tests, {told} ({about})")
	left = [
		f"{count_of(tier)} in tests/{tier}" for tier, (_about, needs) in TIERS.items() if needs and tier not in counts
	]
	if left:
		lines.append(f"not tested    {' and '.join(left)} need a bench: make bench-help")
	return lines


def count_of(tier: str) -> int:
	"""Test functions in the files of a tier."""
	return sum(
		len(re.findall(r"^def test_", path.read_text(encoding="utf-8"), re.MULTILINE))
		for path in (TESTS / tier).glob("test_*.py")
	)
