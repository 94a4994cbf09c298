"""The host itself: where it starts, what it refuses by name, how it compares and stores."""

import os
import subprocess
import sys

import pytest

from benchless import host
from tests.contract.source import ROOT


def run(code: str, **env) -> subprocess.CompletedProcess:
	return subprocess.run(
		[sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ, **env}
	)


# ---- where it starts


@pytest.mark.parametrize(("allowed", "starts"), [("", False), ("1", True)])
def test_beside_the_real_framework_it_starts_only_when_told_to(tmp_path, allowed, starts):
	real = tmp_path / "frappe" / "model"
	real.mkdir(parents=True)
	for file in (real / "__init__.py", real / "document.py", tmp_path / "frappe" / "__init__.py"):
		file.write_text("")
	code = "from benchless import host; host.refuse_beside_frappe(); print('started')"
	done = run(code, PYTHONPATH=str(tmp_path), BENCHLESS_BESIDE_FRAPPE=allowed)
	assert ("started" in done.stdout) == starts
	assert starts or "make bench-help" in done.stderr


def test_importing_it_changes_nothing():
	done = run("import benchless, sys; print('frappe' in sys.modules, len(sys.meta_path))\nimport frappe")
	assert done.stdout.startswith("False") and "No module named 'frappe'" in done.stderr


def test_the_second_start_takes_the_database_of_the_first(tmp_path, monkeypatch):
	first = host.installed_database()
	before = first.stat().st_mtime_ns
	assert host.installed_database() == first and first.stat().st_mtime_ns == before


def test_the_same_sources_elsewhere_have_the_same_fingerprint(tmp_path, monkeypatch):
	found = set()
	for folder in ("here", "there"):
		source = tmp_path / folder / "benchless" / "x.py"
		source.parent.mkdir(parents=True)
		source.write_text("")
		os.utime(source, (1, 1))
		monkeypatch.setattr(host, "ROOT", tmp_path / folder)
		found.add(host._fingerprint())
	assert len(found) == 1


def test_where_nothing_can_be_written_it_says_what_to_do(tmp_path, monkeypatch):
	(tmp_path / "file").write_text("")
	monkeypatch.setattr(host, "KEPT", tmp_path / "file" / "kept")
	with pytest.raises(host.Refused, match="make the folder writable"):
		host.installed_database()


# ---- values as they are stored


def test_days_and_moments_come_back_as_such(frappe):
	from datetime import date, datetime

	company = frappe.db.get_value("Company", {}, "name", order_by="creation asc")
	values = {
		"doctype": "Sales Campaign",
		"title": "Fair",
		"company": company,
		"start_date": "2025-03-01",
		"budget": "7.5",
	}
	name = frappe.get_doc(values).insert().name
	stored = frappe.db.get_value("Sales Campaign", name, ["start_date", "creation", "budget", "cost"])
	assert stored[0] == date(2025, 3, 1) and isinstance(stored[1], datetime) and stored[2:] == (7.5, 0.0)
	table = frappe.qb.DocType("Sales Campaign")
	half = frappe.qb.from_(table).select(table.docstatus + 1).where(table.name == name).run()[0][0]
	assert half == 1
	(latest,) = frappe.db.sql("select max(creation) from `tabSales Campaign`")[0]
	assert isinstance(latest, datetime)


def test_texts_are_compared_without_case_as_mariadb_does(frappe):
	frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Loud Rival"}).insert()
	assert frappe.db.exists("Sales Competitor", "loud rival")
	assert frappe.get_all(
		"Sales Competitor", filters={"competitor_name": "LOUD RIVAL"}, pluck="name", order_by="name asc"
	)


def test_whole_numbers_divide_to_a_fraction(frappe):
	table = frappe.qb.DocType("Pipeline Stage")
	(row,) = frappe.qb.from_(table).select(table.position / 4).where(table.position == 10).limit(1).run()
	assert row[0] == 2.5
