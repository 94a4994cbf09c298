"""A file of stage history: one row per stage that an opportunity entered, with its day."""

from collections import defaultdict
from collections.abc import Mapping as MappingType
from datetime import date

from crm_pipeline.core.stages import Stage
from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.masters import Reject, same_id
from crm_pipeline.importer.sentences import _
from crm_pipeline.importer.tables import Table
from crm_pipeline.importer.values import Values


def read_moves(
	table: Table, mapping: Mapping, stages: tuple[MappingType, MappingType], today: date, reject: Reject
) -> dict[str, tuple[tuple[Stage, date], ...]]:
	"""{id: the stages that the opportunity entered, in order of their days}; rows that can't be used are rejected."""
	found: dict[str, list[tuple[date, int, Stage]]] = defaultdict(list)
	single, several = stages
	known = {value: stage for one in (*several.values(), single) for value, stage in one.items()}
	for number, row in enumerate(table):
		values = Values(row, mapping)
		external_id, text = values.text("external_id", required=True), values.text("stage", required=True)
		day, stage = values.date("entered_on"), known.get(folded(text))
		if text and not stage:
			values.refuse("stage", _('"{0}" is not a known stage; say which it is'), text)
		if not day and not values.problems:
			values.refuse("entered_on", _("is empty"))
		elif day and day > today:
			values.refuse("entered_on", _("{0} is in the future"), day)
		if values.problems:
			reject(table, row, values.problems)
		else:
			found[same_id(external_id)].append((day, number, stage))
	return {
		key: tuple((stage, day) for day, _number, stage in sorted(steps, key=lambda s: s[:2]))
		for key, steps in found.items()
	}
