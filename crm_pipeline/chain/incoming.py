"""The first verbs of every save of ours: what is saved, and what may come in from a form, a file or the API."""

from crm_pipeline.chain import clean_html, typed_values
from crm_pipeline.core import pasted

# How a field's value is kept, by the options that say what it is.
KEPT = {"Email": pasted.email, "Phone": pasted.phone}
# What people and firms are called.
NAMES = ("prospect_name", "contact_name", "party_name")


def is_stored(doc) -> bool:
	"""Whether a save of it changes a record. The framework inserts what has no name, called new or not."""
	return bool(doc.name) and not doc.is_new()


def take_in(doc) -> None:
	"""Nothing that runs, nothing that the database can't hold, and no address or number that only looks wrong."""
	typed_values.take_texts(doc)
	typed_values.take_checks(doc)
	typed_values.take_moments(doc)
	keep_reach(doc)
	clean_html.clean(doc)
	typed_values.check(doc)


def keep_reach(doc) -> None:
	"""E-mail addresses, phone numbers and names of a document and of its rows."""
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.fields:
			value = part.get(df.fieldname)
			if df.fieldtype == "Data" and df.options in KEPT and isinstance(value, str):
				part.set(df.fieldname, KEPT[df.options](value))
			elif df.fieldname in NAMES and isinstance(value, str):
				part.set(df.fieldname, pasted.name(value))
