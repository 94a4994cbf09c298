/** Numbers of the funnel in words, and numbers that open their documents. */

import { share_decimals } from "../core/numbers";
import { escaped } from "../shared/html";

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

export function percent(share) {
	return share === null || share === undefined ? "–" : `${format_number(100 * share, null, share_decimals(share))}%`;
}

export function days(value) {
	return value === null || value === undefined ? "–" : format_number(value, null, value < 10 ? 1 : 0);
}

/** A whole amount; large ones are what a funnel is about. */
export function money(value, data) {
	return format_currency(value || 0, data.currency, 0);
}

export function count(value) {
	return format_number(value || 0, null, 0);
}

/** A count as a button that opens the documents behind it. */
export function cell(value, kind, stage, title) {
	if (!value) return `<span class="text-muted">0</span>`;
	return `<button type="button" class="crm-funnel-cell" data-kind="${escaped(kind)}" data-stage="${escaped(stage || "")}"
		data-title="${escaped(title)}" title="${escaped(title)}">${escaped(count(value))}</button>`;
}
