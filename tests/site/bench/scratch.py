"""A throw-away copy of the test site, for tests that change the schema or have to commit."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import site_copy

ROOT = Path(__file__).resolve().parents[3]
NAME = f"crm-scratch-{os.getpid()}.localhost"


# A Redis database that nobody else of the bench looks into: a worker that runs other code than the copy's would
# keep its own list of modules there, and do jobs of the copy with it.
REDIS_DATABASE = 9


def sites() -> Path:
	return Path(os.environ["SITES_PATH"])


def _redis() -> dict[str, str]:
	"""Environment that leads Frappe to Redis databases of the copy's own, where the bench says which Redis it has."""
	config = json.loads((sites() / "common_site_config.json").read_text())
	urls = {f"FRAPPE_{key.upper()}": config.get(key) for key in ("redis_cache", "redis_queue")}
	return {key: f"{url.rstrip('/')}/{REDIS_DATABASE}" for key, url in urls.items() if url and url.count("/") == 2}


def bench(*arguments: str, code: Path = ROOT, site: str = NAME, check: bool = True) -> str:
	"""Run a bench command on a site with the app's code from `code`; answers its output."""
	done = subprocess.run(
		[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", site, *arguments],
		cwd=sites(),
		env={**os.environ, **_redis(), "PYTHONPATH": str(code)},
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
		env={**os.environ, **_redis(), "PYTHONPATH": str(source)},
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
		_forget()
		yield name


def _forget() -> None:
	import redis

	for url in _redis().values():
		redis.Redis.from_url(url, socket_timeout=10).flushdb()
