/** Why a deal was lost: asked on its form and on the board. And in which stage it ends, where there are several. */

import { ask } from "./server";

/**
 * The dialog, shown. Its button does `submit(values, dialog)` with reason, competitor, detail and lessons, and with the
 * stage where `stages` are several to choose from.
 */
export function ask_lost(submit, stages = []) {
	return ask(
		__("Why Was It Lost?"),
		[
			...stage_field(stages),
			{
				fieldname: "reason",
				fieldtype: "Link",
				options: "Sales Lost Reason",
				label: __("Reason"),
				reqd: 1,
				get_query: () => ({ filters: { disabled: 0 } }),
			},
			{
				fieldname: "competitor",
				fieldtype: "Link",
				options: "Sales Competitor",
				label: __("Lost To"),
				get_query: () => ({ filters: { disabled: 0 } }),
			},
			{ fieldname: "detail", fieldtype: "Small Text", label: __("Detail") },
			{ fieldname: "lessons", fieldtype: "Small Text", label: __("Lessons Learned") },
		],
		__("Lost"),
		submit
	);
}

/** A choice between closing stages [{name, label}], as a list of fields; none where there is nothing to choose. */
export function stage_field(stages) {
	if (stages.length < 2) return [];
	const options = stages.map((stage) => ({ value: stage.name, label: __(stage.label) }));
	return [{ fieldname: "stage", fieldtype: "Select", label: __("Stage"), options, reqd: 1, default: stages[0].name }];
}
