/** Two records side by side: which stays, which value of each field, what moves; then the merge. */

import { escaped } from "../shared/html";
import { notices, section } from "../shared/kit";
import { call, read } from "../shared/server";
import { learn_names } from "../shared/user_names";

/** The dialog, beginning with a record that is on the screen; `other` where it is known already. */
export function compare_records(doctype, name, other = null) {
	const state = { doctype, kept: name, gone: other, shown: null };
	const dialog = new frappe.ui.Dialog({
		title: __("Merge {0}", [__(doctype)]),
		size: "extra-large",
		fields: [
			{
				fieldname: "other",
				fieldtype: "Link",
				options: doctype,
				label: __("With"),
				default: other,
				get_query: () => ({ filters: { name: ["!=", name] } }),
				change() {
					const chosen = dialog.get_value("other");
					if (!chosen || chosen === state.kept || chosen === state.gone) return;
					state.kept = name;
					state.gone = chosen;
					show(dialog, state);
				},
			},
			{ fieldname: "sides", fieldtype: "HTML" },
		],
		primary_action_label: __("Merge"),
		primary_action: () => merge(dialog, state),
	});
	dialog.$wrapper.addClass("crm-look");
	dialog.show();
	dialog.get_primary_btn().prop("disabled", true);
	if (other) {
		dialog.set_df_property("other", "hidden", 1);
		show(dialog, state);
	}
	return dialog;
}

async function show(dialog, state) {
	const { doctype, gone, kept } = state;
	state.shown = await read("get_comparison", { doctype, gone, kept }).catch(() => null);
	if (!state.shown) return;
	await name_values(doctype, state.shown.fields);
	const body = dialog.fields_dict.sides.$wrapper[0];
	body.innerHTML = sides_html(state.shown);
	dialog.get_primary_btn().prop("disabled", Boolean(state.shown.obstacles.length));
	body.querySelector(".crm-swap").addEventListener("click", () => {
		[state.gone, state.kept] = [state.kept, state.gone];
		show(dialog, state);
	});
}

/** People by their names and types of documents in the reader's language, as on the form. */
async function name_values(doctype, fields) {
	await frappe.model.with_doctype(doctype);
	const links = (target) => fields.filter(({ fieldname }) => frappe.meta.get_docfield(doctype, fieldname)?.options === target);
	const people = links("User");
	await learn_names(people.flatMap(({ gone, kept }) => [gone, kept]));
	for (const row of people) {
		for (const side of ["gone", "kept"]) row[side] = row[side] && frappe.user_info(row[side]).fullname;
	}
	for (const row of links("DocType")) Object.assign(row, { gone: __(row.gone || ""), kept: __(row.kept || "") });
}

function sides_html({ gone, kept, fields, moves, rows, obstacles }) {
	const side = (label, { name, title }) =>
		`<th scope="col"><span class="crm-side">${escaped(label)}</span> ${escaped(title)}${title === name ? "" : `<br><span class="crm-side">${escaped(name)}</span>`}</th>`;
	const heads = `<th scope="col">${escaped(__("Field"))}</th>${side(__("Stays:"), kept)}${side(__("Goes:"), gone)}`;
	const table = `<div class="crm-scroll"><table class="crm-sides"><thead><tr>${heads}</tr></thead><tbody>${fields.map(row_html).join("")}</tbody></table></div>`;
	const counted = (all) => Object.entries(all).map(([label, count]) => `<li>${escaped(__(label))}: ${escaped(count)}</li>`);
	const following = [...counted(moves), ...counted(rows)];
	const nothing = `<p>${escaped(__("Nothing points at the record that goes."))}</p>`;
	const what = following.length ? `<ul class="crm-moves">${following.join("")}</ul>` : nothing;
	return [
		notices(obstacles.map(escaped)),
		`<p><button type="button" class="btn btn-default btn-sm crm-swap">${escaped(__("Keep the Other One"))}</button></p>`,
		table,
		// Who may not merge them is not told what would move.
		obstacles.length && !following.length ? "" : section(__("What Moves"), what),
	].join("");
}

function row_html({ fieldname, label, gone, kept, stays, differs, closed }) {
	const cell = (side, value) => {
		const chosen = (closed ? "kept" : stays) === side;
		if (!differs || closed) return `<td class="${chosen && value ? "crm-stays" : ""}">${escaped(value)}</td>`;
		const id = `crm-side-${side}-${fieldname}`;
		return `<td><input type="radio" id="${escaped(id)}" name="crm-${escaped(fieldname)}" data-field="${escaped(fieldname)}" value="${side}"${chosen ? " checked" : ""}>
			<label for="${escaped(id)}">${escaped(value)}</label></td>`;
	};
	return `<tr><th scope="row">${escaped(label)}</th>${cell("kept", kept)}${cell("gone", gone)}</tr>`;
}

function merge(dialog, state) {
	const { doctype, gone, kept, shown } = state;
	const chosen = {};
	for (const input of dialog.fields_dict.sides.$wrapper[0].querySelectorAll("input:checked")) chosen[input.dataset.field] = input.value;
	const text = __("Merge {0} into {1}? {0} goes, and this can't be taken back.", [shown.gone.title, shown.kept.title].map((title) => `<b>${escaped(title)}</b>`));
	frappe.confirm(text, async () => {
		const made = await call("merge_records", { doctype, gone, kept, chosen: JSON.stringify(chosen) }).catch(() => null);
		if (!made) return;
		dialog.hide();
		frappe.model.clear_doc(doctype, gone);
		frappe.model.clear_doc(doctype, kept);
		frappe.show_alert({ message: __("Merged"), indicator: "green" });
		if (window.cur_frm?.doctype === doctype && cur_frm.docname === made.name) cur_frm.reload_doc();
		else frappe.set_route("Form", doctype, made.name);
	});
}
