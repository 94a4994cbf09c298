# ruff: noqa: F811
"""What a form tells of its customer and who may override it; what a link to a feedback page does when it is opened."""

from dataclasses import dataclass
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.warnings import on_forms
from tests.site.portable.test_captured import asked, page  # noqa: F401


@dataclass(frozen=True)
class Warned:
	key: str
	stops: bool = False


@pytest.fixture
def form(monkeypatch):
	"""form(doctype, party, ...) is what a form of that type is told, and what was asked for it."""

	def tell(doctype="Sales Opportunity", party=("Customer", "ACME"), found=(), unsaid=(), asked_order=False):
		told = SimpleNamespace(asked=[])
		monkeypatch.setattr(on_forms, "_party_of", lambda *about: (party, "Harbour Ltd"))
		monkeypatch.setattr(on_forms, "_is_asked_order", lambda *about: asked_order)
		monkeypatch.setattr(
			on_forms.customer_warnings, "of_party", lambda *about, **how: told.asked.append((about, how)) or list(found)
		)
		monkeypatch.setattr(on_forms.hand_off_gate, "unsaid", lambda *about: told.asked.append(about) or list(unsaid))
		monkeypatch.setattr(on_forms.hand_off_gate, "may_override_now", lambda *about: told.asked.append(about) or True)
		told.shown = on_forms.of_document(doctype, "DOC-1")
		return told

	return tell


STOPS, HINT = Warned("credit", True), Warned("birthday")


def test_what_stops_and_was_not_said_stands_first_and_may_be_overridden(form):
	told = form(found=[HINT], unsaid=[STOPS])
	assert told.shown == {
		"warnings": [{"key": "credit", "stops": True}, {"key": "birthday", "stops": False}],
		"customer": "ACME",
		"may_override": True,
	}
	assert told.asked == [
		(("Customer", "ACME", "Harbour Ltd"), {"apart_from": ("Sales Opportunity", "DOC-1")}),
		("ACME", "Harbour Ltd", [HINT]),
		("Sales Opportunity", "DOC-1"),
	]


def test_where_nothing_stops_nothing_is_to_be_overridden(form):
	told = form(found=[HINT])
	assert told.shown["may_override"] is False and len(told.asked) == 2, "nobody is asked who may"


@pytest.mark.parametrize(
	("doctype", "asked_order", "is_told"),
	[
		("Sales Opportunity", False, True), ("Sales Project", False, True), ("Sales Contract", False, True),
		("Quotation", False, True), ("Sales Order Request", False, True), ("Sales Order", True, True),
		("Sales Order", False, False), ("Sales Lead", False, False), ("Customer", False, False),
	],
)  # fmt: skip
def test_what_stops_a_hand_off_is_told_on_the_forms_before_it(form, doctype, asked_order, is_told):
	told = form(doctype, unsaid=[STOPS], asked_order=asked_order)
	assert bool(told.shown["warnings"]) is is_told is told.shown["may_override"]


def test_a_prospect_is_no_customer_and_stops_no_hand_off(form):
	told = form(party=("Sales Prospect", "PROS-1"), found=[HINT], unsaid=[STOPS])
	assert (told.shown["customer"], told.shown["may_override"], len(told.shown["warnings"])) == (None, False, 1)
	assert form(party=None).shown == {"warnings": [], "customer": None, "may_override": False}


# ---- the page of a satisfaction link


def test_a_link_that_a_mail_program_opens_by_itself_stores_nothing(page, asked):
	case, token = asked
	_module, shown = page("case_feedback", token=token, stars="5", comment="Fine")
	assert (shown.state, shown.comment) == ("ask", "Fine")
	assert not case.reload().satisfaction and case.satisfaction_key


def test_who_forgot_the_stars_finds_the_words_again_and_is_told_once(page, asked):
	case, token = asked
	frappe.clear_messages()
	_module, shown = page("case_feedback", "POST", token=token, stars="", comment="It took long")
	assert (shown.state, shown.comment, shown.token, shown.longest) == ("ask", "It took long", token, 2000)
	assert "one to five stars" in shown.problem and not frappe.local.message_log
	assert not case.reload().satisfaction


def test_the_page_of_a_link_is_kept_in_no_cache_and_shows_no_site_around_it(page, asked):
	for token in (asked[1], "none"):
		_module, shown = page("case_feedback", token=token)
		assert (shown.no_cache, shown.no_breadcrumbs, shown.show_sidebar) == (1, 1, 0)
		assert list(shown.stars) == [1, 2, 3, 4, 5] and shown.title
