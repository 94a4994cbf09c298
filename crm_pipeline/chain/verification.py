"""Verification: a Sales Prospect becomes an ERPNext Customer, once."""

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import extensions, ledger, locks, party, rights
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.erp import customer as customers

# Documents that are pointed at the Customer when their prospect is verified.
FOLLOWERS = (
	"Sales Lead",
	"Sales Opportunity",
	"Sales Project",
	"Sales Activity",
	"Sales Memo",
	"Pipeline Event",
)


class AmbiguousPartyError(frappe.ValidationError):
	"""Several Customers could be this prospect; a person has to choose."""


def verify(
	prospect: str,
	method: str | None = None,
	note: str | None = None,
	customer: str | None = None,
	create_new: bool = False,
) -> str:
	"""Make sure that a prospect is a Customer, and answer which. Doing it twice gives the same one.

	`customer` says which existing one it is, `create_new` that it is none of the candidates. Raises
	AmbiguousPartyError when neither is given and several match; PermissionError without the rights.
	"""
	doc = locked_doc("Sales Prospect", prospect)
	if doc.customer:
		return doc.customer
	doc.check_permission("write")
	if doc.status == "Rejected":
		frappe.throw(_("Prospect {0} was rejected. Reopen it first.").format(frappe.bold(doc.prospect_name)))
	settings = frappe.get_cached_doc("CRM Pipeline Settings")
	name = _existing(doc, customer) if not create_new else None
	name = name or customers.make(doc, settings)
	customers.carry_reach(doc, name)
	doc.update(
		{
			"customer": name,
			"status": "Verified",
			"verified_on": now_datetime(),
			"verified_by": frappe.session.user,
			"verification_method": method or settings.default_verification_method or "Other",
			"verification_note": note,
		}
	)
	doc.flags.follows = True
	doc.save()
	_point_followers(doc.name, name)
	ledger.record(doc, "Conversion", doc.prospect_name, f"Customer {name}", note=doc.verification_method)
	extensions.run("crm_pipeline_verified", prospect=doc, customer=name)
	return name


def _existing(doc, chosen: str | None) -> str | None:
	if chosen:
		rights.need("Customer", chosen)
		customers.check_usable(chosen)
		return chosen
	match = party.match_customer(doc)
	seen = party.visible("Customer", match.names)
	if match.names and not seen:
		frappe.throw(
			_("{0} is a Customer already, one that you have no right to see. Ask somebody who has to verify it.").format(
				frappe.bold(doc.prospect_name)
			),
			frappe.PermissionError,
		)
	if match.ambiguous:
		frappe.throw(
			_("{0} matches several customers by {1}: {2}. Please choose one.").format(
				frappe.bold(doc.prospect_name), _(match.rule), ", ".join(seen[:10])
			),
			AmbiguousPartyError,
			title=_("Which Customer Is It?"),
		)
	if match.found:
		customers.check_usable(match.found)
	return match.found


def _point_followers(prospect: str, customer: str) -> None:
	"""Every document of the prospect points at the Customer from now on."""
	label = frappe.db.get_value("Customer", customer, "customer_name")
	for doctype in FOLLOWERS:
		values = {"customer": customer}
		if frappe.get_meta(doctype).has_field("party_name"):
			values["party_name"] = label
		locks.set_rows(doctype, {"prospect": prospect, "customer": ("is", "not set")}, values)


def reject(prospect: str, reason: str) -> None:
	"""Mark a prospect as none: wrong data, out of business. Needs a reason; raises when it is verified already."""
	doc = frappe.get_doc("Sales Prospect", prospect)
	if doc.customer:
		frappe.throw(_("Prospect {0} is verified already").format(frappe.bold(doc.prospect_name)))
	if not reason:
		frappe.throw(_("A reason is needed to reject a prospect"), frappe.MandatoryError)
	doc.status = "Rejected"
	doc.rejected_reason = reason
	doc.flags.follows = True
	doc.save()


def reopen(prospect: str) -> None:
	doc = frappe.get_doc("Sales Prospect", prospect)
	if doc.status == "Rejected":
		doc.status = "Unverified"
		doc.rejected_reason = None
		doc.flags.follows = True
		doc.save()
