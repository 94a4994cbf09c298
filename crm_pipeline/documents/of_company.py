"""Links to records that one company has: they are chosen before the company is changed, or by the API past the form."""

import frappe
from frappe import _

from crm_pipeline.wording import bold

FIELDS = ("taxes_and_charges", "department", "erp_project")


def check(doc) -> None:
	"""Raise, with the field, where a link that was chosen now, or the company, leads to another company."""
	for field in FIELDS:
		name = doc.get(field)
		if not name or not (doc.has_value_changed(field) or doc.has_value_changed("company")):
			continue
		df = doc.meta.get_field(field)
		company = frappe.db.get_value(df.options, name, "company")
		if company and company != doc.company:
			frappe.throw(
				_("{0} {1} belongs to company {2}. Choose one of {3}.").format(
					_(df.label), bold(name), bold(company), bold(doc.company)
				),
				title=_("Another Company"),
			)
