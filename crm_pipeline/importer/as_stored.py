"""A record as it would be stored today, which what is stored of it already is compared with."""

from dataclasses import dataclass, field

from crm_pipeline.importer.imported_deal import Passages


@dataclass
class AsStored:
	"""Its row, of a deal its rows of items and its stages; `guessed` are fields that the other system does not tell, but a
	rule that looks at the day."""

	row: dict
	items: list[dict] = field(default_factory=list)
	history: Passages = ()
	guessed: tuple[str, ...] = ()
