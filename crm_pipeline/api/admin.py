"""Who sees what, for those who give rights."""

from crm_pipeline import access_explained
from crm_pipeline.api.door import may, one_of, reads
from crm_pipeline.api.types import Name
from crm_pipeline.chain import rights


@reads(may("write", "User Permission"), may("read", "User", "user"))
def get_access(user: Name, document_type: Name, document: Name) -> dict:
	"""Whether a user may see and change a document, and why; see access_explained.py for the shape."""
	rights.need(one_of(document_type, access_explained.DOCTYPES), document)
	return access_explained.answer(user, document_type, document)


@reads(may("write", "User Permission"), may("read", "User", "user"))
def get_access_numbers(user: Name) -> dict:
	"""How many documents of each type a user sees, and what narrows it: {"numbers", "team", "permissions"}."""
	return {"numbers": access_explained.numbers(user), **access_explained.narrowing(user)}
