/** Who it is, in one field: it searches customers and prospects and offers to make one. What was typed stays what it is. */

import { escaped } from "./html";
import { read } from "./server";

const WAIT = 250; // milliseconds without a key
let made = 0;

/** The docfield of a dialog or a field group. */
export const party_docfield = () => ({
	fieldname: "crm_party",
	fieldtype: "Data",
	label: __("Customer or Prospect"),
	length: 140,
	reqd: 1,
});

/**
 * Have a Data control search. Answers {party(), start()}: the former {customer}, {prospect} or {typed, create_new}, by what
 * was chosen for the text that stands there.
 */
export function search_parties(control) {
	const input = control.$input[0];
	const list = document.createElement("ul");
	list.id = `crm-parties-${++made}`;
	list.className = "crm-parties";
	list.setAttribute("role", "listbox");
	list.hidden = true;
	input.after(list);
	input.parentNode.classList.add("crm-party-field");
	const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", autocomplete: "off" };
	for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
	const state = { options: [], at: -1, chosen: null };

	const close = () => {
		list.hidden = true;
		state.at = -1;
		input.setAttribute("aria-expanded", "false");
		input.removeAttribute("aria-activedescendant");
	};
	const choose = (option) => {
		state.chosen = option;
		input.value = option.title;
		control.set_value(option.title);
		control.set_description(escaped(option.create_new ? __("A new prospect") : `${__(option.doctype)} · ${option.detail || option.name}`));
		close();
	};
	const point = (at) => {
		state.at = at;
		[...list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === at)));
		const row = list.children[at];
		if (row) input.setAttribute("aria-activedescendant", row.id);
		row?.scrollIntoView({ block: "nearest" });
	};
	const show = (text, found) => {
		state.options = [...found, { create_new: true, title: text }];
		list.innerHTML = state.options.map((option, place) => option_html(option, `${list.id}-${place}`)).join("");
		list.hidden = false;
		input.setAttribute("aria-expanded", "true");
		point(-1);
	};
	const search = frappe.utils.debounce(async () => {
		const text = input.value.trim();
		if (!text || state.chosen) return close();
		const found = await read("find_party", { text }).catch(() => []);
		if (input.value.trim() === text && !state.chosen && document.activeElement === input) show(text, found || []);
	}, WAIT);

	input.addEventListener("input", () => {
		state.chosen = null;
		control.set_description("");
		search();
	});
	input.addEventListener("blur", () => setTimeout(close, 150));
	input.addEventListener("keydown", (event) => {
		if (list.hidden) return;
		const last = state.options.length - 1;
		if (event.key === "ArrowDown") point(state.at >= last ? 0 : state.at + 1);
		else if (event.key === "ArrowUp") point(state.at <= 0 ? last : state.at - 1);
		else if (event.key === "Enter" && state.at >= 0) choose(state.options[state.at]);
		else if (event.key === "Escape") close();
		else return;
		event.preventDefault();
		event.stopPropagation();
	});
	list.addEventListener("mousedown", (event) => {
		const row = event.target.closest("li");
		if (!row) return;
		event.preventDefault();
		choose(state.options[[...list.children].indexOf(row)]);
	});

	/** Begin with a party that is known. */
	const start = async (doctype, name) => {
		const field = doctype === "Customer" ? "customer_name" : "prospect_name";
		const { message } = await frappe.db.get_value(doctype, name, field).catch(() => ({}));
		choose({ doctype, name, title: message?.[field] || name, detail: "" });
	};
	return { party: () => party_of(state.chosen, input.value), start };
}

function party_of(chosen, text) {
	const typed = text.trim();
	if (!chosen || chosen.title !== typed) return { typed, create_new: 0 };
	if (chosen.create_new) return { typed, create_new: 1 };
	return chosen.doctype === "Customer" ? { customer: chosen.name } : { prospect: chosen.name };
}

function option_html(option, id) {
	const text = option.create_new
		? `<span class="crm-party-new">${escaped(__("New prospect {0}", [option.title]))}</span>`
		: `<span>${escaped(option.title)}</span> <span class="crm-party-kind">${escaped([__(option.doctype), option.detail].filter(Boolean).join(" · "))}</span>`;
	return `<li role="option" id="${id}" aria-selected="false">${text}</li>`;
}
