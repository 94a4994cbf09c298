# ruff: noqa: F811
"""Who is told of a case, once, in whose language, and how its customer is asked."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.cases import case_notices, satisfaction
from tests.site.conftest import USERS
from tests.site.portable.test_customer_cases import CASE, configure, solved
from tests.site.portable.test_small_cases import away, bells, mails, tasks, without_notices_by_mail  # noqa: F401
from tests.site.world import without_right

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))


@pytest.fixture
def in_words(monkeypatch):
	"""What is said names the language that it is said in."""
	for module in (case_notices, satisfaction):
		monkeypatch.setattr(module, "_", lambda text, language=None, **_how: f"({language}) {text}")
	for user, language in ((REP, "es"), (OTHER, "de"), (DESK, "fr")):
		frappe.db.set_value("User", user, "language", language)


def test_who_has_a_task_already_gets_no_other_and_their_deputy_no_second_notice(sale, as_user):
	as_user("Administrator")
	away(OTHER, DESK)
	case = sale.case(responsible=None)
	case_notices._give_to(case, [OTHER])
	case_notices._give_to(case, [OTHER])
	assert list(tasks(case)) == [(OTHER, "Open")] and len(bells(DESK, case)) == 1
	case_notices._give_to(case, [OTHER, MANAGER])
	assert sorted(tasks(case)) == [(MANAGER, "Open"), (OTHER, "Open")] and len(bells(DESK, case)) == 1
	frappe.db.set_value("ToDo", {"reference_name": case.name, "allocated_to": OTHER}, "status", "Closed")
	case_notices._give_to(case, [OTHER])
	assert sorted(tasks(case)) == [(MANAGER, "Open"), (OTHER, "Closed"), (OTHER, "Open")], "a closed one is none"


def test_who_may_read_a_case_and_no_more_is_let_in_to_write_this_one(sale, as_user, monkeypatch):
	as_user("Administrator")
	case, shared = sale.case(responsible=None), []
	sharing = SimpleNamespace(add_docshare=lambda *about, **how: shared.append((about, how)))
	monkeypatch.setitem(vars(frappe), "share", sharing)
	monkeypatch.setattr(case_notices, "assign_to", SimpleNamespace(add=lambda *task, **how: None))
	case_notices._give_to(case, [OTHER])
	assert shared == [], "whose role lets them in needs none"
	without_right(monkeypatch, CASE, "write")
	case_notices._give_to(case, [DESK])
	[(about, how)] = shared
	assert about == (CASE, case.name, DESK) and (how["read"], how["write"], how["notify"]) == (1, 1, 0)
	assert how["flags"] == {"ignore_share_permission": True}


@pytest.mark.parametrize("due", ["2031-05-06 10:00:00", None])
def test_a_task_is_due_with_its_case_and_says_so_in_the_language_of_who_gets_it(sale, as_user, in_words, due):
	as_user("rep")
	case = sale.case(responsible=None)
	case.due_by = due and frappe.utils.get_datetime(due)
	said = []
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(case_notices, "_description", lambda doc, language: said.append(language) or "Said")
		case_notices._give_to(case, [OTHER, DESK])
	assert said == ["de", "fr"]
	found = frappe.get_all(
		"ToDo",
		filters={"reference_name": case.name},
		fields=["allocated_to", "date", "description"],
		order_by="name asc",
	)
	assert {(row.allocated_to, row.description) for row in found} == {(OTHER, "Said"), (DESK, "Said")}
	if due:
		assert {str(row.date) for row in found} == {"2031-05-06"}


def test_a_deputy_is_told_in_their_own_language_for_whom_they_stand_in(sale, as_user, in_words):
	as_user("Administrator")
	away(OTHER, DESK)
	case = sale.case(responsible=None)
	case_notices._notify_deputies(case, [OTHER])
	[said] = bells(DESK, case)
	assert said.startswith("(fr)") and frappe.utils.get_fullname(OTHER) in said
	assert frappe.utils.get_fullname(DESK) not in said


# ---- what its customer is asked


def test_a_customer_is_asked_in_the_customer_s_language(sale, world, as_user, mails, in_words):
	configure(ask_satisfaction=1, satisfaction_template=None)
	frappe.db.set_value("Customer", world.customer, "language", "nl")
	as_user("rep")
	case = solved(sale.case(email_id="ines@harbour.example", subject="Pump <i>leaks</i>"))
	case.solution = "<p>A <b>new</b> seal &amp; oil</p><p>Fitted</p>"
	satisfaction.ask(case)
	[mail] = mails
	assert mail["subject"].startswith("(nl)") and mail["message"].count("(nl)") == 3
	assert "Pump &lt;i&gt;leaks&lt;/i&gt;" in mail["message"] and "<i>" not in mail["message"]
	assert "new seal &amp; oil" in mail["message"] and "&lt;b" not in mail["message"] and "<br>" in mail["message"]
	assert (mail["reference_doctype"], mail["reference_name"]) == (CASE, case.name)
	case.update({"customer": None, "solution": None})
	satisfaction.ask(case)
	assert mails[1]["subject"].startswith("(None)") and "<p></p>" not in mails[1]["message"]


@pytest.fixture
def template(monkeypatch):
	"""template(there): the site has chosen a template, and has it or not."""

	def choose(there: bool):
		words = SimpleNamespace(
			get_formatted_email=lambda values: {"subject": values["name"], "message": values["feedback_link"]}
		)
		exists, get_doc = frappe.db.exists, frappe.get_doc
		monkeypatch.setattr(
			frappe.db,
			"exists",
			lambda kind, *about, **how: there if kind == "Email Template" else exists(kind, *about, **how),
		)
		monkeypatch.setattr(
			frappe, "get_doc", lambda *about, **how: words if about[0] == "Email Template" else get_doc(*about, **how)
		)

	return choose


@pytest.mark.parametrize("there", [True, False])
def test_a_customer_is_asked_in_the_words_of_the_site_s_template_while_it_is_there(
	sale, as_user, mails, template, there
):
	configure(ask_satisfaction=1, satisfaction_template="Ask them")
	as_user("rep")
	case = solved(sale.case(email_id="ines@harbour.example"))
	template(there)
	satisfaction.ask(case)
	[mail] = mails
	link = satisfaction.link_of(case)
	assert ((mail["subject"], mail["message"]) == (case.name, link)) is there
	assert link.rpartition("=")[2] in mail["message"]
