"""Random operations end alike on every host: each program's transcript is the one that a real site wrote."""

import json
import os

import frappe
import pytest

from tests.site import programs
from tests.site.conftest import USERS, forget_documents
from tests.site.hosts import HOST

PROGRAMS = programs.load()


def play(steps: list[list]) -> list:
	company = frappe.db.get_value("Company", {"name": ("not like", "%Demo%")}, "name", order_by="creation asc")
	player = programs.Player({who: email for who, (email, _roles) in USERS.items()}, company)
	return json.loads(json.dumps(player.play(steps)))


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_a_random_program_ends_as_on_the_real_site(number):
	program = PROGRAMS[number]
	told = play(program["steps"])
	for step, got, recorded in zip(program["steps"], told, program["transcript"], strict=True):
		assert got == recorded, f"step {step}"


@pytest.mark.parametrize("error", HOST.own_errors)
def test_what_the_host_does_not_offer_is_no_answer(error, monkeypatch):
	def refuse(*arguments):
		raise error("not here")

	monkeypatch.setattr(frappe.db, "count", refuse)
	with pytest.raises(error):
		play([["count", "Sales Campaign", []]])


@pytest.mark.skipif(not os.environ.get("CRM_WRITE_PROGRAMS"), reason="writes the transcripts: on a real site only")
def test_write_the_transcripts():
	written = []
	for steps in programs.draw(int(os.environ["CRM_WRITE_PROGRAMS"])):
		frappe.db.savepoint("program")
		frappe.set_user("Administrator")
		written.append({"steps": steps, "transcript": play(steps)})
		frappe.set_user("Administrator")
		frappe.db.rollback(save_point="program")
		forget_documents()
	lines = ",\n".join(json.dumps(program, ensure_ascii=False) for program in written)
	programs.FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
	assert written
