/** The filters that the funnel, the forecast and the board share; analytics/scope.py reads them on the server. */

import { filled } from "../core/filters";
import { before } from "../core/sources";
import { CHAIN, DEALS } from "./registry";

const FIELDS = {
	company: () => ({ fieldtype: "Link", options: "Company", label: __("Company"), default: frappe.defaults.get_user_default("Company") }),
	pipeline: () => ({ fieldtype: "Link", options: "Sales Pipeline", label: __("Pipeline"), get_query: () => ({ filters: { disabled: 0 } }) }),
	from_date: () => ({ fieldtype: "Date", label: __("From Date") }),
	to_date: () => ({ fieldtype: "Date", label: __("To Date") }),
	territory: () => ({ fieldtype: "Link", options: "Territory", label: __("Territory") }),
	sales_person: () => ({ fieldtype: "Link", options: "Sales Person", label: __("Sales Person or Team") }),
	sales_owner: () => ({ fieldtype: "Link", options: "User", label: __("Sales Owner") }),
	source_type: () => ({
		fieldtype: "Select",
		label: __("Source"),
		options: ["", "Created Directly", ...before(DEALS[0], CHAIN).reverse()].map((value) => ({
			value,
			label: value ? __(value) : __("Any Source"),
		})),
	}),
	channel: () => ({ fieldtype: "Link", options: "Sales Channel", label: __("Channel") }),
	campaign: () => ({ fieldtype: "Link", options: "Sales Campaign", label: __("Campaign") }),
	item_code: () => ({ fieldtype: "Link", options: "Item", label: __("Product") }),
	item_group: () => ({ fieldtype: "Link", options: "Item Group", label: __("Product Group") }),
	scope: () => ({
		fieldtype: "Select",
		label: __("Scope"),
		default: "Both",
		options: [
			{ value: "Both", label: __("Opportunities and Sales Projects") },
			{ value: "Opportunities", label: __("Opportunities") },
			{ value: "Sales Projects", label: __("Sales Projects") },
		],
	}),
	by: () => ({
		fieldtype: "Select",
		label: __("By", null, "Period"),
		default: "Month",
		options: [
			{ value: "Month", label: __("Month") },
			{ value: "Quarter", label: __("Quarter") },
		],
	}),
	measure: () => ({
		fieldtype: "Select",
		label: __("Measure"),
		default: "Amount",
		options: [
			{ value: "Amount", label: __("Amount") },
			{ value: "Quantity", label: __("Quantity") },
		],
	}),
};

/**
 * Add filters to a Desk page. `fields` are names from FIELDS or docfields of the page's own; `preset` their
 * first values. Calls `changed(values)` when a value became another one. Answers {values(), set(values)}.
 */
export function filter_bar(page, fields, changed, preset = {}) {
	const controls = {};
	let last = "";
	let quiet = false;
	const values = () => filled(Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.get_value()])));
	const notify = () => {
		const now = JSON.stringify(values());
		if (quiet || now === last) return;
		last = now;
		changed(values());
	};
	for (const field of fields) {
		const df = typeof field === "string" ? { fieldname: field, ...FIELDS[field]() } : field;
		controls[df.fieldname] = page.add_field({ ...df, change: notify });
	}
	/** Set several at once; answers when all stand, without calling `changed` but for what was typed elsewhere meanwhile. */
	const set = async (wanted) => {
		const others = () => JSON.stringify(Object.entries(values()).filter(([name]) => !(name in wanted)));
		const before = others();
		quiet = true;
		await Promise.all(
			Object.entries(wanted).map(([name, value]) => controls[name] && controls[name].set_value(value ?? ""))
		);
		quiet = false;
		last = JSON.stringify(values());
		if (others() !== before) changed(values());
	};
	const presets = Object.fromEntries(
		fields.map((field) => (typeof field === "string" ? { fieldname: field, ...FIELDS[field]() } : field)).filter((df) => df.default).map((df) => [df.fieldname, df.default])
	);
	const ready = set({ ...presets, ...preset });
	return { values, set, ready };
}

/** The same filters for a script report; `document_type` among them, empty first where `any` is said. */
export function scope_filters(names, { any } = {}) {
	const document_type = () => ({
		fieldtype: "Select",
		label: __("Type"),
		default: any ? "" : DEALS[0],
		options: [...(any ? [{ value: "", label: any }] : []), ...DEALS.map((value) => ({ value, label: __(value) }))],
	});
	return names.map((name) => ({ fieldname: name, ...(FIELDS[name] || document_type)() }));
}
