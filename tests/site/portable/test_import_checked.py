# ruff: noqa: F811
"""A large import is checked in the background; values of fields that a site added itself fit those or are named."""

import json

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.importer import import_check
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.more_facts import OWN, MoreFacts
from tests.site.portable.test_desk_import import IMPORT, imported  # noqa: F401
from tests.site.portable.test_import_kinds import SIMPLE, deals, export  # noqa: F401
from tests.site.uncommitted import within_the_test

TEXT = "Company,Mail\n" + "".join(f"Firm {number} TAG,{'bad' if number == 7 else ''}\n" for number in range(9))


@pytest.fixture
def small(imported, monkeypatch):
	within_the_test(monkeypatch)
	monkeypatch.setattr(import_check, "SMALL", 3)


def kept(doc) -> dict:
	return json.loads(frappe.db.get_value(IMPORT, doc.name, "check_report"))


def test_the_first_rows_are_shown_at_once_and_the_others_are_checked_behind(imported, small, monkeypatch):
	doc, seen = imported(TEXT), []
	found = api.preview_import(doc.name)
	assert (found["whole"], found["rows"], found["usable"], found["rejected"]) == (False, 3, 3, 0)
	state = import_check.state_of(doc.name)
	assert (state["state"], state["checked"]) == ("Queued", 0)
	monkeypatch.setattr(frappe, "publish_realtime", lambda *told, **to: seen.append(kept(doc)))
	frappe.db.commit()
	import_check.check_whole(doc.name, state["run"])
	state = import_check.state_of(doc.name)
	assert state["state"] == "Done"
	assert (state["found"]["rows"], state["found"]["usable"], state["found"]["rejected"]) == (9, 8, 1)
	assert state["found"]["lines"] == [{"line": 9, "reasons": state["found"]["lines"][0]["reasons"]}]
	assert seen[-1]["state"] == "Done" and seen[-1]["run"] == state["run"]


@pytest.mark.parametrize(("there", "at_once"), [(3, True), (4, False)])
def test_a_small_move_is_rehearsed_at_once_and_a_large_one_behind(imported, small, monkeypatch, there, at_once):
	doc, begun = imported(TEXT), []
	monkeypatch.setattr(import_check.move_form, "is_move", lambda doc: True)
	monkeypatch.setattr(import_check, "_records_there", lambda doc: there)
	monkeypatch.setattr(import_check, "open_import", lambda doc, rehearses: ("tables", "site", rehearses))
	monkeypatch.setattr(import_check, "_rehearsed", lambda doc, *opened: {"whole": True, "opened": opened})
	monkeypatch.setattr(import_check, "_begin", lambda doc, total: begun.append(total))
	found = import_check.preview(doc.name)
	if at_once:
		assert (found, begun) == ({"whole": True, "opened": ("tables", "site", True)}, [])
	else:
		assert (found, begun) == ({"whole": False, "checked": 0, "total": None}, [None])


def test_a_check_of_another_mapping_or_one_that_another_followed_is_none(imported, small):
	doc = imported(TEXT)
	api.preview_import(doc.name)
	first = import_check.state_of(doc.name)["run"]
	api.preview_import(doc.name)
	second = import_check.state_of(doc.name)["run"]
	frappe.db.commit()
	import_check.check_whole(doc.name, first)
	assert first != second and kept(doc)["state"] == "Queued", "it was overtaken"
	doc.reload()
	doc.columns[1].field = None
	doc.save()
	assert import_check.state_of(doc.name) == {}


def test_a_check_whose_worker_is_gone_is_none_and_one_that_fails_says_why(imported, small):
	doc = imported(TEXT)
	assert import_check.state_of(doc.name) == {}
	api.preview_import(doc.name)
	run = import_check.state_of(doc.name)["run"]
	long_ago = frappe.utils.add_to_date(None, minutes=-import_check.KILLED - 1)
	frappe.db.set_value(
		IMPORT, doc.name, "check_report", json.dumps({**kept(doc), "at": str(long_ago)}), update_modified=False
	)
	assert import_check.state_of(doc.name) == {}
	frappe.db.set_value(IMPORT, doc.name, "company", "Nowhere Ltd", update_modified=False)
	frappe.db.commit()
	import_check.check_whole(doc.name, run)
	assert kept(doc)["state"] == "Failed" and "Nowhere Ltd does not exist" in kept(doc)["message"]


# ---- fields of a site's own


@pytest.fixture
def own(monkeypatch):
	"""The opportunities of this site have six fields of their own."""
	meta = frappe.get_meta("Sales Opportunity")
	known = [
		frappe._dict(fieldname=name, label=name.title(), fieldtype=kind, options=options)
		for name, kind, options in (
			("tick", "Check", None), ("count", "Int", None), ("worth", "Float", None), ("since", "Date", None),
			("size", "Select", "S\nM"), ("land", "Link", "Country"), ("word", "Data", None),
		)
	]  # fmt: skip
	monkeypatch.setattr(type(meta), "get_custom_fields", lambda self: known, raising=False)
	return {field.fieldname: field for field in known}


@pytest.mark.parametrize(
	("name", "text", "value"),
	[
		("tick", "yes", 1), ("tick", "no", 0), ("count", "1,234.0", 1234), ("worth", "1,234.5", 1234.5), ("size", "M", "M"),
		("land", "Germany", "Germany"), ("word", "anything", "anything"),
	],
)  # fmt: skip
def test_a_text_becomes_what_the_field_holds(own, name, text, value):
	found = MoreFacts._own_value(own[name], text)
	assert found == value and type(found) is type(value)
	assert str(MoreFacts._own_value(own["since"], "2024-02-29")) == "2024-02-29"


@pytest.mark.parametrize(
	("name", "text"), [("count", "many"), ("worth", "x"), ("size", "XL"), ("land", "Atlantis"), ("since", "0001-01-01")]
)
def test_a_text_that_does_not_fit_is_refused(own, name, text):
	with pytest.raises(ValueError):
		MoreFacts._own_value(own[name], text)


def test_a_row_with_such_a_text_is_rejected_and_a_field_that_is_not_there_stops_the_load(export, own):
	text = "id,stage,size\nTAG1,New,XL\n"
	report = export(text, SIMPLE | {"size": f"{OWN}size"})
	assert report.loaded == 0 and '"XL" does not fit Size' in report.rejects.samples[0] and deals(export.tag) == []
	with pytest.raises(InputError, match="is not a Custom Field of Sales Opportunity; known are tick, count"):
		export(text, SIMPLE | {"size": f"{OWN}colour"})
