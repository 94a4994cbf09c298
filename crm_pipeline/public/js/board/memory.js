/** What a user looked at last, kept by Frappe with the user's other view settings. */

const PLACE = "Sales Pipeline";
const KEY = "Board";

/** {filters, sort} of last time, the pipeline among the filters; {} the first time. */
export async function recall() {
	try {
		const settings = await frappe.model.user_settings.get(PLACE);
		return settings[KEY] || {};
	} catch {
		return {};
	}
}

export function remember(filters, sort) {
	return frappe.model.user_settings.save(PLACE, KEY, { filters, sort });
}
