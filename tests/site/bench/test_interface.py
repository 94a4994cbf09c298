"""The names by which the app's reach into documents is measured are those that Frappe has."""

from frappe.model.document import Document
from frappe.model.meta import Meta

from scripts import measure_interface


def test_the_measure_knows_every_name_of_documents_and_their_meta():
	here = {f"Document.{name}" for name in dir(Document)} | {f"meta.{name}" for name in vars(Meta)}
	public = {name for name in here if not name.partition(".")[2].startswith("_")}
	assert public <= set(measure_interface.lines_of(measure_interface.OF_DOCUMENTS))
