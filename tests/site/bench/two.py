"""Two connections in one process: what somebody else does in a transaction that is still open, and what we do beside it."""

import contextlib

import frappe

from tests.site.hosts import HOST

OURS = ("crm_pipeline_locks", "crm_pipeline_orders", "crm_pipeline_seen", "crm_pipeline_noted", "crm_pipeline_told")


class Somebody:
	"""Another connection. `with somebody:` runs on it; its transaction stays open until `leave`."""

	def __init__(self):
		self.mine, self.user = frappe.local.db, frappe.session.user
		self.state: dict = {}
		frappe.connect(set_admin_as_user=False)
		self.db, frappe.local.db = frappe.local.db, self.mine
		HOST.log_in(self.user)

	def __enter__(self):
		self._swap(self.db)
		return self

	def __exit__(self, *_error):
		self._swap(self.mine)

	def _swap(self, db) -> None:
		kept = {
			name: frappe.local.__dict__.get(name)
			if hasattr(frappe.local, "__dict__")
			else getattr(frappe.local, name, None)
			for name in OURS
		}
		for name in OURS:
			value = self.state.get(name)
			if value is not None:
				setattr(frappe.local, name, value)
			elif hasattr(frappe.local, name):
				delattr(frappe.local, name)
		self.state = kept
		frappe.local.db = db
		forget()

	def leave(self) -> None:
		with self:
			frappe.db.rollback()
		self.db.close()


def forget() -> None:
	"""What the process keeps of documents is of one connection."""
	frappe.local.document_cache = {}
	frappe.db.value_cache.clear()
	frappe.cache.delete_keys("document_cache::")


@contextlib.contextmanager
def somebody(isolated: bool = False, patience: int = 1):
	"""Another connection; ours waits for a lock for `patience` seconds only."""
	frappe.db.sql("SET SESSION innodb_lock_wait_timeout = %s", patience)
	other = Somebody()
	if isolated:
		frappe.db.sql("SET SESSION innodb_snapshot_isolation = ON")
		with other:
			frappe.db.sql("SET SESSION innodb_snapshot_isolation = ON")
	frappe.local.crm_pipeline_locks = None
	del frappe.local.crm_pipeline_locks
	try:
		yield other
	finally:
		other.leave()
		frappe.db.rollback()
		frappe.db.sql("SET SESSION innodb_lock_wait_timeout = 50")
		if isolated:
			frappe.db.sql("SET SESSION innodb_snapshot_isolation = OFF")
		if hasattr(frappe.local, "crm_pipeline_locks"):
			del frappe.local.crm_pipeline_locks


def knows_isolation() -> bool:
	return bool(frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"))
