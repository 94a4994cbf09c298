"""The record of a pipeline: what its form shows of its stages, their names when it is renamed; whose pictures are listed."""

import frappe
import pytest
from frappe.utils import now_datetime

from crm_pipeline.chain import pipelines
from crm_pipeline.crm_prospecting.doctype.sales_segment_snapshot import sales_segment_snapshot
from tests.site.conftest import USERS
from tests.site.portable.test_board import pipeline
from tests.site.rows import row

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
STAGE, SEGMENT, SNAPSHOT = "Pipeline Stage", "Sales Segment", "Sales Segment Snapshot"
# Key, position, kind, probability; not in the order of the alphabet.
STAGES = (("talk", 1, "Open", 10), ("offer", 2, "Open", 50), ("agreed", 3, "Won", 100), ("left", 4, "Lost", 0))


@pytest.fixture
def line(world):
	return pipeline(f"Line {world.tag}", stages=STAGES)


def shown(name: str) -> frappe._dict:
	doc = frappe.get_doc("Sales Pipeline", name)
	doc.run_method("onload")
	return doc.get("__onload")


def test_the_form_of_a_pipeline_shows_all_of_its_stages_in_their_order(line):
	pipeline(f"Other {line}", stages=STAGES)
	frappe.db.set_value(STAGE, f"{line}-offer", {"disabled": 1, "color": "Blue"})
	told = shown(line)
	assert [row.name for row in told.stages] == [f"{line}-{key}" for key, *_more in STAGES]
	assert [tuple(row.values())[1:6] for row in told.stages] == [
		("Talk", 1, "Open", 10, 0), ("Offer", 2, "Open", 50, 1), ("Agreed", 3, "Won", 100, 0), ("Left", 4, "Lost", 0, 0),
	]  # fmt: skip
	assert told.stages[1].color == "Blue" and told.missing_types == pipelines.missing_types(line)


def test_the_form_of_a_pipeline_says_which_kinds_of_stages_it_lacks(line):
	assert not shown(line).missing_types
	frappe.db.delete(STAGE, {"pipeline": line, "stage_type": "Lost"})
	assert shown(line).missing_types == pipelines.missing_types(line) and pipelines.missing_types(line)


def renamed(line: str, monkeypatch) -> list[tuple]:
	"""What is renamed with a pipeline that gets another name."""
	found = []
	monkeypatch.setattr(frappe, "rename_doc", lambda doctype, old, new, **how: found.append((doctype, old, new)))
	frappe.db.set_value(STAGE, {"pipeline": line}, "pipeline", "New Line")
	frappe.get_doc("Sales Pipeline", line).after_rename(line, "New Line")
	return found


def test_stages_are_renamed_with_their_pipeline_in_their_order(line, monkeypatch):
	assert renamed(line, monkeypatch) == [(STAGE, f"{line}-{key}", f"New Line-{key}") for key, *_more in STAGES]


def test_a_stage_that_has_a_name_of_its_own_keeps_it(line, monkeypatch):
	frappe.db.set_value(STAGE, f"{line}-offer", "name", f"{line}-special offer")
	frappe.db.set_value(STAGE, f"{line}-left", "name", f"Left {line}")
	assert [old for _doctype, old, _new in renamed(line, monkeypatch)] == [f"{line}-talk", f"{line}-agreed"]


def test_stages_of_a_pipeline_whose_name_begins_alike_are_left_alone(line, monkeypatch):
	pipeline(f"{line}-more", stages=STAGES)
	assert len(renamed(line, monkeypatch)) == len(STAGES)


# ---- pictures of segments


def test_a_list_of_pictures_for_somebody_else_is_not_of_what_the_reader_may_see(site, as_user):
	segment = row(SEGMENT, segment_name=frappe.generate_hash(length=8), applies_to="Sales Lead", owner=OTHER, is_shared=1, docstatus=0)  # fmt: skip
	fixed = {"segment": segment, "record_type": "Sales Lead", "taken_on": now_datetime(), "docstatus": 0}
	made = {
		key: row(SNAPSHOT, taken_by=taker, owner="Administrator", **fixed)
		for key, taker in (("rep", REP), ("other", OTHER))
	}
	as_user("manager")

	def listed(user: str) -> set[str]:
		condition = sales_segment_snapshot.condition(user)
		names = {name for (name,) in frappe.db.sql(f"select name from `tab{SNAPSHOT}` where {condition}")}
		return {key for key, name in made.items() if name in names}

	assert listed(REP) == {"rep"} and listed(OTHER) == {"other"}
	assert listed(frappe.session.user) == {"rep", "other"}
