"""Starting the host: where it may run, the database with the app installed in it."""

import hashlib
import importlib
import importlib.util
import os
import sqlite3
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchless import context, metadata, store
from benchless.database import db

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".benchless"
BEGINNING = datetime(2020, 1, 1)
ALLOWED = "BENCHLESS_BESIDE_FRAPPE"
# Words of SQLite for a database that can't be kept, as against a mistake in what it is asked.
NOT_KEPT = ("unable to open", "disk", "readonly")


class Refused(RuntimeError):
	"""The host does not start here; the text says what to do."""


def refuse_beside_frappe() -> None:
	"""Where the real framework is importable it is the one to use, unless somebody says otherwise."""
	if os.environ.get(ALLOWED) or "benchless.modules" in sys.modules:
		return
	try:
		real = importlib.util.find_spec("frappe.model.document")
	except ModuleNotFoundError:
		return
	if real:
		raise Refused(
			"The real Frappe is importable here: run on the bench (make bench-help),"
			f" or set {ALLOWED}=1 to use benchless all the same."
		)


def start(path: str | Path = ":memory:") -> None:
	"""Install the import names and open a database that has the app in it, new where the file is not there yet."""
	refuse_beside_frappe()
	from benchless import modules
	from benchless.back_office import files

	try:
		files.version()
	except ValueError as error:
		raise Refused(f"{error}: set BENCHLESS_TRACES to one of them, or not at all") from None
	modules.install()
	existing = path != ":memory:" and Path(path).exists()
	template = None if existing else installed_database()
	db.connect(path)
	if template:
		db.copy_from(template)
	metadata.forget()
	context.set_user("Administrator")


def installed_database() -> Path:
	"""The file of an empty site with the app installed; made once for this state of the sources."""
	made = KEPT / f"site-{_fingerprint()}.sqlite"
	if made.exists() and _is_whole(made):
		return made
	try:
		KEPT.mkdir(exist_ok=True)
		# Another process may be making one at this moment: only what is older than an hour is left over.
		for old in KEPT.glob("*"):
			if time.time() - old.stat().st_mtime > 3600:
				old.unlink(missing_ok=True)
		unfinished = KEPT / f"unfinished-{os.getpid()}"
		unfinished.unlink(missing_ok=True)
		db.connect(unfinished)
		_install()
		db.close()
	except (OSError, sqlite3.OperationalError) as error:
		if not can_not_keep(error):
			raise
		raise Refused(
			f"Can't write to {KEPT} ({error}): make the folder writable, make room on the disk, or copy the checkout."
		) from error
	# Only a complete file gets the name, so an interrupted start leaves none.
	unfinished.replace(made)
	return made


def can_not_keep(error: Exception) -> bool:
	"""Whether the disk is at fault, not the code."""
	return not isinstance(error, sqlite3.Error) or any(words in str(error) for words in NOT_KEPT)


def _is_whole(file: Path) -> bool:
	"""Whether a database has the size that it says itself, and so was not cut off. Format: sqlite.org/fileformat.html."""
	with file.open("rb") as opened:
		head = opened.read(100)
	page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
	return head.startswith(b"SQLite format 3\0") and file.stat().st_size == (65536 if page == 1 else page) * pages


def _fingerprint() -> str:
	"""Changes with every source that the installed database comes from."""
	files = [
		path
		for folder in ("crm_pipeline", "benchless")
		for path in (ROOT / folder).rglob("*")
		if path.suffix in (".py", ".json", ".gz") and "__pycache__" not in path.parts
	]
	facts = [f"{path.relative_to(ROOT)}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in sorted(files)]
	facts.append(os.environ.get("BENCHLESS_TRACES", ""))
	return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def _install() -> None:
	from benchless import back_office

	metadata.forget()
	db.sql_ddl("create table tabSingles (doctype text, field text, value text)")
	db.sql_ddl("create index singles on tabSingles (doctype, field)")
	db.sql_ddl("create table tabSeries (name text primary key, current integer)")
	# The table that the others' fields are looked up in comes first.
	for doctype in ["Custom Field", *sorted(set(metadata.shapes()) - {"Custom Field"})]:
		store.create_table(db, doctype)
	for doctype in sorted(metadata.shapes()):
		store.put_row("DocType", _facts(doctype))
	context.set_user("Administrator")
	_people()
	for doctype, rows in back_office.seed().items():
		for number, row in enumerate(rows, start=1):
			# Recorded is only the order in which the rows of a site were made and changed.
			ages = {key: BEGINNING + timedelta(seconds=row.get(key) or 0) for key in ("creation", "modified")}
			store.put_row(doctype, {"name": f"{doctype} {number}", **row, **ages})
	context.flags.in_install = context.APP
	importlib.import_module(f"{context.APP}.install").after_install()
	context.flags.in_install = None
	_on_doctype_update()
	db.commit()


def _facts(doctype: str) -> dict:
	meta = metadata.get_meta(doctype)
	return {"name": doctype, **{key: meta.get(key) for key in ("module", "issingle", "istable", "is_submittable")}}


def _people() -> None:
	roles = {row["role"] for shape in metadata.shapes().values() for row in shape.get("permissions") or ()}
	for role in sorted(roles | {"All", "Guest", "Desk User", "Administrator", "System Manager", "Employee"}):
		store.put_row("Role", {"name": role, "role_name": role, "desk_access": 1})
	for user in ("Administrator", "Guest"):
		names = dict.fromkeys(("name", "email", "first_name", "full_name"), user)
		store.put_row("User", {**names, "enabled": 1, "user_type": "System User"})


def _on_doctype_update() -> None:
	from benchless.documents import controller_of

	for doctype in metadata.app_doctypes():
		module = sys.modules[controller_of(doctype).__module__]
		if hasattr(module, "on_doctype_update"):
			module.on_doctype_update()
