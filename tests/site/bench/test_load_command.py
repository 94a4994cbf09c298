"""The command that loads an export ends as its load ended: a script goes on after it, or does not."""

from types import SimpleNamespace

import pytest

from crm_pipeline import commands
from crm_pipeline.importer import afterwards, report
from crm_pipeline.importer import load as loader


@pytest.mark.parametrize(
	("adds_up", "equal", "already", "fine", "said"),
	[
		(True, True, 0, True, "Counts and values of file and site are equal."),
		(True, True, 3, True, "3 opportunities were there already"),
		(True, False, 3, True, "may have been changed since"),
		(True, False, 0, False, "Counts or values of file and site differ."),
		(False, True, 0, False, "neither stored nor rejected"),
		(False, False, 3, False, "neither stored nor rejected"),
	],
)
def test_a_script_goes_on_only_where_file_and_site_agree(
	site, monkeypatch, capsys, adds_up, equal, already, fine, said
):
	found = SimpleNamespace(
		adds_up=adds_up, equal=equal, already=already, loaded=2, unnamed=0, made={}, unmapped={}, lines=(),
		comparisons=(), rejects=SimpleNamespace(count=0),
	)  # fmt: skip
	monkeypatch.setattr(loader, "load", lambda *about, **how: found)
	monkeypatch.setattr(afterwards, "follow", lambda done: None)
	for lines in ("reject_lines", "comparison_lines", "row_lines"):
		monkeypatch.setattr(report, lines, lambda *about: ())
	assert commands._load("folder", "company", "mapping", None, False, "") is fine
	assert said in capsys.readouterr().out
