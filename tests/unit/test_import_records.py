"""Files of campaigns, activities and memos: words understood, times kept, each bad row named."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from crm_pipeline.importer.column_guess import guess
from crm_pipeline.importer.import_fields import FIELDS
from crm_pipeline.importer.mapping import parse_mapping
from crm_pipeline.importer.record_rows import RecordReader
from crm_pipeline.importer.tables import open_tables

TODAY = date(2024, 6, 1)


class Site:
	def user(self, text):
		return text if "@" in text else None

	def way(self, key, text):
		return key or {"golf": "Golf"}.get(text.casefold())


def read(tmp_path, table: str, text: str, **said):
	(tmp_path / "rows.csv").write_text(text, encoding="utf-8")
	columns = guess(text.split("\n")[0].split(","), table, FIELDS[table])
	mapping = replace(parse_mapping({"files": {table: {"file": "rows.csv", "columns": columns}}}), **said)
	refused = {}
	opened = open_tables(tmp_path, mapping)[table]
	reader = RecordReader(opened, mapping, Site(), TODAY)
	return list(reader.read(lambda _table, row, why: refused.update({row.line: why}))), refused


def test_activities_keep_their_time_and_say_what_they_are_about(tmp_path):
	head = "Subject,Related To,Record Type,Start Time,End Time,Activity Type,Direction,Status,Owner\n"
	found, refused = read(
		tmp_path,
		"activities",
		head + "Call Ann,D1,Deal,2024-05-01 14:30,2024-05-01 15:00,Phone Call,Incoming,,ann@x.example\n"
		"Plan,L1,lead,2024-07-01,,golf,,,\n"
		"Old,L1,,01.05.2024 2:05 PM,,Meeting,,,\n"
		"Off,L1,,2024-05-01,,,,Not Held,\n",
	)
	assert not refused
	call, plan, old, off = found
	assert call.about == ("Sales Opportunity", "D1")
	assert (call.moments["starts_on"], call.moments["ends_on"]) == (
		datetime(2024, 5, 1, 14, 30),
		datetime(2024, 5, 1, 15),
	)
	assert [call.values[name] for name in ("way", "direction", "status", "owner")] == [
		*("phone", "Inbound", "Done", "ann@x.example"),
	]  # fmt: skip
	assert (plan.values["way"], plan.values["status"], plan.about) == ("Golf", "Planned", ("Sales Lead", "L1"))
	assert (old.moments["starts_on"], old.about[0]) == (datetime(2024, 5, 1, 14, 5), "")
	assert off.values["status"] == "Cancelled"


@pytest.mark.parametrize(("days", "status"), [(-1, "Done"), (0, "Planned"), (1, "Planned")])
def test_without_a_state_what_is_over_is_done_and_what_is_today_is_planned(tmp_path, days, status):
	day = (TODAY + timedelta(days=days)).strftime("%Y-%m-%d")
	found, refused = read(tmp_path, "activities", f"Subject,Related To,Start Time\nCall Ann,D1,{day} 09:00\n")
	assert not refused and [one.values["status"] for one in found] == [status]


@pytest.mark.parametrize(
	("written", "hour"), [("12:30 AM", 0), ("1:30 am", 1), ("12:30 PM", 12), ("1:30 p.m.", 13), ("12:30", 12)]
)
def test_noon_and_midnight_of_a_clock_with_two_halves(tmp_path, written, hour):
	row = f"Call,D1,Deal,2024-05-01 {written},\n"
	found, refused = read(tmp_path, "activities", f"Subject,Related To,Record Type,Start Time,End Time\n{row}")
	assert not refused and found[0].moments["starts_on"] == datetime(2024, 5, 1, hour, 30)


@pytest.mark.parametrize(
	("written", "shown"),
	[
		("2024-05-01T23:30:00.000Z", datetime(2024, 5, 2, 8, 30)),
		("2024-05-01 18:30:00-05:00", datetime(2024, 5, 2, 8, 30)),
		("05/14/2024 11:30 PM UTC", datetime(2024, 5, 15, 8, 30)),
		("1714606200000", datetime(2024, 5, 2, 8, 30)),
		("2024-05-01 23:30", datetime(2024, 5, 1, 23, 30)),
	],
)
def test_a_moment_is_what_the_clock_of_the_site_shows(tmp_path, written, shown):
	row = f"Call,D1,Deal,{written},\n"
	found, refused = read(
		tmp_path, "activities", f"Subject,Related To,Record Type,Start Time,End Time\n{row}", zone="Asia/Tokyo"
	)
	assert not refused and found[0].moments["starts_on"] == shown


@pytest.mark.parametrize(
	("status", "priority", "here"),
	[
		("NOT_STARTED", "NONE", ("Planned", "Medium")),
		("Waiting on someone else", "Normal", ("Planned", "Medium")),
		("Deferred", "HIGH", ("Planned", "High")),
		("Pending Input", "Low", ("Planned", "Low")),
		("No show", "Lowest", ("Cancelled", "Low")),
		("COMPLETED", "", ("Done", "Medium")),
	],
)
def test_states_of_tasks_are_known_as_the_usual_systems_write_them(tmp_path, status, priority, here):
	head = "Subject,Related To,Start Time,Status,Priority,Activity Type\n"
	found, refused = read(tmp_path, "activities", f"{head}Call,D1,2024-05-01,{status},{priority},TO_DO\n")
	assert not refused
	assert (found[0].values["status"], found[0].values["priority"], found[0].values["way"]) == (*here, "other")


@pytest.mark.parametrize(
	("order", "written", "shown"),
	[
		("month first", "05/01/2024 2:05 PM", datetime(2024, 5, 1, 14, 5)),
		("day first", "05/01/2024 14:05", datetime(2024, 1, 5, 14, 5)),
		("month first", "2024-05-01 14:05", datetime(2024, 5, 1, 14, 5)),
		("day first", "5/1/24", datetime(2024, 1, 5)),
	],
)
def test_the_order_that_somebody_said_holds_beside_times_and_days_that_need_none(tmp_path, order, written, shown):
	head = "Subject,Related To,Start Time\n"
	found, refused = read(tmp_path, "activities", f"{head}Call,D1,{written}\n", day_order=order)
	assert not refused and found[0].moments["starts_on"] == shown
	found, refused = read(tmp_path, "activities", f"{head}Call,D1,05/13/2024\n", day_order="day first")
	assert not found and "is not a date of the form 31/12/2023" in refused[2][0]


@pytest.mark.parametrize(
	("row", "why"),
	[
		("A,D1,,,", "Start Time: is empty"),
		("A,,,2024-05-01,", "Related To: is empty"),
		(",D1,,2024-05-01,", "Subject: is empty"),
		("A,D1,Planet,2024-05-01,", 'Record Type: "Planet" is unknown'),
		("A,D1,,2024-05-02,2024-05-01", "End Time: 2024-05-01 00:00:00 is before 2024-05-02 00:00:00"),
		("A,D1,,2020-05-02,2024-05-01", "End Time: 2024-05-01 00:00:00 is more than a year after 2020-05-02 00:00:00"),
		("A,D1,,2024-05-02 25:00,", 'Start Time: "2024-05-02 25:00" is not a'),
	],
)
def test_an_activity_that_can_t_be_used_is_named(tmp_path, row, why):
	found, refused = read(tmp_path, "activities", f"Subject,Related To,Record Type,Start Time,End Time\n{row}\n")
	assert not found and refused[2][0].startswith(why)


def test_memos_keep_their_lines_and_the_same_one_is_known_again(tmp_path):
	text = 'Note,Related To,Created,Owner\n"One\ntwo",L1,2024-05-01 10:00,ann@x.example\nLater,L1,2025-01-01,\n,L1,,\nx,L1,,nobody\n'
	found, refused = read(tmp_path, "memos", text)
	assert [one.values["notes"] for one in found] == ["One\ntwo"]
	assert found[0].moments["created_on"] == datetime(2024, 5, 1, 10)
	assert [why for _line, why in sorted(refused.items())] == [
		["Created: 2025-01-01 is in the future"],
		["Note: is empty"],
		['Owner: "nobody" is unknown'],
	]
	assert read(tmp_path, "memos", text)[0][0].key == found[0].key


def test_campaigns_have_a_state_by_their_days(tmp_path):
	found, refused = read(
		tmp_path,
		"campaigns",
		'Campaign Name,Type,Start Date,End Date,Budget,Status\nFair,exhibition,2024-01-01,2024-02-01,"1,200.50",\n'
		"Now,Carnival,2024-05-01,,,\nNext,,2024-09-01,,,\nOff,,,,,Aborted\nBad,,2024-09-01,2024-08-01,-1,\nOdd,,,,,Sleeping\n",
	)
	assert [(one.values["kind"], one.values["status"]) for one in found] == [
		("Exhibition", "Completed"),
		("Other", "Running"),
		("Other", "Planned"),
		("Other", "Cancelled"),
	]
	assert float(found[0].values["budget"]) == 1200.5
	assert refused[6] == ["End Date: 2024-08-01 is before 2024-09-01", "Budget: -1 is negative"]
	assert refused[7] == ['Status: "Sleeping" is unknown']


def test_a_company_of_a_lead_is_still_its_name_and_not_its_account():
	assert guess(["Company", "Name"], "leads", FIELDS["leads"]) == {"Company": "company_name", "Name": "contact"}
	assert guess(["Company"], "prospects", FIELDS["prospects"]) == {"Company": "prospect"}
	assert guess(["Account"], "opportunities", FIELDS["opportunities"]) == {"Account": "account"}


@pytest.mark.parametrize(
	("start", "end", "state"),
	[
		(-1, None, "Running"), (0, None, "Running"), (1, None, "Planned"), (None, None, "Planned"), (-3, 0, "Running"),
		(-3, -1, "Completed"), (None, -1, "Completed"), (None, 0, "Planned"), (0, 0, "Running"), (1, 2, "Planned"),
	],
)  # fmt: skip
def test_a_campaign_runs_from_its_first_day_to_its_last_one(tmp_path, start, end, state):
	first, last = ("" if days is None else str(TODAY + timedelta(days=days)) for days in (start, end))
	[found], refused = read(
		tmp_path, "campaigns", f"Campaign Name,Type,Start Date,End Date\nFair,Exhibition,{first},{last}\n"
	)
	assert (found.values["status"], refused) == (state, {})
