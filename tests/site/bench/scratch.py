"""A throw-away copy of the test site, for tests that change the schema or have to commit."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import site_copy

ROOT = Path(__file__).resolve().parents[3]
NAME = f"crm-scratch-{os.getpid()}.localhost"


def sites() -> Path:
	return Path(os.environ["SITES_PATH"])


def bench(*arguments: str, code: Path = ROOT, site: str = NAME, check: bool = True) -> str:
	"""Run a bench command on a site with the app's code from `code`; answers its output."""
	done = subprocess.run(
		[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", site, *arguments],
		cwd=sites(),
		env={**os.environ, "PYTHONPATH": str(code)},
		capture_output=True,
		text=True,
		timeout=600,
	)
	if check and done.returncode:
		raise AssertionError(f"bench {' '.join(arguments)}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
	return done.stdout


def python(code: str, site: str = NAME, source: Path = ROOT) -> str:
	"""Run lines of Python on a site as Administrator and commit; answers what they print."""
	program = (
		f"import frappe; frappe.init(site={site!r}, sites_path='.'); frappe.connect(); "
		f"frappe.set_user('Administrator')\n{code}\nfrappe.db.commit()\n"
	)
	done = subprocess.run(
		[sys.executable, "-W", "ignore", "-c", program],
		cwd=sites(),
		env={**os.environ, "PYTHONPATH": str(source)},
		capture_output=True,
		text=True,
		timeout=600,
	)
	if done.returncode:
		raise AssertionError(f"{code}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
	return done.stdout


@contextlib.contextmanager
def copy_of(site: str):
	"""A copy of `site`, dropped afterwards. Skips where the bench knows no database root user."""
	if not site_copy.can_copy(sites()):
		pytest.skip("needs root_login and root_password in common_site_config.json")
	with site_copy.copy_of(sites(), site, NAME) as name:
		yield name
