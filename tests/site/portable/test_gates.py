"""Gates of stages: what is missing is said in one message, wherever the move comes from."""

import frappe
import pytest
from frappe.utils import now_datetime

from crm_pipeline import api
from crm_pipeline.deals.move_rules import StageMoveError
from tests.site.world import refused

PIPELINE = "Standard Sales"


def stage(key: str) -> str:
	return frappe.db.get_value("Pipeline Stage", {"pipeline": PIPELINE, "stage_key": key}, "name")


@pytest.fixture
def gate(site):
	"""gate("qualification", kind=..., ...) puts one more gate at the exit of a stage; answers its key."""

	def add(key: str, **values) -> str:
		user, doc = frappe.session.user, frappe.get_doc("Pipeline Stage", stage(key))
		frappe.set_user("Administrator")
		row = doc.append("gates", values)
		doc.save()
		frappe.set_user(user)
		return row.name

	return add


def by_api(deal, to):
	api.move_stage(deal.doctype, deal.name, to)


def by_form(deal, to):
	doc = frappe.get_doc(deal.doctype, deal.name)
	doc.stage = to
	doc.save()


def by_set_value(deal, to):
	from frappe.client import set_value

	set_value(deal.doctype, deal.name, "stage", to)


def by_bulk_edit(deal, to):
	"""Answers its errors instead of raising them: raise what it says."""
	from frappe.client import bulk_update

	failed = bulk_update(frappe.as_json([{"doctype": deal.doctype, "docname": deal.name, "stage": to}]))["failed_docs"]
	if failed:
		raise StageMoveError(failed[0]["exc"])


WAYS = (by_api, by_form, by_set_value, by_bulk_edit)
each_way = pytest.mark.parametrize("way", WAYS)


def stage_of(deal) -> str:
	return frappe.db.get_value(deal.doctype, deal.name, "stage")


def activity(deal, days_ago: int, status: str = "Done"):
	return frappe.get_doc(
		{
			"doctype": "Sales Activity",
			"subject": "Talked",
			"status": status,
			"starts_on": frappe.utils.add_to_date(now_datetime(), days=-days_ago, minutes=-1),
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
		}
	).insert()


def fill_next_step(deal):
	doc = frappe.get_doc(deal.doctype, deal.name)
	doc.next_step = "Send drawings"
	doc.save()


def add_decider(deal):
	doc = frappe.get_doc(deal.doctype, deal.name)
	doc.append("contacts", {"contact_name": "Ines Marlow", "role": "Decision Maker"})
	doc.save()


def quote(deal):
	made = api.make_quotation(deal.doctype, deal.name)
	frappe.get_doc(made["doctype"], made["name"]).submit()


def tick_first(deal):
	doc = frappe.get_doc(deal.doctype, deal.name)
	doc.checks[0].done = 1
	doc.save()


KINDS = {
	"field": ({"kind": "Field Filled", "fieldname": "next_step"}, "Next Step", fill_next_step),
	"check": ({"kind": "Check", "text": "Budget confirmed"}, "Budget confirmed", tick_first),
	"document": ({"kind": "Document Exists", "document_type": "Quotation"}, "Quotation submitted", quote),
	"role": ({"kind": "Contact With Role", "contact_role": "Decision Maker"}, "role Decision Maker", add_decider),
	"activity": ({"kind": "Recent Activity", "days": 14}, "last 14 days", lambda deal: activity(deal, 13)),
}


@each_way
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_gate_refuses_until_it_is_met(sale, as_user, gate, kind, way):
	values, message, meet = KINDS[kind]
	gate("qualification", **values)
	as_user("rep")
	deal = sale.opportunity()
	with refused(StageMoveError, match=f"(?s)Still missing before .*Needs Analysis.*{message}"):
		way(deal, stage("needs_analysis"))
	assert stage_of(deal) == stage("qualification")
	meet(deal)
	way(deal, stage("needs_analysis"))
	assert stage_of(deal) == stage("needs_analysis")


def test_one_message_names_everything_and_what_was_typed_is_kept(sale, as_user, gate):
	for values, _message, _meet in KINDS.values():
		gate("qualification", **values)
	as_user("rep")
	deal = sale.opportunity()
	doc = frappe.get_doc(deal.doctype, deal.name)
	doc.stage, doc.title = stage("proposal"), "Pumps for two harbours"
	with pytest.raises(StageMoveError) as told:
		doc.save()
	text = str(told.value)
	assert all(message in text for _values, message, _meet in KINDS.values())
	assert text.index("Next Step") < text.index("Budget") < text.index("Quotation") < text.index("Decision")
	assert (doc.title, doc.stage) == ("Pumps for two harbours", stage("proposal"))


def test_a_draft_or_a_cancelled_quotation_is_no_submitted_one(sale, as_user, gate):
	gate("qualification", kind="Document Exists", document_type="Quotation")
	gate("needs_analysis", kind="Document Exists", document_type="Quotation", submitted=0)
	as_user("manager")
	deal = sale.opportunity()
	made = api.make_quotation(deal.doctype, deal.name)
	with refused(StageMoveError, match="Quotation submitted"):
		by_api(deal, stage("needs_analysis"))
	quotation = frappe.get_doc("Quotation", made["name"])
	quotation.submit()
	by_api(deal, stage("needs_analysis"))
	by_api(deal, stage("qualification"))
	quotation.cancel()
	with refused(StageMoveError, match="Quotation submitted.*Quotation made"):
		by_api(deal, stage("proposal"))


def test_planned_old_and_other_deals_activities_do_not_count(sale, as_user, gate):
	gate("qualification", kind="Recent Activity", days=7)
	as_user("rep")
	deal, other = sale.opportunity(), sale.opportunity()
	activity(deal, 8)
	activity(deal, 1, status="Planned")
	activity(other, 1)
	with refused(StageMoveError, match="last 7 days"):
		by_api(deal, stage("proposal"))
	activity(deal, 7)
	by_api(deal, stage("proposal"))


def test_skipping_a_stage_passes_its_gates_too(sale, as_user, gate):
	gate("needs_analysis", kind="Check", text="Users were heard")
	as_user("rep")
	deal = sale.opportunity()
	with refused(StageMoveError, match="Users were heard"):
		by_api(deal, stage("proposal"))
	by_api(deal, stage("needs_analysis"))
	with refused(StageMoveError, match="Users were heard"):
		sale.opportunity(stage=stage("negotiation"))


def test_moving_back_losing_and_returning_are_not_gated(sale, as_user, gate):
	as_user("rep")
	deal = sale.opportunity()
	by_api(deal, stage("negotiation"))
	for key in ("qualification", "needs_analysis", "proposal", "negotiation"):
		gate(key, kind="Field Filled", fieldname="next_step")
	by_api(deal, stage("proposal"))
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	api.reopen_deal(deal.doctype, deal.name)
	assert stage_of(deal) == stage("proposal")
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	with refused(StageMoveError, match="Next Step"):
		by_api(deal, stage("negotiation"))


def test_winning_by_hand_passes_all_gates_and_a_contract_passes_none(sale, as_user, gate):
	frappe.db.set_value("Sales Pipeline", PIPELINE, "allow_win_by_hand", 1)
	gate("negotiation", kind="Field Filled", fieldname="next_step")
	as_user("manager")
	deal = sale.opportunity()
	with refused(StageMoveError, match="Next Step"):
		api.win_deal(deal.doctype, deal.name)
	contract = api.make_contract(deal.doctype, deal.name)
	frappe.get_doc("Sales Contract", contract["name"]).submit()
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Won"


def test_history_that_is_imported_is_not_gated(sale, world, as_user, gate):
	gate("qualification", kind="Field Filled", fieldname="next_step")
	deal = frappe.new_doc("Sales Opportunity")
	deal.update(
		{"title": "From the old CRM", "customer": world.customer, "company": world.company, "stage": stage("proposal")}
	)
	deal.flags.history_import = True
	deal.insert()
	assert stage_of(deal) == stage("proposal")


def test_an_amount_of_zero_is_a_deal_but_no_filled_field(sale, as_user, gate):
	gate("needs_analysis", kind="Field Filled", fieldname="amount")
	as_user("rep")
	deal = sale.opportunity(items=[]).reload()
	assert (deal.amount, deal.base_amount) == (0, 0)
	by_api(deal, stage("needs_analysis"))
	with refused(StageMoveError, match="Amount"):
		by_api(deal, stage("proposal"))


def test_an_admins_own_words_replace_the_usual_ones_and_are_no_markup(sale, as_user, gate):
	gate("qualification", kind="Field Filled", fieldname="next_step", text="Say what < how comes next")
	as_user("rep")
	deal = sale.opportunity()
	with refused(StageMoveError, match="Say what &lt; how comes next"):
		by_api(deal, stage("proposal"))


def test_a_sales_project_has_gates_like_an_opportunity(sale, as_user):
	planning = frappe.get_doc("Pipeline Stage", {"pipeline": "Standard Projects", "stage_key": "planning"})
	planning.append("gates", {"kind": "Field Filled", "fieldname": "start_date"})
	planning.append("gates", {"kind": "Check", "text": "The team is complete"})
	planning.save()
	solution = frappe.db.get_value("Pipeline Stage", {"pipeline": "Standard Projects", "stage_key": "solution"})
	as_user("rep")
	made = api.opportunity_to_project(sale.opportunity().name)
	project = frappe.get_doc(made["doctype"], made["name"])
	with refused(StageMoveError, match="Start.*The team is complete"):
		by_api(project, solution)
	project.reload()
	project.start_date, project.checks[0].done = frappe.utils.nowdate(), 1
	project.stage = solution
	project.save()
	assert stage_of(project) == solution


def test_a_cost_estimate_of_the_deal_is_a_document_that_may_be_asked_for(sale, world, as_user, gate):
	gate("qualification", kind="Document Exists", document_type="Cost Estimate")
	as_user("manager")
	pumps = [{"item_code": world.pump, "qty": 4, "rate": 100}]
	deal, other = sale.opportunity(items=pumps), sale.opportunity(items=pumps)
	for one in (deal, other):
		with refused(StageMoveError, match="Cost Estimate submitted"):
			by_api(one, stage("proposal"))
	made = api.make_cost_estimate(deal.doctype, deal.name)
	with refused(StageMoveError, match="Cost Estimate submitted"):
		by_api(deal, stage("proposal"))
	frappe.get_doc(made["doctype"], made["name"]).submit()
	by_api(deal, stage("proposal"))
	with refused(StageMoveError, match="Cost Estimate submitted"):
		by_api(other, stage("proposal"))


# ---- the checklist


def test_checks_stand_on_the_deal_and_remember_who_ticked_them(sale, as_user, gate):
	key = gate("qualification", kind="Check", text="Budget confirmed")
	later = gate("proposal", kind="Check", text="References named")
	user = as_user("rep")
	deal = sale.opportunity()
	assert [(row.gate, row.stage, row.text, row.done) for row in deal.checks] == [
		(key, stage("qualification"), "Budget confirmed", 0),
		(later, stage("proposal"), "References named", 0),
	]
	api.tick_check(deal.doctype, deal.name, key)
	deal.reload()
	row = deal.checks[0]
	assert (row.done, row.done_by) == (1, user) and row.done_on
	as_user("other_rep")
	doc = frappe.get_doc(deal.doctype, deal.name)
	doc.checks[0].done_by = frappe.session.user
	doc.title = "Renamed"
	doc.save()
	assert doc.checks[0].done_by == user
	api.tick_check(deal.doctype, deal.name, key, done=0)
	deal.reload()
	assert (deal.checks[0].done, deal.checks[0].done_by, deal.checks[0].done_on) == (0, None, None)


def test_a_check_that_came_later_can_be_ticked_at_once(sale, as_user, gate):
	as_user("rep")
	deal = sale.opportunity()
	key = gate("qualification", kind="Check", text="Budget confirmed")
	api.tick_check(deal.doctype, deal.name, key)
	by_api(deal, stage("needs_analysis"))
	with pytest.raises(frappe.ValidationError, match="no longer asked"):
		api.tick_check(deal.doctype, deal.name, "nothing")


def test_who_may_not_change_a_deal_ticks_nothing(sale, as_user, gate):
	key = gate("qualification", kind="Check", text="Budget confirmed")
	as_user("rep")
	deal = sale.opportunity()
	for who in ("stranger", "finance"):
		as_user(who)
		with pytest.raises(frappe.PermissionError):
			api.tick_check(deal.doctype, deal.name, key)


def test_a_copy_starts_with_nothing_ticked(sale, as_user, gate):
	gate("qualification", kind="Check", text="Budget confirmed")
	as_user("rep")
	deal = sale.opportunity()
	tick_first(deal)
	copy = frappe.copy_doc(frappe.get_doc(deal.doctype, deal.name), ignore_no_copy=False).insert()
	assert [(row.text, row.done) for row in copy.checks] == [("Budget confirmed", 0)]


# ---- gates that make no sense


@pytest.mark.parametrize(
	("values", "message"),
	[
		({"kind": "Field Filled"}, "Gate 1 .*Field"),
		({"kind": "Field Filled", "fieldname": "no_such_field"}, "no field .*no_such_field"),
		({"kind": "Field Filled", "fieldname": "forecast_section"}, "no field"),
		({"kind": "Check"}, "Gate 1 .*Text"),
		({"kind": "Document Exists"}, "Gate 1 .*Document"),
		({"kind": "Contact With Role"}, "Gate 1 .*Role"),
		({"kind": "Recent Activity", "days": 0}, "Gate 1 .*Days"),
	],
)
def test_a_gate_says_what_it_asks(values, message):
	doc = frappe.get_doc("Pipeline Stage", stage("qualification"))
	doc.append("gates", values)
	with pytest.raises(frappe.ValidationError, match=message):
		doc.save()


def test_a_field_that_was_removed_blocks_nobody(sale, as_user, gate):
	key = gate("qualification", kind="Field Filled", fieldname="next_step")
	frappe.db.set_value("Pipeline Stage Gate", key, "fieldname", "field_of_another_day")
	as_user("rep")
	deal = sale.opportunity()
	by_api(deal, stage("needs_analysis"))
	assert stage_of(deal) == stage("needs_analysis")


def test_the_standard_pipelines_guide_without_gates():
	assert not frappe.get_all("Pipeline Stage Gate", filters={"parent": ("like", "Standard %")}, order_by="name asc")
