/** The private calendar address of the user, for a phone, Outlook or Google. */

import { escaped } from "../shared/html";
import { date_text } from "../shared/html";
import { call, read } from "../shared/server";

export async function show_feed() {
	const state = await read("get_calendar_feed");
	const dialog = new frappe.ui.Dialog({
		title: __("Calendar on Other Devices"),
		fields: [{ fieldname: "text", fieldtype: "HTML" }],
		primary_action_label: state.active ? __("Make New Address") : __("Make Address"),
		primary_action: async () => show_address(dialog, await call("make_calendar_feed")),
	});
	const intro = __("Your activities and tasks in the calendar of your phone, Outlook or Google: subscribe to a private address. Whoever has it can read your calendar.");
	const now = state.active
		? __("An address is in use since {0}. A new one takes its place.", [date_text(frappe.datetime.convert_to_user_tz(state.made_on))])
		: __("There is no address yet.");
	dialog.fields_dict.text.$wrapper.html(`<p>${escaped(intro)}</p><p>${escaped(now)}</p>`);
	if (state.active) {
		dialog.set_secondary_action_label(__("Switch Off"));
		dialog.set_secondary_action(async () => {
			await call("close_calendar_feed");
			dialog.hide();
			frappe.show_alert({ message: __("The address does not work any more"), indicator: "green" });
		});
	}
	dialog.show();
}

function show_address(dialog, { url }) {
	const text = __("Copy it now: it is not shown again.");
	dialog.fields_dict.text.$wrapper.html(
		`<p>${escaped(text)}</p><input class="form-control crm-feed-address" readonly value="${escaped(url)}" aria-label="${escaped(__("Address"))}">`
	);
	dialog.get_primary_btn().text(__("Copy")).off("click").on("click", () => {
		frappe.utils.copy_to_clipboard(url);
		dialog.hide();
	});
	dialog.get_secondary_btn?.().addClass("hide");
	dialog.fields_dict.text.$wrapper.find("input").trigger("select");
}
