"""Who sees what. Reading only."""

from crm_pipeline import permissions
from crm_pipeline.api.door import may, reads
from crm_pipeline.parties import visibility


@reads(may("write", "CRM Pipeline Settings"))
def get_visibility() -> dict:
	"""What each salesperson would see with team visibility on; see parties/visibility.py for the shape."""
	return visibility.who_sees_what(permissions.part_condition)
