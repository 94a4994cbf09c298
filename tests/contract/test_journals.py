"""Journals belong to tests that are there."""

import re

import pytest

from tests.site.journal import KEPT, kept_of

PORTABLE = KEPT.parent / "portable"


@pytest.mark.parametrize("module", sorted(file.stem for file in KEPT.glob("*.journal")))
def test_each_journal_is_that_of_a_test(module):
	tests = set(re.findall(r"^def (test_\w+)", (PORTABLE / f"{module}.py").read_text(encoding="utf-8"), re.MULTILINE))
	of_none = {name.partition("[")[0] for name in kept_of(module)} - tests
	assert not of_none, f"tests/site/journals/{module}.journal has sections of tests that are gone: {sorted(of_none)}"


@pytest.mark.parametrize("module", sorted(file.stem for file in KEPT.glob("*.journal")))
def test_no_journal_tells_of_the_machine_that_it_was_written_on(module):
	text = (KEPT / f"{module}.journal").read_text(encoding="utf-8")
	assert not re.findall(r"Traceback|File \"/|(?<![\w.:/])/(?:root|home|work|tmp|Users|var)/\S*", text)
