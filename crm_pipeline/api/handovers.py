"""Handing over what somebody holds, and who had a document when."""

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Name
from crm_pipeline.handovers import handing_over
from crm_pipeline.handovers.handing_over import HANDOVER


@writes(may("write", HANDOVER, "name"))
def prepare_handover(name: Name) -> dict:
	"""Find what there is to hand over and who takes it; nothing is changed yet."""
	return handing_over.prepare(name)


@writes(may("write", HANDOVER, "name"))
def start_handover(name: Name) -> None:
	"""Begin to hand over in the background what was prepared, or what was refused before."""
	handing_over.start(name)


@reads(may("read", HANDOVER, "name"))
def get_handover_progress(name: Name) -> dict:
	"""How far a handover has come; see handovers/handing_over.py."""
	return handing_over.progress(name)
