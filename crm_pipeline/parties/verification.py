"""Verification: a Sales Prospect becomes an ERPNext Customer, once."""

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import carry, clean_html, extensions, ledger, locks, rights, status, system_fields
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import contacts, customers
from crm_pipeline.parties import deal_people, duplicates, party
from crm_pipeline.parties.party import AmbiguousPartyError
from crm_pipeline.wording import bold

__all__ = ["AmbiguousPartyError", "reject", "reopen", "verify"]


def verify(
	prospect: str,
	method: str | None = None,
	note: str | None = None,
	customer: str | None = None,
	create_new: bool = False,
) -> str:
	"""Make sure that a prospect is a Customer, and answer which. Doing it twice gives the same one.

	`customer` says which existing one it is, `create_new` that it is none of the candidates. Raises
	AmbiguousPartyError when neither is given and a person has to choose; PermissionError without the rights.
	"""
	doc = locked_doc("Sales Prospect", prospect)
	if doc.customer:
		return doc.customer
	doc.check_permission("write")
	if doc.status == "Rejected":
		frappe.throw(_("Prospect {0} was rejected. Reopen it first.").format(bold(doc.prospect_name)))
	settings = frappe.get_cached_doc("CRM Pipeline Settings")
	name = _existing(doc, customer) if not create_new else None
	is_new = not name
	name = name or customers.make(doc, settings)
	if is_new or rights.has("Customer", name, "write"):
		customers.carry_reach(doc, name, is_new)
		_carry_papers(doc, frappe.get_doc("Customer", name))
	else:
		frappe.msgprint(
			_(
				"You have no right to change Customer {0}: contacts, address, files and tags of the prospect were not added to it"
			).format(bold(name))
		)
	verified = {
		"customer": name,
		"verified_on": now_datetime(),
		"verified_by": frappe.session.user,
		"verification_method": method or settings.default_verification_method or "Other",
		"verification_note": note,
	}
	status.set_status(doc, "Verified", verified, save=True)
	point_followers(doc.name, name)
	if is_new or rights.has("Customer", name, "write"):
		deal_people.follow_verification(doc.name, name)
	customer, note = Ref("Customer", name), doc.verification_method
	ledger.record(doc, "Conversion", doc.prospect_name, f"Customer {name}", note=note, related=customer)
	extensions.run("crm_pipeline_verified", prospect=doc, customer=name)
	return name


def _carry_papers(prospect, customer) -> None:
	"""Files and tags of a prospect are its customer's as well."""
	carry.carry_files(prospect, customer)
	carry.carry_tags(prospect, customer)


def _existing(doc, chosen: str | None) -> str | None:
	if chosen:
		rights.need("Customer", chosen)
		customers.check_usable(chosen)
		return chosen
	match, hidden = party.find(doc, "Customer")
	party.refuse_ambiguous(doc.prospect_name, match)
	if match.found:
		customers.check_usable(match.found)
	else:
		duplicates.notify(doc, [("Customer", name) for name in hidden])
	return match.found


def point_followers(prospect: str, customer: str) -> None:
	"""Every document of the prospect points at the Customer from now on."""
	label = clean_html.copied(frappe.db.get_value("Customer", customer, "customer_name"))
	for doctype in party.types_with("prospect", "customer"):
		values = {"customer": customer}
		if frappe.get_meta(doctype).has_field("party_name"):
			values["party_name"] = label
		locks.set_rows(doctype, {"prospect": prospect, "customer": ("is", "not set")}, values)


def reject(prospect: str, reason: str) -> None:
	"""Mark a prospect as none: wrong data, out of business. Needs a reason; raises when it is verified already."""
	doc = frappe.get_doc("Sales Prospect", prospect)
	if doc.customer:
		frappe.throw(_("Prospect {0} is verified already").format(bold(doc.prospect_name)))
	if not reason:
		frappe.throw(_("A reason is needed to reject a prospect"), frappe.MandatoryError)
	status.set_status(doc, "Rejected", {"rejected_reason": reason}, save=True)


def reopen(prospect: str) -> None:
	doc = frappe.get_doc("Sales Prospect", prospect)
	if doc.status == "Rejected":
		status.set_status(doc, "Unverified", {"rejected_reason": None}, save=True)


# ---- two prospects that are one


def check_merge(doc, other: str) -> None:
	"""Part of before_rename() of the prospect that goes; raises ValidationError when the two are different Customers."""
	kept = frappe.get_doc("Sales Prospect", other)
	kept.check_permission("write")
	if doc.customer and kept.customer and doc.customer != kept.customer:
		frappe.throw(
			_("Prospect {0} is Customer {1}, Prospect {2} is Customer {3}. Merge the customers first.").format(
				doc.name, bold(doc.customer), kept.name, bold(kept.customer)
			)
		)


def take_over(kept, gone: str) -> None:
	"""Part of after_rename() of the prospect that stays: what it lacks, its people and its verification."""
	other = frappe.get_doc("Sales Prospect", gone)
	for df in kept.meta.fields:
		if not df.no_copy and df.fieldtype not in frappe.model.table_fields and other.get(df.fieldname):
			if kept.get(df.fieldname) in (None, "", 0):
				kept.set(df.fieldname, other.get(df.fieldname))
	contacts.add_to_deal(kept, contacts.people_of(other), other.prospect_name)
	if other.customer and not kept.customer:
		status.set_status(
			kept, other.status, {field: other.get(field) for field in system_fields.SYSTEM_FIELDS["Sales Prospect"]}
		)
	kept.flags.follows = True
	kept.save()
	if kept.customer:
		point_followers(kept.name, kept.customer)
