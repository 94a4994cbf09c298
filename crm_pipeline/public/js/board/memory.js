/** What a user looked at last, kept by Frappe with the user's other view settings. */

const PLACE = "Sales Pipeline";
const KEY = "Board";

/** The filters of last time, pipeline included; {} the first time. */
export async function recall() {
	try {
		const settings = await frappe.model.user_settings.get(PLACE);
		return settings[KEY]?.filters || {};
	} catch {
		return {};
	}
}

export function remember(filters) {
	return frappe.model.user_settings.save(PLACE, KEY, { filters });
}
