/** While the phone rings: a number or an address typed in the search bar, or in a lead, says whose it is. */

import { kind_of, split_reach } from "../core/reach";
import { escaped } from "./html";
import { read } from "./server";

// Of these the page tells more than the form.
const PARTIES = ["Customer", "Sales Prospect"];

/** People and documents behind a text, [] where it is neither a number nor an address. */
async function found_for(text) {
	if (!kind_of(text) || !frappe.model.can_read("Sales Lead")) return [];
	return (await read("find_person", { text })) || [];
}

/** The search bar offers who it is before anything else, and a new lead with what was typed. */
export async function offer_person(input) {
	const text = input.value.trim();
	if (!input.awesomplete || !kind_of(text)) return;
	const found = await found_for(text);
	if (input.value.trim() !== text) return;
	const options = found.map((row, place) => ({
		label: `${escaped(row.title)} <span class="text-muted">${escaped(__(row.doctype))}${row.detail ? ` · ${escaped(row.detail)}` : ""}</span>`,
		value: `${row.doctype} ${row.name}`,
		route: [PARTIES.includes(row.doctype) ? "customer-360" : "Form", row.doctype, row.name],
		index: 300 - place,
	}));
	if (frappe.model.can_create("Sales Lead")) {
		const label = __("New Sales Lead with {0}", [text]);
		const values = { [kind_of(text) === "email" ? "email_id" : "phone"]: text };
		options.push({ label: escaped(label), value: label, index: 200, onclick: () => frappe.new_doc("Sales Lead", values) });
	}
	input.awesomplete.list = [...options, ...input.awesomplete._list];
}

/** Whose number or address was typed stands below the field, while typing; what was typed stays. */
export async function hint_person(field) {
	const typed = () => field.$input?.val() ?? field.get_value() ?? "";
	const text = typed();
	const answers = await Promise.all(Object.values(split_reach(text)).map(found_for));
	if (typed() !== text) return;
	// Of a number and of an address, the first two each.
	const named = answers.flatMap((rows) => rows.slice(0, answers.length > 1 ? 2 : 3)).map((row) => `${row.title} (${__(row.doctype)})`);
	const known = [...new Set(named)];
	field.set_description(escaped(known.length ? __("Known: {0}", [known.join(", ")]) : ""));
}
