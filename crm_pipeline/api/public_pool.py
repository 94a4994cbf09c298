"""The public pool: claim a record, give several out, give some back."""

from crm_pipeline.api.door import may, writes
from crm_pipeline.api.types import Line, Name, Names
from crm_pipeline.pool import claiming
from crm_pipeline.pool.pool_rules import TYPES


@writes(may("read", TYPES))
def claim_from_pool(doctype: Name, name: Name) -> None:
	"""Become the owner of a record in the public pool; always whoever is logged in."""
	claiming.claim(doctype, name)


@writes(may("write", TYPES))
def give_from_pool(doctype: Name, names: Names, user: Name) -> dict:
	"""A manager gives records of the pool to somebody: {"done": how many, "refused": [{"name", "reason"}]}."""
	return claiming.give(doctype, names or [], user)


@writes(may("write", TYPES))
def release_to_pool(doctype: Name, names: Names, reason: Line) -> dict:
	"""Give own records back to the pool: {"done": how many, "refused": [{"name", "reason"}]}."""
	return claiming.release(doctype, names or [], reason)
