/** Handing over: prepare, look at who gets what, then start; the form follows how far it is. */

import { escaped } from "../shared/html";
import { act, read } from "../shared/server";
import { learn_names } from "../shared/user_names";
import { people_query } from "../shared/people_query";

const PAUSE = 3000;

export function handover_form() {
	frappe.ui.form.on("Sales Handover", {
		setup(frm) {
			frm.set_query("user", "receivers", people_query);
			frm.set_query("to_user", "items", people_query);
		},
		refresh(frm) {
			frm.set_df_property("items", "cannot_add_rows", true);
			show_preview(frm);
			if (frm.is_new() || !frm.perm[0]?.write) return;
			const { status, refused } = frm.doc;
			if (["Draft", "Prepared"].includes(status)) {
				frm.add_custom_button(__("Prepare"), () => act(frm, "prepare_handover", { name: frm.docname }));
			}
			if (status === "Prepared" && frm.doc.total) confirm_button(frm, __("Hand Over"));
			if (status === "Done" && refused) confirm_button(frm, __("Hand Over Again"));
			if (status === "Running") follow(frm);
		},
	});
}

function confirm_button(frm, label) {
	const many = __("Records: {0}. Each goes to its new owner, with a line in its history.", [frm.doc.total]);
	frm.add_custom_button(label, () => frappe.confirm(many, () => act(frm, "start_handover", { name: frm.docname })));
}

/** Who gets how many of what. */
async function show_preview(frm) {
	const counts = {};
	for (const { to_user, document_type } of frm.doc.items || []) {
		const row = (counts[to_user || ""] ||= {});
		row[document_type] = (row[document_type] || 0) + 1;
	}
	await learn_names(Object.keys(counts));
	const kinds = [...new Set((frm.doc.items || []).map(({ document_type }) => document_type))];
	const total = __("Total");
	const cells = (row) => kinds.map((kind) => `<td class="text-right">${row[kind] || ""}</td>`).join("");
	const sum = (row) => Object.values(row).reduce((one, other) => one + other, 0);
	const nobody = __("Nobody yet");
	const rows = Object.entries(counts).map(
		([user, row]) =>
			`<tr><td>${escaped(user ? frappe.user.full_name(user) : nobody)}</td>${cells(row)}<td class="text-right"><b>${sum(row)}</b></td></tr>`
	);
	const heads = kinds.map((kind) => `<th class="text-right">${escaped(__(kind))}</th>`).join("");
	frm.fields_dict.preview_html.$wrapper.html(
		rows.length
			? `<div style="overflow-x:auto"><table class="table table-sm"><thead><tr><th></th>${heads}<th class="text-right">${escaped(total)}</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`
			: ""
	);
}

async function follow(frm) {
	const { docname } = frm;
	const found = await read("get_handover_progress", { name: docname });
	if (frm.docname !== docname || cur_frm !== frm) return;
	const finished = found.total - found.waiting;
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline(__("Handed over: {0} of {1}", [finished, found.total]));
	if (found.status !== "Running") frm.reload_doc();
	else setTimeout(() => follow(frm), PAUSE);
}
