"""What every document is checked for before it is stored: mandatory fields, links, choices, lengths, constants."""

from datetime import date, datetime

from benchless import errors, metadata
from benchless import values as texts
from benchless.database import db
from benchless.messages import bold, throw
from benchless.values import cint, cstr, flt, strip_html

OF_DATA = {"Email": texts.validate_email_address, "Phone": texts.validate_phone_number, "URL": texts.validate_url}


def mandatory(doc) -> None:
	missing = [
		(field.fieldname, _missing_text(each, field))
		for each in [doc, *doc.get_all_children()]
		for field in each.meta.fields
		if field.reqd and not _filled(each, field)
	]
	if missing:
		fields = ", ".join(name for name, _text in missing)
		error = errors.MandatoryError(f"[{doc.doctype}, {doc.name}]: {fields}")
		throw("; ".join(text for _name, text in missing), error)


def _filled(doc, field) -> bool:
	value = doc.get(field.fieldname)
	return bool(value) if isinstance(value, list) else bool(strip_html(value).strip() or "<img" in cstr(value))


def _missing_text(doc, field) -> str:
	if field.fieldtype in metadata.TABLES:
		return f"Error: Data missing in table: {field.label}"
	return f"Error: {_row(doc)}Value missing for {doc.doctype}: {field.label}"


def _row(doc) -> str:
	return f"Row #{doc.idx}: " if doc.get("parentfield") else ""


def values(doc) -> None:
	"""Of the document and then of each row, in this order: mails and the like, choices, signs, lengths."""
	for each in [doc, *doc.get_all_children()]:
		for check in (_data, _choice, _sign, _length):
			for field in each.meta.fields:
				check(each, field, each.get(field.fieldname))


def _data(doc, field, value) -> None:
	if field.fieldtype == "Data" and field.options in OF_DATA and value:
		OF_DATA[field.options](value, throw=True)


def _sign(doc, field, value) -> None:
	if field.non_negative and field.fieldtype in ("Int", "Float", "Currency") and flt(value) < 0:
		throw(f"{_row(doc)}Value cannot be negative for {bold(field.label)}", errors.NonNegativeError)


def _choice(doc, field, value) -> None:
	options = (field.options or "").split("\n")
	if field.fieldtype != "Select" or field.fieldname == "naming_series" or not value or not any(options):
		return
	value = cstr(value).strip()
	doc.set(field.fieldname, value)
	if value not in options:
		listed = '", "'.join(options)
		throw(f'{_row(doc)}{field.label} cannot be "{value}". It should be one of "{listed}"')


def _length(doc, field, value) -> None:
	if field.fieldtype not in metadata.SHORT_TEXTS or doc.meta.issingle:
		return
	longest = cint(field.length) or 140
	if len(cstr(value)) > longest:
		text = f"'{bold(field.label)}' ({value}) will get truncated, as max characters allowed is {longest}"
		throw(f"{_row(doc)}{text}", errors.CharacterLengthExceededError)


# ---- links


def links(doc) -> None:
	"""Every link leads somewhere; what is fetched over it is set on the way."""
	broken, cancelled = [], []
	for each in [doc, *doc.get_all_children()]:
		for field in [*each.meta.get_link_fields(), *each.meta.get_dynamic_link_fields()]:
			if each.get(field.fieldname):
				_follow(each, field, bool(doc.meta.is_submittable), broken, cancelled)
	if broken:
		throw(f"Could not find {', '.join(broken)}", errors.LinkValidationError)
	if cancelled:
		throw(f"Cannot link cancelled document: {', '.join(cancelled)}", errors.CancelledLinkError)


def _follow(doc, field, submittable: bool, broken: list[str], cancelled: list[str]) -> None:
	target = field.options if field.fieldtype == "Link" else doc.get(field.options)
	if not target:
		throw(f"{doc.meta.get_label(field.options)} must be set first")
	over_it = doc.meta.fetched.get(field.fieldname, ())
	wanted = [each for each in over_it if not (each.fetch_if_empty and doc.get(each.fieldname))]
	columns = list(dict.fromkeys(["name", *(each.fetch_from.split(".")[1] for each in wanted)]))
	value = doc.get(field.fieldname)
	label = f"{_row(doc)}{field.label}: {value}"
	meta = metadata.get_meta(target)
	row = {"name": target} if meta.issingle else db.get_value(target, value, columns, as_dict=True)
	if not row:
		broken.append(label)
		return
	doc.set(field.fieldname, row["name"])
	for each in wanted:
		if doc.is_new() or doc.docstatus != 1 or each.allow_on_submit:
			doc.set(each.fieldname, row[each.fetch_from.split(".")[1]])
	if submittable and meta.is_submittable and field.fieldname != "amended_from":
		if db.get_value(target, row["name"], "docstatus") == 2:
			cancelled.append(label)


# ---- what must not change


def constants(doc, before) -> None:
	for field in [field for field in doc.meta.fields if field.set_only_once]:
		if cstr(before.get(field.fieldname)) != cstr(doc.get(field.fieldname)):
			throw(f"Value cannot be changed for {bold(field.label)}", errors.CannotChangeConstantError)


def after_submit(doc, before) -> None:
	"""Only fields marked for it change on a submitted document."""
	_after_submit(doc, before)
	old_rows = {row.name: row for row in before.get_all_children()}
	for row in doc.get_all_children():
		if row.is_new() and doc.meta.get_field(row.parentfield).allow_on_submit:
			continue
		if row.name in old_rows:
			_after_submit(row, old_rows[row.name])


def _after_submit(doc, before) -> None:
	for field in doc.meta.fields:
		old, new = before.get(field.fieldname), doc.get(field.fieldname)
		if field.allow_on_submit or field.fieldtype in metadata.LAYOUT or not (old or new):
			continue
		if field.fieldtype in metadata.TABLES:
			old, new = len(old), len(new)
		elif isinstance(old, date | datetime) or field.fieldtype in metadata.NUMBERS:
			old, new = comparable(field, old), comparable(field, new)
		if old != new:
			text = f"Not allowed to change {bold(field.label)} after submission from {bold(old)} to {bold(new)}"
			throw(f"{_row(doc)}{text}", errors.UpdateAfterSubmitError)


def comparable(field, value):
	"""The value as it would come back from the database."""
	if field.fieldtype in ("Int", "Check"):
		return cint(value)
	if field.fieldtype in metadata.NUMBERS:
		return round(flt(value), 9)
	return cstr(value)[:10] if field.fieldtype == "Date" else cstr(value)
