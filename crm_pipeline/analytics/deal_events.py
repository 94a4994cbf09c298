"""What happened on deals: contact with the customer, plans, pushed dates, quotations; for many deals at once."""

from collections import defaultdict
from datetime import datetime

import frappe
from frappe.query_builder.functions import Count, Max
from frappe.utils import flt, get_datetime, getdate

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.sql_terms import is_won
from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.kinds import ACTIVITY_TYPE, TOGETHER

# The customer did not take part.
NOT_REACHED = "Not Reached"
# They were reached, and it did not help.
SAID_NO = ("Not Interested", "Postponed")


def _about(table, doctype: str, names: list[str]):
	return (table.reference_doctype == doctype) & table.reference_name.isin(names)


def last_contact(doctype: str, names: list[str], now: datetime) -> tuple[dict[str, datetime], dict[str, datetime]]:
	"""When the customer last took part: an inbound or common activity, one that reached them, or a mail of theirs; and
	when they last did so without a no."""
	activity, mail = frappe.qb.DocType("Sales Activity"), frappe.qb.DocType("Communication")
	took_part = (
		(activity.direction == "Inbound")
		| activity.way.isin(standard_kinds.names_of(ACTIVITY_TYPE, TOGETHER))
		| (activity.result.isnotnull() & (activity.result != ""))
	)
	activities = (
		frappe.qb.from_(activity)
		.select(activity.reference_name, activity.result, Max(activity.starts_on).as_("at"))
		.where(_about(activity, doctype, names) & (activity.status == "Done") & took_part)
		.where(activity.result.isnull() | (activity.result != NOT_REACHED))
		.where(activity.starts_on <= str(now))
		.groupby(activity.reference_name, activity.result)
	)
	mails = (
		frappe.qb.from_(mail)
		.select(mail.reference_name, Max(mail.communication_date).as_("at"))
		.where(_about(mail, doctype, names) & (mail.sent_or_received == "Received"))
		.where(mail.communication_type == "Communication")
		.where(mail.communication_date <= str(now))
		.groupby(mail.reference_name)
	)
	found: dict[str, datetime] = {}
	good: dict[str, datetime] = {}
	for name, result, at in [*activities.run(), *((name, None, at) for name, at in mails.run())]:
		for times in (found,) if result in SAID_NO else (found, good):
			times[name] = max(get_datetime(at), times.get(name) or get_datetime(at))
	return found, good


def planned_of(doctype: str, names: list[str], now: datetime) -> set[str]:
	"""Deals with an activity still to come: that is a next step as well."""
	return set(
		frappe.get_all(
			"Sales Activity",
			filters={
				"reference_doctype": doctype,
				"reference_name": ("in", names),
				"status": "Planned",
				"starts_on": (">=", str(getdate(now))),
			},
			pluck="reference_name",
			order_by="reference_name asc",
			limit=0,
		)
	)


def pushes_of(doctype: str, names: list[str]) -> dict[str, int]:
	"""How often the expected close was moved to a later day; both are stored as ISO dates."""
	event = frappe.qb.DocType("Pipeline Event")
	rows = (
		frappe.qb.from_(event)
		.select(event.reference_name, Count("*"))
		.where(_about(event, doctype, names) & (event.kind == "Expected Close"))
		.where(event.to_value > event.from_value)
		.groupby(event.reference_name)
	).run()
	return dict(rows)


def with_decision_maker(doctype: str, names: list[str]) -> set[str]:
	if not names:
		return set()
	return set(
		frappe.get_all(
			"Sales Deal Contact",
			filters={"parenttype": doctype, "parent": ("in", names), "role": "Decision Maker"},
			pluck="parent",
			order_by="parent asc",
			limit=0,
		)
	)


# ---- quotations and what else was agreed


def pipelines_without_quotations() -> set[str]:
	return set(
		frappe.get_all("Sales Pipeline", filters={"quotation_step": "Off"}, pluck="name", order_by="name asc", limit=0)
	)


def quoted_of(doctype: str, names: list[str]) -> set[str]:
	"""Deals with a submitted quotation, or already beyond it with a contract or an order request."""
	if not names:
		return set()
	quotation = frappe.get_all(
		"Quotation",
		filters={"crm_source_type": doctype, "crm_source_name": ("in", names), "docstatus": 1},
		pluck="crm_source_name",
		order_by="crm_source_name asc",
		limit=0,
	)
	found = set(quotation)
	for later in ("Sales Contract", "Sales Order Request"):
		found.update(
			frappe.get_all(
				later,
				filters={"source_type": doctype, "source_name": ("in", names), "docstatus": ("<", 2)},
				pluck="source_name",
				order_by="source_name asc",
				limit=0,
			)
		)
	return found


def won_amounts_of(doctype: str, deals: list[dict]) -> dict[tuple[str, str], dict[float, int]]:
	"""{(customer, company): {amount: how often}} of what the customers of these deals bought before."""
	customers = sorted({deal.customer for deal in deals if deal.customer})
	deal = frappe.qb.DocType(doctype)
	rows = (
		of_won(frappe.qb.from_(deal), doctype)
		.select(deal.customer, deal.company, deal.base_won_amount, Count("*"))
		.where(deal.customer.isin(customers or [""]))
		.groupby(deal.customer, deal.company, deal.base_won_amount)
	).run()
	found: dict[tuple, dict[float, int]] = defaultdict(dict)
	for customer, company, amount, count in rows:
		found[customer, company][flt(amount)] = count
	return dict(found)


def of_won(query, doctype: str):
	"""The sales that were won: of projects also those that were completed since."""
	return scope.sales(query, doctype).where(is_won(frappe.qb.DocType(doctype)))
