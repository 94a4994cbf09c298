"""What benchless answers in ERPNext's place is what this site's ERPNext answers."""

import os
import subprocess
import sys
from pathlib import Path

import frappe

ROOT = Path(__file__).parents[3]


def test_every_story_is_answered_as_recorded(site):
	"""Tells all portable tests once more, recording, in a process of its own, and compares."""
	frappe.db.rollback()
	recorder = ("-p", "tests.site.recorder.plugin", "--traces=check", "-p", "no:cacheprovider", "-q")
	told = subprocess.run(
		[sys.executable, "-m", "pytest", *recorder, str(ROOT / "tests/site/portable")],
		cwd=ROOT,
		env={**os.environ, "PYTHONPATH": str(ROOT), "CRM_SITE": site},
		capture_output=True,
		text=True,
	)
	assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
