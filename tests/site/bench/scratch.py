"""A throw-away copy of the test site, for tests that change the schema or have to commit."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAME = f"crm-scratch-{os.getpid()}.localhost"


def sites() -> Path:
	return Path(os.environ["SITES_PATH"])


def configuration() -> dict:
	return json.loads((sites() / "common_site_config.json").read_text())


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


def _mysql(config: dict, *arguments: str) -> list[str]:
	return [
		"mysql" if not arguments or arguments[0] != "--dump" else "mysqldump",
		f"-h{config.get('db_host', '127.0.0.1')}",
		f"-P{config.get('db_port', 3306)}",
		f"-u{config['root_login']}",
		f"-p{config['root_password']}",
		*[a for a in arguments if a != "--dump"],
	]


def _fresh_database(name: str, password: str) -> str:
	users = "".join(
		f"CREATE OR REPLACE USER '{name}'@'{host}' IDENTIFIED BY '{password}'; "
		f"GRANT ALL ON {name}.* TO '{name}'@'{host}'; "
		for host in ("%", "localhost")
	)
	return (
		f"DROP DATABASE IF EXISTS {name}; "
		f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; {users}"
	)


def _goodbye(name: str) -> str:
	return f"DROP DATABASE IF EXISTS {name}; DROP USER IF EXISTS '{name}'@'%'; DROP USER IF EXISTS '{name}'@'localhost';"


@contextlib.contextmanager
def copy_of(site: str):
	"""A copy of `site`, dropped afterwards. Skips where the bench knows no database root user."""
	config = configuration()
	if not (config.get("root_login") and config.get("root_password")):
		pytest.skip("needs root_login and root_password in common_site_config.json")
	own = json.loads((sites() / site / "site_config.json").read_text())
	# A name of its own each time: Redis keeps caches by database name.
	database = f"crm_scratch_{os.getpid()}_{time.time_ns() % 10**6}"
	folder = sites() / NAME
	try:
		subprocess.run(
			_mysql(config),
			input=_fresh_database(database, own["db_password"]),
			text=True,
			check=True,
			capture_output=True,
		)
		dump = subprocess.Popen(
			_mysql(config, "--dump", "--single-transaction", own["db_name"]), stdout=subprocess.PIPE
		)
		subprocess.run(_mysql(config, database), stdin=dump.stdout, check=True)
		assert dump.wait() == 0
		folder.mkdir(exist_ok=True)
		for part in ("public/files", "private/files", "private/backups", "locks", "logs"):
			(folder / part).mkdir(parents=True, exist_ok=True)
		# In developer mode Frappe deletes the files of what is deleted, workspaces of this very checkout too.
		scratch = {**own, "db_name": database, "db_user": database, "developer_mode": 0}
		(folder / "site_config.json").write_text(json.dumps(scratch))
		yield NAME
	finally:
		shutil.rmtree(folder, ignore_errors=True)
		subprocess.run(_mysql(config), input=_goodbye(database), text=True, capture_output=True)
