# ruff: noqa: F811
"""What single cells of an imported file may say, and what becomes of a row in which one says nothing that can be used."""

import frappe
import pytest

from tests.site.portable.test_import_kinds import SIMPLE, deals, export  # noqa: F401


def test_what_the_other_system_deleted_is_left_out_and_a_doubtful_mark_is_asked_about(export):
	columns = SIMPLE | {"gone": "is_deleted"}
	marks = ("no", "yes", "TRUE", "0", "x?", "")
	text = "id,stage,gone\n" + "".join(f"TAG{number},New,{mark}\n" for number, mark in enumerate(marks))
	report = export(text, columns)
	lines = report.lines["opportunities.csv"]
	assert (lines.stored, lines.left_out, lines.rejected, lines.rows) == (3, 2, 1, 6) and report.adds_up
	assert '"x?" is neither yes nor no' in report.rejects.samples[0]


def test_columns_that_nobody_loads_stand_in_nobody_s_way(export):
	text = "more,id,,stage,last\n1,TAG1,,New,x\n,TAG2,,New,\n"
	report = export(text, SIMPLE)
	assert report.loaded == 2 and {"more", "last"} <= {*report.unmapped["opportunities.csv"]}


def test_days_and_amounts_that_are_none_are_named(export):
	columns = SIMPLE | {"created": "created_on", "amount": "amount", "chance": "probability", "closed": "close_date"}
	text = (
		"id,stage,created,amount,chance,closed\nTAG1,New,2024-02-30,5,10,\nTAG2,New,2024-02-29,five,10,\n"
		"TAG3,New,2024-02-29,5,110,\nTAG4,New,2024-02-29,5,10,2030-01-01\nTAG5,Won,2024-02-29,5,10,2024-02-28\n"
		"TAG6,New,2024-02-29,-5,10,\nTAG7,New,2024-02-29,0,0,\n"
	)  # fmt: skip
	report = export(text, columns)
	found = {row.external_id.removeprefix(export.tag): row for row in deals(export.tag)}
	assert "4" in found and "7" in found and not {"1", "2", "3", "5"} & found.keys()
	assert (str(found["4"].expected_close), found["7"].amount) == ("2030-01-01", 0)
	told = " ".join(report.rejects.samples)
	assert "2024-02-30" in told and "five" in told and "110" in told and "2024-02-28" in told


def test_one_id_twice_is_one_deal_and_the_second_row_is_rejected(export):
	report = export("id,stage\nTAG1,New\nTAG1,Proposal\ntag1,New\n", SIMPLE)
	assert (report.loaded, report.rejects.count) == (2, 1)
	assert deals(export.tag)[0].stage == "Standard Sales-qualification"


def test_a_stage_that_the_mapping_does_not_know_is_named_with_its_rows(export):
	report = export("id,stage\nTAG1,Nowhere\nTAG2,\nTAG3,new\n", SIMPLE)
	assert report.loaded == 1 and report.rejects.count == 2
	assert "Nowhere" in report.rejects.samples[0] and "is empty" in report.rejects.samples[1]


@pytest.mark.parametrize("sep", [";", "\t", ","])
def test_texts_with_quotes_breaks_and_separators_are_whole(export, sep):
	cell = f'"Big {sep} ""deal""\nof two lines"'
	columns = SIMPLE | {"name": "title", "remark": "details"}
	text = sep.join(("id", "stage", "name", "remark")) + "\n" + sep.join(("TAG1", "New", cell, "'=1+1")) + "\n"
	assert export(text, columns).loaded == 1
	title, more = frappe.db.get_value("Sales Opportunity", {"external_id": f"{export.tag}1"}, ["title", "description"])
	assert title == " ".join(f'Big {sep} "deal" of two lines'.split()) and "=1+1" in more and "'=1" not in more
