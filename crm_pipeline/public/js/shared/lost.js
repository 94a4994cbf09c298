/** Why a deal was lost: asked on its form and on the board. */

import { ask } from "./server";

/** The dialog, shown. Its button does `submit(values, dialog)` with reason, competitor, detail and lessons. */
export function ask_lost(submit) {
	return ask(
		__("Why Was It Lost?"),
		[
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
