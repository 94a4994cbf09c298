"""States on a real site: one setter, states of the site's own, a Workflow on our own field, translated words."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import finding
from crm_pipeline.leads.qualification import LeadStateError
from tests.site.portable.test_states import states
from tests.site.world import refused

REP = "rep@crm-test.example"


@pytest.fixture
def option(rolled_back):
	"""option(doctype, name): a state that an admin added to a type in Customize Form."""
	touched = set()

	def add(doctype: str, name: str) -> None:
		from frappe.custom.doctype.property_setter.property_setter import make_property_setter

		options = frappe.get_meta(doctype).get_field("status").options
		make_property_setter(
			doctype, "status", "options", f"{options}\n{name}", "Text", validate_fields_for_doctype=False
		)
		touched.add(doctype)
		frappe.clear_cache(doctype=doctype)

	yield add
	frappe.db.rollback()
	for doctype in touched:
		frappe.clear_cache(doctype=doctype)


# ---- states of the site's own


def test_a_lead_in_a_state_of_the_site_stays_there_is_open_and_is_converted_from_there(sale, option):
	option("Sales Lead", "Nurturing")
	before = api.get_visibility()["total"]
	lead = sale.lead()
	lead.status = "Nurturing"
	lead.save()
	lead.title = "Four pumps, later"
	lead.save()
	assert frappe.db.get_value("Sales Lead", lead.name, "status") == "Nurturing"
	assert api.get_visibility()["total"] == before + 1
	assert lead.name in [row["name"] for row in finding.who_is(lead.email_id)]
	api.convert_lead(lead.name, assessment="Hot")
	assert states(lead) == [("State", "New", "Nurturing"), ("State", "Nurturing", "Converted")]
	lead.reload()
	lead.status = "Nurturing"
	with refused(LeadStateError, match="can't become Nurturing"):
		lead.save()


def test_an_undone_conversion_leads_back_to_the_state_of_the_site(sale, option):
	option("Sales Lead", "Nurturing")
	lead = sale.lead()
	lead.status = "Nurturing"
	lead.save()
	api.convert_lead(lead.name, assessment="Hot")
	api.undo_conversion(lead.name)
	assert frappe.db.get_value("Sales Lead", lead.name, "status") == "Nurturing"


@pytest.mark.parametrize("before", ["Planned", "Completed"])
def test_a_campaign_keeps_a_state_of_the_site(world, option, before):
	option("Sales Campaign", "On Hold")
	campaign = frappe.get_doc(
		{
			"doctype": "Sales Campaign",
			"title": "Fair",
			"campaign_type": "Exhibition",
			"company": world.company,
			"status": before,
		}
	).insert()
	campaign.status = "On Hold"
	campaign.save()
	campaign.save()
	assert frappe.db.get_value("Sales Campaign", campaign.name, "status") == "On Hold"
	campaign.status = "Running"
	campaign.save()
	assert [row[2] for row in states(campaign)] == ["On Hold", "Running"]


@pytest.mark.parametrize("kind", ["contract", "request"])
def test_a_draft_in_a_state_of_the_site_keeps_it_until_it_is_submitted(sale, option, kind):
	contract = sale.contract(submit=kind == "request")
	draft = contract if kind == "contract" else sale.request(contract, submit=False)
	option(draft.doctype, "Legal Review")
	draft.db_set("status", "Legal Review")
	draft = frappe.get_doc(draft.doctype, draft.name)
	draft.save()
	assert draft.status == "Legal Review"
	draft.submit()
	assert draft.status == ("Active" if kind == "contract" else "Requested")


def test_a_workflow_on_our_own_status_moves_a_lead(sale, option):
	from frappe.model.workflow import apply_workflow

	option("Sales Lead", "Nurturing")
	for state in ("New", "Nurturing", "Qualified"):
		if not frappe.db.exists("Workflow State", state):
			frappe.get_doc({"doctype": "Workflow State", "workflow_state_name": state}).insert()
	frappe.get_doc({"doctype": "Workflow Action Master", "workflow_action_name": "Nurture"}).insert(
		ignore_if_duplicate=True
	)
	lead = sale.lead()
	frappe.get_doc({
		"doctype": "Workflow", "workflow_name": "Nurturing", "document_type": "Sales Lead", "is_active": 1,
		"workflow_state_field": "status", "send_email_alert": 0,
		"states": [{"state": s, "doc_status": "0", "allow_edit": "Sales User"} for s in ("New", "Nurturing", "Qualified")],
		"transitions": [
			{"state": "New", "action": "Nurture", "next_state": "Nurturing", "allowed": "Sales User"},
			{"state": "Nurturing", "action": "Nurture", "next_state": "Qualified", "allowed": "Sales User"},
		],
	}).insert()  # fmt: skip
	frappe.clear_cache(doctype="Sales Lead")
	lead = frappe.get_doc("Sales Lead", lead.name)
	for state in ("Nurturing", "Qualified"):
		lead = apply_workflow(lead, "Nurture")
		assert frappe.db.get_value("Sales Lead", lead.name, "status") == state
	assert states(lead) == [("State", "New", "Nurturing"), ("State", "Nurturing", "Qualified")]


def test_a_refusal_speaks_the_words_of_the_site(sale):
	lead = sale.lead()
	api.convert_lead(lead.name, assessment="Hot")
	language, words = frappe.local.lang, {"Converted": "Gewandelt", "New": "Frisch"}
	for source, text in words.items():
		frappe.get_doc(
			{"doctype": "Translation", "language": "de", "source_text": source, "translated_text": text}
		).insert()
	try:
		frappe.local.lang = "de"
		with refused(LeadStateError, match="Gewandelt.*Frisch"):
			api.reopen_lead(lead.name)
	finally:
		frappe.local.lang = language
		frappe.db.rollback()
		frappe.translate.clear_cache()


# ---- what a move costs


def test_a_move_reads_its_pipeline_its_stages_and_its_gates_once(sale, monkeypatch):
	"""With warm caches that makes 45 statements, as many as with 0.3; some more where they are cold."""
	deal, asked, run = sale.opportunity(), [], frappe.db.sql
	stages = frappe.get_all(
		"Pipeline Stage",
		filters={"pipeline": deal.pipeline, "stage_type": "Open"},
		pluck="name",
		order_by="position asc",
	)
	api.move_stage(deal.doctype, deal.name, stages[1])
	monkeypatch.setattr(
		frappe.db, "sql", lambda query, *args, **kwargs: asked.append(str(query)) or run(query, *args, **kwargs)
	)
	api.move_stage(deal.doctype, deal.name, stages[2])
	monkeypatch.undo()
	for what in ("`position`,`stage_type`", "`allow_skip`", "`tabPipelineStageGate`"):
		# 16 writes no space between two columns.
		told = [query for query in asked if what in query.replace(" ", "")]
		assert len(told) == 1, what
	assert len(asked) <= 55, "\n".join(asked)
