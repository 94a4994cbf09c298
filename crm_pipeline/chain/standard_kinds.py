"""The records of core/kinds.py on a site: which is which, and that a standard one is not lost."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_pipeline.chain import incoming, system_fields
from crm_pipeline.core.kinds import NAME_FIELDS, STANDARD, VALUES
from crm_pipeline.wording import bold


def name_of(doctype: str, key: str) -> str | None:
	"""The record of a key, whatever it is called by now."""
	return frappe.db.get_value(doctype, {"standard_key": key}, "name")


def names_of(doctype: str, keys: tuple[str, ...]):
	"""Subquery: the records of these keys."""
	kind = frappe.qb.DocType(doctype)
	return frappe.qb.from_(kind).select(kind.name).where(kind.standard_key.isin(keys))


def make_standard(doctype: str) -> None:
	"""Make those standard records that are not there; one of the same name becomes the standard one."""
	for key, name in STANDARD[doctype].items():
		if name_of(doctype, key):
			continue
		if frappe.db.exists(doctype, name):
			frappe.db.set_value(doctype, name, "standard_key", key)
			continue
		values = VALUES.get(doctype, {}).get(key, {})
		doc = frappe.get_doc({"doctype": doctype, NAME_FIELDS[doctype]: name, **values})
		system_fields.write(doc, standard_key=key)
		doc.insert()


class Kind(Document):
	"""Base of the DocTypes of core/kinds.py."""

	def take_in(self):
		incoming.take_in(self)
		system_fields.restore(self)

	def before_rename(self, old: str, new: str, merge: bool = False):
		"""Merged into another record, a standard one hands on its key."""
		if not (merge and self.standard_key):
			return
		if frappe.db.get_value(self.doctype, new, "standard_key"):
			frappe.throw(
				_("{0} and {1} are standard records and can't be merged. Disable the one that you don't need.").format(
					bold(_(old)), bold(_(new))
				),
				title=_("Standard Record"),
			)
		frappe.db.set_value(self.doctype, old, "standard_key", None)
		frappe.db.set_value(self.doctype, new, "standard_key", self.standard_key)

	def on_trash(self):
		if self.standard_key:
			frappe.throw(
				_("{0} is a standard record and can't be deleted. Disable it instead.").format(bold(_(self.name))),
				title=_("Standard Record"),
			)
