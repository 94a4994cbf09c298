"""Rehearsing a move, doing what follows the rows, and what is told of it at the end."""

import json
from collections import Counter
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import get_system_timezone

from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.erp import identity
from crm_pipeline.importer.mapping import Mapping, StageMap, folded
from crm_pipeline.importer.moving_in import move_form, moved_extras, resourcing, side_by_side, systems
from crm_pipeline.importer.moving_in.following import Following
from crm_pipeline.importer.moving_in.old_words import Words
from crm_pipeline.importer.moving_in.system_table import SystemTable
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.site import Site

SHOWN = 50
LAST_CHANGE = "Last Change"


class MoveRejects(Rejects):
	"""Rejected rows by record: a deal with three items is one record. The first ones are shown."""

	def __init__(self, folder: Path | None = None):
		super().__init__(folder, _)
		self.records: dict[str, set[str]] = {}
		self.lines: list[dict] = []

	def add(self, table, row, reasons) -> None:
		super().add(table, row, reasons)
		name = row.values.get("external_id", "")
		known = self.records.setdefault(table.file, set())
		if name not in known and len(self.lines) < SHOWN:
			self.lines.append({"record": f"{_(table.file)} {name}", "reasons": self.said(reasons)})
		known.add(name)


def open_system(doc, rehearses: bool = False) -> tuple[dict[str, SystemTable], Site]:
	"""The tables of the system as the import reads them, and the facts of the site. Raises InputError."""
	move_form.need_role()
	system = move_form.system_of(doc)
	# What the other system has come to say since the form was saved.
	new_words = move_form.add_words(doc, system, move_form.stages_of(doc.pipeline))
	for row in new_words if not rehearses else ():
		row.db_insert()
	meanings = {(row.field, row.file_value): row.meaning for row in doc.value_rows if row.meaning}
	words = Words(
		doc.company,
		country=identity.country_code(None, doc.company),
		meanings=meanings,
		last_change=doc.closing_days == LAST_CHANGE,
	)
	rows = system.rows(words)
	mapping = _mapping(doc, system, meanings)
	tables = {
		table: SystemTable(table, title, rows, mapping)
		for table, title in system.tables.items()
		if hasattr(rows, table)
	}
	if next(iter(tables["history"]), None) is None:
		del tables["history"]
	mapping.files.update({name: table.spec for name, table in tables.items()})
	site = Site(doc.company, mapping)
	site.sales_import, site.following = doc.name, Following(system.name, rehearses)
	site.following.new_words = [f"{row.file_value} = {row.meaning or '?'}" for row in new_words]
	site.lost_reason = site.find_lost_reason()
	return tables, site


def _mapping(doc, system, meanings: dict) -> Mapping:
	stages = move_form.stages_of(doc.pipeline)
	return Mapping(
		files={},
		pipeline=doc.pipeline,
		stages={
			folded(value): StageMap(stages[meaning][0])
			for (field, value), meaning in meanings.items()
			if field == move_form.STAGE and meaning in stages
		},
		guessed=frozenset(("date_format",)),
		source=system.name,
		zone=get_system_timezone(),
		from_site=True,
	)


# ---- before


def rehearsal_of(doc, tables: dict, site: Site, report) -> dict:
	"""{"tables": [{"title", "records", "usable", "rejected"}], "lines": [{"record", "reasons"}], "already", "amount",
	"currency", "notices", "side_by_side"} of a check that stored nothing."""
	usable = {**report.parties, "opportunities": report.file.total_count}
	return {
		"tables": [
			{
				"title": table.file,
				"records": table.records,
				"usable": usable.get(name, 0),
				"rejected": len(report.rejects.records.get(table.file, ())),
			}
			for name, table in tables.items()
			if name != "history"
		],
		"lines": report.rejects.lines,
		"rejected": sum(map(len, report.rejects.records.values())),
		"already": report.already,
		"amount": float(report.file.total_sum),
		**_said(doc, tables, site),
	}


def _said(doc, tables: dict, site: Site) -> dict:
	beside = side_by_side.told(move_form.system_of(doc), site.following)
	said = notices(doc, tables) + side_by_side.notices(beside, site.following.new_words)
	return {"notices": said, "side_by_side": beside}


def notices(doc, tables: dict) -> list[str]:
	"""What a person should know before saying yes."""
	deals, said = tables["opportunities"], []
	differing = deals.source.differing
	if differing:
		said.append(
			_(
				"Deals whose amount differs from their items: {0}. The items count; the other amount is kept as text."
			).format(len(differing))
		)
	if deals.without_day:
		said.append(
			_(
				"Closed deals of which nobody knows the day of closing: {0}. It stays unknown unless you choose the last change."
			).format(deals.without_day)
		)
	if "history" not in tables:
		said.append(_("The system has kept no history of stages: when deals came to their stage is unknown."))
	gone = [row.file_value for row in doc.value_rows if row.field == move_form.OWNER and not row.meaning]
	if gone:
		said.append(_("Users who are gone, whose records will have no owner: {0}").format(", ".join(gone)))
	if deals.source.agreements:
		said += deals.source.agreements()
	others = _of_others(doc)
	if others:
		said.append(_("Records of other companies, which are not moved: {0}.").format(others))
	return said


def _of_others(doc) -> int:
	system = move_form.system_of(doc)
	return sum(
		frappe.db.count(doctype, {"company": ("not in", (doc.company, ""))})
		for doctype in system.became
		if frappe.get_meta(doctype).has_field("company")
	)


# ---- after the rows


def link_all(doc, progress) -> dict:
	"""Link what stands around the moved records, and give quotations and orders their source: {"linked", "sourced"}.
	Commits chunk by chunk."""
	system = move_form.system_of(doc)
	linked, sourced = Counter(), Counter()
	for there, here, pairs in systems.noted(system):
		linked["files"] += whole_transaction(moved_extras.link_files)(there, here, pairs)
	for there, here, pairs in systems.moved(system, doc.company):
		linked.update(whole_transaction(moved_extras.link)(there, here, pairs))
		if here == systems.DEAL:
			sourced.update(whole_transaction(resourcing.give_sources)(there, pairs))
		progress("Links", 0, 1)
	return {"linked": dict(linked), "sourced": dict(sourced)}


def report_of(doc, tables: dict, site: Site, report, after: dict) -> str:
	"""What the form shows of a move that is done, as JSON: counts and sums of both sides."""
	system = move_form.system_of(doc)
	here = Counter()
	for _there, doctype, pairs in systems.moved(system, doc.company):
		here[doctype] += frappe.db.count(doctype, {"name": ("in", list(pairs.values()))})
	labels = dict(
		frappe.get_all(
			"Pipeline Stage",
			filters={"pipeline": doc.pipeline},
			fields=["name", "label"],
			order_by="position asc",
			as_list=True,
		)
	)
	return json.dumps(
		{
			"tables": [_counted(name, table, report, here) for name, table in tables.items() if name != "history"],
			"stages": [
				{
					"stage": labels.get(line.value, line.value),
					"counts": [line.file_count, line.site_count],
					"sums": [float(line.file_sum), float(line.site_sum)],
					"equal": line.equal,
				}
				for line in sorted(
					report.comparisons, key=lambda line: [*labels].index(line.value) if line.value in labels else 0
				)
				if line.dimension == "stage"
			],
			**_said(doc, tables, site),
			"lines": report.rejects.lines,
			**after,
		}
	)


DOCTYPES = {"prospects": systems.PROSPECT, "leads": systems.LEAD, "opportunities": systems.DEAL}


def _counted(name: str, table: SystemTable, report, here: Counter) -> dict:
	rejected = len(report.rejects.records.get(table.file, ()))
	lines = report.lines.get(table.file)
	is_deals = name == "opportunities"
	stored = report.loaded if is_deals else lines.stored if lines else 0
	already = report.already if is_deals else lines.already if lines else 0
	return {
		"title": table.file,
		"records": table.records,
		"stored": stored,
		"already": already,
		"rejected": rejected,
		"equal": table.records == stored + already + rejected
		and (name not in DOCTYPES or here[DOCTYPES[name]] >= stored + already),
	}
