"""A Sales Import as its form has it: its file, the columns that are guessed of it, and the mapping that they make."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_pipeline.chain import pipelines, status
from crm_pipeline.importer import column_guess, record_rows
from crm_pipeline.importer.field_labels import labels
from crm_pipeline.importer.import_fields import FIELDS
from crm_pipeline.importer.mapping import DEAL_STATUSES, LEAD_STATUSES, REJECT, InputError, Mapping, parse_mapping
from crm_pipeline.importer.moving_in import move_form
from crm_pipeline.importer.tables import Table
from crm_pipeline.wording import bold

DOCTYPE = "Sales Import"
TABLES = {
	"Sales Lead": "leads",
	"Sales Prospect": "prospects",
	"Contact": "contacts",
	"Customer": "accounts",
	"Sales Opportunity": "opportunities",
	"Sales Campaign": "campaigns",
	"Sales Activity": "activities",
	"Sales Memo": "memos",
}
DRAFT, QUEUED, RUNNING, STOPPED, FAILED, DONE, UNDONE = (
	"Draft",
	"Queued",
	"Running",
	"Stopped",
	"Failed",
	"Done",
	"Undone",
)
# Fields whose values are mapped elsewhere than by aliases.
STATUSES = {"stage": "stages", "status": "statuses"}
STATES_OF = {
	"Sales Lead": LEAD_STATUSES,
	"Sales Activity": tuple(dict.fromkeys(record_rows.STATES.values())),
	"Sales Campaign": tuple(dict.fromkeys(record_rows.CAMPAIGN_STATES.values())),
}
# Minutes without progress after which a run has been killed.
KILLED = 10
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson", ".json")
SAMPLES = 20
ENCODINGS = {
	"UTF-8": "utf-8",
	"UTF-16": "utf-16",
	"Windows-1252": "cp1252",
	"Windows-1250": "cp1250",
	"Windows-1251": "cp1251",
	"GB18030": "gb18030",
	"Big5": "big5",
	"Shift JIS": "cp932",
	"EUC-KR": "euc_kr",
}
# What says which columns a file has.
ABOUT_COLUMNS = ("file", "preset", "encoding", "no_header")


def follow(doc) -> None:
	"""Part of validate(): a new file has its columns guessed; what was imported keeps its file."""
	before = doc.get_doc_before_save()
	if not doc.status:
		status.set_status(doc, DRAFT)
	_check_source(doc, before)
	if move_form.is_move(doc):
		move_form.follow(doc)
		return
	if TABLES.get(doc.document_type) == "opportunities" and not doc.pipeline:
		doc.pipeline = pipelines.default_pipeline(doc.document_type, doc.company)
	if before and before.status not in (DRAFT, FAILED) and before.file != doc.file:
		frappe.throw(_("{0} was imported already. Make a new import for another file.").format(bold(before.file)))
	if doc.file and (not doc.columns or any(doc.has_value_changed(field) for field in ABOUT_COLUMNS)):
		fill_columns(doc)
	_check_fields(doc)


def _check_source(doc, before) -> None:
	if before and before.status not in (DRAFT, FAILED) and before.import_from != doc.import_from:
		frappe.throw(
			_("{0} was imported already. Make a new import for another system.").format(bold(before.import_from))
		)
	if not move_form.is_move(doc) and not doc.file:
		frappe.throw(_("Please upload a file"), frappe.MandatoryError)


def fields_of(doc) -> list[dict[str, str]]:
	"""[{"value", "label"}] of the fields that a column can go to, or whose words of another system have a meaning."""
	fields = move_form.FIELDS if move_form.is_move(doc) else FIELDS[TABLES[doc.document_type]]
	return [{"value": field, "label": _(labels()[field])} for field in fields]


def meanings_of(doc) -> dict[str, list[dict[str, str]]]:
	"""{field: [{"value", "label"}]} of what words of these fields can mean here."""
	states = LEAD_STATUSES if move_form.is_move(doc) else STATES_OF.get(doc.document_type, DEAL_STATUSES)
	stages = (
		[{"value": label, "label": _(label)} for label in move_form.stages_of(doc.pipeline)] if doc.pipeline else []
	)
	return {"stage": stages, "status": [{"value": state, "label": _(state)} for state in states]}


def stored_rows(doc) -> int:
	"""How many rows are here as records. Prospects that a file's deals brought along are no rows of it."""
	filters = {"sales_import": doc.name}
	return frappe.db.count(
		"Imported Record", filters if move_form.is_move(doc) else filters | {"document_type": doc.document_type}
	)


def is_killed(doc) -> bool:
	"""Whether it runs, but has made no progress for so long that its worker must be gone."""
	return doc.status in (QUEUED, RUNNING) and get_datetime(doc.modified) < add_to_date(now_datetime(), minutes=-KILLED)


def key_of(doc) -> str:
	"""What a check is of: the file with its mapping. A check of something else says nothing any more."""
	fields = ("import_from", "file", "document_type", "company", "pipeline", "closing_days", "source", "duplicates")
	fields += ("date_format", "encoding", "no_header", "unknown_accounts")
	columns = [[row.column_name, row.field or ""] for row in doc.columns]
	values = [[row.field, row.file_value, row.meaning or ""] for row in doc.value_rows]
	text = json.dumps([[str(doc.get(field) or "") for field in fields], columns, values])
	return hashlib.sha256(text.encode()).hexdigest()[:20]


def may_import(doctype: str) -> bool:
	"""Whether the user has the framework's right to import documents of a type, for whomever."""
	return bool(frappe.has_permission(doctype, "import"))


def refuse_deleting(doc) -> None:
	if doc.status in (QUEUED, RUNNING, STOPPED, DONE) and frappe.db.exists(
		"Imported Record", {"sales_import": doc.name}
	):
		frappe.throw(_("Records of {0} are here. Undo the import first.").format(bold(doc.name)))


def _check_fields(doc) -> None:
	known = FIELDS[TABLES[doc.document_type]]
	for row in (*doc.columns, *doc.value_rows):
		if row.field and row.field not in known:
			frappe.throw(
				_("Row {0}, {1}: {2} is not a field. Known are {3}").format(
					row.idx, _("Field"), bold(row.field), ", ".join(_(labels()[field]) for field in known)
				)
			)


# ---- file and columns


def path_of(doc) -> Path:
	"""The file on disk. Raises ValidationError for one that is public, another kind, or not the user's to read."""
	found = frappe.get_all("File", filters={"file_url": doc.file}, pluck="name", order_by="creation desc", limit=0)
	# The same content uploaded by several is one address: whether this user may read it is asked of each of the files.
	files = (frappe.get_doc("File", name) for name in found)
	file = next((one for one in files if one.has_permission("read")), None)
	if not file:
		frappe.throw(_("{0}: the file {1} is not there").format(_("File"), bold(doc.file)))
	if not file.is_private:
		frappe.throw(_("{0} is public. Please upload it as a private file.").format(bold(file.file_name)))
	path = Path(file.get_full_path())
	if path.suffix.lower() not in ENDINGS:
		frappe.throw(_("{0} is not a file of rows. Known endings are {1}").format(bold(path.name), ", ".join(ENDINGS)))
	return path


def fill_columns(doc) -> None:
	"""The columns of the file with an example each, and the field that each probably is."""
	path, table = path_of(doc), TABLES[doc.document_type]
	mapping = parse_mapping({"files": {"history": {"file": path.name, "columns": _any_columns()}}, **_encoding(doc)})
	spec = mapping.files["history"]
	try:
		opened = Table(path.parent, _Loose(spec, doc), mapping)
	except InputError as error:
		frappe.throw(error.said(_))
	samples: dict[str, str] = {}
	for row, _number in zip(opened, range(SAMPLES), strict=False):
		for column, cell in zip(opened.header, row.cells, strict=False):
			if cell.strip():
				samples.setdefault(column, " ".join(cell.split())[:140])
	chosen = (
		{row.column_name: row.field for row in doc.columns if row.field} if not doc.has_value_changed("file") else {}
	)
	found = column_guess.guess(opened.header, table, FIELDS[table], doc.preset or "", _earlier(doc) | chosen)
	doc.set("columns", [])
	for column in opened.header:
		if not column.startswith("rejected_"):
			doc.append("columns", {"column_name": column, "sample": samples.get(column), "field": found.get(column)})


class _Loose:
	"""A file whose columns are not known yet."""

	table, several_rows = "leads", False

	def __init__(self, spec, doc):
		self.file, self.columns, self.header = spec.file, {}, not doc.no_header


def _encoding(doc) -> dict[str, str]:
	return {"encoding": ENCODINGS[doc.encoding]} if doc.encoding in ENCODINGS else {}


def _any_columns() -> dict[str, str]:
	return {name: name for name in FIELDS["history"]}


def _earlier(doc) -> dict[str, str]:
	"""{column: field} as they were chosen in the imports of this type that are done, the last ones first."""
	imports, rows = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Sales Import Column")
	found = (
		frappe.qb.from_(rows)
		.join(imports)
		.on(imports.name == rows.parent)
		.select(rows.column_name, rows["field"])
		.where((imports.status == DONE) & (imports.document_type == doc.document_type) & (rows["field"] != ""))
		.orderby(imports.creation)
		.orderby(rows.idx)
		.limit(2000)
	).run()
	return dict(found)


# ---- mapping


def mapping_of(doc, path: Path) -> Mapping:
	"""The mapping that columns and values of the form make. Raises InputError."""
	table = TABLES[doc.document_type]
	columns = {row.column_name: row.field for row in doc.columns if row.field}
	# Rows of one deal are its items, where the file has both.
	several = table == "opportunities" and {"external_id", "product"} <= set(columns.values())
	file = {"file": path.name, "columns": columns, "header": not doc.no_header, "several_rows": several}
	data: dict = {
		"files": {table: file},
		"aliases": {},
		"defaults": {"duplicates": doc.duplicates, "unknown_accounts": doc.unknown_accounts or REJECT},
		"source": doc.source or doc.name,
		**_encoding(doc),
	}
	meanings = [(row.field, row.file_value, row.meaning) for row in doc.value_rows if row.meaning]
	if table == "opportunities":
		data["pipeline"] = doc.pipeline
		data["stages"] = _stages(doc.pipeline) | _meant(meanings, "stage", _stages(doc.pipeline))
	own_words = table in record_rows.DOCTYPES
	if not own_words:
		data["lead_statuses" if table == "leads" else "statuses"] = _meant(meanings, "status")
	for field, value, meaning in meanings:
		if own_words or field not in STATUSES:
			data["aliases"].setdefault(field, {})[value] = meaning
	# Times of day, and days that a workbook holds as such, stand beside those that somebody told the order of.
	return replace(parse_mapping(data), day_order=(doc.date_format or "").lower())


def _meant(meanings: list, field: str, known: dict[str, str] | None = None) -> dict[str, str]:
	return {value: (known or {}).get(meaning, meaning) for name, value, meaning in meanings if name == field}


def _stages(pipeline: str | None) -> dict[str, str]:
	"""{label, key: key} of the stages of a pipeline that can be used."""
	rows = frappe.get_all(
		"Pipeline Stage",
		filters={"pipeline": pipeline, "disabled": 0},
		fields=["label", "stage_key"],
		order_by="position desc",
		limit=0,
	)
	return {name: row.stage_key for row in rows for name in (row.stage_key, row.label) if row.stage_key}
