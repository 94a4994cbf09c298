"""Pipelines and their stages as the core's dataclasses."""

from collections.abc import Iterable

import frappe
from frappe import _

from crm_pipeline.chain import rights
from crm_pipeline.chain.read_once import kept
from crm_pipeline.core import stages
from crm_pipeline.core.registry import STEP_FIELDS
from crm_pipeline.core.stages import MoveRules, Stage
from crm_pipeline.wording import bold


def default_pipeline(applies_to: str, company: str | None = None) -> str | None:
	"""The pipeline a new document gets: the company's own default, else the general one, else any enabled one; of those that
	the user's User Permissions allow, where there are any."""
	rows = frappe.get_all(
		"Sales Pipeline",
		filters={"applies_to": applies_to, "disabled": 0},
		fields=["name", "company", "is_default"],
		order_by="is_default desc, name asc",
	)
	usable = [r for r in rows if not r.company or r.company == company]
	allowed = rights.allowed_of("Sales Pipeline", applies_to)
	usable = [r for r in usable if allowed and r.name in allowed] or usable
	usable.sort(key=lambda r: (not r.is_default, r.company != company))
	return usable[0].name if usable else None


@kept
def stages_of(pipeline: str) -> list[Stage]:
	"""All stages of a pipeline, disabled ones included, in order of position."""
	return _stages({"pipeline": pipeline})


def all_stages(applies_to: str) -> list[Stage]:
	"""The stages of every pipeline for one kind of deal, disabled ones included, in order of position."""
	named = frappe.get_all("Sales Pipeline", filters={"applies_to": applies_to}, pluck="name", order_by="name asc")
	return _stages({"pipeline": ("in", named)})


def _stages(filters: dict) -> list[Stage]:
	rows = frappe.get_all(
		"Pipeline Stage",
		filters=filters,
		fields=["name", "pipeline", "position", "stage_type", "probability", "forecast_category", "disabled"],
		order_by="position asc, name asc",
		limit=0,
	)
	return [
		Stage(
			name=r.name,
			pipeline=r.pipeline,
			position=r.position,
			type=r.stage_type,
			probability=r.probability or 0.0,
			forecast_category=r.forecast_category,
			disabled=bool(r.disabled),
		)
		for r in rows
	]


def stage(name: str) -> Stage:
	"""One stage. Raises DoesNotExistError when there is none of that name."""
	pipeline = _pipeline_of(name)
	if not pipeline:
		frappe.throw(_("Stage {0} does not exist").format(bold(name)), frappe.DoesNotExistError)
	return next(s for s in stages_of(pipeline) if s.name == name)


@kept
def _pipeline_of(stage: str) -> str | None:
	return frappe.db.get_value("Pipeline Stage", stage, "pipeline")


def stage_of_type(pipeline: str, kind: str) -> Stage:
	"""The first enabled stage of a type. Raises ValidationError when the pipeline has none."""
	found = stages.first_of_type(stages_of(pipeline), kind)
	if not found:
		frappe.throw(
			_("Pipeline {0} has no enabled stage of type {1}").format(bold(pipeline), _(kind)),
			title=_("Incomplete Pipeline"),
		)
	return found


def missing_types(pipeline: str) -> list[str]:
	"""Of Open, Won and Lost those of which a pipeline has no enabled stage."""
	there = {s.type for s in stages_of(pipeline) if not s.disabled}
	return [kind for kind in (stages.OPEN, stages.WON, stages.LOST) if kind not in there]


@kept
def rules_of(pipeline: str) -> MoveRules:
	row = frappe.db.get_value(
		"Sales Pipeline",
		pipeline,
		["allow_skip", "allow_back", "allow_reopen", "allow_win_by_hand"],
		as_dict=True,
	)
	return MoveRules(**{key: bool(value) for key, value in row.items()})


def steps_of(pipeline: str | None) -> dict[str, str]:
	"""{"Sales Lead": "Off" | "Optional" | "Required", "Quotation": ..., "Sales Contract": ...}."""
	pipeline = pipeline or default_pipeline("Sales Opportunity")
	if not pipeline:
		return dict.fromkeys(STEP_FIELDS, "Optional")
	row = frappe.db.get_value("Sales Pipeline", pipeline, list(STEP_FIELDS.values()), as_dict=True)
	return {doctype: row[field] or "Optional" for doctype, field in STEP_FIELDS.items()}


def labels_of(stages: Iterable[str]) -> dict[str, str]:
	"""{stage: its label in the reader's language}; those deleted since are left out."""
	rows = frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", sorted(filter(None, stages)) or [""])},
		fields=["name", "label"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: _(row.label) for row in rows}
