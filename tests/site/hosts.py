"""On which host the site tests run: the real Frappe where it is importable, else benchless."""

import importlib.util
import os
import sqlite3
from typing import ClassVar

# What differs between the hosts is here and nowhere else: how they are started, and that benchless is told
# which test asks, because it answers from the trace that was recorded of that test.

PORTABLE = "portable/"

# Under these names a process keeps what it read of the schema: who changes it clears them, at the end of the
# transaction once more.
SCHEMA = (
	"app_hooks",
	"db_tables",
	"doctype_meta",
	"merged_translations",
	"notifications",
	"table_columns",
	"workflow",
)


def _real_is_here() -> bool:
	try:
		return importlib.util.find_spec("frappe.model.document") is not None
	except ModuleNotFoundError:
		return False


class Bench:
	"""A site of a bench, named by CRM_SITE."""

	name = "bench"
	keeps_journals = False
	collect_ignore: tuple[str, ...] = ()
	# What the host says about itself, never about the app; no test may take such an error for an answer.
	own_errors: tuple[type[Exception], ...] = ()
	# How a record is deleted that others may name.
	by_force: ClassVar = {"force": True}

	def describe(self) -> str:
		return f"site tests on the bench, site {os.environ.get('CRM_SITE', '?')}"

	def prepare(self) -> None:
		"""Frappe is importable already. Of several processes each has a site of its own, of those in CRM_SITES."""
		worker, sites = os.environ.get("PYTEST_XDIST_WORKER"), os.environ.get("CRM_SITES")
		if worker and sites:
			os.environ["CRM_SITE"] = sites.split(",")[int(worker.removeprefix("gw"))]

	def connect(self) -> str:
		import frappe

		name = os.environ["CRM_SITE"]
		os.chdir(os.environ["SITES_PATH"])
		frappe.init(site=name, sites_path=".")
		frappe.connect()
		return name

	def keep(self) -> None:
		"""Tests that commit take away what they made (leftovers.py)."""

	def begin(self, nodeid: str) -> None:
		"""A real site answers by itself."""

	def end(self, failed: bool) -> None:
		"""Nothing to close."""

	def restore(self) -> None:
		"""See keep."""

	def without_mail(self, monkeypatch) -> None:
		"""Notices are not mailed: a test site has no account to send from."""
		from frappe.desk.doctype.notification_log import notification_log

		monkeypatch.setattr(notification_log, "send_notification_email", lambda notice: None)

	def plain_records(self, monkeypatch, *doctypes: str) -> None:
		"""For a test to which it is all the same what ERPNext makes of its masters: none of that is recorded."""
		from tests.site.recorder import taps

		taps.tell(None)

	def other_tables(self, monkeypatch, tables: str) -> None:
		"""A site has those of the apps that are installed."""

	def index(self, doctype: str, name: str) -> list[str]:
		"""The columns of an index, in order; none where there is no such one."""
		import frappe

		rows = frappe.db.sql(f"show index from `tab{doctype}` where Key_name = %s", (name,), as_dict=True)
		return [row.Column_name for row in sorted(rows, key=lambda row: row.Seq_in_index)]

	def recorded(self) -> set[str]:
		"""Stories that this host answers from records."""
		return set()

	def forget_documents(self, but: tuple[str, ...]) -> None:
		"""Empty the cache of documents, but not of these types."""
		import frappe

		kept = tuple(f"document_cache::{doctype}::".encode() for doctype in but)
		keys = frappe.cache.get_keys("document_cache::")
		frappe.cache.delete_value([key for key in keys if not any(name in key for name in kept)], make_keys=False)

		frappe.local.cache = self._schema()

	def log_in(self, email: str) -> None:
		"""Another person's request begins. Frappe drops what it holds of the schema, too, and would load it anew."""
		import frappe

		schema = self._schema()
		frappe.set_user(email)
		frappe.local.cache = schema

	def _schema(self) -> dict:
		import frappe

		keys = {frappe.cache.make_key(name) for name in SCHEMA}
		return {key: held for key, held in frappe.local.cache.items() if key in keys}


class Benchless:
	name = "benchless"
	by_force: ClassVar = {}
	collect_ignore = ("bench",)

	@property
	def keeps_journals(self) -> bool:
		"""They tell what happens with the answers of ERPNext 15."""
		from benchless.back_office import files

		return files.version() == "15"

	@property
	def own_errors(self) -> tuple[type[Exception], ...]:
		from benchless.back_office import BackOfficeError
		from benchless.errors import NotOffered

		return NotOffered, BackOfficeError

	def describe(self) -> str:
		from benchless.back_office import files

		return f"site tests on benchless, answers of ERPNext {files.version()}; tests/site/bench needs a bench (make test-site)"

	def prepare(self) -> None:
		"""From here on `import frappe` works: test files do so when they are collected."""
		from benchless import host

		os.environ.pop("CRM_SITE", None)
		try:
			host.start()
		except host.Refused as refused:
			# Not an Exception, which pytest would show with a traceback.
			raise SystemExit(f"site tests: {refused}") from None

	def connect(self) -> str:
		return "benchless"

	def keep(self) -> None:
		"""The database as it is now is what each test begins with."""
		from benchless.database import db

		self._kept = sqlite3.connect(":memory:")
		db._connection.backup(self._kept)
		self._is_kept, commit = True, db.commit

		def noted():
			self._is_kept = False
			commit()

		db.commit = noted

	def restore(self) -> None:
		import frappe

		from benchless.database import db

		# Numbers are given anew: what was remembered of a document is not of the next one with its name.
		frappe.cache.delete_keys("crm_move_before")
		if not self._is_kept:
			self._kept.backup(db._connection)
			self._is_kept = True

	def begin(self, nodeid: str) -> None:
		from benchless import back_office

		back_office.begin(nodeid.rpartition(PORTABLE)[2])

	def end(self, failed: bool) -> None:
		from benchless import back_office

		back_office.end(failed)

	def without_mail(self, monkeypatch) -> None:
		"""It mails nothing."""

	def forget_documents(self, but: tuple[str, ...]) -> None:
		import frappe

		frappe.cache.delete_keys("document_cache::")

	def plain_records(self, monkeypatch, *doctypes: str) -> None:
		"""They are stored as they are given, by the rules of any document, and ERPNext adds nothing."""
		from benchless import documents
		from tests.site.plain_records import FIELDS, Plain

		self.other_tables(monkeypatch, FIELDS)
		asked = documents.controller_of
		monkeypatch.setattr(documents, "controller_of", lambda kind: Plain if kind in doctypes else asked(kind))

	def other_tables(self, monkeypatch, tables: str) -> None:
		"""Tables of another app, and fields of ERPNext's that no trace has, for as long as the test runs; `tables` as in
		benchless/plain.py."""
		import functools

		from benchless import deleting, metadata, plain, store
		from benchless.database import db
		from benchless.records import Record

		more, known = plain._doctypes(tables, "System Manager"), metadata.shapes()
		shapes = {**known, **more}
		for doctype in more.keys() & known.keys():
			fields = [*known[doctype]["fields"], *more[doctype]["fields"]]
			shapes[doctype] = {**known[doctype], "fields": fields}
		monkeypatch.setattr(metadata, "shapes", lambda: shapes)
		monkeypatch.setattr(metadata, "_metas", {})
		monkeypatch.setattr(deleting, "links", functools.cache(deleting.links.__wrapped__))
		for doctype, shape in more.items():
			if doctype not in known:
				store.create_table(db, doctype)
				store.put_row("DocType", {"name": doctype})
				continue
			for field in shape["fields"]:
				store.add_column(db, doctype, Record(field))

	def index(self, doctype: str, name: str) -> list[str]:
		from benchless.database import db

		return [row[2] for row in db._connection.execute(f"pragma index_info(`{name}`)")]

	def log_in(self, email: str) -> None:
		import frappe

		frappe.set_user(email)

	def recorded(self) -> set[str]:
		from benchless.back_office import files

		return set(files.load("stories", files.version()))


HOST = Bench() if _real_is_here() else Benchless()
