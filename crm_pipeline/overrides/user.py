"""What happens when a User is called otherwise, or renamed into another one: of both there is one calendar address."""

from crm_pipeline.activities import feed_tokens
from crm_pipeline.chain import guard, locks
from crm_pipeline.parties import copied_names


def before_rename(doc, method=None, *renamed):
	"""before_rename(old, new, merge) of User."""
	old, new, merge = renamed
	if merge:
		feed_tokens.let_go_of(old, new)


def on_update(doc, method=None):
	"""A User is saved whatever happens to us."""
	before = doc.get_doc_before_save()
	if before and before.full_name != doc.full_name:
		with locks.as_guest():
			guard.attempt(f"name of User {doc.name}", lambda: copied_names.follow("User", doc.name, doc.full_name))


def after_rename(doc, method=None, *renamed):
	"""after_rename(old, new, merge) of User."""
	_old, new, merge = renamed
	if merge:
		copied_names.follow("User", new, doc.full_name)
