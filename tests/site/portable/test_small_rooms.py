"""Small rules of many rooms: who sees what, what the door lets in, whose customer it is, what a stage asks."""

from datetime import date, timedelta

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_pipeline import access_explained, api, permissions
from crm_pipeline.api import door
from crm_pipeline.core.gates import Gate, Kind
from crm_pipeline.deals import conversions, move_rules, moving, stage_gates, stage_moves, stage_records, won_amounts
from crm_pipeline.documents import of_company
from crm_pipeline.leads import origins, qualification
from crm_pipeline.parties import party, visibility
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER, STRANGER, FINANCE, STORE = (USERS[who][0] for who in ("rep", "other_rep", "stranger", "finance", "store"))
DEAL = "Sales Opportunity"


def shared(name: str, user: str | None = None, doctype: str = DEAL, **values) -> str:
	return rows.row("DocShare", share_doctype=doctype, share_name=name, user=user, **{"docstatus": 0, "read": 1, **values})  # fmt: skip


# ---- what is shared


def test_who_has_no_role_sees_what_is_shared_with_them_or_with_everybody(sale):
	deals = [sale.opportunity().name for _n in range(4)]
	assert permissions.shown(DEAL, STRANGER) is None
	assert access_explained._seen(DEAL, STRANGER) == 0
	shared(deals[0], STRANGER)
	shared(deals[1], everyone=1)
	shared(deals[2], REP)
	shared(deals[3], STRANGER, read=0)
	shared("LEAD-1", STRANGER, doctype="Sales Lead")
	condition = permissions.shown(DEAL, STRANGER)
	found = frappe.db.sql(f"select name from `tab{DEAL}` where {condition} order by name")
	assert [name for (name,) in found] == sorted(deals[:2])
	assert access_explained._seen(DEAL, STRANGER) == 2


def test_a_share_is_among_the_reasons_for_its_own_right_only(sale):
	deal, other = sale.opportunity(), sale.opportunity()
	asked = [(user, right) for user in (REP, STRANGER) for right in ("read", "write")]
	assert not any(access_explained._shared(user, deal, right) for user, right in asked)
	shared(deal.name, STRANGER, write=0)
	assert [access_explained._shared(user, deal, right) for user, right in asked] == [False, False, True, False]
	assert not access_explained._shared(STRANGER, other, "read")
	shared(deal.name, everyone=1, write=1, read=0)
	assert [access_explained._shared(user, deal, right) for user, right in asked] == [False, True, True, True]


def test_numbers_of_a_user_are_those_of_the_lists(sale, as_user):
	as_user("rep")
	sale.opportunity()
	as_user("other_rep")
	sale.opportunity()
	frappe.set_user("Administrator")
	before = {row["doctype"]: row for row in access_explained.numbers(REP)}
	assert tuple(before) == access_explained.DOCTYPES
	assert before[DEAL]["sees"] == before[DEAL]["of"] == frappe.db.count(DEAL)
	set_apart()
	after = {row["doctype"]: row for row in access_explained.numbers(REP)}
	assert after[DEAL]["sees"] == before[DEAL]["sees"] - frappe.db.count(DEAL, {"sales_owner": ("!=", REP)})
	assert after[DEAL]["of"] == before[DEAL]["of"]


def test_of_what_has_no_owner_the_creator_sees_it(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	frappe.set_user("Administrator")
	set_apart()
	seen = lambda user: permissions.has_owned_permission(deal, "read", user)  # noqa: E731
	assert (seen(REP), seen(OTHER)) == (True, False)
	frappe.db.set_value(DEAL, deal.name, {"sales_owner": OTHER, "sales_person": None})
	assert (seen(REP), seen(OTHER)) == (False, True), "by what is stored, whoever made it"
	frappe.db.set_value(DEAL, deal.name, {"sales_owner": None, "owner": REP})
	assert (seen(REP), seen(OTHER)) == (True, False)
	frappe.db.set_value(DEAL, deal.name, {"sales_person": "Somebody else"})
	assert not seen(REP)
	new = frappe.get_doc({"doctype": DEAL, "sales_owner": OTHER})
	assert permissions.has_owned_permission(new, "write", REP), "nothing is stored of a new one"
	gone = frappe.get_doc(DEAL, deal.name)
	frappe.db.delete(DEAL, {"name": deal.name})
	assert permissions.has_owned_permission(gone, "read", REP)


@pytest.mark.parametrize(("text", "safe"), [("50% off", True), ("plain", False)])
def test_a_percent_sign_in_a_condition_is_no_placeholder(site, text, safe):
	sql = permissions._without_percent(f"x in ({frappe.db.escape(text, percent=False)}, 'it''s')")
	assert "%" not in sql and ("char(37)" in sql) is safe
	assert frappe.db.sql(f"select {sql[6:].split(', ')[0] if not safe else 1} = 1") is not None


def test_activities_about_nothing_belong_to_their_owner_with_teams_apart(sale, as_user):
	set_apart()
	names = {}
	for who in ("rep", "other_rep"):
		as_user(who)
		doc = frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", "way": "Phone"})
		names[who] = doc.insert().name
	frappe.set_user("Administrator")
	condition = permissions.attached_condition(REP, "Sales Activity")
	found = frappe.db.sql(f"select name from `tabSales Activity` where name in ('{names['rep']}', '{names['other_rep']}') and {condition}")  # fmt: skip
	assert [name for (name,) in found] == [names["rep"]]
	for who, user, sees in (("rep", REP, True), ("other_rep", REP, False), ("other_rep", OTHER, True)):
		assert permissions.has_attached_permission(frappe.get_doc("Sales Activity", names[who]), "read", user) is sees


# ---- who would see what


def test_who_would_see_what_is_told_before_teams_are_set_apart(sale, as_user, world):
	for who in ("rep", "other_rep"):
		as_user(who)
		sale.opportunity()
	lead = sale.lead(customer=world.customer, prospect_name=None)
	lost = sale.opportunity()
	frappe.db.set_value(DEAL, lost.name, "status", "Lost")
	frappe.set_user("Administrator")
	frappe.db.set_value("Sales Lead", {"pool_rule": ("is", "set")}, "pool_rule", None)
	told = api.get_visibility()
	assert told["total"] == sum(
		frappe.db.count(doctype, {"status": ("not in", closed)})
		for doctype, closed in (
			("Sales Lead", ("Converted", "Disqualified")),
			(DEAL, ("Won", "Lost")),
			("Sales Project", ("Won", "Lost", "Completed")),
		)
	)
	users = {row["user"]: row for row in told["users"]}
	assert {REP, OTHER} <= users.keys() and not {STRANGER, FINANCE, STORE} & users.keys()
	count = lambda user: frappe.db.count(DEAL, {"sales_owner": user, "status": ("!=", "Lost")})  # noqa: E731
	assert users[REP]["count"] == count(REP) + frappe.db.count("Sales Lead", {"sales_owner": REP})
	assert users[OTHER]["count"] == count(OTHER) + frappe.db.count("Sales Lead", {"sales_owner": OTHER})
	assert users[OTHER]["count"] - users[REP]["count"] == 1 and lead.sales_owner == OTHER
	assert told["users"] == sorted(told["users"], key=lambda row: (row["count"], row["full_name"]))
	assert (users[REP]["is_manager"], users[USERS["manager"][0]]["is_manager"]) == (False, True)
	assert (users[REP]["everything"], users[REP]["persons"]) == (False, [])
	frappe.db.set_value("User", OTHER, "enabled", 0)
	assert OTHER not in {row["user"] for row in api.get_visibility()["users"]}


def test_what_nobody_holds_is_counted_for_its_creator_and_a_person_s_for_the_person(sale, world):
	people_of = rows.sales_people(world, North=USERS["manager"][0], Rep=REP, South=OTHER)
	told = lambda user: visibility._row(frappe._dict(name=user), permissions.part_condition)["count"]  # noqa: E731
	before = {user: told(user) for user in (REP, OTHER)}
	deal = sale.opportunity()

	def change(**values):
		frappe.db.set_value(DEAL, deal.name, {"sales_owner": None, "sales_person": None, **values})

	counted = lambda: [told(user) - before[user] for user in (REP, OTHER)]  # noqa: E731
	change(owner=REP)
	assert counted() == [1, 0]
	change(owner=REP, sales_owner=OTHER)
	assert counted() == [0, 1]
	change(owner=REP, sales_person=people_of["South"])
	assert counted() == [0, 1]


# ---- the door


def test_an_argument_that_is_missing_too_long_or_empty_is_named(site):
	with refused(door.BadRequestError, match="lead is missing"):
		api.convert_lead()
	with refused(door.BadRequestError, match="lost_reason is missing|reason is missing"):
		api.lose_deal(DEAL, "OPP-1")
	assert [door._said_of("note", {kind}) for kind in ("string_too_long", "too_long", "string_too_short", "x")] == [
		"note is too long", "note is too long", "note is empty", "note is not a value that can be used here",
	]  # fmt: skip


DATA_ERRORS = (1264, 1406, 1366, 1292)


@pytest.mark.parametrize("code", [*DATA_ERRORS, 1064, None])
def test_what_the_database_can_not_hold_is_the_caller_s_mistake(site, code):
	error = Exception(code, "Out of range") if code else Exception()
	if code in DATA_ERRORS:
		with (
			refused(door.BadRequestError, match="too long, too large or of the wrong kind"),
			door.data_errors_in_words(),
		):
			raise error
	else:
		with pytest.raises(Exception) as raised, door.data_errors_in_words():
			raise error
		assert raised.value is error
	assert set(door.DATA_ERRORS) == {1264, 1406, 1366, 1292}


def test_what_is_heavy_runs_as_it_is_where_the_site_has_no_replica(site):
	assert door.on_replica(lambda number, more=1: number + more)(1, more=2) == 3


# ---- parties


def test_who_would_be_two_parties_at_once_is_refused_in_words(sale, world):
	other = rows.row("Customer", name=f"Other {world.tag}", customer_name="Other", docstatus=0)
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": "Quay", "company": world.company}).insert()
	deal = sale.opportunity()
	deal.prospect = prospect.name
	with refused(match=f"Prospect {prospect.name} is not verified as Customer .*{world.customer}"):
		party.validate_one_party(deal)
	frappe.db.set_value("Sales Prospect", prospect.name, "customer", other)
	with refused(match=f"Prospect {prospect.name} is Customer .*{other}.*, not {world.customer}"):
		party.validate_one_party(deal)
	deal.flags.history_import = True
	party.validate_one_party(deal)
	deal.flags.history_import = False
	frappe.db.set_value("Sales Prospect", prospect.name, "customer", world.customer)
	party.validate_one_party(deal)
	deal.customer = None
	party.set_party(deal)
	assert (deal.customer, deal.party_name) == (world.customer, frappe.db.get_value("Customer", world.customer, "customer_name"))  # fmt: skip
	deal.update({"customer": None, "prospect": None})
	with refused(frappe.MandatoryError, match="Choose a Customer or a Prospect for Sales Opportunity"):
		party.validate_party(deal)


@pytest.mark.parametrize("n", [1, 10, 11])
def test_of_customers_that_it_may_be_ten_are_named(site, n):
	match = party.Match("Company Name", tuple(f"Huber {i:02}" for i in range(n)), sure=False)
	with refused(party.AmbiguousPartyError, match="Huber 00") as _raised:
		party.refuse_ambiguous("Huber <b>", match)
	text = str(party.frappe.local.message_log) if frappe.local.message_log else ""
	assert "Huber 10" not in text
	party.refuse_ambiguous("Huber", party.Match())


# ---- leads


def unclear(sale, world, **values):
	"""A lead whose party nobody has named yet."""
	lead = sale.lead(customer=world.customer, prospect_name=None, **values)
	lead.update({"customer": None, "prospect": None, "prospect_name": f"Quay {world.tag}"})
	return lead


def test_an_unclear_lead_is_about_the_party_that_is_named_when_it_is_converted(sale, world, as_user):
	lead = unclear(sale, world)
	qualification._choose_party(lead, world.customer, False)
	assert (lead.customer, lead.prospect) == (world.customer, None)
	qualification._choose_party(lead, "never asked", True)
	assert (lead.customer, lead.prospect) == (world.customer, None)
	lead = unclear(sale, world)
	qualification._choose_party(lead, None, True)
	assert frappe.db.get_value("Sales Prospect", lead.prospect, "prospect_name") == f"Quay {world.tag}"
	lead = unclear(sale, world)
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	frappe.clear_document_cache("Customer", world.customer)
	with refused(match="disabled"):
		qualification._choose_party(lead, world.customer, False)
	as_user("stranger")
	with refused(frappe.PermissionError):
		qualification._choose_party(lead, world.customer, False)


@pytest.mark.parametrize("kind", ["Customer", "Sales Prospect"])
def test_an_unclear_lead_that_may_be_several_asks_who_it_is(sale, world, monkeypatch, kind):
	names = ("One", "Two")
	answer = lambda lead, doctype: (party.Match("Company Name", names if doctype == kind else (), False), ())  # noqa: E731
	monkeypatch.setattr(party, "find", answer)
	words = "may be one of these customers" if kind == "Customer" else "may be about a Prospect that is there already"
	with refused(party.AmbiguousPartyError, match=words):
		qualification._choose_party(unclear(sale, world), None, False)
	monkeypatch.setattr(party, "find", lambda lead, doctype: (party.Match("Tax ID", ("Sure",), True), ()))
	lead = unclear(sale, world)
	qualification._choose_party(lead, None, False)
	assert (lead.customer, lead.prospect) == ("Sure", None)


@pytest.mark.parametrize(
	("about", "reachable"),
	[
		({"row": {"email_id": "a@x.example"}}, True),
		({"row": {"phone": "1"}}, True),
		({"row": {"contact_name": "A"}}, False),
		({"Sales Prospect": {"email_id": "a@x.example"}}, True),
		({"Sales Prospect": {"mobile_no": "1"}}, True),
		({"Sales Prospect": {"phone": "1"}}, True),
		({"Sales Prospect": {}}, False),
		({"Customer": {"email_id": "a@x.example"}}, True),
		({"Customer": {"mobile_no": "1"}}, True),
		({"Customer": {}}, False),
	],
)
def test_a_lead_can_be_reached_by_itself_its_people_or_its_party(sale, world, about, reachable):
	lead = unclear(sale, world)
	lead.update({"email_id": None, "phone": None, "mobile_no": None, "contacts": []})
	if "row" in about:
		lead.append("contacts", about["row"])
	if "Sales Prospect" in about:
		lead.prospect = rows.row("Sales Prospect", docstatus=0, **about["Sales Prospect"])
	if "Customer" in about:
		lead.customer = rows.row("Customer", docstatus=0, **about["Customer"])
	assert qualification._reachable_party(lead) is reachable
	assert qualification.lead_facts(lead).reachable is reachable
	for field in ("email_id", "phone", "mobile_no"):
		lead.set(field, "x")
		assert qualification.lead_facts(lead).reachable
		lead.set(field, None)


@pytest.mark.parametrize(
	("date", "plan", "planned"), [("2030-01-01", "Call", True), (None, "Call", False), ("2030-01-01", "", False)]
)
def test_a_plan_says_what_and_when(sale, world, date, plan, planned):
	lead = unclear(sale, world)
	lead.update({"follow_up_date": date, "follow_up_plan": plan})
	assert qualification.lead_facts(lead).follow_up_plan is planned


def test_a_lead_joins_an_opportunity_of_its_own_party_or_takes_that_of_the_opportunity(sale, world):
	deal = sale.opportunity()
	lead = unclear(sale, world)
	assert qualification._joined(lead, deal.name).name == deal.name
	assert (lead.customer, lead.prospect) == (world.customer, None)
	qualification._joined(lead, deal.name)
	lead.update({"customer": rows.row("Customer", customer_name="Southwind", docstatus=0), "party_name": "Southwind"})
	with refused(match=f"Lead {lead.name} is about .*Southwind.*, Opportunity {deal.name} about"):
		qualification._joined(lead, deal.name)


@pytest.mark.parametrize(
	("plan", "step"),
	[("Call  them\nagain", "Call them again"), ("x" * 140, "x" * 140), ("x" * 141, "x" * 139 + "…"), (None, "")],
)
def test_what_was_planned_with_a_lead_is_the_deal_s_next_step(plan, step):
	deal = frappe._dict()
	qualification._carry_plan(frappe._dict(follow_up_plan=plan, follow_up_date="2030-01-01"), deal)
	assert (deal.next_step, deal.next_step_date) == (step, "2030-01-01")
	for has in ({"next_step": "Own"}, {"next_step_date": "2029-01-01"}):
		deal = frappe._dict(has)
		qualification._carry_plan(frappe._dict(follow_up_plan=plan, follow_up_date="2030-01-01"), deal)
		assert deal == has


def test_a_lead_becomes_a_deal_and_nothing_else(sale, world):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	with refused(match="becomes a Sales Opportunity or a Sales Project"):
		qualification._new_deal(lead, "Sales Contract")


def test_the_deals_of_a_lead_are_those_made_of_it_and_the_one_that_it_joined(sale, world):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	assert origins.deals_of(lead.name) == []
	made = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	joined = sale.opportunity()
	frappe.db.set_value("Sales Lead", lead.name, "joined_opportunity", joined.name)
	assert origins.deals_of(lead.name) == [(DEAL, made.name), (DEAL, joined.name)]


# ---- deals


@pytest.mark.parametrize("doctype", ["Sales Lead", "Sales Contract", "Sales Campaign"])
def test_only_deals_and_quotations_are_converted(site, doctype):
	with refused(match="can't be converted like this"):
		conversions.locked_deal(doctype, "X")


def test_a_lost_deal_is_reopened_before_anything_is_made_of_it(sale):
	deal = sale.opportunity()
	conversions.locked_deal(DEAL, deal.name)
	frappe.db.set_value(DEAL, deal.name, "status", "Lost")
	with refused(match=f"Sales Opportunity .*{deal.name}.* is lost. Reopen it first"):
		conversions.locked_deal(DEAL, deal.name)


@pytest.mark.parametrize(
	("change", "words"),
	[
		({}, None),
		({"docstatus": 0}, "is not submitted"),
		({"docstatus": 2}, "is not submitted"),
		({"quotation_to": "Lead"}, "is not made to a Customer"),
		({"status": "Lost"}, "is Lost"),
		({"status": "Ordered"}, None),
		({"status": "Expired"}, "was valid until"),
		({"valid_till": "yesterday"}, "was valid until"),
		({"valid_till": "today"}, None),
		({"valid_till": None}, None),
	],
)
def test_orders_and_contracts_come_from_a_quotation_that_stands(site, change, words):
	days = {"yesterday": add_days(nowdate(), -1), "today": nowdate()}
	offer = frappe._dict(
		name="QTN-1", docstatus=1, quotation_to="Customer", status="Open", valid_till=add_days(nowdate(), 5)
	)
	offer.update({key: days.get(value, value) for key, value in change.items()})
	if not words:
		conversions.check_quotation(offer)
		return
	with refused(match=f"QTN-1.* {words}"):
		conversions.check_quotation(offer)
	if words == "was valid until":
		frappe.db.set_single_value("Selling Settings", "allow_sales_order_creation_for_expired_quotation", 1)
		conversions.check_quotation(offer)


def test_what_is_sold_must_be_said_before_something_is_made_of_it(sale):
	deal = sale.opportunity(items=[], amount=5)
	with refused(
		frappe.MandatoryError, match=f"{deal.name}.* has no items. Add what is sold before making a Quotation"
	):
		conversions.need_items(deal, "Quotation")


def test_what_is_locked_are_the_deals_their_prospects_and_the_contract(sale, world):
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": "Quay", "company": world.company}).insert()
	deal = sale.opportunity(customer=None, prospect=prospect.name)
	contract = sale.contract(submit=False)
	contract.db_set({"source_type": DEAL, "source_name": deal.name})
	assert conversions.rows_of_sale(DEAL, deal.name) == [("Sales Prospect", prospect.name), (DEAL, deal.name), (DEAL, deal.name)]  # fmt: skip
	assert conversions.rows_of_sale(contract.doctype, contract.name) == [
		(DEAL, deal.name), (contract.doctype, contract.name), (contract.doctype, contract.name),
	]  # fmt: skip
	offer = {"docstatus": 1, "company": world.company, "party_name": world.customer}
	alone = rows.row("Quotation", **offer)
	behind = rows.row("Quotation", crm_source_type=DEAL, crm_source_name=deal.name, **offer)
	assert conversions.rows_of_sale("Quotation", alone) == [("Quotation", alone)]
	assert conversions.rows_of_sale("Quotation", behind) == [(DEAL, deal.name)]


# ---- stage gates


@pytest.mark.parametrize(
	("field", "value", "filled"),
	[
		("amount", 0, False),
		("amount", 0.5, True),
		("next_step", " \n", False),
		("next_step", "Call", True),
		("expected_close", None, False),
		("expected_close", date(2030, 1, 1), True),
		("description", "<p> &nbsp; </p>".replace("&nbsp; ", ""), False),
		("description", "<p>Text</p>", True),
		("description", '<p><img src="/x.png"></p>', True),
		("no_such_field", None, True),
	],
)
def test_a_field_is_filled_when_something_can_be_read_in_it(sale, field, value, filled):
	deal = sale.opportunity()
	deal.set(field, value)
	assert stage_gates.is_filled(deal, field) is filled


@pytest.mark.parametrize(
	("gate", "text"),
	[
		({"kind": Kind.FIELD, "subject": "expected_close"}, "Field Expected Close filled in"),
		({"kind": Kind.DOCUMENT, "subject": "Quotation"}, "Quotation made"),
		({"kind": Kind.DOCUMENT, "subject": "Quotation", "submitted": True}, "Quotation submitted"),
		({"kind": Kind.ROLE, "subject": "Decider"}, "A contact with the role Decider"),
		({"kind": Kind.ACTIVITY, "days": 1}, "An activity done today or yesterday"),
		({"kind": Kind.ACTIVITY, "days": 2}, "An activity done in the last 2 days"),
		({"kind": Kind.ACTIVITY, "days": 2, "text": "Speak to them"}, "Speak to them"),
	],
)
def test_a_gate_says_what_it_asks(site, gate, text):
	assert stage_gates.words(Gate(**{"key": "g", "stage": "s", **gate}), DEAL) == text


def test_what_a_deal_led_to_is_there_and_submitted_or_cancelled(sale, world):
	new = frappe.get_doc({"doctype": DEAL})
	assert stage_gates._documents(new) == (frozenset(), frozenset()) and stage_gates._idle_days(new) is None
	deal = sale.opportunity()
	offer = {"docstatus": 0, "company": world.company, "party_name": world.customer}
	name = rows.row("Quotation", crm_source_type=DEAL, crm_source_name=deal.name, **offer)
	found = []
	for docstatus in (0, 1, 2):
		frappe.db.set_value("Quotation", name, "docstatus", docstatus)
		there, submitted = stage_gates._documents(deal)
		found.append(("Quotation" in there, "Quotation" in submitted))
	assert found == [(True, False), (True, True), (False, False)]
	project = sale.opportunity().name
	assert "Sales Project" not in stage_gates._documents(deal)[0] and project


@pytest.mark.parametrize(
	("values", "days"),
	[
		({"starts_on": -3}, 3),
		({"starts_on": 0}, 0),
		({"starts_on": 1}, None),
		({"starts_on": -3, "status": "Planned"}, None),
		({"starts_on": -3, "about": "lead"}, 3),
		({"starts_on": -3, "about": "other"}, None),
		({"starts_on": -3, "about": "lead of that name"}, None),
	],
)
def test_days_since_the_last_activity_count_what_was_done_with_the_deal_or_its_lead(sale, world, values, days):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	deal = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	named = frappe._dict(doctype="Sales Lead", name=deal.name)
	about = {"lead": lead, "other": sale.opportunity(), "lead of that name": named}.get(values.get("about"), deal)
	at = now_datetime().replace(microsecond=0) + timedelta(days=values["starts_on"])
	rows.row(
		"Sales Activity", docstatus=0, status=values.get("status", "Done"), starts_on=at,
		reference_doctype=about.doctype, reference_name=about.name,
	)  # fmt: skip
	rows.row(
		"Sales Activity", docstatus=0, status="Done", starts_on=at - timedelta(days=20), reference_doctype=DEAL,
		reference_name=deal.name,
	)  # fmt: skip
	assert stage_gates._idle_days(deal) == (days if days is not None else 20 - values["starts_on"])


# ---- stages


def test_the_stage_that_a_closed_deal_was_open_in(sale):
	deal = sale.opportunity()
	stages = frappe.get_all("Pipeline Stage", filters={"pipeline": deal.pipeline}, fields=["name", "stage_type"], order_by="position asc")  # fmt: skip
	opened = [row.name for row in stages if row.stage_type == "Open"]
	lost = next(row.name for row in stages if row.stage_type == "Lost")
	assert move_rules.last_open_stage(deal).name == deal.stage
	deal.stage = opened[1]
	deal.save()
	deal.stage = opened[2]
	deal.save()
	deal.update({"stage": lost, "closed_from": opened[0]})
	assert move_rules.last_open_stage(deal).name == opened[0]
	deal.closed_from = None
	assert move_rules.last_open_stage(deal).name == opened[1], "the last one that the ledger knows"
	frappe.db.delete("Pipeline Event", {"reference_name": deal.name})
	assert move_rules.last_open_stage(deal) is None


def test_an_open_deal_is_not_reopened_and_a_completed_project_not_completed_again(sale):
	deal = sale.opportunity()
	before = frappe.db.get_value(DEAL, deal.name, "modified")
	moving.reopen(DEAL, deal.name)
	assert frappe.db.get_value(DEAL, deal.name, "modified") == before


def test_a_deal_needs_a_pipeline_of_its_own_type(sale, world):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, "applies_to", "Sales Project")
	frappe.clear_document_cache("Sales Pipeline", deal.pipeline)
	with refused(match=f"{deal.pipeline} is for Sales Project, not for Sales Opportunity"):
		stage_moves.set_default_stage(deal)
	frappe.clear_document_cache("Sales Pipeline", deal.pipeline)
	for name in frappe.get_all("Sales Pipeline", filters={"applies_to": DEAL}, pluck="name", order_by="name asc"):
		frappe.db.set_value("Sales Pipeline", name, "disabled", 1)
	deal.pipeline = None
	with refused(match="There is no enabled Sales Pipeline for Sales Opportunity"):
		stage_moves.set_default_stage(deal)


# ---- what a stage owes its deals


@pytest.fixture
def stage(sale):
	"""A stage of its own pipeline that nobody has been in."""
	pipeline = make_pipeline(f"Own {frappe.generate_hash(length=6)}")
	return frappe.get_doc("Pipeline Stage", f"{pipeline}-a")


@pytest.mark.parametrize(("kind", "side", "kept"), [("Stage", "to_value", True), ("Stage", "from_value", True), ("Created", "to_value", True), ("State", "to_value", False)])  # fmt: skip
def test_a_stage_that_deals_have_been_in_is_not_deleted(stage, kind, side, kept):
	stage_records.refuse_with_history(stage)
	rows.row("Pipeline Event", kind=kind, docstatus=0, **{side: stage.name})
	if kept:
		with refused(frappe.LinkExistsError, match="Deals have been in stage .* Disable it instead"):
			stage_records.refuse_with_history(stage)
	else:
		stage_records.refuse_with_history(stage)


@pytest.mark.parametrize("doctype", ["Sales Opportunity", "Sales Project"])
def test_a_stage_in_which_deals_stand_is_in_use(stage, doctype):
	message = "{0} {1} stand in stage {2}"
	stage_records.refuse_while_in_use(stage, message)
	for _n in range(2):
		rows.row(doctype, stage=stage.name, pipeline=stage.pipeline, docstatus=0)
	with refused(frappe.LinkExistsError, match=f"2 {doctype} stand in stage .*{stage.label}"):
		stage_records.refuse_while_in_use(stage, message)


@pytest.mark.parametrize("doctype", ["Sales Opportunity", "Sales Project"])
def test_the_last_stage_of_its_type_is_kept_while_there_are_deals(stage, doctype):
	stage_records.refuse_losing_last(stage, "Won")
	won = frappe.get_doc("Pipeline Stage", {"pipeline": stage.pipeline, "stage_type": "Won"})
	stage_records.refuse_losing_last(won, "Won")
	rows.row(doctype, stage=stage.name, pipeline=stage.pipeline, docstatus=0)
	with refused(match=f"is the only Won stage of pipeline {stage.pipeline}"):
		stage_records.refuse_losing_last(won, "Won")
	other = rows.row("Pipeline Stage", pipeline=stage.pipeline, stage_type="Won", disabled=0, docstatus=0)
	stage_records.refuse_losing_last(won, "Won")
	for values in (
		{"disabled": 1},
		{"disabled": 0, "stage_type": "Lost"},
		{"stage_type": "Won", "pipeline": "Another"},
	):
		frappe.db.set_value("Pipeline Stage", other, values)
		with refused(match="is the only Won stage"):
			stage_records.refuse_losing_last(won, "Won")


def test_open_deals_follow_their_stage_where_nobody_set_their_own(stage):
	given = {"stage": stage.name, "pipeline": stage.pipeline, "docstatus": 0, "status": "Open", "probability": 10}
	given |= {"forecast_category": "Pipeline", "own_probability": 0, "own_forecast_category": 0}
	follows = rows.row("Sales Opportunity", **given)
	project = rows.row("Sales Project", **given)
	own = rows.row("Sales Opportunity", **{**given, "own_probability": 1})
	own_category = rows.row("Sales Opportunity", **{**given, "own_forecast_category": 1})
	lost = rows.row("Sales Opportunity", **{**given, "status": "Lost"})
	other = rows.row("Sales Opportunity", **{**given, "stage": "Another"})
	assert stage_records.followers(stage.name) == {"probability": 3, "forecast_category": 3}
	stage._doc_before_save = frappe._dict(probability=10, forecast_category=stage.forecast_category)
	stage.probability = 25

	def values():
		return [frappe.db.get_value("Sales Project" if n == project else "Sales Opportunity", n, "probability") for n in (follows, project, own, own_category, lost, other)]  # fmt: skip

	stage.set(stage_records.KEEP_DEALS, 1)
	stage_records.pass_on_outlook(stage)
	assert values() == [10] * 6
	stage.set(stage_records.KEEP_DEALS, 0)
	for change in ({"stage_type": "Won"}, {"stage_type": "Open", "_doc_before_save": None}):
		kept = stage._doc_before_save
		stage.__dict__.update(change)
		stage_records.pass_on_outlook(stage)
		assert values() == [10] * 6
		stage.__dict__["_doc_before_save"] = kept
	stage.stage_type = "Open"
	stage_records.pass_on_outlook(stage)
	assert values() == [25, 25, 10, 25, 10, 10]
	assert frappe.db.get_value("Sales Opportunity", follows, "forecast_category") == "Pipeline"


def test_a_stage_s_new_name_is_in_the_ledger_of_its_deals(stage):
	def event(**values):
		return rows.row("Pipeline Event", docstatus=0, **{"kind": "Stage", "reference_doctype": DEAL, "from_value": "old", "to_value": "old", **values})  # fmt: skip

	names = [event(), event(kind="Created"), event(kind="State"), event(reference_doctype="Sales Lead"), event(from_value="x", to_value="y")]  # fmt: skip
	stage_records.rename_in_ledger("old", "new")
	told = [frappe.db.get_value("Pipeline Event", name, ["from_value", "to_value"]) for name in names]
	assert told == [("new", "new"), ("new", "new"), ("old", "old"), ("old", "old"), ("x", "y")]


def test_checks_that_nobody_ticked_go_with_their_stage(stage):
	def check(**values):
		return rows.row("Sales Deal Check", docstatus=0, **{"stage": stage.name, "done": 0, **values})

	names = [check(), check(done=1), check(stage="Another")]
	stage_records.forget_open_checks(stage.name)
	assert [bool(frappe.db.exists("Sales Deal Check", name)) for name in names] == [False, True, True]


@pytest.mark.parametrize(
	("gate", "words"),
	[
		({"kind": "Field Filled", "fieldname": "amount"}, None),
		({"kind": "Field Filled"}, "Field.* is missing"),
		({"kind": "Field Filled", "fieldname": "nowhere"}, "has no field .*nowhere"),
		({"kind": "Field Filled", "fieldname": "source_section"}, "has no field"),
		({"kind": "Check"}, "is missing"),
		({"kind": "Document Exists"}, "is missing"),
		({"kind": "Contact With Role"}, "is missing"),
		({"kind": "Recent Activity", "days": 0}, "is missing"),
		({"kind": "Recent Activity", "days": 1}, None),
		({"kind": "Check", "text": "Spoken to"}, None),
	],
)
def test_a_gate_says_what_it_needs(stage, gate, words):
	stage.gates = []
	stage_records.validate_gates(stage)
	stage.append("gates", {"kind": "Check", "text": "x"})
	stage.append("gates", gate)
	if words:
		with refused(match=f"Gate 2.*{words}"):
			stage_records.validate_gates(stage)
	else:
		stage_records.validate_gates(stage)


# ---- what won deals were sold for


@pytest.mark.parametrize(
	("change", "both"),
	[({}, False), ({"status": "Lost"}, True), ({"project_type": "Marketing"}, True), ({"source_name": "Other"}, True)],
)
def test_an_opportunity_s_quotation_counts_for_the_only_sales_project_that_runs_it(sale, world, change, both):
	deal = sale.opportunity()
	about = {"source_type": DEAL, "source_name": deal.name}
	one = rows.row("Sales Project", docstatus=0, status="Won", project_type="Sales", **about)
	rows.row("Sales Project", docstatus=0, **{"status": "Open", "project_type": "Sales", **about, **change})
	found = list(won_amounts._quoted_by("Sales Project", one, about))
	assert found == [("Sales Project", one), *([(DEAL, deal.name)] if both else [])]
	assert list(won_amounts._quoted_by(DEAL, deal.name, about)) == [(DEAL, deal.name)]
	assert (
		list(won_amounts._quoted_by("Sales Project", None, {"source_type": "Sales Campaign", "source_name": "C"})) == []
	)


def test_what_is_gone_is_not_refreshed_and_foreign_money_has_no_amount():
	assert won_amounts.refresh(DEAL, "OPP-nowhere") is False
	assert won_amounts._money(None, {"currency": "USD"}) is None
	assert won_amounts._money(("USD", 5, 10), {"currency": "USD"}) == won_amounts.Money(10.0, 5.0)
	assert won_amounts._money(("EUR", 5, 10), {"currency": "USD"}) == won_amounts.Money(10.0, None)


# ---- other companies, days


@pytest.mark.parametrize("field", ["taxes_and_charges", "department", "erp_project"])
def test_a_link_to_a_record_of_another_company_is_refused_when_it_or_the_company_changes(sale, field):
	doctype = {"taxes_and_charges": "Sales Taxes and Charges Template", "department": "Department", "erp_project": "Project"}[field]  # fmt: skip
	doc = next(d for d in (sale.contract(submit=False), sale.opportunity(), frappe.get_doc({"doctype": "Sales Project"})) if d.meta.has_field(field))  # fmt: skip
	name = rows.row(doctype, docstatus=0, company="Another")
	doc.set(field, name)
	with refused(match=f"{name}.* belongs to company .*Another.*. Choose one of"):
		of_company.check(doc)
	frappe.db.set_value(doctype, name, "company", doc.company)
	of_company.check(doc)
