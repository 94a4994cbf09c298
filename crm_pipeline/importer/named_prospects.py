"""Whom a deal is about where its account is no Customer: the Sales Prospect of that name, which is made where the import
says so. A name that a Customer nearly has is a question."""

import frappe

from crm_pipeline.core import matching
from crm_pipeline.importer import source_ids
from crm_pipeline.importer.mapping import NEW_PROSPECT, InputError, folded
from crm_pipeline.importer.sentences import Sentence, _, unknown

PROSPECT = "Sales Prospect"


class NamedProspects:
	"""Asked once per name; `site` is the load's Site."""

	def __init__(self, site):
		self.site = site
		self.found: dict[str, str | None] = {}
		self.problems: dict[str, Sentence] = {}
		# Names of usable deals that nobody has yet, with the first deal's owner.
		self.new: dict[str, tuple[str, str]] = {}

	@property
	def makes_them(self) -> bool:
		return self.site.mapping.defaults.get("unknown_accounts") == NEW_PROSPECT

	def why_not(self, text: str) -> Sentence | None:
		"""Why a deal can't be about a prospect of this name, or None."""
		if self.site.mapping.from_site:
			return unknown(text)
		name = folded(text)
		if name not in self.found:
			self.found[name] = self._look_up(name, text)
		return self.problems.get(name)

	def _look_up(self, name: str, text: str) -> str | None:
		key = matching.search_name(text)
		filters = {"match_name": key, "company": self.site.company}
		rows = frappe.get_all(
			PROSPECT, filters=filters, fields=["name", "prospect_name"], order_by="creation asc", limit=0
		)
		same = [row for row in rows if folded(row.prospect_name) == name] or rows
		if len(same) == 1 and self._is_seen(PROSPECT, same[0].name):
			return same[0].name
		near = frappe.get_all("Customer", filters={"crm_match_name": key}, pluck="name", order_by="name asc", limit=1)
		if len(same) > 1:
			self.problems[name] = Sentence(_('"{0}" is the name of several records'), text)
		elif same or (near and not self._is_seen("Customer", near[0])):
			self.problems[name] = Sentence(_("is perhaps a record that you may not see"))
		elif near and key:
			self.problems[name] = Sentence(
				_('"{0}" is unknown; a Customer with nearly that name is {1}'), text, near[0]
			)
		elif not self.makes_them:
			self.problems[name] = unknown(text)
		return None

	def _is_seen(self, doctype: str, name: str) -> bool:
		"""Whether who imports may know of it: nobody is told of, or given, what they may not see."""
		return bool(frappe.has_permission(doctype, "read", doc=name))

	def note(self, text: str, owner: str = "") -> None:
		"""A usable deal, of this owner, is about it."""
		if text and not self.found.get(folded(text)):
			self.new.setdefault(folded(text), (text, owner))

	def make_missing(self) -> None:
		for name, (text, owner) in self.new.items():
			values = {"prospect_name": text, "company": self.site.company, "sales_owner": owner or None}
			self.found[name] = frappe.get_doc({"doctype": PROSPECT, **values}).insert().name
		made = [(f"account {name}", self.found[name], 0) for name in self.new]
		source_ids.keep_many(self.site.mapping.source, PROSPECT, made, self.site.sales_import)
		self.new = {}

	def name_of(self, text: str) -> str | None:
		return self.found.get(folded(text))


# ---- accounts without a name


def unnamed_prospect(site) -> frappe._dict | None:
	"""The prospect that stands for them: {"name", "prospect_name"}. Raises InputError when it has become a Customer: that
	one bought, the unnamed ones did not."""
	found = frappe.db.get_value(
		PROSPECT,
		{"prospect_name": _unnamed(site), "company": site.company},
		["name", "prospect_name", "customer"],
		as_dict=True,
		order_by="creation asc",
	)
	if found and found.customer:
		raise InputError(
			_('prospect {0} has become Customer {1}: choose another "unnamed_account" in the defaults of the mapping'),
			_unnamed(site),
			found.customer,
		)
	return found


def make_unnamed_prospect(site) -> frappe._dict:
	values = {"prospect_name": _unnamed(site), "company": site.company, "sales_owner": None}
	doc = frappe.get_doc({"doctype": PROSPECT, **values}).insert()
	return frappe._dict(name=doc.name, prospect_name=doc.prospect_name)


def _unnamed(site) -> str:
	return site.mapping.defaults.get("unnamed_account", "Unnamed Account")
