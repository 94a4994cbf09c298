"""`frappe.client`: what the Desk calls for a bulk edit, the board and a field changed in a list."""

import json
import traceback

from benchless.documents import get_doc


def set_value(doctype: str, name: str, fieldname, value=None) -> dict:
	doc = get_doc(doctype, name)
	doc.update(fieldname if isinstance(fieldname, dict) else {fieldname: value})
	return doc.save().as_dict()


def bulk_update(docs: str) -> dict:
	"""Change several documents; those that can't be changed are answered with what went wrong."""
	failed = []
	for values in json.loads(docs):
		values.pop("flags", None)
		try:
			get_doc(values["doctype"], values["docname"]).update(values).save()
		except Exception:
			failed.append({"doc": values, "exc": traceback.format_exc()})
	return {"failed_docs": failed}
