"""One-click conversions of campaigns, deals and quotations. Each is one transaction, checks permissions, and done twice gives one result.

Those that make the only document of its kind carry a unique `conversion_key` beside the lock, so that two
browsers in the same second end with one document even where a lock was not enough. Leads are in leads.py,
order requests in acceptance.py.
"""

import frappe
from frappe import _
from frappe.utils import formatdate

from crm_pipeline.chain import (
	carry,
	contract_versions,
	drafts,
	graph,
	ledger,
	optional_steps,
	rights,
	standard_kinds,
	system_fields,
)
from crm_pipeline.chain.item_rows import check_rows
from crm_pipeline.chain.locks import lock, locked_doc, whole_transaction
from crm_pipeline.core import chain
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.kinds import CHANNEL
from crm_pipeline.core.registry import DEALS
from crm_pipeline.deals.native_quotation import make as make_quotation_of
from crm_pipeline.erp import customers, form_values, payment_schedule
from crm_pipeline.erp.project import make as make_erp_project_of
from crm_pipeline.parties import verification
from crm_pipeline.user_day import is_over, user_today
from crm_pipeline.wording import bold

# ---- opportunity to project; campaign to lead and project


@whole_transaction
def opportunity_to_project(name: str) -> Ref:
	"""Run a complex opportunity as a project; the same one when it has one already."""
	return _one_project("Sales Opportunity", name)


@whole_transaction
def campaign_to_project(name: str) -> Ref:
	"""The marketing project of a campaign; the same one when it has one already."""
	return _one_project("Sales Campaign", name)


def _one_project(doctype: str, name: str) -> Ref:
	source = locked_doc(doctype, name)
	existing = carry.made_of(source, "Sales Project")
	if existing:
		rights.need_seen("Sales Project", existing)
		return Ref("Sales Project", existing)

	def change(src, project):
		system_fields.write(project, conversion_key=carry.key_of(src))
		project.project_type = chain.project_type(src.doctype, None)
		project.append("members", {"user": src.sales_owner or frappe.session.user, "function": "Lead"})

	project = carry.next_document(source, "Sales Project", change)
	drafts.insert(project)
	carry.carry_attachments(source, project)
	if doctype == "Sales Opportunity":
		ledger.record(
			source, "Conversion", None, f"Sales Project {project.name}", related=Ref(project.doctype, project.name)
		)
	return Ref("Sales Project", project.name)


def campaign_to_lead(name: str):
	"""An unsaved lead of a campaign, for a person to fill in."""
	campaign = frappe.get_doc("Sales Campaign", name)

	def change(source, target):
		# What somebody wants to buy is not what the campaign is called.
		target.title = None
		target.channel = standard_kinds.name_of(CHANNEL, "campaign")
		target.currency = None
		target.sales_owner = frappe.session.user

	return carry.next_document(campaign, "Sales Lead", change)


@whole_transaction
def make_erp_project(name: str) -> str:
	"""The ERPNext Project behind a sales project, made once."""
	doc = locked_doc("Sales Project", name)
	doc.check_permission("write")
	if doc.erp_project:
		return doc.erp_project
	doc.db_set("erp_project", make_erp_project_of(doc))
	return doc.erp_project


# ---- deal to quotation; what a contract takes from one


@whole_transaction
def make_quotation(doctype: str, name: str) -> str:
	"""A draft Quotation of a deal; the draft that is there already when nobody has submitted it yet."""
	deal = locked_deal(doctype, name)
	draft = frappe.db.get_value(
		"Quotation",
		{"crm_source_type": doctype, "crm_source_name": name, "docstatus": 0},
		"name",
	)
	if draft:
		rights.need_seen("Quotation", draft)
		return draft
	need_items(deal, "Quotation")
	optional_steps.refuse_if_off(deal, "Quotation", Ref(doctype, name))
	need_customer(deal)
	check_rows(deal)
	quotation = make_quotation_of(deal)
	carry.carry_attachments(deal, quotation)
	return quotation.name


def fill_from_quotation(quotation, target) -> None:
	"""What a quotation calls otherwise, and who is behind it: the deal it came from."""
	target.title = quotation.get("title") or quotation.customer_name
	target.sales_owner = target.sales_owner or frappe.session.user
	source = graph.source_of(quotation)
	if source and source.doctype in DEALS and rights.has(source.doctype, source.name):
		deal = frappe.get_doc(source.doctype, source.name)
		target.title = deal.title
		for field in ("sales_owner", "sales_person", "territory", "campaign", "prospect"):
			target.set(field, deal.get(field))
		for table in ("contacts", "competitors"):
			for row in deal.get(table):
				target.append(table, row.as_dict(no_default_fields=True))
	payment_schedule.carry(quotation, target, user_today())
	form_values.fill_terms(target)


def need_customer(deal) -> None:
	"""A native document needs a Customer: verify the deal's prospect now, at the latest."""
	if deal.customer:
		customers.check_usable(deal.customer)
		return
	if not deal.prospect:
		frappe.throw(_("{0} {1} has no Customer").format(_(deal.doctype), deal.name), frappe.MandatoryError)
	customer = verification.verify(deal.prospect)
	deal.reload()
	deal.customer = customer


def rows_of_sale(doctype: str, name: str) -> list[tuple[str, str]]:
	"""What is locked before something is made of, or decided about, a document: its deals with their prospects, and
	the first version of its contract. A quotation is ERPNext's: it stands for itself only where no deal does."""
	refs = [Ref(doctype, name), *graph.ancestors(doctype, name)]
	deals = [(ref.doctype, ref.name) for ref in refs if ref.doctype in DEALS]
	deals = [row for row in deals if frappe.db.exists(*row)]
	prospects = {frappe.db.get_value(*row, "prospect") for row in deals} if (doctype, name) in deals else set()
	contracts = {contract_versions.contract_root(ref.name) for ref in refs if ref.doctype == "Sales Contract"}
	return [
		*(
			("Sales Prospect", prospect)
			for prospect in prospects
			if prospect and frappe.db.exists("Sales Prospect", prospect)
		),
		*deals,
		*(("Sales Contract", contract) for contract in contracts if frappe.db.exists("Sales Contract", contract)),
		*([(doctype, name)] if not deals or doctype not in graph.NATIVE else []),
	]


def locked_deal(doctype: str, name: str):
	if doctype not in (*DEALS, "Quotation"):
		frappe.throw(_("{0} can't be converted like this").format(_(doctype)))
	lock(*rows_of_sale(doctype, name))
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read" if doctype == "Quotation" else "write")
	if doctype == "Quotation":
		check_quotation(doc)
	elif doc.status == "Lost":
		frappe.throw(_("{0} {1} is lost. Reopen it first.").format(_(doctype), bold(name)))
	return doc


def check_quotation(doc) -> None:
	"""Raise ValidationError unless orders and contracts may come from a quotation today."""
	if doc.docstatus != 1:
		frappe.throw(_("Quotation {0} is not submitted").format(bold(doc.name)))
	if doc.quotation_to != "Customer":
		frappe.throw(_("Quotation {0} is not made to a Customer").format(bold(doc.name)))
	if doc.status == "Lost":
		frappe.throw(_("Quotation {0} is {1}").format(bold(doc.name), _(doc.status)))
	check_validity(doc)


def check_validity(quotation) -> None:
	"""Raise ValidationError when the last day of a quotation is over, unless Selling Settings allow orders of it."""
	over = quotation.valid_till and is_over(quotation.valid_till)
	if not (over or quotation.status == "Expired"):
		return
	if frappe.db.get_single_value("Selling Settings", "allow_sales_order_creation_for_expired_quotation"):
		return
	frappe.throw(
		_(
			"Quotation {0} was valid until {1}. Cancel and amend it with a later date, or allow orders of expired quotations in Selling Settings."
		).format(bold(quotation.name), formatdate(quotation.valid_till)),
		title=_("Quotation Expired"),
	)


def need_items(doc, target: str) -> None:
	if not doc.get("items"):
		frappe.throw(
			_("{0} {1} has no items. Add what is sold before making a {2}.").format(
				_(doc.doctype), bold(doc.name), _(target)
			),
			frappe.MandatoryError,
			title=_("Items Missing"),
		)
