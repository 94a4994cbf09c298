"""Small rules of every save: what is locked first, what a form is sent, who asks whom, how a row becomes an amount."""

from datetime import timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_to_date, getdate, now_datetime, nowdate

from crm_pipeline.chain import (
	automation,
	behind,
	contract_versions,
	estimates,
	item_rows,
	ledger,
	locks,
	lost_races,
	optional_steps,
	pending,
	pipelines,
	row_changes,
	status,
	typed_values,
)
from crm_pipeline.coaching import help_requests
from crm_pipeline.core import registry
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import OWN
from crm_pipeline.deals import moving, outcome, stage_gates, won_amounts
from crm_pipeline.erp import prices
from crm_pipeline.leads import qualification
from crm_pipeline.overrides import sales_order as on_order
from crm_pipeline.parties import verification
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_small_agreements import requested
from tests.site.portable.test_small_orders import order_of
from tests.site.world import refused

REP, MANAGER, OTHER = (USERS[who][0] for who in ("rep", "manager", "other_rep"))
DEAL, CONTRACT, REQUEST, LEAD, PROJECT = "Sales Opportunity", "Sales Contract", "Sales Order Request", "Sales Lead", "Sales Project"  # fmt: skip


# ---- what is locked first


def held() -> set[tuple[str, str]]:
	return set(locks._state().held)


@pytest.fixture
def nothing_held(site):
	locks._forget()
	yield
	locks._forget()


def test_whatever_decides_about_a_document_has_it_locked(sale, world, nothing_held):
	deal, contract = sale.opportunity(), sale.contract()
	lead = sale.lead(customer=world.customer, prospect_name=None)
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": "Quay", "company": world.company}).insert()
	request = requested(sale)
	frappe.db.set_value("Sales Prospect", prospect.name, "customer", world.customer)
	steps = [
		(lambda: moving.expect_stage(DEAL, deal.name, deal.stage), {(DEAL, deal.name)}),
		(lambda: moving.move(DEAL, deal.name, deal.stage), {(DEAL, deal.name)}),
		(lambda: moving.reopen(DEAL, deal.name), {(DEAL, deal.name)}),
		(lambda: qualification.change_lead_state(lead.name, "Qualified"), {(LEAD, lead.name)}),
		(lambda: verification.verify(prospect.name), {("Sales Prospect", prospect.name)}),
		(lambda: outcome.sync_outcome(Ref(DEAL, deal.name)), {(DEAL, deal.name)}),
		(lambda: on_order.lock_contract(order_of(world, contract)), {(CONTRACT, contract.name)}),
		(lambda: on_order.check_contract(order_of(world, contract, net=1), {"x"}), {(CONTRACT, contract.name)}),
		(lambda: deal.reload().save(), {(DEAL, deal.name)}),
		(lambda: request.reload().save(), {(REQUEST, request.name)}),
		(lambda: contract.reload().save(), {(CONTRACT, contract.name)}),
	]
	for step, wanted in steps:
		locks._forget()
		step()
		assert wanted <= held(), wanted


def test_a_contract_is_locked_by_its_first_version(sale, world, nothing_held):
	old, new, newest = (sale.contract() for _n in range(3))
	frappe.db.set_value(CONTRACT, new.name, "amended_from", old.name)
	frappe.db.set_value(CONTRACT, newest.name, "amended_from", new.name)
	assert {contract_versions.contract_root(doc.name) for doc in (old, new, newest)} == {old.name}
	for doc in (old, new, newest):
		assert contract_versions.contract_family(doc.name) == [old.name, new.name, newest.name]
	locks._forget()
	on_order.lock_contract(order_of(world, newest))
	assert held() == {(CONTRACT, old.name)}
	locks._forget()
	on_order.lock_contract(order_of(world))
	assert held() == set()


def test_an_estimate_that_counts_is_locked_so_that_it_stays_approved(sale, world, nothing_held):
	first, second = sale.opportunity(), sale.opportunity()
	refs = [Ref(DEAL, first.name), Ref(DEAL, second.name)]
	about = {"reference_doctype": DEAL, "company": world.company, "docstatus": 1}
	given = lambda of, day, **values: rows.row("Cost Estimate", **{**about, "reference_name": of.name, "approved_on": f"2026-01-0{day} 00:00:00", **values})  # noqa: E731  # fmt: skip
	assert estimates.approved(refs, world.company) is None
	given(second, 9)
	given(first, 1)
	late = given(first, 3)
	given(first, 5, company="Another")
	draft = given(first, 6, docstatus=0)
	given(first, 7, docstatus=2)
	locks._forget()
	assert estimates.approved(refs, world.company).name == late
	assert held() == {("Cost Estimate", late)}
	given(first, 6, docstatus=0, reference_doctype="Sales Project")
	assert estimates.drafts(refs) == [draft], "a project may be called as an opportunity is"
	with refused(frappe.LinkExistsError, match=f"{first.name} can't be deleted: Cost Estimate .* came from it"):
		estimates.delete_with(first)


def test_rows_that_are_locked_are_not_asked_for_again_and_one_that_changed_is_outdated(sale, nothing_held, monkeypatch):
	deal = sale.opportunity()
	row = (DEAL, deal.name)
	locks.lock(row)
	assert held() == {row} and row in locks._state().asked
	asked = []
	monkeypatch.setattr(locks, "_lock", lambda *args: asked.append(args[0]))
	locks.lock(row)
	assert asked == []
	monkeypatch.undo()
	locks._forget()
	answers = iter([("2026-01-01",), ("2026-01-02",)])
	monkeypatch.setattr(locks, "_marks", lambda *args, **how: next(answers))
	with pytest.raises(locks.OutdatedError, match=deal.name):
		locks._lock(row, locks._state(), anew=False)
	answers = iter([("2026-01-02",)])
	locks._lock(row, locks._state(), anew=True)
	answers = iter([None])
	with pytest.raises(locks.OutdatedError):
		locks._lock(row, locks._state(), anew=True)


@pytest.mark.parametrize(("free_at", "busy"), [(0, False), (3, False), (99, True)])
def test_a_guest_asks_again_for_a_row_for_a_while_and_then_gives_up(site, monkeypatch, free_at, busy):
	asked, slept = [], []

	def marks(row, **how):
		asked.append(how)
		return ("2026-01-01",) if len(asked) > free_at else None

	monkeypatch.setattr(locks, "_marks", marks)
	monkeypatch.setattr(locks.time, "sleep", slept.append)
	state = locks._State()
	state.guest = True
	if busy:
		with pytest.raises(locks.BusyError, match="Sales Opportunity OPP-1"):
			locks._locked_marks((DEAL, "OPP-1"), state)
		assert locks.PATIENCE <= sum(slept) + 1e-9 < locks.PATIENCE + 2 * locks.PAUSE and state.patience <= 0
	else:
		assert locks._locked_marks((DEAL, "OPP-1"), state) == ("2026-01-01",)
		assert state.patience == pytest.approx(locks.PATIENCE - free_at * locks.PAUSE)
	assert all(how == {"for_update": True, "skip_locked": True} for how in asked)
	state.guest = False
	asked.clear()
	locks._locked_marks((DEAL, "OPP-1"), state)
	assert asked == [{"for_update": True}], "who is no guest waits in the database"


def test_a_lost_connection_is_told_from_other_errors_and_undone_on_another_one(site, monkeypatch):
	class InterfaceError(Exception):
		pass

	lost = [Exception(code, "gone") for code in lost_races.LOST_CONNECTIONS] + [InterfaceError()]
	assert all(map(locks.is_lost_connection, lost))
	assert not any(map(locks.is_lost_connection, (Exception(1213), Exception(), Exception(1064))))
	assert locks.ends_transaction(frappe.QueryDeadlockError()) and not locks.ends_transaction(Exception(1205))
	assert locks.ends_transaction(Exception(1213)) and locks.ends_transaction(Exception(1020))
	again = []
	monkeypatch.setattr(locks, "reconnect", lambda: again.append("again"))
	locks.undo(lost=True)
	assert again == ["again"]
	for error, expected in ((Exception(2006, "gone"), ["again"] * 2), (ValueError("No"), None)):

		def fail(error=error):
			raise error

		with monkeypatch.context() as patched:
			patched.setattr(frappe.db, "rollback", fail)
			if expected:
				locks.undo()
				assert again == expected
			else:
				with pytest.raises(ValueError, match="No"):
					locks.undo()


def test_a_further_try_takes_the_locks_of_the_one_before_first(sale, nothing_held):
	deal = sale.opportunity()
	rows_of_try = [(DEAL, deal.name)]
	seen = []

	@locks.whole_transaction
	def attempt():
		seen.append(held())
		if len(seen) == 1:
			locks._state().asked.update([*rows_of_try, (DEAL, "OPP-gone")])
			raise locks.BusyError("busy")

	with pytest.MonkeyPatch.context() as patched:
		patched.setattr(locks, "undo", lambda lost=False: locks._forget())
		attempt()
	assert seen[1] == {(DEAL, deal.name)}, "what is gone is not asked for"
	assert locks._state().depth == 0 and not locks.inside_entry_point()


def test_which_errors_of_the_database_are_which():
	assert set(lost_races.LOST_RACES) == {1213, 1205, 1020}, "deadlock, time-out of a lock, changed since last read"
	assert set(lost_races.LOST_CONNECTIONS) == {2002, 2003, 2006, 2013, 2055, 1053, 1927, 4031}
	assert set(lost_races.KEYS) == {"conversion_key", "crm_request_key", "playbook_key", "capture_key"}
	ours = {name for name in registry.ORDER if name not in ("Sales Order", "Sales Campaign")}
	people = {"Customer", "Contact", "Contact Position", "Relation Type"}
	work = {"Sales Help Request", "Customer Case", "Sales Activity", "Sales Handover", "Sales Handover Item"}
	leads = {"Sales Import", "Lead Assignment Rule", "Sales Segment"}
	assert set(locks.ORDER) == ours | people | work | leads | {"Cost Estimate", "Sales Campaign"}
	assert locks._marks(("Sales Contract", "x")) is None and locks.MARKS == {
		"Sales Contract": ("modified", "order_changes"),
		"Relation Type": ("modified", "tree_changes"),
	}


def test_a_contract_of_which_more_was_ordered_meanwhile_is_outdated(sale, nothing_held):
	contract = sale.contract()
	before = locks._marks((CONTRACT, contract.name))
	contract_versions.count_up(contract.name)
	assert locks._marks((CONTRACT, contract.name)) != before
	assert frappe.db.get_value(CONTRACT, contract.name, "order_changes") == 1
	contract_versions.count_up(contract.name)
	assert frappe.db.get_value(CONTRACT, contract.name, "order_changes") == 2


@pytest.mark.parametrize(("rate", "counts"), [(2, 2), (0, 0), (-1, 0)])
def test_a_deal_in_another_currency_counts_at_its_rate(sale, rate, counts):
	deal = frappe._dict(won_amounts.values_of(sale.opportunity()))
	deal.update({"currency": "EUR", "conversion_rate": rate})
	assert won_amounts._sale(DEAL, None, deal).rate == counts
	deal.currency = None
	assert won_amounts._sale(DEAL, None, deal).rate == 1


# ---- what a form is sent


@pytest.mark.parametrize("make", ["opportunity", "contract", "lead"])
def test_a_form_is_sent_titles_orders_and_where_it_came_from(sale, world, make):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	doc = {
		"opportunity": lambda: sale.opportunity(source_type=LEAD, source_name=lead.name),
		"contract": lambda: sale.contract(),
		"lead": lambda: lead,
	}[make]()
	order = make != "lead" and order_of(world, doc)
	doc.run_method("onload")
	sent = doc.get("__onload")
	assert ("orders" in sent) is (make != "lead")
	if make != "lead":
		assert [row["name"] for row in sent["orders"]] == [order.name]
	if make == "opportunity":
		assert (sent["leads"], list(sent["stage_visits"]), sent["returned"]) == ([lead.name], [doc.stage], [])
		assert set(sent["reach"]) == {"contact_name", "phone", "email_id"}
		assert sent["link_titles"][f"{LEAD}::{lead.name}"] == lead.title


@pytest.mark.parametrize(("who", "may"), [("desk", True), ("rep", False)])
def test_a_request_s_form_knows_who_may_accept_it(sale, as_user, who, may):
	request = requested(sale)
	as_user(who)
	request.run_method("onload")
	assert request.get("__onload")["may_accept"] is may


def test_forms_of_what_is_about_a_document_are_sent_its_title(sale, as_user):
	deal = sale.opportunity(title="Pumps")
	about = {"reference_doctype": DEAL, "reference_name": deal.name}
	for doctype, values in (
		("Sales Activity", {"subject": "Call", "way": "Phone"}),
		("Sales Memo", {"memo": "x"}),
		("Cost Estimate", {}),
	):
		doc = frappe.get_doc({"doctype": doctype, **about, **values})
		doc.run_method("onload")
		assert doc.get("__onload")["link_titles"].get(f"{DEAL}::{deal.name}") == "Pumps", doctype
	request = frappe.get_doc(
		{"doctype": "Sales Help Request", **about, "status": "Open", "asked_by": REP, "manager": MANAGER}
	)
	sent = {}
	for who, state in (("rep", "Open"), ("manager", "Open"), ("manager", "Answered")):
		as_user(who)
		request.status = state
		request.run_method("onload")
		sent[who, state] = request.get("__onload")["may_answer"]
	assert sent == {("rep", "Open"): False, ("manager", "Open"): True, ("manager", "Answered"): False}


# ---- help


@pytest.mark.parametrize(
	("who", "asked_by", "manager", "may"),
	[
		("rep", REP, REP, False),
		("manager", REP, None, True),
		("other_rep", REP, None, False),
		("other_rep", REP, OTHER, True),
		("stranger", REP, "stranger@crm-test.example", False),
	],
)
def test_a_question_is_answered_by_who_was_asked_or_a_manager_who_sees_the_deal(sale, who, asked_by, manager, may):
	deal = sale.opportunity()
	request = frappe._dict(reference_doctype=DEAL, reference_name=deal.name, asked_by=asked_by, manager=manager)
	assert help_requests.may_answer(request, USERS[who][0]) is may


def test_questions_are_about_deals_and_changed_by_who_asked_while_they_are_open(sale, world, as_user):
	as_user("rep")
	lead = sale.lead(customer=world.customer, prospect_name=None)
	with refused(match="Help is asked for on an opportunity or a sales project"):
		help_requests.ask(LEAD, lead.name, "Advice", "May I?")
	deal = sale.opportunity()
	request = help_requests.ask(DEAL, deal.name, "Price", "May I?")
	assert (request.asked_by, request.status, request.deal_title, request.stage) == (
		REP,
		"Open",
		deal.title,
		deal.stage,
	)
	as_user("manager")
	doc = frappe.get_doc(request.doctype, request.name)
	doc.question = "May he?"
	with refused(frappe.PermissionError, match="Only who asked may change the question"):
		doc.save()
	with refused(frappe.PermissionError, match="Only who asked may withdraw the question"):
		help_requests.withdraw(request.name)
	with refused(frappe.MandatoryError, match="Please write the answer"):
		help_requests.answer(request.name, "  ")
	as_user("rep")
	with refused(frappe.PermissionError, match="is answered by"):
		help_requests.answer(request.name, "Yes")
	as_user("manager")
	help_requests.answer(request.name, "Yes")
	answered = frappe.db.get_value(request.doctype, request.name, ["status", "answered_by", "question"])
	assert answered == ("Answered", MANAGER, "May I?")
	doc.reload()
	doc.answer = "No"
	with refused(match="This question is answered and can't be changed any more"):
		doc.save()
	kinds = [(e.from_value, e.to_value) for e in ledger.history(DEAL, deal.name) if e.kind == "Help"]
	assert kinds == [(None, "Price"), ("Price", "Answered")]


def test_a_question_that_is_withdrawn_says_what_was_asked_and_is_listed_no_more(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	request = help_requests.ask(DEAL, deal.name, "Price", "May I?")
	assert [(row.name, row.may_answer, row.may_withdraw) for row in help_requests.requests_of(DEAL, deal.name)] == [(request.name, False, True)]  # fmt: skip
	help_requests.withdraw(request.name)
	assert frappe.db.get_value(request.doctype, request.name, ["status", "question"]) == ("Withdrawn", "May I?")
	assert help_requests.requests_of(DEAL, deal.name) == []
	as_user("stranger")
	assert help_requests.requests_of(DEAL, deal.name) == []
	frappe.set_user("Administrator")
	rows.row("ToDo", reference_type=request.doctype, reference_name=request.name, docstatus=0)
	other = help_requests.ask(DEAL, sale.opportunity().name, "Price", "And I?")
	help_requests.forget(deal)
	assert not frappe.db.exists("ToDo", {"reference_name": request.name}) and not frappe.db.exists(
		request.doctype, request.name
	)
	assert frappe.db.exists(other.doctype, other.name)


@pytest.mark.parametrize(
	("change", "asked"),
	[
		({}, True),
		({"is_control_point": 0}, False),
		({"same stage": 1}, False),
		({"new": 1}, True),
		({"history": 1}, False),
		({"import": 1}, False),
		({"by": "manager"}, False),
		({"waiting": 1}, False),
	],
)
def test_a_control_point_asks_the_manager_once(sale, as_user, change, asked):
	as_user("rep")
	deal = sale.opportunity()
	frappe.set_user("Administrator")
	values = {
		"is_control_point": 1,
		"control_question": "Is it well?",
		**{k: v for k, v in change.items() if k == "is_control_point"},
	}
	frappe.db.set_value("Pipeline Stage", deal.stage, values)
	as_user(change.get("by", "rep"))
	if change.get("waiting"):
		help_requests.ask(DEAL, deal.name, "Advice", "Before", control_point=True)
	before = frappe.db.count("Sales Help Request", {"reference_name": deal.name})
	deal._doc_before_save = frappe._dict(stage=deal.stage if change.get("same stage") else "Other")
	if change.get("new"):
		deal._doc_before_save = None
	deal.flags.history_import = bool(change.get("history"))
	frappe.flags.in_import = bool(change.get("import"))
	try:
		help_requests.call_at_control_point(deal)
	finally:
		frappe.flags.in_import = False
	found = frappe.get_all("Sales Help Request", filters={"reference_name": deal.name}, fields=["question", "is_control_point", "wanted"], order_by="creation desc")  # fmt: skip
	assert len(found) - before == int(asked)
	if asked:
		assert (found[0].question, found[0].is_control_point, found[0].wanted) == ("Is it well?", 1, "Advice")


# ---- states


def test_a_state_that_can_not_follow_is_refused_in_words(sale):
	contract = sale.contract()
	assert status.can_become(contract, "Terminated") and not status.can_become(contract, "Draft")
	with refused(status.StateError, match=f"Sales Contract .*{contract.name}.* is Active and can't become Draft"):
		status.check(contract, "Draft")
	with refused(frappe.MandatoryError):
		status.check(contract, "Draft", error=frappe.MandatoryError)
	status.check(contract, "Active")
	status.set_status(contract, "Terminated", {"termination_reason": "Over"}, note="why")
	assert (contract.status, contract.termination_reason, contract.flags.event_note) == ("Terminated", "Over", "why")
	assert frappe.db.get_value(CONTRACT, contract.name, "status") == "Active", "the save writes it"


def test_a_state_that_another_document_decided_is_in_the_ledger_once(sale):
	deal = sale.opportunity()
	by = Ref(CONTRACT, "CON-1")
	before = frappe.db.get_value(DEAL, deal.name, "modified")
	status.set_status(deal, "Won", {"won_by": "CON-1"}, ("State", "Open", "Won"), note="signed", update_modified=False, related=by)  # fmt: skip
	assert frappe.db.get_value(DEAL, deal.name, ["status", "won_by", "modified"]) == ("Won", "CON-1", before)
	(event,) = [e for e in ledger.history(DEAL, deal.name) if e.kind == "State"]
	assert (event.from_value, event.to_value, event.note, event.related_name) == ("Open", "Won", "signed", "CON-1")
	assert deal.flags.state_written is False


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_a_contract_is_terminated_with_a_reason(sale, reason):
	contract = sale.contract()
	with refused(frappe.MandatoryError, match="Please say why the contract is terminated"):
		contract.terminate(reason)
	draft = sale.contract(submit=False)
	with refused(match=f"Contract {draft.name} is Draft and can't be terminated"):
		draft.terminate("Over")
	contract.terminate(" Over ")
	contract.reload()
	assert (contract.status, contract.termination_reason, str(contract.terminated_on)) == (
		"Terminated",
		"Over",
		nowdate(),
	)
	with refused(match="is Terminated and can't be terminated"):
		contract.terminate("Again")


def test_a_contract_that_ran_out_is_in_force_again_when_it_is_prolonged(sale):
	contract = sale.contract()
	for end, state in ((add_days(nowdate(), -1), "Expired"), (nowdate(), "Active"), (None, "Active")):
		contract.update({"status": "Expired", "end_date": end})
		contract.reopen_if_prolonged()
		assert contract.status == state
	contract.status = "Terminated"
	contract.reopen_if_prolonged()
	assert contract.status == "Terminated"


@pytest.mark.parametrize("broken", [False, True])
def test_what_an_automation_breaks_is_its_own(sale, broken, monkeypatch):
	deal = sale.opportunity()

	def step():
		frappe.db.set_value(DEAL, deal.name, "next_step", "Automation")
		frappe.msgprint("said")
		if broken:
			raise ValueError("automation")

	frappe.clear_messages()
	logged = []
	monkeypatch.setattr(frappe, "log_error", lambda **how: logged.append(how["title"]))
	assert automation._attempt(deal, step) is not broken
	assert (frappe.db.get_value(DEAL, deal.name, "next_step") == "Automation") is not broken
	assert (len(frappe.local.message_log), bool(logged)) == ((0, True) if broken else (1, False))
	with pytest.raises(locks.BusyError):
		automation._attempt(deal, lambda: (_ for _ in ()).throw(locks.BusyError("x")))


# ---- steps of a pipeline


@pytest.mark.parametrize("setting", ["Off", "Optional", "Required"])
def test_a_step_is_asked_for_or_left_out_as_the_pipeline_says(sale, setting):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, {"contract_step": setting, "quotation_step": "Optional"})
	request = requested(sale, deal)
	optional_steps.require_before(request, "Quotation")
	if setting == "Required":
		with refused(optional_steps.StepError, match="requires a Sales Contract before a Sales Order Request"):
			optional_steps.require_before(request, CONTRACT)
		contract = sale.contract(source_type=DEAL, source_name=deal.name)
		request.update({"source_type": CONTRACT, "source_name": contract.name})
	optional_steps.require_before(request, CONTRACT)
	for about in (Ref(DEAL, deal.name), None):
		doc = frappe._dict(company=deal.company)
		if about is None:
			frappe.db.set_value("Sales Pipeline", {"applies_to": DEAL}, "is_default", 0)
			frappe.db.set_value("Sales Pipeline", deal.pipeline, {"is_default": 1, "company": deal.company})
		if setting == "Off":
			with refused(optional_steps.StepError, match="works without the step Sales Contract"):
				optional_steps.refuse_if_off(doc, CONTRACT, about)
		else:
			optional_steps.refuse_if_off(doc, CONTRACT, about)
	assert optional_steps.deal_before(frappe._dict(doctype=REQUEST)) == (None, [])


def test_a_new_deal_gets_its_company_s_default_pipeline_else_the_general_one_else_any(sale, world):
	frappe.db.set_value("Sales Pipeline", {"applies_to": DEAL}, "disabled", 1)
	assert pipelines.default_pipeline(DEAL, world.company) is None
	assert pipelines.steps_of(None) == dict.fromkeys(("Sales Lead", "Quotation", CONTRACT), "Optional")
	made = lambda name, **values: rows.row("Sales Pipeline", name=f"{name} {world.tag}", pipeline_name=name, docstatus=0, **{"applies_to": DEAL, "disabled": 0, "is_default": 0, **values})  # noqa: E731  # fmt: skip
	made("Project", applies_to=PROJECT, is_default=1)
	made("Other company", company="Another", is_default=1)
	found = lambda: pipelines.default_pipeline(DEAL, world.company)  # noqa: E731
	assert found() is None
	any_one = made("Zeta")
	assert found() == any_one
	own = made("Own", company=world.company)
	assert found() == own
	general = made("General", is_default=1)
	assert found() == general
	best = made("Best", company=world.company, is_default=1)
	assert found() == best
	made("Off", company=world.company, is_default=1, disabled=1)
	assert found() == best and pipelines.default_pipeline(DEAL) == general


# ---- outcome


@pytest.mark.parametrize(
	("day", "opened", "known", "won"),
	[(-3, -9, None, -3), (-9, -3, None, -3), (1, -9, None, 1), (2, -9, None, 0), (9, -9, -5, -5), (0, None, None, 0)],
)
def test_a_deal_was_won_on_the_day_of_its_document(sale, day, opened, known, won):
	at = lambda days: getdate(add_days(nowdate(), days))  # noqa: E731
	contract = sale.contract()
	frappe.db.set_value(CONTRACT, contract.name, "signed_on", at(day))
	winner = Ref(CONTRACT, contract.name)
	deal = frappe._dict(opened_on=opened is not None and at(opened) or None, closed_on=None)
	if known is not None:
		deal.update({"closed_on": at(known), "won_by_type": CONTRACT, "won_by": contract.name})
	assert outcome.won_on(deal, winner) == at(won)
	deal.update({"closed_on": at(won), "won_by_type": CONTRACT, "won_by": contract.name})
	assert outcome._agrees(deal, winner)
	assert not outcome._agrees(frappe._dict(deal, won_by="Another"), winner)
	assert not outcome._agrees(frappe._dict(deal, closed_on=at(won - 1)), winner) or day > 1
	assert not outcome._agrees(frappe._dict(deal, closed_on=None), winner)


def test_contracts_win_before_requests_before_orders_and_the_earliest_of_them(sale, world):
	deal = sale.opportunity()
	early, late, draft = sale.contract(), sale.contract(), sale.contract(submit=False)
	frappe.db.set_value(CONTRACT, early.name, "signed_on", "2026-01-02")
	frappe.db.set_value(CONTRACT, late.name, "signed_on", "2026-01-03")
	frappe.db.set_value(CONTRACT, draft.name, "signed_on", "2026-01-01")
	request = requested(sale, deal, submit=True)
	order = order_of(world, deal)
	refs = [Ref(doc.doctype, doc.name) for doc in (order, request, late, draft, early)]
	assert outcome.winning_document(refs) == Ref(CONTRACT, early.name)
	assert outcome.winning_document([refs[0], refs[1], refs[3]]) == refs[0], "nobody accepted the request yet"
	frappe.db.set_value(REQUEST, request.name, "status", "Accepted")
	assert outcome.winning_document([refs[0], refs[1], refs[3]]) == refs[1]
	assert outcome.winning_document([refs[3]]) is None and outcome.winning_document([]) is None


def test_a_deal_whose_pipeline_has_no_won_stage_waits_for_an_order_and_refuses_a_contract(sale, world):
	deal = sale.opportunity()
	frappe.db.set_value("Pipeline Stage", {"pipeline": deal.pipeline, "stage_type": "Won"}, "disabled", 1)
	order = order_of(world, deal)
	frappe.clear_messages()
	outcome.sync_ancestors("Sales Order", order.name)
	assert frappe.db.get_value(DEAL, deal.name, "status") == "Open"
	assert "has no enabled stage of type" in str(frappe.local.message_log)
	assert outcome.mend(Ref(DEAL, deal.name)) is False
	with refused(match="has no enabled stage of type"):
		outcome.sync_outcome(Ref(DEAL, deal.name))
	frappe.db.set_value("Pipeline Stage", {"pipeline": deal.pipeline, "stage_type": "Won"}, "disabled", 0)
	assert outcome.mend(Ref(DEAL, deal.name)) is True and outcome.mend(Ref(DEAL, deal.name)) is False
	assert frappe.db.get_value(DEAL, deal.name, ["status", "won_by"]) == ("Won", order.name)
	frappe.db.set_value("Sales Order", order.name, "docstatus", 2)
	outcome.sync_ancestors("Sales Order", order.name)
	assert frappe.db.get_value(DEAL, deal.name, ["status", "won_by"]) == ("Open", None)
	assert outcome.mend(Ref(LEAD, "x")) is False and outcome.mend(Ref(DEAL, "OPP-nowhere")) is False


# ---- what is behind


def test_what_waits_longest_is_shown_first(site):
	for name in frappe.get_all(pending.DOCTYPE, pluck="name", order_by="name asc", limit=0):
		frappe.db.delete(pending.DOCTYPE, {"name": name})
	ago = lambda minutes: add_to_date(now_datetime(), minutes=-minutes).replace(microsecond=0)  # noqa: E731
	late, limit = pending.OVERDUE * 3, pending.MOST_TRIES
	for name, minutes, tries in (("SO-2", late - 1, limit - 1), ("SO-1", late + 1, limit), ("SO-3", 0, limit + 1)):
		rows.row(pending.DOCTYPE, document_type="Sales Order", document=name, what="Sale", attempts=tries, creation=ago(minutes), docstatus=0)  # fmt: skip
	found = behind._pending()
	assert (found["count"], found["overdue"], found["stuck"]) == (3, 1, 2)
	assert [row.document for row in found["rows"]] == ["SO-1", "SO-2", "SO-3"]
	assert found["oldest"] == found["rows"][0].creation and (ago(late + 1) - found["oldest"]) < timedelta(seconds=5)
	assert pending.overdue() == [("Sales Order", "SO-2")], "tried too often, or just noted"


# ---- rows and money


@pytest.mark.parametrize(
	("row", "new", "factor"),
	[
		({"uom": None, "conversion_factor": 7}, False, 1),
		({"uom": "Nos", "conversion_factor": 7}, False, 1),
		({"uom": "Box", "conversion_factor": 0}, False, 10),
		({"uom": "Box", "conversion_factor": 1}, True, 10),
		({"uom": "Box", "conversion_factor": 1}, False, 1),
		({"uom": "Box", "conversion_factor": 12}, True, 12),
	],
)
def test_a_unit_s_factor_is_what_was_typed_or_the_item_s(sale, monkeypatch, row, new, factor):
	line = sale.opportunity().items[0]
	line.update({"item_name": None, "stock_uom": "?", **row})
	monkeypatch.setattr(line, "is_new", lambda: new, raising=False)
	monkeypatch.setattr(prices, "unit_factor", lambda item, uom: 10)
	item_rows.complete_units(line)
	assert (line.conversion_factor, line.uom, line.stock_uom) == (factor, row["uom"] or "Nos", "Nos")
	assert line.item_name
	line.item_name = "Own"
	item_rows.complete_units(line)
	assert line.item_name == "Own"


@pytest.mark.parametrize(
	("row", "new", "expected"),
	[
		({"rate": None}, False, (45, 50, 10, 90)),
		({"rate": 0}, True, (45, 50, 10, 90)),
		({"rate": 0}, False, (0, 0, 0, 0)),
		({"rate": 7}, True, (7, 0, 0, 14)),
		({"rate": 0, "discount_percentage": 20}, True, (40, 50, 20, 80)),
		({"rate": None, "quotation_item": "x"}, False, (0, 0, 0, 0)),
		({"rate": 0, "price_list_rate": 30, "discount_percentage": 0}, True, (30, 30, 0, 60)),
	],
)
def test_a_row_without_a_price_costs_what_the_list_says(sale, monkeypatch, row, new, expected):
	contract = sale.contract(submit=False)
	line = contract.items[0]
	line.update({"qty": 2, "price_list_rate": 0, "discount_percentage": 0, "conversion_factor": 3, **row})
	monkeypatch.setattr(line, "is_new", lambda: new, raising=False)
	monkeypatch.setattr(prices, "list_price", lambda *args: {"price_list_rate": 50, "rate": 45, "discount_percentage": 10, "uom": None})  # fmt: skip
	contract.conversion_rate = 2
	item_rows.complete_row(contract, line)
	assert (line.rate, line.price_list_rate, line.discount_percentage, line.amount) == expected
	assert (line.base_amount, line.stock_qty) == (expected[3] * 2, 6)


def test_a_price_that_was_agreed_is_so_of_a_contract_or_a_quotation():
	assert [row_changes.price_is_agreed(frappe._dict(row)) for row in ({}, {"contract_item": "a"}, {"quotation_item": "b"})] == [False, True, True]  # fmt: skip


@pytest.mark.parametrize(
	("before", "after", "amount"),
	[
		(None, {"currency": "EUR"}, 40),
		({"currency": "EUR"}, {"currency": "EUR"}, 40),
		({"currency": "USD"}, {"currency": "EUR"}, 20),
		({"currency": "USD"}, {"currency": "EUR", "additional_discount_percentage": 5}, 40),
		({"currency": "USD", "discount_amount": 30}, {"currency": "EUR"}, 40),
		({"currency": "USD", "conversion_rate": 0}, {"currency": "EUR"}, 20),
	],
)
def test_a_discount_that_is_an_amount_keeps_its_worth_in_another_currency(before, after, amount):
	doc = frappe._dict({"discount_amount": 40, "conversion_rate": 2, "additional_discount_percentage": 0, **after})
	doc.get_doc_before_save = lambda: before and frappe._dict({"discount_amount": 40, "conversion_rate": 1, **before})
	doc.precision = lambda field: 2
	row_changes.follow_currency(doc)
	assert doc.discount_amount == amount


@pytest.mark.parametrize(
	("currency", "rate", "before", "expected"),
	[
		(None, 5, None, ("own", 1)),
		("own", 5, None, ("own", 1)),
		("EUR", 0, None, ("EUR", 3)),
		("EUR", -1, None, ("EUR", 3)),
		("EUR", 2, None, ("EUR", 2)),
		("EUR", 2, ("GBP", 2), ("EUR", 3)),
		("EUR", 2, ("GBP", 4), ("EUR", 2)),
		("EUR", 2, ("EUR", 2), ("EUR", 2)),
	],
)
def test_the_rate_of_exchange_is_anew_when_the_currency_changes(
	sale, world, monkeypatch, currency, rate, before, expected
):
	monkeypatch.setattr(prices, "exchange_rate", lambda *args: 3)
	deal = sale.opportunity()
	own = lambda name: world.currency if name == "own" else name  # noqa: E731
	deal.update({"currency": own(currency), "conversion_rate": rate})
	deal._doc_before_save = before and frappe._dict(currency=before[0], conversion_rate=before[1], company=deal.company)
	deal.set_currency()
	assert (deal.currency, deal.conversion_rate) == (own(expected[0]), expected[1])


@pytest.mark.parametrize(
	("values", "words"),
	[
		({"expected_close": "yesterday"}, "is not a date"),
		({"expected_close": "2026-13-01"}, "is not a date"),
		({"amount": 10**12}, "is too large"),
		({"amount": float("inf")}, "is too large"),
		({"amount": 10**12 - 1, "expected_close": "2026-01-01"}, None),
	],
)
def test_days_and_numbers_that_can_not_be_kept_are_refused_with_their_field(sale, values, words):
	deal = sale.opportunity()
	deal.update(values)
	if words:
		with refused(match=words):
			typed_values.check(deal)
	else:
		typed_values.check(deal)
	deal = sale.opportunity()
	deal.items[1].qty = 10**12
	with refused(match=r"Row 2: .*is too large"):
		typed_values.check(deal)


def test_dates_are_in_their_order_and_not_ahead(sale):
	contract = sale.contract(submit=False)
	contract.update({"start_date": "2026-02-02", "end_date": "2026-02-01"})
	with refused(match="must not be after"):
		contract.validate_order_of_dates(("start_date", "end_date"))
	contract.end_date = "2026-02-02"
	contract.validate_order_of_dates(("start_date", "end_date"))
	contract.end_date = None
	contract.validate_order_of_dates(("start_date", "end_date"))
	contract.signed_on = add_days(nowdate(), 2)
	with refused(match="is in the future"):
		contract.validate_not_future("signed_on")
	contract.signed_on = nowdate()
	contract.validate_not_future("signed_on")


# ---- checks of a stage


def test_a_tick_says_who_and_when_and_is_not_believed_from_a_form(sale, as_user):
	as_user("rep")
	row = SimpleNamespace(done="1", done_by="somebody", done_on="2020-01-01")
	stage_gates._stamp(row, None)
	assert (row.done, row.done_by) == (1, REP) and getdate(row.done_on) == getdate()
	row = SimpleNamespace(done=1, done_by="forged", done_on=None)
	stage_gates._stamp(row, frappe._dict(done=1, done_by=OTHER, done_on="2026-01-01"))
	assert (row.done_by, row.done_on) == (OTHER, "2026-01-01")
	row = SimpleNamespace(done=0, done_by=OTHER, done_on="2026-01-01")
	stage_gates._stamp(row, frappe._dict(done=1, done_by=OTHER, done_on="2026-01-01"))
	assert (row.done, row.done_by, row.done_on) == (0, None, None)
	deal = sale.opportunity()
	with refused(match="This check is no longer asked for"):
		stage_gates.tick(DEAL, deal.name, "gone", True)


def test_types_of_documents_of_ours_are_all_asked_about():
	assert {DEAL, PROJECT, LEAD, CONTRACT, REQUEST} <= set(OWN)
