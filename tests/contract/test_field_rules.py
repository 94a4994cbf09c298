"""What every field of a kind has in common: what must be filled, what is found quickly, what there is once, what follows what."""

import ast
import json

import pytest

from crm_pipeline.chain.system_fields import ORDERED, SYSTEM_FIELDS
from crm_pipeline.core.gates import Kind
from crm_pipeline.core.registry import OWNED, ROLLED_UP
from tests.contract.source import APP, calls, doctype_files, doctypes, tree
from tests.contract.test_custom_fields import ROWS
from tests.contract.test_system_fields import COMPUTED, WRITTEN_BY_THE_APP_ALONE

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
	"reference_doctype": "Cost Estimate, Pipeline Event, Sales Help Request, Stage Passage",
	"reference_name": "Cost Estimate, Pipeline Event, Sales Help Request, Stage Passage",
	"stage": "Stage Passage",
	"activity_type": "Sales Activity Type",
	"channel_name": "Sales Channel",
	"status": "Sales Activity, Sales Campaign",
	"subject": "Pipeline Stage Task, Sales Activity",
	"title": "Sales Campaign, Sales Contract, Sales Lead, Sales Opportunity, Sales Project",
	"document_type": "Forecast Snapshot, Pending Update",
	"amount": "Cost Estimate Charge",
	"description": "Cost Estimate Charge",
}

# A reason is a record of its own only where losses are listed; a case need not be about a product.
OPTIONAL_THERE = {
	("Sales Deal Competitor", "position"),
	("Customer Case", "item_code"),
	("Customer Case", "way"),
	("Sales Segment Behaviour", "item_code"),
	("Lead Answer", "question"),
}

# Asked for so often that they have an index wherever they stand.
FOUND = """amended_from at campaign contract contract_item customer is_stalled item_code joined_opportunity match_domain match_email
match_mobile match_name match_phone match_tax_id origin_item quotation_item reference_name source_name source_type""".split()
FOUND_IN = {
	"pipeline": "Pipeline Stage, Sales Opportunity, Sales Project",
	"stage": "Sales Opportunity, Sales Project, Stage Passage",
	"status": "Sales Opportunity, Sales Project",
	"won_by": "Sales Opportunity, Sales Project",
	"company": "Forecast Accuracy, Stage Passage",
	"week": "Forecast Snapshot",
	"month": "Forecast Snapshot",
	"document": "Pending Update",
	"related_name": "Pipeline Event",
	"asked_by": "Sales Help Request",
	"manager": "Sales Help Request",
	"prospect": "Sales Activity, Sales Lead, Sales Memo, Sales Opportunity, Sales Project",
	"email_id": "Sales Lead, Sales Prospect",
	"sales_owner": "Sales Lead, Sales Opportunity, Sales Project, Sales Contract, Sales Order Request, Sales Prospect, Sales Activity, Sales Campaign",
	"sales_person": "Sales Lead, Sales Opportunity, Sales Project, Sales Contract, Sales Order Request, Sales Prospect, Sales Activity",
}

# There is one of each at most: what stands beside the lock when two do the same at once.
ONCE = ["competitor_name", "conversion_key", "event", "external_key", "job", "pipeline_name", "playbook_key", "reason"]

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
	assert [doctype for doctype in found if (doctype, name) not in OPTIONAL_THERE] == []


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


NAMES = ("customer_name", "full_name")


def test_a_name_that_was_taken_over_follows_its_record():
	"""Of a customer, a contact or a user: where a link brings a name along, the table of copies has it."""
	found = set()
	for doctype, meta in doctypes().items():
		links = {df["fieldname"]: df.get("options") for df in meta["fields"] if df["fieldtype"] == "Link"}
		for df in meta["fields"]:
			link, _dot, source = (df.get("fetch_from") or "").partition(".")
			if source in NAMES:
				found.add((links[link], doctype, link, df["fieldname"]))
	assigned = [node for node in ast.walk(tree(APP / "parties/copied_names.py")) if isinstance(node, ast.Assign)]
	(copies,) = (ast.literal_eval(node.value) for node in assigned if node.targets[0].id == "COPIES")
	table = {(of, *where) for of, places in copies.items() for where in places}
	# By deal_people.py, and by overrides/customer.py, as documents with a name of their party.
	followed = {("Contact", "Sales Deal Contact", "contact", "contact_name")}
	followed |= {("Customer", name, "customer", "customer_name") for name in ("Sales Contract", "Sales Order Request")}
	assert found - followed == table


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


# ---- what a form takes, and what it does not

LAYOUT = ("Section Break", "Column Break", "Tab Break", "HTML", "Button")
# A form of a request or contract that was handed over or signed still takes these.
AFTER_SUBMIT = {
	"Sales Contract": "end_date po_no po_date signed_on signed_by_customer customer_signature signed_by_company company_signature",
	"Sales Order Request": "po_no po_date",
}
# A row's way back to where it came from is in no form at all.
ROW_LINKS = ("origin_item", "contract_item", "quotation", "quotation_item")


def flag(name: str) -> set[tuple[str, str]]:
	return {(doctype, df["fieldname"]) for doctype, meta in doctypes().items() for df in meta["fields"] if df.get(name)}


@pytest.mark.parametrize("name", sorted(COMPUTED))
def test_what_is_computed_on_each_save_is_typed_into_no_form(name):
	rows = {df["fieldname"]: df for df in doctypes()[name]["fields"]}
	typed = [f for f in COMPUTED[name].split() if not rows[f].get("hidden" if f in ROW_LINKS else "read_only")]
	assert typed == []


@pytest.mark.parametrize("name", WRITTEN_BY_THE_APP_ALONE)
def test_what_the_app_alone_writes_has_no_field_to_type_in_and_no_new_button(name):
	meta = doctypes()[name]
	assert [d["fieldname"] for d in meta["fields"] if d["fieldtype"] not in LAYOUT and not d.get("read_only")] == []
	assert meta.get("in_create")


def test_keys_and_what_is_only_searched_by_is_shown_to_nobody():
	hidden = flag("hidden")
	assert {row for row in hidden | flag("read_only") if row[1].startswith("match_")} <= hidden & flag("read_only")
	keys = ("conversion_key", "external_id", "playbook_key", "standard_key", "copied_from", "order_changes", *ROW_LINKS)
	of_deals = ("own_probability", "own_forecast_category", "earlier_seconds", "stalled_reasons", "won_by_type")
	shown = {(doctype, df["fieldname"]) for name in (*keys, *of_deals) for doctype, df in fields(name)} - hidden
	# On a document of its own a quotation is a link like others.
	assert shown == set()


def test_a_person_s_name_is_no_reason_to_hide_a_document():
	"""A User Permission on one user would hide every document that names another one."""
	people = {(name, df["fieldname"]) for name, meta in doctypes().items() for df in meta["fields"] if df.get("options") == "User"}  # fmt: skip
	assert people and people <= flag("ignore_user_permissions")


@pytest.mark.parametrize("name", [n for n, meta in doctypes().items() if meta.get("is_submittable")])
def test_after_submission_the_app_writes_its_fields_and_people_those_that_come_later(name):
	# A key and an approval are written as the document is submitted, or before.
	early = ("conversion_key", "approved_by", "approved_on")
	wanted = {f for f in SYSTEM_FIELDS[name] if f not in early} | set(AFTER_SUBMIT.get(name, "").split())
	assert {f for doctype, f in flag("allow_on_submit") if doctype == name} == wanted


def test_what_was_ordered_of_it_is_counted_on_whatever_is_rolled_up():
	assert {(name, field) for name in ROLLED_UP for field in ORDERED} <= flag("allow_on_submit") & flag("no_copy")


def test_what_no_form_shows_no_print_shows():
	"""The framework prints a hidden field unless it is left out of prints, too."""
	layout = ("Section Break", "Column Break", "Tab Break", "HTML", "Button")
	fields = [(name, df) for name, meta in doctypes().items() for df in meta["fields"] if df["fieldtype"] not in layout]
	assert [(name, df["fieldname"]) for name, df in fields if df.get("hidden") and not df.get("print_hide")] == []


# What a copy of a document starts without, beside what the app wrote: how it ended, when it was opened, where it came from.
NOT_COPIED = {
	"Sales Opportunity, Sales Project": "naming_series expected_close next_step next_step_date source_type source_name stage probability forecast_category checks opened_on lost_reason lost_to lost_detail lessons",
	"Sales Lead": "naming_series expected_close source_type source_name status follow_up_date follow_up_plan assessment assessment_note lost_reason lost_detail match_phone match_mobile",
	"Sales Contract, Sales Order Request": "naming_series source_type source_name amended_from payment_schedule",
	"Sales Contract": "contract_date start_date end_date signed_on signed_by_customer customer_signature signed_by_company company_signature",
	"Sales Order Request": "transaction_date delivery_date",
	"Sales Contract Item, Sales Order Request Item": "delivery_date quotation quotation_item",
	"Sales Project Milestone": "status completed_on",
	"Sales Activity": "status result evaluation next_step next_step_date",
	"Sales Prospect": "naming_series source_type source_name match_name match_tax_id match_email match_domain match_phone match_mobile",
	"Sales Campaign": "naming_series status cost",
	"Cost Estimate": "naming_series amended_from estimate_date",
	"Sales Deal Contact": "match_phone",
	"Sales Help Request": "status answer",
}


@pytest.mark.parametrize("names", NOT_COPIED)
def test_a_copy_starts_anew(names):
	kept = [(n, f) for n in names.split(", ") for f in NOT_COPIED[names].split() if (n, f) not in flag("no_copy")]
	assert kept == []


# Numbers that may be below zero, or that the save itself checks, in words.
SIGNED = """conversion_factor conversion_rate probability additional_discount_percentage discount_amount discount_percentage margin_floor
stalled_dwell_quantile decision_maker_from_probability quotation_from_probability price points""".split()


def test_numbers_that_are_entered_are_not_below_zero():
	numbers = {
		(name, df["fieldname"])
		for name, meta in doctypes().items()
		for df in meta["fields"]
		if df["fieldtype"] in ("Currency", "Float", "Percent", "Int")
		and not df.get("read_only")
		and df["fieldname"] not in SIGNED
	}
	assert len(numbers) > 40 and numbers <= flag("non_negative")


# What a new document starts with.
STARTS_WITH = {
	"__user": "sales_owner",
	"Today": "contract_date estimate_date opened_on transaction_date start_date",
	"Now": "starts_on",
	"Optional": "contract_step lead_step quotation_step",
	"Net Total": "apply_discount_on",
	"Organisation": "prospect_kind",
	"1": "allow_back allow_reopen allow_skip conversion_factor ignore_pricing_rule qty submitted submit_sales_order verify_on_conversion",
}
SITE_STARTS_WITH = {
	"cost_gate": "Off", "default_delivery_days": "7", "default_verification_method": "Call", "dwell_in_working_days": "0",
	"team_visibility": "0", "decision_maker_from_probability": "50", "quotation_from_probability": "75",
	"stalled_from_score": "40", "stalled_new_days": "7", "stalled_in_touch_days": "14", "stalled_tolerance_days": "1",
	"stalled_dwell_quantile": "75", "stalled_dwell_margin": "50", "stalled_dwell_min_won": "10", "stalled_silent_days": "21", "stalled_times_pushed": "3",
	"odd_amount_factor": "5", "odd_amount_min_won": "3", "weight_over_dwell": "30", "weight_silent": "25",
	"weight_pushed": "20", "weight_overdue_close": "20", "weight_no_next_step": "15", "weight_no_decision_maker": "15",
	"weight_no_quotation": "15", "weight_odd_amount": "10",
}  # fmt: skip


@pytest.mark.parametrize(("value", "name"), [(value, f) for value, names in STARTS_WITH.items() for f in names.split()])
def test_a_new_document_starts_with_what_is_usual(value, name):
	asked = [
		(doctype, df) for doctype, df in fields(name) if not (name == "start_date" and doctype != "Sales Contract")
	]
	if name == "opened_on":
		# A case is answered within hours.
		asked = [(doctype, df) for doctype, df in asked if doctype != "Customer Case"]
	if name == "sales_owner":
		asked = [(doctype, df) for doctype, df in asked if doctype in (*OWNED, "Sales Campaign", "Sales Activity")]
	assert asked and {df.get("default") for _doctype, df in asked} == {value}


def test_a_site_starts_with_what_suits_a_small_shop():
	rows = {df["fieldname"]: df.get("default") for df in doctypes()["CRM Pipeline Settings"]["fields"]}
	assert {name: rows[name] for name in SITE_STARTS_WITH} == SITE_STARTS_WITH


def test_who_rings_or_writes_is_found_by_the_search_of_the_desk():
	found = flag("in_global_search")
	reach = ("contact_name", "email_id", "phone")
	whom = {(name, f) for name in ("Sales Lead", "Sales Prospect", "Sales Deal Contact") for f in reach}
	whom |= {(name, "mobile_no") for name in ("Sales Lead", "Sales Prospect")}
	titles = {(name, meta["title_field"]) for name, meta in doctypes().items() if meta.get("title_field")}
	whom |= {(name, "party_name") for name in OWNED if name != "Sales Prospect"} | {("Sales Prospect", "tax_id")}
	assert whom | titles | {("Sales Contract", "po_no"), ("Sales Order Request", "po_no")} <= found


def test_a_name_that_was_typed_is_not_overwritten_by_that_of_the_record():
	typed = {(n, df["fieldname"]) for n, meta in doctypes().items() for df in meta["fields"] if df.get("fetch_from") and not df.get("read_only")}  # fmt: skip
	# A contact's mobile number is the one to ring.
	assert typed - {("Sales Deal Contact", "mobile_no")} == flag("fetch_if_empty")


def test_a_gate_asks_for_what_its_kind_needs():
	rows = {df["fieldname"]: df for df in doctypes()["Pipeline Stage Gate"]["fields"]}
	needs = {"fieldname": Kind.FIELD, "document_type": Kind.DOCUMENT, "contact_role": Kind.ROLE, "days": Kind.ACTIVITY}
	for field, kind in needs.items():
		said = f'eval:doc.kind == "{kind.value}"'
		assert (rows[field].get("depends_on"), rows[field].get("mandatory_depends_on")) == (said, said)
	assert rows["text"]["mandatory_depends_on"] == f'eval:doc.kind == "{Kind.CHECK.value}"'
	assert rows["submitted"]["depends_on"] == rows["document_type"]["depends_on"]
	assert rows["kind"]["options"].split("\n") == [kind.value for kind in Kind]


def test_an_amount_is_typed_only_where_no_rows_say_it():
	assert [df.get("read_only_depends_on") for _doctype, df in fields("amount") if _doctype in ("Sales Opportunity", "Sales Project")] == ["eval:(doc.items||[]).length>0"] * 2  # fmt: skip


def test_who_makes_and_submits_a_document_may_amend_it_and_nobody_else():
	for name, meta in doctypes().items():
		for row in meta.get("permissions") or []:
			wanted = bool(row.get("create") and row.get("submit"))
			assert bool(row.get("amend")) is wanted, (name, row["role"])


def test_whose_changes_are_kept_and_what_may_be_called_otherwise():
	by_people = {n for n, meta in doctypes().items() if not meta.get("istable")} - set(WRITTEN_BY_THE_APP_ALONE)
	assert {n for n, meta in doctypes().items() if meta.get("track_changes")} == by_people
	named = {
		n for n, meta in doctypes().items() if (meta.get("autoname") or "").startswith("field:") and n in by_people
	}
	assert {n for n, meta in doctypes().items() if meta.get("allow_rename")} == named | {"Sales Prospect"}


@pytest.mark.parametrize("name", sorted(set(doctypes()) - set(WRITTEN_BY_THE_APP_ALONE)))
def test_what_people_write_is_cleaned_on_the_way_in(name):
	"""Rows are cleaned with their document; see chain/incoming.py."""
	path = next(p for p in doctype_files() if json.loads(p.read_text(encoding="utf-8"))["name"] == name)
	if doctypes()[name].get("istable"):
		return
	verbs = {called for called, _call in calls(tree(path.with_suffix(".py")))}
	assert verbs & {"self.take_in", "incoming.take_in", "help_wanted.follow"}
