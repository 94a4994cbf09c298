"""What every field of a kind has in common: what must be filled, what is found quickly, what there is once, what follows what."""

import pytest

from crm_pipeline.chain.system_fields import ORDERED, SYSTEM_FIELDS
from tests.contract.source import doctypes
from tests.contract.test_custom_fields import ROWS

# Mandatory wherever they stand.
FILLED = """applies_to at campaign_type category competitor competitor_name contract_date contract_step document estimate_date event
item_code job kind label lead_step memo method milestone naming_series pipeline_name project_type qty question quotation_step reason
scope stage_type starts_on taken_on transaction_date user wanted way week""".split()
# Mandatory there only.
FILLED_IN = {
	"company": "Forecast Accuracy, Forecast Snapshot, Sales Campaign, Sales Contract, Sales Lead, Sales Opportunity, Sales Order Request, Sales Project, Sales Prospect",
	"currency": "Sales Campaign, Sales Contract, Sales Lead, Sales Opportunity, Sales Order Request, Sales Project",
	"customer": "Sales Contract, Sales Order Request",
	"items": "Sales Contract, Sales Order Request",
	"pipeline": "Pipeline Stage",
	"position": "Pipeline Stage",
	"forecast_category": "Pipeline Stage",
	"prospect_name": "Sales Prospect",
	"prospect_kind": "Sales Prospect",
	"reference_doctype": "Cost Estimate, Pipeline Event, Sales Help Request",
	"reference_name": "Cost Estimate, Pipeline Event, Sales Help Request",
	"status": "Sales Activity, Sales Campaign",
	"subject": "Pipeline Stage Task, Sales Activity",
	"title": "Sales Campaign, Sales Contract, Sales Lead, Sales Opportunity, Sales Project",
	"document_type": "Forecast Snapshot, Pending Update",
	"amount": "Cost Estimate Charge",
	"description": "Cost Estimate Charge",
}

# Asked for so often that they have an index wherever they stand.
FOUND = """amended_from at campaign contract contract_item customer is_stalled item_code joined_opportunity match_domain match_email
match_mobile match_name match_phone match_tax_id origin_item quotation_item reference_name source_name source_type""".split()
FOUND_IN = {
	"pipeline": "Pipeline Stage, Sales Opportunity, Sales Project",
	"stage": "Sales Opportunity, Sales Project",
	"prospect": "Sales Activity, Sales Lead, Sales Memo, Sales Opportunity, Sales Project",
	"email_id": "Sales Lead, Sales Prospect",
	"sales_owner": "Sales Lead, Sales Opportunity, Sales Project, Sales Contract, Sales Order Request, Sales Prospect",
	"sales_person": "Sales Lead, Sales Opportunity, Sales Project, Sales Contract, Sales Order Request, Sales Prospect",
}

# There is one of each at most: what stands beside the lock when two do the same at once.
ONCE = ["competitor_name", "conversion_key", "event", "external_id", "job", "pipeline_name", "playbook_key", "reason"]

# Chosen with the first save and never changed.
KEPT = {
	"naming_series": None,
	"applies_to": None,
	"stage_key": "Pipeline Stage",
	"pipeline": "Pipeline Stage",
	"reference_doctype": "Cost Estimate, Sales Help Request",
	"reference_name": "Cost Estimate, Sales Help Request",
}

# Field: the link whose field of this name it takes over.
TAKEN_OVER = {
	"item_name": "item_code.item_name",
	"stock_uom": "item_code.stock_uom",
	"customer_name": "customer.customer_name",
	"full_name": "user.full_name",
}
OF_CONTACT = {
	"contact_name": "contact.full_name",
	"designation": "contact.designation",
	"email_id": "contact.email_id",
	"phone": "contact.phone",
	"mobile_no": "contact.mobile_no",
}


def fields(name: str) -> list[tuple[str, dict]]:
	return [(doctype, df) for doctype, meta in doctypes().items() for df in meta["fields"] if df["fieldname"] == name]


def lacking(name: str, wanted: str, where: str | None = None) -> list[str]:
	"""DocTypes whose field of this name lacks a property; `where` names those that are asked."""
	named = where and where.split(", ")
	found = [(doctype, df) for doctype, df in fields(name) if not named or doctype in named]
	assert found and len(found) >= len(named or ()), f"{name} is not where it should be"
	return [doctype for doctype, df in found if not df.get(wanted)]


@pytest.mark.parametrize(("name", "where"), [*((name, None) for name in FILLED), *FILLED_IN.items()])
def test_what_a_document_can_not_be_without_is_asked_for(name, where):
	found = lacking(name, "reqd", where)
	# A reason is a record of its own only where losses are listed.
	assert [doctype for doctype in found if (doctype, name) not in {("Sales Deal Competitor", "position")}] == []


@pytest.mark.parametrize(("name", "where"), [*((name, None) for name in FOUND), *FOUND_IN.items()])
def test_what_is_asked_for_all_the_time_has_an_index(name, where):
	assert lacking(name, "search_index", where) == []


@pytest.mark.parametrize("name", ONCE)
def test_what_there_is_once_at_most_is_unique(name):
	assert lacking(name, "unique") == []


@pytest.mark.parametrize(("name", "where"), KEPT.items())
def test_what_a_document_began_with_is_kept(name, where):
	assert lacking(name, "set_only_once", where) == []


@pytest.mark.parametrize("name", TAKEN_OVER)
def test_a_name_is_taken_over_from_what_was_chosen(name):
	link = TAKEN_OVER[name].partition(".")[0]
	rows = {doctype: {df["fieldname"]: df for df in meta["fields"]} for doctype, meta in doctypes().items()}
	found = [of[name].get("fetch_from") for of in rows.values() if name in of and link in of]
	assert found and set(found) == {TAKEN_OVER[name]}


def test_the_reach_of_a_contact_that_was_chosen_is_taken_over():
	rows = {df["fieldname"]: df.get("fetch_from") for df in doctypes()["Sales Deal Contact"]["fields"]}
	assert {name: rows[name] for name in OF_CONTACT} == OF_CONTACT


@pytest.mark.parametrize("name", sorted(SYSTEM_FIELDS))
def test_a_copy_starts_without_what_the_app_wrote_and_no_form_takes_it(name):
	rows = {df["fieldname"]: df for df in doctypes()[name]["fields"]}
	# Nobody copies a question: its form has no such button.
	copied = [field for field in SYSTEM_FIELDS[name] if not rows[field].get("no_copy") and name != "Sales Help Request"]
	typed = [field for field in SYSTEM_FIELDS[name] if not (rows[field].get("read_only") or rows[field].get("hidden"))]
	assert (copied, typed) == ([], [])


def test_a_field_of_ours_that_is_searched_on_native_documents_has_an_index_and_none_of_the_keys_is_typed():
	found = {}
	for _doctype, df in ROWS:
		found.setdefault(df["fieldname"], []).append(df)
	keys = sorted(name for name in found if "_match_" in name or "_request_" in name)
	assert len(keys) == 7
	for name in (*keys, "crm_source_name", "crm_parent_customer", "crm_user"):
		assert all(df.get("search_index") or df.get("unique") for df in found[name]), name
	assert all(df.get("read_only") and df.get("hidden") for name in keys for df in found[name])
	assert found["crm_request_key"][0].get("unique"), "one order answers for a request"
	assert found["crm_margin_override_reason"][0].get("read_only")


def test_amounts_say_in_which_currency_they_are():
	"""Of a document with a currency: `base_...` and what came of its orders in the company's, all else in its own."""
	wrong = []
	for doctype, meta in doctypes().items():
		rows = {df["fieldname"]: df for df in meta["fields"] if df["fieldtype"] == "Currency"}
		if doctype.startswith(("Cost Estimate", "Forecast")) or doctype == "Sales Prospect":
			# The price of an estimate's row is that of its deal.
			own = {"rate"} & rows.keys()
		else:
			own = {name for name in rows if not name.startswith("base_") and name not in ORDERED}
		for name, df in rows.items():
			wanted = "currency" if name in own else "Company:company:default_currency"
			if df.get("options") != wanted:
				wrong.append((doctype, name, df.get("options")))
	assert wrong == []
