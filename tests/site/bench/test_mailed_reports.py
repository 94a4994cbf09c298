"""Reports about leads and new customers as the framework mails them every morning (Auto Email Report)."""

import frappe
import pytest

from tests.site.conftest import USERS
from tests.site.world import customer

REPORTS = {
	"New Customers": "Territory",
	"Lead Conversion": "Week",
	"Prospect Conversion": "Channel",
	"Leads Aging": "Owner",
	"Public Pool Movement": "Rule",
}


def mailed(world, report: str, user: str, **values):
	doc = frappe.get_doc(
		{
			"doctype": "Auto Email Report",
			"report": report,
			"user": user,
			"email_to": "boss@us.example",
			"frequency": "Daily",
			"format": "HTML",
			"enabled": 1,
			"no_of_rows": 100,
			"filters": frappe.as_json({"company": world.company, "group_by": REPORTS[report]}),
			"dynamic_date_period": "Daily",
			"from_date_field": "from_date",
			"to_date_field": "to_date",
			**values,
		}
	)
	return doc.insert()


def test_new_customers_of_the_last_day_come_by_territory(world, sale, as_user):
	as_user("Administrator")
	place = frappe.get_doc(
		{"doctype": "Territory", "territory_name": f"Isle {world.tag}", "parent_territory": "All Territories"}
	).insert()
	for name in ("One", "Two"):
		customer(f"{name} {world.tag}", territory=place.name)
	old = customer(f"Old {world.tag}", territory=place.name)
	frappe.db.set_value("Customer", getattr(old, "name", old), "creation", "2020-01-01 00:00:00", update_modified=False)
	text = mailed(world, "New Customers", USERS["manager"][0]).get_report_content()
	row = text[text.index(place.name) :][:400]
	assert ">2<" in "".join(row.split()), row


@pytest.mark.parametrize("report", list(REPORTS))
@pytest.mark.parametrize("form", ["HTML", "XLSX", "CSV"])
def test_each_report_can_be_mailed_in_each_form(world, sale, as_user, report, form):
	as_user("Administrator")
	sale.lead()
	assert mailed(world, report, USERS["manager"][0], format=form, send_if_data=0).get_report_content() is not None
