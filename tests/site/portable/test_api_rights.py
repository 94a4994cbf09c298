"""Every endpoint asked by who may not: a stranger to sales, and with team visibility on a rep of another team."""

import inspect
from functools import cached_property

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

OTHER = USERS["other_rep"][0]
HIDDEN = "does not exist, or you have no right to see it"
OF_OTHER = {"sales_owner": OTHER}

ENDPOINTS = {
	name: function
	for name, function in vars(api).items()
	if inspect.isfunction(function) and function.__module__.startswith("crm_pipeline.api")
}

# What the endpoints that take a document are asked about, and what else they need.
ABOUT = {
	"get_ribbon": ("opportunity", {}),
	"get_chain": ("opportunity", {}),
	"get_timeline": ("opportunity", {}),
	"get_history": ("opportunity", {}),
	"get_orders": ("contract", {}),
	"get_card": ("opportunity", {}),
	"get_dwell": ("opportunity", {}),
	"get_deal_health": ("opportunity", {}),
	"get_stage_guide": ("opportunity", {}),
	"get_remaining": ("contract", {}),
	"find_customers": ("prospect", {}),
	"get_customer_page": ("prospect", {}),
	"get_customer_figures": ("prospect", {}),
	"get_customer_timeline": ("prospect", {}),
	"get_customer_panel": ("prospect", {}),
	"get_customer_people": ("prospect", {}),
	"find_customers_of_lead": ("lead", {}),
	"verify_prospect": ("prospect", {"create_new": True}),
	"reject_prospect": ("prospect", {"reason": "Spam"}),
	"reopen_prospect": ("prospect", {}),
	"qualify_lead": ("lead", {}),
	"contact_lead": ("lead", {"follow_up_date": "2030-01-01", "follow_up_plan": "Call again"}),
	"disqualify_lead": ("lead", {"reason": "No Budget"}),
	"reopen_lead": ("lead", {}),
	"convert_lead": ("lead", {"assessment": "Hot"}),
	"undo_conversion": ("lead", {}),
	"get_visitor_pages": ("lead", {}),
	"get_questionnaire": ("lead", {}),
	"answer_questions": ("lead", {"answers": {}}),
	"nurture_lead": ("lead", lambda: {"until": add_days(nowdate(), 7)}),
	"move_stage": ("opportunity", {"stage": "Standard Sales-proposal"}),
	"get_asked_of_move": ("opportunity", {"stage": "Standard Sales-proposal"}),
	"add_deal_contact": ("opportunity", {"role": "Buyer", "contact_name": "Ines Marlow"}),
	"make_contacts": ("opportunity", {}),
	"undo_move": ("opportunity", {"seen_stage": "Standard Sales-qualification"}),
	"set_next_step": ("opportunity", {"next_step": "Call"}),
	"win_deal": ("opportunity", {}),
	"lose_deal": ("opportunity", {"reason": "Price"}),
	"reopen_deal": ("opportunity", {}),
	"complete_project": ("project", {}),
	"opportunity_to_project": ("opportunity", {}),
	"make_erp_project": ("project", {}),
	"make_quotation": ("opportunity", {}),
	"make_contract": ("opportunity", {}),
	"terminate_contract": ("contract", {"reason": "Gone"}),
	"make_order_request": ("contract", {}),
	"accept_request": ("request", {}),
	"get_acceptance": ("request", {}),
	"return_request": ("request", {"reason": "Incomplete"}),
	"order_now": ("contract", {}),
	"get_amount_to_order": ("contract", {}),
	"get_assumed_delivery_date": ("contract", {}),
	"tick_check": ("opportunity", {"check": "budget"}),
	"plan_task": ("opportunity", {"task": "call"}),
	"ask_for_help": ("opportunity", {"wanted": "Price", "question": "May I?"}),
	"answer_help": ("question", {"answer": "No"}),
	"withdraw_help": ("question", {}),
	"make_cost_estimate": ("opportunity", {}),
	"get_margin": ("opportunity", {}),
	"refresh_costs": ("estimate", {}),
	"log_case": ("case", {"text": "Called them"}),
	"forward_case": ("case", {"user": OTHER}),
	"solve_case": ("case", {"solution": "A new seal"}),
	"reopen_case": ("case", {"reason": "It leaks again"}),
	"withdraw_case": ("case", {"reason": "Taken back"}),
	"wait_for_customer": ("case", {"reason": "Asked for a picture"}),
	"get_warnings": ("opportunity", {}),
	"override_warnings": ("request", {"reason": "Agreed with finance"}),
	"finish_item": ("opportunity", {}),
	"move_item": ("opportunity", lambda: {"day": add_days(nowdate(), 7)}),
	"forward_item": ("opportunity", {"user": OTHER}),
	"assign_item": ("opportunity", {"user": OTHER}),
	"acknowledge_stalled": ("opportunity", lambda: {"until": add_days(nowdate(), 7), "reason": "They are on holiday"}),
}

# Campaigns belong to nobody: out of sight of strangers only.
OF_CAMPAIGNS = ("campaign_to_lead", "campaign_to_project")

# Answers that may name a document, asked about what the other rep owns.
LISTING = {
	"get_board": {"filters": OF_OTHER},
	"get_cards": {"pipeline": "Standard Sales", "stage": "Standard Sales-qualification", "filters": OF_OTHER},
	"get_funnel_documents": {"kind": "opened", "filters": OF_OTHER},
	"get_documents_of_forecast": {"filters": OF_OTHER, "cell": {"first": "2000-01-01", "last": "2999-12-31"}},
	"get_documents_of_dwell": {"filters": OF_OTHER, "stage": "Standard Sales-qualification"},
	"get_documents_of_closed": {"filters": {**OF_OTHER, "group_by": "Competitor"}, "key": ["Rival"]},
	"get_documents_of_stalled": {"filters": OF_OTHER},
	"get_documents_listed": {"doctype": "Sales Opportunity", "filters": [["status", "!=", "None"]]},
	"get_documents_of_number": {"function": "manager", "key": "open"},
	"search_documents": {"doctype": "Sales Opportunity", "txt": "", "searchfield": "name", "start": 0, "page_len": 200},
}

# Sums and settings; what a user sees in the sums is shown in test_visibility.py.
OTHERS = {
	# Whom it names to whom: tests/site/bench/test_finding.py.
	# tests/site/portable/test_lead_scores.py.
	"get_score_choices": {},
	"learn_lead_scores": {},
	"find_person": {"text": "030 1234567"},
	"find_party": {"text": "Harbour"},
	"get_access": {"user": OTHER, "document_type": "Sales Opportunity", "document": "Any"},
	"get_access_numbers": {"user": OTHER},
	# Whose activities and days: tests/site/bench/test_my_day.py, test_calendar_feed.py.
	"log_activity": {"values": {"subject": "Call"}},
	"get_activity_events": {"doctype": "Sales Activity", "start": "2026-01-01 00:00:00", "end": "2026-02-01 00:00:00"},
	"get_calendar_feed": {},
	"make_calendar_feed": {},
	"close_calendar_feed": {},
	"get_my_day": {},
	"get_workspace_numbers": {"function": "rep"},
	"get_board_totals": {"pipeline": "Standard Sales"},
	"get_cost_gate": {},
	"enter_deal": {"doctype": "Sales Opportunity", "values": {}},
	# ERPNext's own lists show whose orders they are.
	"get_documents_of_orders": {},
	# Only requests that wait, which the order desk sees: test_figure_documents.py.
	"get_documents_of_queue": {},
	# Whose invoices they show to whom: tests/site/bench/test_receivables.py, test_promises.py, test_contract_money.py.
	"get_documents_of_overdue": {},
	"get_documents_of_contract": {"contract": "Any", "number": "paid"},
	"get_owed_invoices": {"customer": "Any"},
	"get_promise_of_invoice": {"invoice": "Any"},
	"withdraw_promise": {"name": "Any"},
	# tests/site/bench/test_handovers.py.
	"prepare_handover": {"name": "Any"},
	"start_handover": {"name": "Any"},
	# tests/site/portable/test_desk_import.py.
	"preview_import": {"name": "Any"},
	"get_import_check": {"name": "Any"},
	"start_import": {"name": "Any"},
	"stop_import": {"name": "Any"},
	"undo_import": {"name": "Any"},
	# tests/site/portable/test_segment_members.py.
	# tests/site/bench/test_capture.py.
	"capture_lead": {"key": "Any", "values": {}},
	"get_segment_records": {"name": "Any"},
	"take_segment_snapshot": {"name": "Any"},
	"get_handover_progress": {"name": "Any"},
	# tests/site/portable/test_public_pool.py.
	"claim_from_pool": {"doctype": "Sales Lead", "name": "Any"},
	"give_from_pool": {"doctype": "Sales Lead", "names": ["Any"], "user": OTHER},
	"release_to_pool": {"doctype": "Sales Lead", "names": ["Any"], "reason": "Any"},
	# tests/site/portable/test_assignment.py.
	"assign_leads": {"leads": ["Any"]},
	"get_assignment_rehearsal": {},
	# tests/site/bench/test_native_override.py.
	"override_order_warnings": {"name": "Any", "reason": "Agreed with finance"},
	"get_forecast": {},
	"get_forecast_accuracy": {},
	"get_forecast_movement": {},
	"get_forecast_split": {"dimension": "territory"},
	"get_funnel": {},
	"get_funnel_flow": {},
	"get_funnel_outline": {},
	"get_list_price": {"doc": {}, "row": {}},
	"get_stage_followers": {"stage": "Standard Sales-qualification"},
	"get_win_rates": {},
	"take_forecast_snapshot": {},
	"get_pipeline_state": {},
	"catch_up_now": {},
	"get_visibility": {},
	# Customers and contacts are ERPNext's: whom they show to whom is in tests/site/bench/test_relations.py.
	"get_org_chart": {"customer": "Any"},
	# What is said of whom: tests/site/bench/test_same_ones.py.
	"find_similar": {"doctype": "Sales Prospect", "values": {"name": "Harbour"}},
	"get_comparison": {"doctype": "Sales Prospect", "gone": "Any", "kept": "Other"},
	"merge_records": {"doctype": "Sales Prospect", "gone": "Any", "kept": "Other"},
	"mark_not_duplicate": {"pair": "Any"},
	"unmark_not_duplicate": {"pair": "Any"},
	"get_network": {"doctype": "Customer", "name": "Any"},
	"set_superior": {"position": "Any"},
	"give_post": {"customer": "Any", "contact": "Any"},
	"move_contact": {"position": "Any", "customer": "Any", "day": "2030-01-01"},
}

# ERPNext lets every employee read companies, so this one refuses only who is not logged in.
EMPLOYEES_MAY = {
	"get_exchange_rate": {"currency": "USD"},
	"search_users": {"doctype": "User", "txt": "", "searchfield": "name", "start": 0, "page_len": 20},
}

# Says of each deal whether it was given away; see test_visibility.py.
ANSWERS_PER_DEAL = {"reassign_deals": {"doctype": "Sales Opportunity", "sales_owner": OTHER}}

TABLES = (ABOUT, OF_CAMPAIGNS, LISTING, OTHERS, EMPLOYEES_MAY, ANSWERS_PER_DEAL)


class Made:
	"""Documents of whoever is logged in when they are asked for."""

	def __init__(self, sale):
		self.sale = sale

	@cached_property
	def lead(self):
		return self.sale.lead()

	@cached_property
	def prospect(self):
		return frappe.get_doc("Sales Prospect", self.lead.prospect)

	@cached_property
	def opportunity(self):
		return self.sale.opportunity()

	@cached_property
	def project(self):
		return frappe.get_doc("Sales Project", api.opportunity_to_project(self.opportunity.name)["name"])

	@cached_property
	def contract(self):
		return self.sale.contract()

	@cached_property
	def request(self):
		return self.sale.request(self.contract)

	@cached_property
	def question(self):
		asked = api.ask_for_help(self.opportunity.doctype, self.opportunity.name, "Price", "May I give five per cent?")
		return frappe.get_doc(asked["doctype"], asked["name"])

	@cached_property
	def estimate(self):
		made = api.make_cost_estimate(self.opportunity.doctype, self.opportunity.name)
		return frappe.get_doc(made["doctype"], made["name"])

	@cached_property
	def case(self):
		return self.sale.case()

	@cached_property
	def campaign(self):
		company = self.sale.world.company
		return frappe.get_doc({"doctype": "Sales Campaign", "title": "Boat show", "company": company}).insert()


@pytest.fixture
def made(sale):
	return Made(sale)


def arguments(endpoint: str, made: Made) -> dict:
	"""The least that an endpoint takes, about a document that is made for it."""
	if endpoint in EMPLOYEES_MAY:
		given = EMPLOYEES_MAY[endpoint]
		return {**given, "company": made.sale.world.company} if "currency" in given else given
	if endpoint in ANSWERS_PER_DEAL:
		return {**ANSWERS_PER_DEAL[endpoint], "names": [made.opportunity.name]}
	if endpoint in OTHERS or endpoint in LISTING:
		return {**OTHERS, **LISTING}[endpoint]
	kind, more = ABOUT.get(endpoint, ("campaign", {}))
	doc = getattr(made, kind)
	takes = inspect.signature(ENDPOINTS[endpoint]).parameters
	about = {"doctype": doc.doctype, "name": doc.name} if "doctype" in takes else {next(iter(takes)): doc.name}
	return {**about, **(more() if callable(more) else more)}


def test_every_endpoint_is_asked_here():
	assert sorted(name for table in TABLES for name in table) == sorted(ENDPOINTS)


@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS))
def test_a_stranger_is_refused(made, as_user, endpoint):
	given = arguments(endpoint, made)
	as_user("Guest" if endpoint in EMPLOYEES_MAY else "stranger")
	with refused(frappe.PermissionError):
		ENDPOINTS[endpoint](**given)


@pytest.mark.parametrize("endpoint", sorted(ABOUT))
def test_a_rep_is_refused_what_belongs_to_another_team(made, as_user, endpoint):
	as_user("other_rep")
	given = arguments(endpoint, made)
	set_apart()
	as_user("rep")
	# Refused because it is hidden: a missing role or not being asked is told in other words.
	with refused(frappe.PermissionError, match=HIDDEN):
		ENDPOINTS[endpoint](**given)


@pytest.mark.parametrize("endpoint", sorted(LISTING))
def test_a_list_names_a_deal_to_its_own_team_only(made, as_user, endpoint):
	as_user("other_rep")
	deal = made.opportunity
	if endpoint == "get_documents_of_closed":
		frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Rival"}).insert()
		deal.append("competitors", {"competitor": "Rival"})
		deal.save()
		as_user("Administrator")
		frappe.db.set_value("Sales Pipeline", deal.pipeline, "allow_win_by_hand", 1)
		as_user("other_rep")
		api.win_deal(deal.doctype, deal.name)
	if endpoint == "get_documents_of_stalled":
		frappe.db.set_value(deal.doctype, deal.name, "is_stalled", 1)
	set_apart()
	as_user("other_rep")
	assert deal.name in frappe.as_json(ENDPOINTS[endpoint](**LISTING[endpoint]))
	as_user("rep")
	assert deal.name not in frappe.as_json(ENDPOINTS[endpoint](**LISTING[endpoint]))


def test_the_chain_leaves_out_a_link_that_its_reader_may_not_open(made, as_user):
	as_user("other_rep")
	project = made.project
	frappe.db.set_value(project.doctype, project.name, {"sales_owner": USERS["rep"][0], "sales_person": None})
	set_apart()
	whole = [{"doctype": doc.doctype, "name": doc.name} for doc in (made.opportunity, project)]
	as_user("rep")
	assert api.get_chain(project.doctype, project.name) == whole[1:]
	as_user("manager")
	with refused(frappe.PermissionError):
		api.get_chain(project.doctype, project.name)
	as_user("desk")
	assert api.get_chain(project.doctype, project.name) == whole


@pytest.mark.parametrize("endpoint", ["get_board", "get_board_totals", "get_cards"])
def test_a_board_is_shown_to_who_may_read_its_pipeline(site, as_user, endpoint):
	permission = {"user": USERS["rep"][0], "allow": "Sales Pipeline", "for_value": "Standard Projects"}
	frappe.get_doc({"doctype": "User Permission", **permission}).insert()
	given = {"pipeline": "Standard Sales", "stage": "Standard Sales-qualification"}
	takes = inspect.signature(ENDPOINTS[endpoint]).parameters
	as_user("rep")
	with refused(frappe.PermissionError):
		ENDPOINTS[endpoint](**{name: value for name, value in given.items() if name in takes})


def test_who_explains_access_must_see_the_document(site):
	with refused(frappe.PermissionError, match=HIDDEN):
		api.get_access(OTHER, "Sales Opportunity", "OPP-NONE")


def test_a_message_escapes_what_somebody_typed(site):
	from crm_pipeline.wording import bold

	assert "<img" not in bold("<img src=x onerror=alert(1)>") and "Pumps" in bold("Pumps")
