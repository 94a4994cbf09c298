"""What happens when a User is renamed into another one: of both there is one calendar address."""

from crm_pipeline.activities import feed_tokens


def before_rename(doc, method=None, *renamed):
	"""before_rename(old, new, merge) of User."""
	old, new, merge = renamed
	if merge:
		feed_tokens.let_go_of(old, new)
