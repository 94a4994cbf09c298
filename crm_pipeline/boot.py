"""What Desk knows of the registry and of the states from its first moment, so that no script lists them anew."""

from crm_pipeline.chain.link_titles import TITLES
from crm_pipeline.core.registry import ATTACHED, CHAIN, DEALS, ORDER, OWN, STATES
from crm_pipeline.scoring import score_calls


def extend(bootinfo) -> None:
	"""extend_bootinfo: `frappe.boot.crm_pipeline`, read by public/js/shared/registry.js, and the one setting that a list of
	leads needs."""
	bootinfo.crm_lead_score_threshold = score_calls.threshold()
	bootinfo.crm_pipeline = {
		"chain": ORDER,
		"own": OWN,
		"deals": DEALS,
		"attached": ATTACHED,
		"item_tables": sorted({row.item_table for row in CHAIN if row.item_table and not row.native}),
		"titled": sorted(TITLES),
		"states": {
			doctype: [(row.name, row.colour, row.group) for row in states] for doctype, states in STATES.items()
		},
	}
