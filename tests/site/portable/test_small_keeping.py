"""What is kept right on the way to the table: settings, days of a period, links to what is gone, fields of ours."""

import frappe
import pytest

from crm_pipeline.analytics.scope import Scope
from crm_pipeline.erp import custom_fields
from tests.site.world import refused


@pytest.mark.parametrize(("field", "label"), [("from_date", "From Date"), ("to_date", "To Date")])
def test_a_day_that_is_none_is_named(world, field, label):
	with refused(match=f"{label} is not a date"):
		Scope.of({"company": world.company, field: "0001-01-01"})
	with refused(match="From Date must not be after To Date"):
		Scope.of({"company": world.company, "from_date": "2026-02-01", "to_date": "2026-01-31"})
	same = Scope.of({"company": world.company, "from_date": "2026-01-31", "to_date": "2026-01-31"})
	assert same.from_date == same.to_date


@pytest.mark.parametrize(
	("amounts", "message"),
	[
		([("USD", 5), ("USD", 7)], "Row 2: Currency: .*USD.* has an amount already"),
		([("EUR", 1), ("USD", -1)], "Row 2: Amount: enter zero or more"),
	],
)
def test_amounts_of_the_settings_are_one_per_currency_and_none_below_zero(world, amounts, message):
	def saved(amounts) -> None:
		settings = frappe.get_doc("CRM Pipeline Settings")
		rows = [{"currency": currency, "amount": amount} for currency, amount in amounts]
		settings.set("stop_overdue_amounts", rows)
		settings.save()

	with refused(match=message):
		saved(amounts)
	saved([("EUR", 0), ("USD", 1)])


def test_a_field_of_ours_that_once_was_a_dynamic_link_becomes_what_it_is_now(world):
	name = frappe.db.get_value("Custom Field", {"dt": "Quotation", "fieldname": "crm_source_type"}, "name")
	kept = frappe.db.get_value(
		"Custom Field", {"dt": "Quotation", "fieldname": "crm_source_name"}, ["name", "fieldtype", "options"]
	)
	now = frappe.db.get_value("Custom Field", name, "fieldtype")
	frappe.db.set_value("Custom Field", name, {"fieldtype": "Dynamic Link", "options": "something"})
	custom_fields._retype()
	assert frappe.db.get_value("Custom Field", name, ["fieldtype", "options"]) == (now, None)
	assert frappe.db.get_value("Custom Field", kept[0], ["name", "fieldtype", "options"]) == kept


def test_a_record_that_outlives_what_it_is_about_is_saved_without_it(sale, as_user):
	as_user("rep")
	lead, other = sale.lead(), sale.lead(title="Other")
	about = {"reference_doctype": "Sales Lead", "reference_name": lead.name}
	values = {"doctype": "Sales Activity", "subject": "Call", "way": "Phone", "starts_on": frappe.utils.now_datetime()}
	activity = frappe.get_doc({**values, **about}).insert()
	still = frappe.get_doc({**values, **about, "reference_name": other.name}).insert()
	frappe.db.delete("Sales Lead", {"name": lead.name})
	for doc, name in ((activity, None), (still, other.name)):
		doc.reload()
		doc.subject = "Called"
		doc.save()
		assert (doc.reload().reference_name, doc.subject) == (name, "Called")
	assert (activity.reference_doctype, still.reference_doctype) == (None, "Sales Lead")
