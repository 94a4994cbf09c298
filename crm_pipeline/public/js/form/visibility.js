/** Settings: who will see what with team visibility, before it is switched on. */

import { escaped, pill } from "../shared/html";
import { read } from "../shared/server";

export function settings_form() {
	frappe.ui.form.on("CRM Pipeline Settings", {
		refresh: (frm) => frm.add_custom_button(__("Who Sees What"), show_visibility),
		team_visibility: (frm) => frm.doc.team_visibility && show_visibility(),
	});
}

async function show_visibility() {
	const { total, users } = await read("get_visibility");
	const dialog = new frappe.ui.Dialog({ title: __("Who Sees What with Team Visibility"), size: "large" });
	const head = [__("Person"), __("Sees"), __("Open Leads and Deals")];
	const rows = users.map((user) => row_html(user, total)).join("");
	const note = __("People see what belongs to their own place in the Sales Person tree and all below it. A sales manager who has nobody below sees the group beside. Set the field CRM User of a Sales Person to give somebody a place.");
	dialog.$body.html(`<p class="text-muted">${escaped(note)}</p>
		<table class="table table-sm crm-visibility">
			<thead><tr>${head.map((word) => `<th scope="col">${escaped(word)}</th>`).join("")}</tr></thead>
			<tbody>${rows}</tbody>
		</table>`);
	dialog.show();
}

function row_html(user, total) {
	const sees = user.everything ? __("Everything") : user.persons.join(", ") || __("Own documents only: no place in the tree");
	const blind = total && !user.count ? ` ${pill(__("Would see nothing"), "orange")}` : "";
	const count = __("{0} of {1}", [user.count, total]);
	return `<tr><td><span title="${escaped(user.user)}">${escaped(user.full_name)}</span></td>
		<td>${escaped(sees)}</td><td>${escaped(count)}${blind}</td></tr>`;
}
