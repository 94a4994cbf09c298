"""Help wanted: a deal calls its manager, who answers on the deal."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.coaching import help_requests as help_wanted
from tests.site.rows import row
from tests.site.world import refused, without_right

REP, OTHER_REP, MANAGER = "rep@crm-test.example", "rep2@crm-test.example", "manager@crm-test.example"


def stage(key: str) -> str:
	return frappe.db.get_value("Pipeline Stage", {"pipeline": "Standard Sales", "stage_key": key}, "name")


def ask(deal, question="May I give five per cent?", wanted="Price"):
	return api.ask_for_help(deal.doctype, deal.name, wanted, question)["name"]


def requests(deal) -> list[dict]:
	return api.get_stage_guide(deal.doctype, deal.name)["requests"]


@pytest.fixture
def team(world):
	"""Other rep above rep in the Sales Person tree; nobody above other rep."""
	root = frappe.db.get_value("Sales Person", {"parent_sales_person": ("is", "not set")}, "name")
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (REP, OTHER_REP, MANAGER))}, "crm_user", None)

	def person(name, user, parent, group=0):
		return frappe.get_doc(
			{
				"doctype": "Sales Person",
				"sales_person_name": f"{name} {world.tag}",
				"parent_sales_person": parent,
				"is_group": group,
				"crm_user": user,
			}
		).insert()

	above = person("Lead", OTHER_REP, root, group=1)
	return person("Member", REP, above.name)


@pytest.fixture
def control_point(site):
	doc = frappe.get_doc("Pipeline Stage", stage("proposal"))
	doc.is_control_point, doc.control_question = 1, "Is the offer worth our time?"
	doc.save()
	return doc.name


def test_a_rep_asks_the_manager_answers_and_both_are_in_the_history(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	name = ask(deal)
	(row,) = requests(deal)
	assert (row.question, row.status, row.asked_by, row.may_answer, row.may_withdraw) == (
		"May I give five per cent?",
		"Open",
		REP,
		False,
		True,
	)
	as_user("manager")
	(row,) = requests(deal)
	assert row.may_answer and not row.may_withdraw
	api.answer_help(name, "Three, and only with an order this month.")
	as_user("rep")
	(row,) = requests(deal)
	assert (row.status, row.answer, row.answered_by) == (
		"Answered",
		"Three, and only with an order this month.",
		MANAGER,
	)
	told = [
		(e["from_text"], e["to_text"], e["note"], e["by"])
		for e in api.get_history(deal.doctype, deal.name)
		if e["kind"] == "Help"
	]
	assert told == [
		("", "Price", "May I give five per cent?", REP),
		("Price", "Answered", "Three, and only with an order this month.", MANAGER),
	]


def test_the_nearest_user_above_in_the_tree_is_asked_and_answers(sale, as_user, team):
	as_user("rep")
	deal = sale.opportunity()
	assert deal.sales_person == team.name
	name = ask(deal)
	assert frappe.db.get_value("Sales Help Request", name, "manager") == OTHER_REP
	as_user("other_rep")
	api.answer_help(name, "Yes")
	assert frappe.db.get_value("Sales Help Request", name, "answered_by") == OTHER_REP
	# A manager answers the questions of others, but not her own.
	as_user("manager")
	own = ask(deal)
	assert not any(row.may_answer for row in requests(deal) if row.name == own)
	with refused(frappe.PermissionError):
		api.answer_help(own, "Yes")


def test_a_disabled_user_above_is_passed_over(sale, as_user, team):
	frappe.db.set_value("User", OTHER_REP, "enabled", 0)
	as_user("rep")
	deal = sale.opportunity()
	name = ask(deal)
	assert not frappe.db.get_value("Sales Help Request", name, "manager")
	assert MANAGER in help_wanted.managers_for(deal, REP)
	frappe.db.set_value("User", OTHER_REP, "enabled", 1)


def test_a_colleague_a_stranger_and_the_asker_do_not_answer(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	name = ask(deal)
	for who in ("rep", "other_rep", "stranger", "finance"):
		as_user(who)
		with refused(frappe.PermissionError):
			api.answer_help(name, "Yes")
	as_user("other_rep")
	with refused(frappe.PermissionError):
		api.withdraw_help(name)
	assert frappe.db.get_value("Sales Help Request", name, ["status", "answer"]) == ("Open", None)


def test_nobody_makes_oneself_the_manager_by_a_direct_save(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	name = ask(deal)
	as_user("other_rep")
	doc = frappe.get_doc("Sales Help Request", name)
	doc.manager, doc.asked_by, doc.answer, doc.status = OTHER_REP, "Administrator", "Yes", "Answered"
	with refused(frappe.PermissionError):
		doc.save()
	as_user("rep")
	made = frappe.get_doc(
		{
			"doctype": "Sales Help Request",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
			"wanted": "Price",
			"question": "Again?",
			"status": "Answered",
			"asked_by": MANAGER,
			"answer": "Yes",
		}
	).insert()
	assert (made.status, made.asked_by, made.answer) == ("Open", REP, None)


def test_who_answers_or_withdraws_leaves_the_question_as_it_was_asked(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	answered, withdrawn = ask(deal), ask(deal)
	rewritten = {"question": "May I give fifty per cent?", "wanted": "People"}
	doc = frappe.get_doc("Sales Help Request", withdrawn)
	doc.update({**rewritten, "status": "Withdrawn"})
	doc.save()
	as_user("manager")
	doc = frappe.get_doc("Sales Help Request", answered)
	doc.update({**rewritten, "answer": "Yes"})
	doc.save()
	for name, status in ((answered, "Answered"), (withdrawn, "Withdrawn")):
		kept = frappe.db.get_value("Sales Help Request", name, ["question", "wanted", "status"])
		assert kept == ("May I give five per cent?", "Price", status)


def test_a_manager_who_does_not_see_the_deal_does_not_answer(sale, world, as_user):
	from tests.site.world import customer

	other = customer(f"Elsewhere {world.tag}")
	as_user("rep")
	deal = sale.opportunity()
	name = ask(deal)
	as_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": MANAGER, "allow": "Customer", "for_value": other}).insert()
	as_user("manager")
	with refused(frappe.PermissionError):
		api.answer_help(name, "Yes")


def test_who_can_not_read_the_deal_does_not_ask(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	as_user("stranger")
	with pytest.raises(frappe.PermissionError):
		ask(deal)


def test_a_question_is_answered_once_and_withdrawn_only_before(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	first, second = ask(deal), ask(deal, "And ten?")
	api.withdraw_help(second)
	assert [row.name for row in requests(deal)] == [first]
	as_user("manager")
	with refused(frappe.MandatoryError, match="write the answer"):
		api.answer_help(first, "  ")
	with refused(match="withdrawn"):
		api.answer_help(second, "Yes")
	api.answer_help(first, "Yes")
	with refused(match="answered"):
		api.answer_help(first, "No")
	as_user("rep")
	with refused(match="answered"):
		api.withdraw_help(first)


def test_a_question_about_a_deal_that_is_lost_waits_for_nobody(sale, as_user):
	as_user("rep")
	lost, going_on = sale.opportunity(), sale.opportunity()
	answered, open_one, other = ask(lost, "Done?"), ask(lost), ask(going_on)
	as_user("manager")
	api.answer_help(answered, "Yes")
	api.lose_deal(lost.doctype, lost.name, "Price")
	states = [frappe.db.get_value(help_wanted.REQUEST, name, "status") for name in (answered, open_one, other)]
	assert states == ["Answered", "Withdrawn", "Open"]
	kept = {"reference_name": lost.name, "kind": "Help", "to_value": "Withdrawn"}
	assert frappe.db.count("Pipeline Event", kept) == 1
	api.reopen_deal(lost.doctype, lost.name)
	assert frappe.db.get_value(help_wanted.REQUEST, open_one, "status") == "Withdrawn"


def test_a_shop_without_a_manager_is_told_so(sale, as_user, monkeypatch):
	monkeypatch.setattr(help_wanted, "managers_for", lambda deal, asking: [])
	as_user("rep")
	deal = sale.opportunity()
	with refused(match="nobody to ask"):
		ask(deal)


def test_entering_a_control_point_calls_the_manager_once(sale, as_user, control_point):
	as_user("rep")
	deal = sale.opportunity()
	api.move_stage(deal.doctype, deal.name, control_point)
	(row,) = requests(deal)
	assert (row.question, row.is_control_point, row.asked_by) == ("Is the offer worth our time?", 1, REP)
	api.move_stage(deal.doctype, deal.name, stage("qualification"))
	api.move_stage(deal.doctype, deal.name, control_point)
	assert len(requests(deal)) == 1
	as_user("manager")
	api.answer_help(row.name, "Yes")
	as_user("rep")
	api.move_stage(deal.doctype, deal.name, stage("qualification"))
	api.move_stage(deal.doctype, deal.name, control_point)
	assert [r.status for r in requests(deal)] == ["Open", "Answered"]


def test_the_manager_who_moves_the_deal_is_not_asked(sale, as_user, control_point, team):
	as_user("rep")
	deal = sale.opportunity()
	as_user("other_rep")
	api.move_stage(deal.doctype, deal.name, control_point)
	assert requests(deal) == []


def test_a_control_point_stops_nobody_who_has_no_manager(sale, as_user, control_point, monkeypatch):
	monkeypatch.setattr(help_wanted, "managers_for", lambda deal, asking: [])
	as_user("rep")
	deal = sale.opportunity(stage=control_point)
	assert requests(deal) == [] and deal.stage == control_point


def test_questions_are_hidden_and_deleted_with_their_deal(sale, as_user, team):
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	as_user("rep")
	deal = sale.opportunity()
	name = ask(deal)
	assert name in frappe.get_list("Sales Help Request", pluck="name", order_by="name asc")
	as_user("desk")
	others = sale.opportunity(sales_owner=MANAGER, sales_person=None)
	as_user("rep")
	with refused(frappe.PermissionError):
		ask(others)
	as_user("manager")
	assert name not in frappe.get_list("Sales Help Request", pluck="name", order_by="name asc")
	as_user("Administrator")
	frappe.delete_doc(deal.doctype, deal.name)
	assert not frappe.db.exists("Sales Help Request", name)


def test_questions_and_answers_are_told_to_those_only_who_may_read_them(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	name = ask(deal)
	as_user("manager")
	api.answer_help(name, "Three")

	def notes() -> list[str]:
		return [e["note"] for e in api.get_history(deal.doctype, deal.name) if e["kind"] == "Help"]

	assert notes() == ["May I give five per cent?", "Three"]
	as_user("finance")
	assert not frappe.has_permission("Sales Help Request", "read")
	assert (notes(), requests(deal)) == ([None, None], [])
	as_user("manager")
	about = {"reference_name": deal.name, "kind": "Help"}
	listed = frappe.get_list("Pipeline Event", filters=about, fields=["note"], order_by="at asc")
	assert [row.note for row in listed] == [None, None], "lists and exports of the ledger hold none of it"
	assert not frappe.has_permission("Pipeline Event Note", "read")
	as_user("Administrator")
	kept = frappe.get_all("Pipeline Event", filters=about, pluck="name", order_by="name asc")
	frappe.delete_doc(deal.doctype, deal.name)
	assert not frappe.db.exists("Pipeline Event Note", {"event": ("in", kept)})


def test_a_control_point_without_a_question_says_where_the_deal_is(sale, as_user, control_point):
	frappe.db.set_value("Pipeline Stage", control_point, "control_question", None)
	as_user("rep")
	deal = sale.opportunity()
	api.move_stage(deal.doctype, deal.name, control_point)
	[row] = requests(deal)
	label = frappe.db.get_value("Pipeline Stage", control_point, "label")
	assert row.question == f"The deal has reached {label}. What do you advise?"
	assert (row.wanted, row.is_control_point) == ("Advice", 1)


def test_a_stage_at_which_a_deal_is_over_calls_nobody(sale, as_user, control_point):
	frappe.db.set_value("Pipeline Stage", control_point, "stage_type", "Won")
	as_user("rep")
	deal = sale.opportunity()
	deal.stage = control_point
	help_wanted.call_at_control_point(deal)
	assert requests(deal) == []


def test_who_gave_the_deal_away_or_may_ask_nothing_is_not_made_to_ask(sale, as_user, control_point, monkeypatch):
	as_user("rep")
	deal = sale.opportunity()
	deal.stage = control_point
	wanted = lambda: help_wanted._is_wanted(deal)  # noqa: E731
	assert wanted()
	with monkeypatch.context() as patch:
		without_right(patch, help_wanted.REQUEST, "create")
		assert not wanted()
	as_user("stranger")
	assert not wanted()
	as_user("rep")
	name = ask(deal)
	assert wanted(), "what was asked by hand is another question"
	values = {"is_control_point": 1, "stage": control_point}
	for change, still in (
		({}, False), ({"status": "Answered"}, True), ({"status": "Open", "stage": stage("qualification")}, True),
		({"stage": control_point, "reference_name": "Another"}, True), ({"reference_name": deal.name}, False),
	):  # fmt: skip
		values |= change
		frappe.db.set_value("Sales Help Request", name, values)
		assert wanted() is still, change


def test_questions_of_a_deal_that_goes_are_gone_with_their_tasks_and_no_others(sale, as_user):
	as_user("rep")
	deal, other = sale.opportunity(), sale.opportunity()
	names = {doc.name: ask(doc) for doc in (deal, other)}
	as_user("Administrator")
	task = lambda doctype, name: row("ToDo", reference_type=doctype, reference_name=name, docstatus=0)  # noqa: E731
	tasks = {key: task("Sales Help Request", name) for key, name in names.items()}
	alien = task("Sales Opportunity", names[deal.name])
	help_wanted.forget(deal)
	left = lambda doctype, *asked: [name for name in asked if frappe.db.exists(doctype, name)]  # noqa: E731
	assert left("Sales Help Request", *names.values()) == [names[other.name]]
	assert left("ToDo", *tasks.values(), alien) == [tasks[other.name], alien]
	help_wanted.forget(deal)
	assert left("ToDo", *tasks.values(), alien) == [tasks[other.name], alien], (
		"one without questions takes nothing along"
	)


def test_who_may_not_answer_is_told_who_does(sale, as_user, monkeypatch):
	as_user("rep")
	deal = sale.opportunity()
	request = frappe.get_doc("Sales Help Request", ask(deal))
	for manager, told in ((MANAGER, frappe.utils.get_fullname(MANAGER)), (None, "Sales Manager")):
		frappe.db.set_value("Sales Help Request", request.name, "manager", manager)
		with refused(
			frappe.PermissionError, match=f"is answered by (<[^>]*>)?{told}(</[^>]*>)? or another Sales Manager"
		):
			help_wanted.answer(request.name, "Yes")
	assert frappe.db.get_value("Sales Help Request", request.name, ["status", "answer"]) == ("Open", None)
