/** The Desk page "My Day": what waits, worst first, and what is done about it without leaving the page. */

import { next_place } from "../core/day_rows";
import { head_button } from "../shared/head_button";
import { date_text, escaped } from "../shared/html";
import { empty } from "../shared/kit";
import { name_page } from "../shared/page_name";
import { read } from "../shared/server";
import * as dialogs from "./dialogs";
import { show_feed } from "./feed";
import { KEYS, section_html } from "./rows";

function show_calendar(sales_owner) {
	frappe.route_options = { sales_owner };
	frappe.set_route("List", "Sales Activity", "Calendar", "default");
}

export class MyDay {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("My Day"), single_column: true });
		head_button(this.page, "primary", __("Log Activity"), "add", () => crm_pipeline.log_activity({}, () => this.refresh()));
		head_button(this.page, "secondary", __("Refresh"), "refresh", () => this.refresh());
		this.page.add_menu_item(__("My Calendar"), () => show_calendar(frappe.session.user));
		this.page.add_menu_item(__("Team Calendar"), () => show_calendar(["is", "set"]));
		this.page.add_menu_item(__("Calendar on Other Devices"), show_feed);
		this.body = $(`<div class="crm-page crm-look crm-day" aria-live="polite"></div>`).appendTo(this.page.main);
		this.body.on("click", "[data-action]", ({ currentTarget }) => this.act($(currentTarget).closest("li"), currentTarget.dataset.action));
		this.body.on("keydown", ".crm-day-row", (event) => this.key(event));
	}

	async shown() {
		name_page(this.page, __("My Day"));
		const wanted = frappe.route_options?.user;
		if (wanted) {
			this.user = wanted;
			frappe.route_options = null;
		}
		await this.refresh();
	}

	/** Read it anew; `focus` is [section, place] of the row that was worked on. */
	async refresh(focus = null) {
		const turn = (this.turn = (this.turn || 0) + 1);
		let day;
		try {
			day = await read("get_my_day", this.user ? { user: this.user } : {});
		} catch {
			this.user = null;
			return;
		}
		// A slower answer to an earlier question.
		if (!day || turn !== this.turn) return;
		this.day = day;
		this.show_people();
		this.draw();
		if (focus) this.focus(...focus);
	}

	draw() {
		const { sections, user, full_name, day } = this.day;
		const filled = sections.filter((section) => section.count);
		const whose = user === frappe.session.user ? "" : `${full_name} · `;
		// What may be claimed waits for nobody.
		const total = filled.filter(({ key }) => key !== "pool").reduce((sum, section) => sum + section.count, 0);
		const head = `<p class="crm-note crm-day-head">${escaped(`${whose}${date_text(day)}`)} · ${escaped(total === 1 ? __("1 thing waits") : __("{0} things wait", [total]))}</p>`;
		const nothing = empty(__("Nothing Waits"), __("No activity, next step, lead or case is due. Plan the next one from a customer or a deal."));
		this.body.html(filled.length ? head + filled.map((section) => section_html(section)).join("") : nothing);
	}

	/** Whose day: offered to who has people below them. */
	show_people() {
		const { people, user } = this.day;
		if (people.length < 2) return;
		if (!this.people_field) {
			this.people_field = this.page.add_field({
				fieldname: "user",
				fieldtype: "Select",
				label: __("Whose Day"),
				options: people.map((row) => ({ value: row.user, label: row.full_name || row.user })),
				default: user,
				change: () => this.choose(this.people_field.get_value()),
			});
		}
		if (this.people_field.get_value() !== user) this.people_field.set_value(user);
	}

	choose(user) {
		if (!user || user === this.day.user) return;
		this.user = user;
		this.refresh();
	}

	row_of($row) {
		const { section, place } = $row[0].dataset;
		return { section, place: Number(place), row: this.day.sections.find(({ key }) => key === section).rows[place] };
	}

	async act($row, action) {
		const { section, place, row } = this.row_of($row);
		const then = () => this.refresh([section, place]);
		if (action === "open") return frappe.set_route("Form", row.doctype, row.name);
		if (action === "done") return dialogs.finish(row, section, then);
		if (action === "log") return dialogs.log(row, section, then);
		return dialogs[action](row, then);
	}

	/** Arrows go from row to row, a letter does what the button of that letter does, Enter opens. */
	key(event) {
		if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
		const $rows = this.body.find(".crm-day-row");
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		const action = Object.keys(KEYS).find((name) => KEYS[name] === event.key.toLowerCase());
		const $row = $(event.currentTarget);
		if (step) {
			$rows.eq(Math.max(0, Math.min($rows.length - 1, $rows.index($row) + step))).trigger("focus");
		} else if (event.key === "Enter") {
			this.act($row, "open");
		} else if (action && (action === "open" || $row.find(`[data-action="${action}"]`).length)) {
			this.act($row, action);
		} else return;
		event.preventDefault();
		event.stopPropagation();
	}

	focus(section, place) {
		const $rows = this.body.find(`.crm-day-row[data-section="${section}"]`);
		const $row = $rows.eq(next_place(place, $rows.length));
		($row.length ? $row : this.body.find(".crm-day-row").first()).trigger("focus");
	}
}
