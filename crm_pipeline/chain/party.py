"""Who a chain document is about: a prospect, a customer, or both once verified."""

import frappe
from frappe import _

from crm_pipeline.chain import graph
from crm_pipeline.core import matching
from crm_pipeline.core.matching import Match
from crm_pipeline.erp import customer as customers


def set_party(doc) -> None:
	"""Fill customer and party name from the links: a verified prospect brings its customer along."""
	if doc.get("prospect") and not doc.get("customer"):
		doc.customer = frappe.db.get_value("Sales Prospect", doc.prospect, "customer")
	if not doc.meta.has_field("party_name"):
		return
	if doc.get("customer"):
		doc.party_name = frappe.db.get_value("Customer", doc.customer, "customer_name")
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
	if doc.get("prospect") and doc.get("customer"):
		own = frappe.db.get_value("Sales Prospect", doc.prospect, "customer")
		if own and own != doc.customer:
			frappe.throw(
				_("Prospect {0} is Customer {1}, not {2}").format(doc.prospect, frappe.bold(own), doc.customer)
			)


def visible(doctype: str, names) -> list[str]:
	"""Those of these documents that the user may see, in their order."""
	if not names or not frappe.has_permission(doctype, "read"):
		return []
	found = frappe.get_list(doctype, filters={"name": ("in", list(names))}, pluck="name", order_by="name asc", limit=0)
	return [name for name in names if name in set(found)]


def match_customer(doc) -> Match:
	"""The Customer that a prospect or lead already is, by the rules of core/matching.py."""
	party = customers.identity_of(doc)
	return matching.match(party, customers.candidates(party))


def customers_like(prospect) -> dict:
	"""{"rule": text, "customers": rows} of what the user may see; without any of those the rule is not told either."""
	match = match_customer(prospect)
	seen = visible("Customer", match.names)
	rows = frappe.get_all(
		"Customer",
		filters={"name": ("in", seen or [""])},
		fields=["name", "customer_name", "territory", "disabled"],
		order_by="name asc",
	)
	return {"rule": _(match.rule) if rows else "", "customers": rows}


def match_prospect(doc) -> Match:
	"""The unverified Sales Prospect that the words of a lead already describe."""
	party = customers.identity_of(doc)
	prospects = frappe.qb.DocType("Sales Prospect")
	words = matching.normal_name(party.label).split()
	wanted = None
	for condition in [
		*([prospects.prospect_name.like(f"%{max(words, key=len)}%")] if words else []),
		*[prospects.email_id == e for e in party.emails],
		*[prospects.email_id.like(f"%@{d}") for d in (matching.mail_domain(e) for e in party.emails) if d],
		*[prospects.phone == p for p in party.phones],
		*[prospects.mobile_no == p for p in party.phones],
	]:
		wanted = condition if wanted is None else wanted | condition
	if wanted is None:
		return Match()
	rows = (
		frappe.qb.from_(prospects)
		.select(
			prospects.name,
			prospects.prospect_name,
			prospects.prospect_kind,
			prospects.tax_id,
			prospects.email_id,
			prospects.phone,
			prospects.mobile_no,
		)
		.where(wanted & (prospects.status == "Unverified"))
	).run(as_dict=True)
	return matching.match(party, [customers.identity_of(row) for row in rows])


def adopt_entry(lead) -> None:
	"""One entry form for prospect and lead: the name typed on a lead becomes, or finds, its party.

	A single match is linked; several are left for a person to choose; nobody makes a new prospect.
	"""
	if lead.get("prospect") or lead.get("customer") or not lead.get("prospect_name"):
		return
	for field, doctype, match in (
		("customer", "Customer", match_customer(lead)),
		("prospect", "Sales Prospect", match_prospect(lead)),
	):
		# What the user may not see is neither linked nor named: it is found when the prospect is verified.
		seen = visible(doctype, match.names)
		if match.found and seen:
			lead.set(field, match.found)
			return
		if match.ambiguous and seen:
			frappe.msgprint(
				_("{0} may be one of {1}. Please choose the Customer or Prospect on the lead.").format(
					frappe.bold(lead.prospect_name), ", ".join(seen[:5])
				),
				title=_("Several Matches"),
				indicator="orange",
			)
			return
	lead.prospect = _make_prospect(lead).name


def _make_prospect(lead):
	prospect = frappe.new_doc("Sales Prospect")
	fields = (
		"prospect_name", "prospect_kind", "company", "sales_owner", "sales_person", "contact_name", "designation",
		"email_id", "phone", "mobile_no", "industry", "territory", "channel", "campaign",
	)  # fmt: skip
	prospect.update({field: lead.get(field) for field in fields})
	source = graph.source_of(lead)
	if source and source.doctype == "Sales Campaign":
		graph.set_source(prospect, source)
	return prospect.insert()
