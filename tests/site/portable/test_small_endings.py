"""How deals end and begin again, and what goes on with them: losing, signing, moving, taking back, following quotations."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.chain import finding, ledger, sources
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import won_amounts
from crm_pipeline.leads import origins, qualification
from crm_pipeline.orders import new_contract
from crm_pipeline.parties import verification
from tests.site import rows
from tests.site.health import stage
from tests.site.portable.test_win_loss import competitor
from tests.site.world import history, refused

DEAL, PROJECT = "Sales Opportunity", "Sales Project"


def test_a_competitor_that_is_on_the_deal_is_not_added_when_it_is_lost_to_them(sale):
	known, new = competitor("Rival Pumps"), competitor("Quay Pumps")
	deal = sale.opportunity(competitors=[{"competitor": known}])
	for to, expected in ((known, [known]), (new, [known, new])):
		api.lose_deal(deal.doctype, deal.name, "Price", competitor=to)
		deal.reload()
		assert (deal.lost_to, [row.competitor for row in deal.competitors]) == (to, expected)
		api.reopen_deal(deal.doctype, deal.name)


def test_projects_follow_the_quotation_of_the_opportunity_that_they_run(sale, world, monkeypatch):
	deal, renewed = sale.opportunity(), []
	about = {"docstatus": 0, "source_type": DEAL, "source_name": deal.name}
	runs = [rows.row(PROJECT, **{**about, "outcome": outcome}) for outcome in ("Won", "Lost", None)]
	rows.row(PROJECT, **{**about, "outcome": "Won", "source_name": "Another"})
	rows.row(PROJECT, **{**about, "outcome": "Won", "source_type": "Sales Lead"})
	monkeypatch.setattr(won_amounts, "refresh", lambda *about: renewed.append(about))
	won_amounts.follow_quotation(DEAL, deal.name)
	assert renewed == [(PROJECT, runs[0])], "an open deal waits for its end"
	deal.db_set("outcome", "Won")
	won_amounts.follow_quotation(DEAL, deal.name)
	assert renewed[1:] == [(DEAL, deal.name), (PROJECT, runs[0])]
	won_amounts.follow_quotation(PROJECT, runs[0])
	assert renewed[3:] == [(PROJECT, runs[0])]


def test_a_lead_that_was_converted_twice_goes_back_to_where_it_was_last(sale, world):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	for before in ("Qualified", "Contacted"):
		ledger.record(lead, "State", before, "Converted")
	frappe.db.set_value(lead.doctype, lead.name, "status", "Converted")
	lead.reload()
	qualification._take_back(lead)
	assert frappe.db.get_value(lead.doctype, lead.name, "status") == "Contacted"


def test_a_lead_counts_for_the_project_that_it_became(sale, world):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	project = rows.row(PROJECT, docstatus=0, source_type="Sales Lead", source_name=lead.name)
	assert origins.deals_of(lead.name) == [(PROJECT, project)]
	assert origins.leads_of(PROJECT, [project]) == {project: [lead.name]}


@pytest.mark.parametrize("taken", [False, True])
def test_an_amended_contract_takes_the_place_of_the_cancelled_one_unless_another_has_it(sale, taken):
	deal = sale.opportunity()
	first = sale.contract(source_type=deal.doctype, source_name=deal.name)
	key = f"{deal.doctype}:{deal.name}"
	first.db_set("conversion_key", key)
	sale.cancel(first)
	other = None
	if taken:
		other = sale.contract(submit=False, source_type=deal.doctype, source_name=deal.name)
		other.db_set("conversion_key", key)
	amended = sale.amend(first, submit=False)
	assert (amended.conversion_key or None) == (None if taken else key)
	assert api.make_contract(deal.doctype, deal.name)["name"] == (other or amended).name


def test_a_day_in_the_future_that_was_there_before_stops_no_later_save(sale):
	contract = sale.contract(submit=False)
	ahead = add_days(nowdate(), 9)
	with refused(match="is in the future"):
		contract.update({"signed_on": ahead}).save()
	contract.db_set("signed_on", ahead)
	contract.reload()
	contract.update({"title": "By another hand"}).save()
	assert contract.title == "By another hand"


@pytest.mark.parametrize(
	("sent", "expected"),
	[
		({}, (50, "Best Case", 0)),
		({"probability": 33}, (33, "Best Case", 1)),
		({"probability": 50}, (50, "Best Case", 0)),
		({"forecast_category": "Commit"}, (50, "Commit", 0)),
	],
)
def test_what_somebody_sets_while_moving_a_deal_stands(sale, sent, expected):
	deal = sale.opportunity()
	deal.update({"stage": stage("proposal"), **sent}).save()
	deal.reload()
	assert (deal.probability, deal.forecast_category, deal.own_probability) == expected


def test_contacts_join_a_customer_only_by_who_may_change_it(sale, as_user, monkeypatch):
	prospect = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": "Quay Works", "company": sale.world.company}
	).insert()
	carried = []
	monkeypatch.setattr(verification.customers, "carry_reach", lambda *about: carried.append(about[1:]))
	monkeypatch.setattr(verification.rights, "has", lambda *about: about != ("Customer", sale.world.customer, "write"))
	assert verification.verify(prospect.name, customer=sale.world.customer) == sale.world.customer
	assert carried == [] and "no right to change Customer" in str(frappe.local.message_log)
	again = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": "Other Works", "company": sale.world.company}
	).insert()
	monkeypatch.setattr(verification.rights, "has", lambda *about: True)
	verification.verify(again.name, customer=sale.world.customer)
	assert carried == [(sale.world.customer, False)]


def test_the_last_event_of_a_document_and_a_related_one_is_its_own(sale):
	deal, other = sale.opportunity(), sale.opportunity()
	first, second = Ref("Quotation", "Q-1"), Ref("Quotation", "Q-2")
	for doc, related, to in (
		(deal, first, "Draft"),
		(deal, first, "Open"),
		(deal, second, "Lost"),
		(other, first, "X"),
	):
		ledger.record(doc, "Quotation", None, to, related=related)
	ledger.record(deal, "Override", None, "Y", related=first)
	assert ledger.last_value(Ref(DEAL, deal.name), "Quotation", first) == "Open"
	assert ledger.last_value(Ref(DEAL, deal.name), "Quotation", Ref("Quotation", "Q-9")) is None


@pytest.mark.parametrize(
	("doctype", "values"),
	[
		("Sales Activity", {}),
		("Cost Estimate", {}),
		("Sales Help Request", {}),
		("Sales Memo", {}),
		("Sales Memo", {"copied_from": "MEMO-1"}),
		("Sales Lead", {}),
		("Sales Activity", {"reference_doctype": PROJECT}),
	],
)
def test_a_conversion_is_taken_back_as_long_as_nothing_was_built_on_its_deal(sale, doctype, values):
	deal = sale.opportunity()
	qualification._refuse_if_built_on(deal)
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	about = {"joined_opportunity": deal.name} if doctype == "Sales Lead" else about
	name = rows.row(doctype, docstatus=0, **{**about, **values})
	if values:
		qualification._refuse_if_built_on(deal)
		return
	with refused(qualification.LeadStateError, match=f"can't be undone any more: {doctype} {name}"):
		qualification._refuse_if_built_on(deal)


@pytest.mark.parametrize("change", [{"status": "Won"}, {"stage": "proposal"}])
def test_a_conversion_is_not_taken_back_once_its_deal_moved(sale, change):
	deal = sale.opportunity()
	if "stage" in change:
		api.move_stage(deal.doctype, deal.name, stage(change["stage"]))
		deal.reload()
	else:
		deal.db_set(change)
	with refused(qualification.LeadStateError, match="its stage was changed"):
		qualification._refuse_if_built_on(deal)


@pytest.mark.parametrize(
	("doctype", "source", "right"),
	[
		("Sales Contract", DEAL, "write"),
		("Sales Contract", PROJECT, "write"),
		("Sales Contract", "Quotation", "read"),
		("Sales Order Request", DEAL, "write"),
		("Sales Order Request", "Sales Contract", "read"),
		("Quotation", DEAL, "write"),
		("Sales Order", DEAL, "write"),
		(PROJECT, DEAL, "write"),
		(DEAL, "Sales Lead", "read"),
		("Sales Lead", PROJECT, "read"),
	],
)
def test_what_decides_about_a_deal_is_made_of_it_by_who_may_change_it(monkeypatch, doctype, source, right):
	asked = []
	monkeypatch.setattr(sources.rights, "need", lambda *about: asked.append(about) or frappe.throw("enough"))
	prefix = "crm_" if doctype in ("Quotation", "Sales Order") else ""
	doc = frappe.new_doc(doctype)
	doc.update({f"{prefix}source_type": source, f"{prefix}source_name": "X-1"})
	with refused(match="enough"):
		sources.validate(doc)
	assert asked == [(source, "X-1", right)]


@pytest.mark.parametrize(
	("lead", "deal", "joins"),
	[
		({"customer": "A"}, {"customer": "A"}, True),
		({"customer": "A"}, {"customer": "B"}, False),
		({"prospect": "P"}, {"prospect": "P"}, True),
		({"prospect": "P"}, {"prospect": "Q"}, False),
		({"prospect": "P"}, {"customer": "B"}, False),
		({}, {"customer": "B"}, True),
	],
)
def test_a_lead_joins_a_deal_of_its_own_party_alone(sale, monkeypatch, lead, deal, joins):
	target = sale.opportunity()
	nobody = {"customer": None, "prospect": None}
	target.update({**nobody, **deal})
	monkeypatch.setattr(qualification, "locked_doc", lambda *about: target)
	doc = frappe._dict({"doctype": "Sales Lead", "name": "L-1", "party_name": "Quay", **nobody, **lead})
	if joins:
		assert qualification._joined(doc, target.name) is target
		assert (doc.customer, doc.prospect) == (target.customer, target.prospect)
	else:
		with refused(match="Lead L-1 is about .*Quay"):
			qualification._joined(doc, target.name)


def test_the_days_of_a_project_are_not_those_of_its_contract(sale, monkeypatch):
	days = {"start_date": add_days(nowdate(), -9), "end_date": add_days(nowdate(), 200)}
	values = {"project_type": "Sales", "title": "Pumps for the harbour", "items": sale.rows(), **days}
	about = {"customer": sale.world.customer, "company": sale.world.company}
	project = frappe.get_doc({"doctype": PROJECT, **about, **values}).insert()
	monkeypatch.setattr(new_contract.form_values, "fill_agreement", lambda doc: None)
	made = frappe.get_doc("Sales Contract", api.make_contract(PROJECT, project.name)["name"])
	assert (str(made.start_date or nowdate()), made.end_date) == (nowdate(), None)


def test_a_deal_of_a_customer_who_was_disabled_since_is_still_saved(sale, world):
	deal = sale.opportunity()
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	frappe.clear_document_cache("Customer", world.customer)
	deal.update({"description": "They moved away"}).save()
	with refused(match="is disabled"):
		sale.opportunity()


def test_a_name_that_somebody_types_means_customers_in_use_and_prospects_not_verified_yet(world, monkeypatch):
	asked = []
	monkeypatch.setattr(finding, "_rows", lambda doctype, filters, *_more: asked.append((doctype, filters)) or [])
	finding.parties("Quay")
	assert asked == [("Customer", {"disabled": 0}), ("Sales Prospect", {"status": "Unverified"})]
	asked.clear()
	finding.who_is("ines@quay.example")
	open_deals = {"status": "Open"}
	wanted = dict(asked)
	assert (wanted[DEAL], wanted[PROJECT]) == (open_deals, open_deals)
	assert wanted["Sales Prospect"]["status"] == "Unverified"
	assert wanted["Sales Lead"] == {"status": ("not in", ("Converted", "Disqualified"))}


def test_a_project_begins_with_the_outlook_of_its_own_first_stage(sale):
	deal = sale.opportunity()
	deal.update({"stage": stage("proposal"), "probability": 77, "forecast_category": "Commit"}).save()
	project = frappe.get_doc(PROJECT, api.opportunity_to_project(deal.name)["name"])
	first = frappe.db.get_value("Pipeline Stage", project.stage, ["probability", "forecast_category"])
	assert (project.probability, project.forecast_category) == first
	assert (project.own_probability, project.own_forecast_category, project.status) == (0, 0, "Open")


def test_a_lost_deal_has_one_move_in_its_history_and_no_second_one_of_its_state(sale):
	deal = sale.opportunity()
	api.lose_deal(deal.doctype, deal.name, "Price")
	assert [kind for kind, _from, _to in history(deal.doctype, deal.name)] == ["Created", "Stage"]


def test_a_lead_of_a_campaign_has_a_title_of_its_own(world):
	values = {"title": "Boat show", "company": world.company, "currency": world.currency}
	campaign = frappe.get_doc({"doctype": "Sales Campaign", **values}).insert()
	lead = api.campaign_to_lead(campaign.name)
	assert (lead["title"], lead["currency"], lead["campaign"]) == (None, None, campaign.name)
	assert (lead["source_name"], lead["sales_owner"]) == (campaign.name, frappe.session.user)


def test_leads_of_an_opportunity_count_for_the_project_that_runs_it(sale, world):
	became, joined = (sale.lead(customer=world.customer, prospect_name=None) for _n in range(2))
	deal = sale.opportunity(source_type="Sales Lead", source_name=became.name)
	frappe.db.set_value("Sales Lead", joined.name, "joined_opportunity", deal.name)
	project = rows.row(PROJECT, docstatus=0, source_type=DEAL, source_name=deal.name)
	assert origins.leads_of(PROJECT, [project]) == {project: [became.name, joined.name]}
	assert origins.leads_of(DEAL, [deal.name]) == {deal.name: [became.name, joined.name]}


def test_who_judged_a_lead_first_did_so_whoever_saves_it_later(sale, as_user):
	as_user("rep")
	lead = sale.lead(assessment="Hot")
	judged = (lead.assessed_by, str(lead.assessed_on))
	frappe.set_user("Administrator")
	lead.reload()
	lead.update({"assessment_note": "Call again"}).save()
	lead.reload()
	assert (lead.assessed_by, str(lead.assessed_on)[:19]) == (judged[0], judged[1][:19])
	lead.update({"assessment": "Cold"}).save()
	assert (lead.assessed_by, bool(lead.assessed_on)) == ("Administrator", True), "judged anew"
	lead.update({"assessment": None}).save()
	assert (lead.assessed_by, lead.assessed_on) == (None, None)
