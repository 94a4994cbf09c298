"""Who a chain document is about: a prospect, a customer, or both once verified."""

import frappe
from frappe import _
from frappe.utils import escape_html

from crm_pipeline.chain import clean_html, graph, link_titles, rights
from crm_pipeline.core import matching
from crm_pipeline.core.matching import Match
from crm_pipeline.core.registry import ATTACHED, BESIDE, OWN
from crm_pipeline.erp import customers, identity
from crm_pipeline.parties import default_party, duplicates
from crm_pipeline.wording import bold

# What a lead says of its party; a change asks the rule again.
ENTRY = ("prospect_name", "prospect_kind", "email_id", "phone", "mobile_no")

CANDIDATES = {"Customer": identity.customers_like, "Sales Prospect": identity.prospects_like}


class AmbiguousPartyError(frappe.ValidationError):
	"""Several parties could be meant, or one perhaps; a person has to choose."""


def types_with(*fields: str) -> list[str]:
	"""Types of our documents, along the chain, about it and beside it, that have all these fields about their party."""
	return [doctype for doctype in (*OWN, *ATTACHED, *BESIDE) if all(map(frappe.get_meta(doctype).has_field, fields))]


def need_seen(doc) -> None:
	"""A prospect that a person chooses is one that they see: else its name is told to whoever counts up its id."""
	before = doc.get_doc_before_save()
	chosen = doc.get("prospect")
	if not chosen or (before and before.prospect == chosen) or doc.flags.ignore_permissions:
		return
	if doc.flags.follows or doc.flags.history_import or rights.has("Sales Prospect", chosen):
		return
	if not _is_told_elsewhere(chosen):
		rights.refuse_hidden("Sales Prospect", chosen)


def _is_told_elsewhere(prospect: str) -> bool:
	"""Whether the user sees a document about it, as of a deal that was given to them: there its name stands anyway."""
	return any(
		frappe.has_permission(doctype, "read")
		and frappe.get_list(doctype, filters={"prospect": prospect}, pluck="name", order_by="name asc", limit=1)
		for doctype in types_with("prospect")
	)


def set_party(doc) -> None:
	"""Fill customer and party name from the links: a verified prospect brings its customer along."""
	default_party.forget(doc)
	if doc.get("prospect") and not doc.get("customer"):
		doc.customer = frappe.db.get_value("Sales Prospect", doc.prospect, "customer")
	if not doc.meta.has_field("party_name"):
		return
	if doc.get("customer"):
		doc.party_name = clean_html.copied(frappe.db.get_value("Customer", doc.customer, "customer_name"))
	elif doc.get("prospect"):
		doc.party_name = frappe.db.get_value("Sales Prospect", doc.prospect, "prospect_name")


def validate_party(doc) -> None:
	"""A deal is about somebody, and a customer that is disabled gets no new business."""
	if not (doc.get("prospect") or doc.get("customer")):
		frappe.throw(
			_("Choose a Customer or a Prospect for {0}").format(_(doc.doctype)),
			frappe.MandatoryError,
			title=_("Party Missing"),
		)
	if doc.get("customer") and doc.has_value_changed("customer"):
		customers.check_usable(doc.customer)
	validate_one_party(doc)


def validate_one_party(doc) -> None:
	"""Prospect and customer of a document are the same party. Judged when one of them changes."""
	if not (doc.get("prospect") and doc.get("customer")) or doc.flags.history_import:
		return
	own = frappe.db.get_value("Sales Prospect", doc.prospect, "customer")
	if own and own != doc.customer:
		frappe.throw(_("Prospect {0} is Customer {1}, not {2}").format(doc.prospect, bold(own), doc.customer))
	if not own and (doc.has_value_changed("prospect") or doc.has_value_changed("customer")):
		frappe.throw(
			_(
				"Prospect {0} is not verified as Customer {1}. Verify it as that customer, or leave one of the two empty."
			).format(doc.prospect, bold(doc.customer))
		)


def is_same(one, other) -> bool:
	"""Whether two documents are about the same party; a document about nobody is about no other's."""
	if one.get("customer") and other.get("customer"):
		return one.customer == other.customer
	return bool(one.get("prospect")) and one.get("prospect") == other.get("prospect")


def find(doc, doctype: str) -> tuple[Match, tuple[str, ...]]:
	"""(Which Customer or Sales Prospect a prospect or lead already is, by the rules of core/matching.py, as far as the
	user may see them; names of those that it may be and that the user may not see)."""
	party = identity.identity_of(doc)
	candidates = CANDIDATES[doctype](party)
	seen = candidates
	if not doc.flags.ignore_permissions:
		seen = [c for c in candidates if frappe.has_permission(doctype, "read", doc=c.name)]
	hidden = [c for c in candidates if c not in seen]
	return matching.match(party, seen), matching.match(party, hidden).names


def customers_for(doc) -> dict:
	"""The Customers that `find` answers as a dialog shows them; see api/documents.py for the shape."""
	found, _hidden = find(doc, "Customer")
	rows = frappe.get_list(
		"Customer",
		filters={"name": ("in", list(found.names) or [""])},
		fields=["name", "customer_name", "territory", "disabled"],
		order_by="name asc",
	)
	return {"rule": _(found.rule), "sure": bool(found.found), "customers": rows}


def adopt_entry(lead, ask: bool = True) -> None:
	"""One entry form for prospect and lead: the name typed on a lead becomes, or finds, its party.

	One that is sure is linked; where a person has to choose the lead waits; nobody makes a new prospect. What the
	user may not see is neither linked nor shown: the lead gets a prospect of its own, and a manager is notified.
	"""
	default_party.forget(lead, lead.get("prospect_name"))
	if lead.get("prospect") or lead.get("customer") or not lead.get("prospect_name"):
		return
	hidden: list[tuple[str, str]] = []
	maybe: list[tuple[str, str]] = []
	for field, doctype in (("customer", "Customer"), ("prospect", "Sales Prospect")):
		match, unseen = find(lead, doctype)
		hidden += [(doctype, name) for name in unseen]
		if match.found:
			lead.set(field, match.found)
			return
		maybe += [(doctype, name) for name in match.names]
	if maybe:
		if ask:
			_ask_on_form(lead, maybe)
		return
	lead.prospect = make_prospect(lead).name
	duplicates.notify(lead, hidden)


def adopt_typed(doc) -> None:
	"""A new deal that says its party by a name alone (`party_name`): the customer or prospect that it surely means, else
	a new prospect. Raises AmbiguousPartyError where somebody has to choose."""
	name = " ".join((doc.get("party_name") or "").split())
	default_party.forget(doc, name)
	if not (doc.is_new() and name) or doc.get("customer") or doc.get("prospect"):
		return
	entry = entry_of(doc, name)
	adopt_entry(entry, ask=False)
	if not (entry.customer or entry.prospect):
		frappe.throw(
			_("Several customers or prospects may be meant by {0}. Choose one of the list, or make a new one.").format(
				bold(name)
			),
			AmbiguousPartyError,
			title=_("Who Is It?"),
		)
	doc.customer, doc.prospect = entry.customer, entry.prospect


def entry_of(doc, name: str):
	"""An unsaved lead that says of a party what a deal says."""
	entry = frappe.new_doc("Sales Lead")
	same = ("company", "sales_owner", "sales_person", "territory", "channel", "campaign")
	entry.update({"prospect_name": name, **{field: doc.get(field) for field in same}})
	return entry


def _ask_on_form(lead, maybe: list[tuple[str, str]]) -> None:
	if lead.flags.ignore_permissions or not (lead.is_new() or any(lead.has_value_changed(f) for f in ENTRY)):
		return
	frappe.msgprint(
		_("{0} may be {1}. Please choose the Customer or Prospect on the lead, or make a new Prospect.").format(
			bold(lead.prospect_name), escape_html(", ".join(_called(maybe[:5])))
		),
		title=_("Who Is It?"),
		indicator="orange",
	)


def tell_disabled(lead) -> None:
	"""Part of validate() of a lead: who stores one about a disabled customer hears of it now, not when it is converted."""
	if lead.flags.ignore_permissions or not (lead.get("customer") and lead.has_value_changed("customer")):
		return
	if frappe.get_cached_value("Customer", lead.customer, "disabled"):
		frappe.msgprint(
			_(
				"{0} is Customer {1}, which is disabled. Enable it, or choose another one, before the lead is converted."
			).format(bold(lead.party_name), bold(lead.customer)),
			title=_("Disabled Customer"),
			indicator="orange",
		)


def _called(maybe: list[tuple[str, str]]) -> list[str]:
	return [text for doctype, name in maybe for text in link_titles.named(doctype, [name])]


def refuse_ambiguous(label: str, match: Match) -> None:
	"""Raise AmbiguousPartyError where a person has to say which customer it is."""
	if match.ambiguous:
		frappe.throw(
			_("{0} may be one of these customers by {1}: {2}. Please choose one, or make a new one.").format(
				bold(label),
				_(match.rule),
				escape_html(", ".join(link_titles.named("Customer", list(match.names[:10])))),
			),
			AmbiguousPartyError,
			title=_("Which Customer Is It?"),
		)


def make_prospect(lead):
	"""The prospect that a lead's own words describe."""
	prospect = frappe.new_doc("Sales Prospect")
	fields = (
		"prospect_name", "prospect_kind", "company", "sales_owner", "sales_person", "contact_name", "designation",
		"email_id", "phone", "mobile_no", "industry", "territory", "channel", "campaign",
	)  # fmt: skip
	prospect.update({field: lead.get(field) for field in fields})
	source = graph.source_of(lead)
	if source and source.doctype == "Sales Campaign":
		graph.set_source(prospect, source)
	prospect.flags.ignore_permissions = lead.flags.ignore_permissions
	prospect.insert()
	if not lead.get("sales_owner") and prospect.sales_owner:
		# A new document has a default, who stores it; of a lead that nobody has, nobody has the prospect.
		prospect.db_set({"sales_owner": None, "sales_person": None}, update_modified=False)
	return prospect
