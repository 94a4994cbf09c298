"""A throw-away copy of a bench's site: its database and its configuration, none of its files.

Plain Python: the tests use it on the bench, and so does what starts them.
"""

import contextlib
import functools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("public/files", "private/files", "private/backups", "locks", "logs")


def can_copy(sites: Path) -> bool:
	"""A copy needs a database of its own, which only the database's root may make: a bench that is for tests has
	root_login and root_password in common_site_config.json."""
	config = _configuration(sites)
	return bool(config.get("root_login") and config.get("root_password"))


@contextlib.contextmanager
def copy_of(sites: Path, site: str, name: str) -> Iterator[str]:
	"""Copy `site` as `name`, and drop the copy afterwards. Raises CalledProcessError where the database refuses, and
	OSError where its programs are missing."""
	config, own = _configuration(sites), json.loads((sites / site / "site_config.json").read_text())
	# A name of its own each time: Redis keeps caches by database name.
	database = f"crm_copy_{time.time_ns() % 10**12}"
	folder = sites / name
	try:
		_tell(config, _fresh_database(database, own["db_password"]))
		dump = subprocess.Popen(
			_client(config, "mysqldump", "--single-transaction", own["db_name"]), stdout=subprocess.PIPE
		)
		subprocess.run(_client(config, "mysql", database), stdin=dump.stdout, check=True)
		if dump.wait():
			raise subprocess.CalledProcessError(dump.returncode, "mysqldump")
		for part in FOLDERS:
			(folder / part).mkdir(parents=True, exist_ok=True)
		# In developer mode Frappe deletes the files of what is deleted, workspaces of this very checkout too.
		copied = {**own, "db_name": database, "db_user": database, "developer_mode": 0}
		(folder / "site_config.json").write_text(json.dumps(copied))
		yield name
	finally:
		shutil.rmtree(folder, ignore_errors=True)
		with contextlib.suppress(OSError):
			_tell(config, _goodbye(database), check=False)


def _configuration(sites: Path) -> dict:
	file = sites / "common_site_config.json"
	return json.loads(file.read_text()) if file.exists() else {}


def _client(config: dict, program: str, *arguments: str) -> list[str]:
	return [
		_named(program),
		f"-h{config.get('db_host', '127.0.0.1')}",
		f"-P{config.get('db_port', 3306)}",
		f"-u{config['root_login']}",
		f"-p{config['root_password']}",
		*arguments,
	]


@functools.cache
def _named(program: str) -> str:
	"""MariaDB has new names for its programs, and newer packages those alone."""
	new = {"mysql": "mariadb", "mysqldump": "mariadb-dump"}[program]
	return new if shutil.which(new) else program


def _tell(config: dict, statements: str, check: bool = True) -> None:
	subprocess.run(_client(config, "mysql"), input=statements, text=True, check=check, capture_output=True)


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
	return (
		f"DROP DATABASE IF EXISTS {name}; DROP USER IF EXISTS '{name}'@'%'; DROP USER IF EXISTS '{name}'@'localhost';"
	)
