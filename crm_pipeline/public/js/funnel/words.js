/** The words of the funnel, and numbers that open their documents. */

import { escaped } from "../shared/html";
import { count, money as whole_money } from "../shared/numbers";

export { count, days, percent } from "../shared/numbers";

export const FATES = ["advanced", "lost", "moved_back", "here"];

export function fate_label(fate) {
	return {
		advanced: __("Advanced", null, "Funnel"),
		lost: __("Lost"),
		moved_back: __("Moved Back"),
		here: __("Still Here"),
	}[fate];
}

export function step_label(step) {
	const labels = { ordered: __("Ordered"), delivered: __("Delivered"), billed: __("Billed"), paid: __("Paid") };
	return labels[step];
}

/** The colour of css/crm_kit.bundle.css for a part of a bar. */
export function part_colour(part) {
	return { advanced: "advanced", lost: "lost", moved_back: "moved-back", here: "here" }[part] || "done";
}

export function money(value, data) {
	return whole_money(value, data.currency);
}

/**
 * A count as a button that opens the documents behind it. `how`: `text` in place of the count, `weighted` for amounts times
 * probability, `before` for the period before.
 */
export function cell(value, kind, stage, title, { text, weighted, before } = {}) {
	if (!value) return text === undefined ? `<span class="crm-none">0</span>` : escaped(text);
	const how = `${weighted ? ' data-weighted="1"' : ""}${before ? ' data-before="1"' : ""}`;
	return `<button type="button" class="crm-cell" data-kind="${escaped(kind)}" data-stage="${escaped(stage || "")}"${how}
		data-title="${escaped(title)}" title="${escaped(title)}">${escaped(text ?? count(value))}</button>`;
}
