"""What forms are sent along with their documents, and what goes with a document that is renamed or deleted."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.analytics import indexes
from crm_pipeline.pool import pool_rules
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.world import refused

OTHER, MANAGER = USERS["other_rep"][0], USERS["manager"][0]
LEAD, CAMPAIGN, RULE = "Sales Lead", "Sales Campaign", "Pool Rule"


def sent(doc) -> dict:
	"""What Desk gets for the form of a document."""
	doc.run_method("onload")
	return doc.get("__onload")


@pytest.mark.parametrize(
	("doctype", "field"),
	[
		("Cost Estimate", "approved_by"),
		("Customer Case", "responsible"),
		("Customer Discussion", "last_answer_by"),
		("Promise to Pay", "deputy"),
		("Sales Absence", "deputy"),
		("Sales Activity", "sales_owner"),
		("Sales Campaign", "sales_owner"),
		("Sales Contract", "signed_by_company"),
		("Sales Lead", "assessed_by"),
		("Sales Opportunity", "sales_owner"),
		("Sales Order Request", "returned_by"),
		("Sales Project", "sales_owner"),
		("Sales Prospect", "verified_by"),
		("Sales Segment Snapshot", "taken_by"),
	],
)
@pytest.mark.parametrize("enabled", [1, 0])
def test_a_form_calls_people_by_their_names_also_when_they_have_left(site, doctype, field, enabled):
	frappe.db.set_value("User", OTHER, {"full_name": "Ada of the Second Team", "enabled": enabled})
	doc = frappe.new_doc(doctype)
	for df in doc.meta.get_link_fields():
		if df.options == "User":
			doc.set(df.fieldname, None)
	doc.set(field, OTHER)
	assert sent(doc)["link_titles"] == {f"User::{OTHER}": "Ada of the Second Team"}


@pytest.mark.parametrize("doctype", ["Lead Assignment Rule", "Pool Rule", "Sales Segment", "Sales Memo"])
def test_a_form_that_names_nobody_is_sent_no_names(site, doctype):
	assert sent(frappe.new_doc(doctype))["link_titles"] == {}


def test_a_post_is_sent_the_title_of_the_one_above_it(sale, world, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact")
	posts = []
	for name in ("Ina", "Jon"):
		contact = frappe.get_doc({"doctype": "Contact", "first_name": f"{name} {world.tag}"}).insert().name
		above = posts[0].name if posts else None
		posts.append(
			frappe.get_doc(
				{"doctype": "Contact Position", "contact": contact, "customer": world.customer, "reports_to": above}
			).insert()
		)
	assert sent(posts[1])["link_titles"] == {f"Contact Position::{posts[0].name}": posts[0].title}
	assert sent(posts[0])["link_titles"] == {}


def test_a_campaign_s_form_shows_the_orders_that_it_led_to(sale, as_user):
	campaign = frappe.get_doc({"doctype": CAMPAIGN, "title": "Fair", "company": sale.world.company}).insert()
	found = sent(campaign)
	assert found["orders"] == [] and "link_titles" in found


@pytest.mark.parametrize(
	("doctype", "column", "none_of", "state"),
	[
		("Sales Lead", "company_name", "expected_close", "Qualified"),
		("Sales Opportunity", "expected_close", "customer_group", "Won"),
	],
)
def test_an_import_s_form_offers_the_fields_and_words_of_its_type(world, doctype, column, none_of, state):
	doc = frappe.get_doc({"doctype": "Sales Import", "document_type": doctype, "company": world.company})
	doc.update({"status": "Draft", "modified": now_datetime()})
	found = sent(doc)
	fields = {row["value"] for row in found["fields"]}
	assert column in fields and none_of not in fields
	assert all(row["label"] for row in found["fields"])
	assert state in {row["value"] for row in found["meanings"]["status"]}
	assert found["meanings"]["stage"] == [] and found["is_killed"] is False


@pytest.mark.parametrize(
	("status", "hours", "is_killed"),
	[("Running", 48, True), ("Queued", 48, True), ("Running", 0, False), ("Done", 48, False), ("Stopped", 48, False)],
)
def test_a_run_without_progress_for_long_is_said_to_be_gone(world, status, hours, is_killed):
	doc = frappe.get_doc({"doctype": "Sales Import", "document_type": LEAD, "company": world.company})
	doc.update({"status": status, "modified": add_to_date(now_datetime(), hours=-hours)})
	assert sent(doc)["is_killed"] is is_killed


@pytest.mark.parametrize(("status", "stays"), [("Done", True), ("Stopped", True), ("Undone", False), ("Draft", False)])
def test_an_import_stays_as_long_as_its_records_are_here(sale, world, status, stays):
	doc = frappe.get_doc({"doctype": "Sales Import", "document_type": LEAD, "company": world.company})
	doc.update({"name": f"IMP-{world.tag}", "status": status})
	record = {"sales_import": doc.name, "document_type": LEAD, "document": sale.lead().name, "record_id": "7"}
	frappe.get_doc({"doctype": "Imported Record", **record}).insert(ignore_permissions=True, ignore_links=True)
	if stays:
		with refused(match="Undo the import first"):
			doc.run_method("on_trash")
		frappe.db.delete("Imported Record", {"sales_import": doc.name})
	doc.run_method("on_trash")


# ---- rules of the public pool


def test_customers_in_the_pool_follow_their_rule_to_its_new_name_and_claims_by_it_are_known_at_once(world):
	rule = frappe.get_doc(
		{"doctype": RULE, "title": f"Old {world.tag}", "document_type": "Customer", "untouched_days": 30}
	).insert()
	frappe.db.set_value("Customer", world.customer, "crm_pool_rule", rule.name)
	assert rule.name in pool_rules.may_claim_by(MANAGER)
	new = f"New {world.tag}"
	frappe.rename_doc(RULE, rule.name, new, show_alert=False)
	assert frappe.db.get_value("Customer", world.customer, "crm_pool_rule") == new
	assert new in pool_rules.may_claim_by(MANAGER) and rule.name not in pool_rules.may_claim_by(MANAGER)
	frappe.delete_doc(RULE, new)
	assert new not in pool_rules.may_claim_by(MANAGER)


# ---- how tables are read fast


@pytest.mark.parametrize(
	("doctype", "name", "fields"),
	[
		("Forecast Snapshot", "crm_snapshot_of_month", "company month taken_on"),
		("Pipeline Event", "crm_event_of_document", "reference_doctype reference_name kind at"),
		(
			"Pipeline Event",
			"crm_event_time_per_stage",
			"reference_doctype kind reference_name from_value at seconds_spent",
		),
		("Sales Lead", "crm_owner_state", "sales_owner status"),
		("Stage Passage", "crm_passages_of_deal", "reference_name reference_doctype stage seconds last_left visits"),
		("Stage Passage", "crm_passages_in_period", "reference_doctype visits last_left"),
		*(("Sales Opportunity", name, " ".join(fields)) for name, fields in indexes.INDEXES.items()),
		*(("Sales Project", name, " ".join(fields)) for name, fields in indexes.INDEXES.items()),
	],
)
def test_an_update_makes_the_index_that_a_list_or_figure_is_read_by(site, doctype, name, fields):
	scrubbed = doctype.lower().replace(" ", "_")
	module = frappe.get_meta(doctype).module.lower().replace(" ", "_")
	frappe.get_attr(f"crm_pipeline.{module}.doctype.{scrubbed}.{scrubbed}.on_doctype_update")()
	assert HOST.index(doctype, name) == fields.split()
