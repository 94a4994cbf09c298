"""What a web form sends beside its fields is read as what it is: a ticket of ours, or nothing."""

import json
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.capture import enquiry_form, form_guard
from tests.site.hosts import HOST
from tests.site.rows import row

MOMENT, WORD = "1767225600", "abcdef"


def sent(ticket: str | None = None, trap: str = "", **more) -> str:
	return json.dumps({"ticket": ticket, "trap": trap, **more})


def right() -> str:
	return f"{MOMENT}.{WORD}.{form_guard._signature(MOMENT, WORD)}"


def test_a_ticket_of_ours_tells_its_moment_and_its_word(site):
	assert form_guard._read(sent(right())) == ("", int(MOMENT), WORD)
	assert form_guard._read(sent(right(), trap="Buy now")) == ("Buy now", int(MOMENT), WORD)
	short = sent(right(), pad="")
	rest = form_guard.LONGEST_CHECK - len(short)
	assert form_guard._read(sent(right(), pad="x" * rest))[1] == int(MOMENT)
	assert form_guard._read(sent(right(), pad="x" * (rest + 1))) == ("", None, "")


@pytest.mark.parametrize(
	"change",
	[
		lambda ticket: None, lambda ticket: "", lambda ticket: ticket + ".x", lambda ticket: ticket.rpartition(".")[0],
		lambda ticket: ticket.replace(MOMENT, "1767225601"), lambda ticket: ticket.replace(MOMENT, "-5"),
		lambda ticket: ticket.replace(MOMENT, "x"), lambda ticket: ticket.replace(WORD, "fedcba"),
		lambda ticket: ticket.replace(WORD, "é"), lambda ticket: ticket[:-1] + "é", lambda ticket: ticket[:-1],
	],
)  # fmt: skip
def test_what_is_no_ticket_of_ours_tells_neither_and_still_what_stands_in_the_trap(site, change):
	assert form_guard._read(sent(change(right()), trap="Buy now")) == ("Buy now", None, "")


@pytest.mark.parametrize("text", [None, "", "x", "[]", '"x"', "5", "{"])
def test_what_is_no_object_tells_nothing(site, text):
	assert form_guard._read(text) == ("", None, "")


def test_a_ticket_that_is_given_now_is_one_of_ours(site, monkeypatch):
	monkeypatch.setattr(form_guard, "_seconds", lambda: int(MOMENT))
	given = form_guard.ticket()
	assert form_guard._read(sent(given)) == ("", int(MOMENT), given.split(".")[1])
	assert form_guard.ticket() != given


WEB = "Web Form|hash|title"


def test_a_new_site_gets_a_form_that_is_not_published_and_asks_what_a_lead_needs(site, monkeypatch):
	HOST.other_tables(monkeypatch, WEB)
	frappe.db.delete("Web Form", {"name": enquiry_form.NAME})
	made = []
	monkeypatch.setattr(
		enquiry_form.frappe, "get_doc", lambda values: made.append(values) or SimpleNamespace(insert=str)
	)
	enquiry_form.make()
	[form] = made
	fixed = {"doctype": "Web Form", "title": "Enquiry", "route": "enquiry", "doc_type": "Sales Lead"}
	fixed |= {"module": "CRM Prospecting", "published": 0, "is_standard": 0, "login_required": 0, "anonymous": 1}
	assert {key: form[key] for key in fixed} == fixed
	assert form["client_script"] == enquiry_form.script() and "form_check" in form["client_script"]
	fields = {one["fieldname"]: one for one in form["web_form_fields"]}
	shown = {name: bool(one["reqd"]) for name, one in fields.items() if not one.get("hidden")}
	assert shown == {
		"title": True, "prospect_name": True, "contact_name": False, "email_id": True, "phone": False, "message": False,
		"consent": True,
	}  # fmt: skip
	assert set(fields) - set(shown) == {
		"landing_page", "referrer", "visitor_id", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
		"form_check",
	}  # fmt: skip
	assert [name for name, one in fields.items() if one.get("options")] == ["email_id"]
	assert (fields["email_id"]["options"], fields["consent"]["fieldtype"]) == ("Email", "Check")
	assert fields["consent"]["label"] == "You may contact me about my enquiry"
	row("Web Form", name=enquiry_form.NAME, title="Ours", docstatus=0)
	enquiry_form.make()
	assert len(made) == 1, "a site's own form of that name stays"
