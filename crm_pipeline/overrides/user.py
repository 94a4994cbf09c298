"""What happens when ERPNext's User is renamed into another one: of both there is one calendar address."""

from crm_pipeline.activities import feed_tokens


def before_rename(doc, method: str, old: str, new: str, merge: bool = False) -> None:
	if merge:
		feed_tokens.let_go_of(old, new)
