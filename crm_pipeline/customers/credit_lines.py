"""Credit limit of a customer and how much of it is used, as ERPNext computes both when it checks a Sales Order."""

import frappe
from frappe.permissions import get_user_permissions

from crm_pipeline.analytics.scope import limiting
from crm_pipeline.customers.asked_party import CUSTOMER, AskedParty, company_currency, is_readable
from crm_pipeline.erp import receivable

# ERPNext's sum is of all of these; who sees a part of them would learn what the rest comes to.
SUMMED = ("GL Entry", "Sales Invoice", "Sales Order", "Delivery Note")


def of_party(asked: AskedParty) -> list[dict] | None:
	"""[{"company", "currency", "limit", "used", "free"}] for each company with a limit, or that was asked for; None for who
	may not see all that the sums are of."""
	if not may_see_sums():
		return None
	return [
		{
			"company": company,
			"currency": company_currency(company),
			"limit": limit,
			"used": used,
			"free": limit - used,
		}
		for company, limit, used in receivable.credit_of(asked.name, _companies(asked))
	]


def may_see_sums() -> bool:
	"""Whether the reader sees all that ERPNext sums up for one customer and one of their companies."""
	if not all(is_readable(doctype) for doctype in SUMMED):
		return False
	limits = set(get_user_permissions(frappe.session.user)) - {"Company", CUSTOMER}
	return not limits & {link for doctype in SUMMED for link in limiting(doctype)}


def _companies(asked: AskedParty) -> list[str]:
	"""Companies that the reader may see, the one asked for alone where there is one."""
	allowed = {row.get("doc") for row in get_user_permissions(frappe.session.user).get("Company", [])}
	names = frappe.get_all("Company", pluck="name", order_by="name asc")
	names = [name for name in names if not allowed or name in allowed]
	return [name for name in names if name == asked.company] if asked.company else names
