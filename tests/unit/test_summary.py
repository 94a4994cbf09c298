"""The end of a run says what was tested, by tier."""

from types import SimpleNamespace

from tests.conftest import TIERS, count_of, summary


def reports(*nodeids: str) -> list:
	return [SimpleNamespace(nodeid=nodeid) for nodeid in nodeids]


def test_each_tier_has_its_line_with_tests_and_cases():
	facts = [f"tests/contract/test_api.py::test_typed[{n}]" for n in range(1200)]
	lines = summary(
		{
			"passed": reports("tests/unit/test_a.py::test_one", *facts),
			"failed": reports("tests/unit/test_a.py::test_two"),
		}
	)
	assert lines[0].split("(")[0].split() == ["unit", "2", "tests,", "1", "passed,", "1", "failed"]
	assert lines[1].split("(")[0].split() == ["contract", "1", "tests,", "1,200", "passed"]


def test_what_needs_a_bench_is_counted_where_it_was_left_out():
	lines = summary({"passed": reports("tests/unit/test_a.py::test_one", "tests/site/portable/test_b.py::test_two")})
	assert lines[-1].startswith("not tested") and f"{count_of('site/bench')} in tests/site/bench" in lines[-1]
	assert count_of("site/bench") > 100


def test_a_run_of_one_tier_needs_no_summary():
	assert summary({"passed": reports("tests/unit/test_a.py::test_one")}) == []


def test_every_folder_of_tests_is_a_tier():
	from tests.conftest import TESTS

	folders = {str(path.parent.relative_to(TESTS)) for path in TESTS.rglob("test_*.py")}
	assert folders == set(TIERS)
