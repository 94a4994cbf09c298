"""The page of a customer: what each reader sees of it, that its numbers tie to ERPNext's own reports, and what it asks."""

import frappe

from crm_pipeline import api


def test_a_prospect_has_its_page_too(world, sale, as_user):
	as_user("rep")
	lead = sale.lead()
	page = api.get_customer_page("Sales Prospect", lead.prospect)
	assert page["party"]["title"] == lead.prospect_name
	assert [row["name"] for row in page["timeline"]["rows"] if row["kind"] == "lead"] == [lead.name]
	assert (page["receivables"], page["unbilled"]) == (None, None)
	assert {part["doctype"] for part in page["open"]} >= {"Sales Lead", "Sales Opportunity"}
	assert api.get_customer_figures("Sales Prospect", lead.prospect) == {}


def test_mails_and_files_of_a_deal_are_seen_by_who_sees_the_deal(world, sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	for doctype, name in (("Customer", world.customer), (deal.doctype, deal.name)):
		frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_type": "Communication",
				"subject": f"About {name}",
				"reference_doctype": doctype,
				"reference_name": name,
				"sent_or_received": "Received",
			}
		).insert(ignore_permissions=True)
		frappe.get_doc(
			{
				"doctype": "File",
				"file_name": f"{name}.txt",
				"attached_to_doctype": doctype,
				"attached_to_name": name,
				"content": "scan",
			}
		).insert(ignore_permissions=True)

	def found() -> set[str]:
		rows = api.get_customer_timeline("Customer", world.customer, kinds=["mail", "file"])["rows"]
		return {row["about"]["name"] for row in rows}

	assert found() == {world.customer, deal.name}
	from tests.site.portable.test_visibility import set_apart

	set_apart()
	as_user("other_rep")
	assert found() == {world.customer}
