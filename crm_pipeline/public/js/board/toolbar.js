/** Over the board: whose deals, in which order, and its filters; one stop of the Tab key, with arrows from button to button. */

import { SORTS, whose_filters, whose_of } from "../core/board";
import { escaped } from "../shared/html";

const SORT_LABELS = {
	close: () => __("Expected Close"),
	amount: () => __("Amount"),
	next_step: () => __("Next Step On"),
	entered: () => __("Longest in the Stage"),
	title: () => __("Title"),
};

const WHOSE_LABELS = { mine: () => __("Mine"), team: () => __("Team"), all: () => __("All") };

/** Where the user stands in the Sales Person tree: the group whose deals are the team's; "" where nowhere. */
export async function team_of_user() {
	const own = await frappe.db
		.get_list("Sales Person", {
			filters: { crm_user: frappe.session.user },
			fields: ["name", "is_group", "parent_sales_person"],
			order_by: "is_group desc, lft asc",
			limit: 1,
		})
		.catch(() => []);
	return own[0] ? (own[0].is_group ? own[0].name : own[0].parent_sales_person) : "";
}

export class Toolbar {
	/** `changed` are {whose(filters), sort(key), filters(open), refresh()}. */
	constructor(place, team, changed) {
		Object.assign(this, { team, changed });
		this.element = document.createElement("div");
		this.element.className = "crm-board-bar";
		this.element.setAttribute("role", "toolbar");
		this.element.setAttribute("aria-label", __("Board"));
		this.element.innerHTML = this.html();
		place.append(this.element);
		this.element.addEventListener("click", (event) => this.clicked(event));
		this.element.addEventListener("keydown", (event) => this.moved(event));
		this.reach(this.buttons()[0]);
	}

	html() {
		const keys = ["mine", ...(this.team ? ["team"] : []), "all"];
		const whose = keys.map((key) => `<button type="button" class="btn btn-sm" data-whose="${key}">${escaped(WHOSE_LABELS[key]())}</button>`);
		const sorts = SORTS.map(
			(key) => `<button type="button" class="dropdown-item" role="menuitemradio" data-sort="${key}">${escaped(SORT_LABELS[key]())}</button>`
		);
		const refresh = escaped(__("Refresh"));
		return `<span class="crm-whose" role="group" aria-label="${escaped(__("Whose deals"))}">${whose.join("")}</span>
			<span class="dropdown"><button type="button" class="btn btn-default btn-sm dropdown-toggle crm-sort" data-toggle="dropdown" aria-haspopup="true" aria-expanded="false"></button>
				<span class="dropdown-menu" role="menu">${sorts.join("")}</span></span>
			<button type="button" class="btn btn-default btn-sm crm-more-filters" aria-expanded="false"></button>
			<button type="button" class="btn btn-default btn-sm crm-refresh" title="${refresh}" aria-label="${refresh}">${frappe.utils.icon("refresh", "sm")}</button>`;
	}

	/** Show what the filters and the order say. */
	show(filters, sort, hidden) {
		const whose = whose_of(filters, frappe.session.user, this.team);
		for (const button of this.element.querySelectorAll("[data-whose]")) {
			button.setAttribute("aria-pressed", String(button.dataset.whose === whose));
		}
		this.element.querySelector(".crm-sort").textContent = __("Sort: {0}", [SORT_LABELS[sort]()]);
		for (const item of this.element.querySelectorAll("[data-sort]")) {
			item.setAttribute("aria-checked", String(item.dataset.sort === sort));
			item.classList.toggle("active", item.dataset.sort === sort);
		}
		this.element.querySelector(".crm-more-filters").textContent = hidden ? __("Filters ({0})", [hidden]) : __("Filters");
	}

	clicked(event) {
		const button = event.target.closest("button");
		if (!button) return;
		if (!button.dataset.sort) this.reach(button);
		if (button.dataset.whose) this.changed.whose(whose_filters(button.dataset.whose, frappe.session.user, this.team));
		else if (button.dataset.sort) this.changed.sort(button.dataset.sort);
		else if (button.classList.contains("crm-refresh")) this.changed.refresh();
		else if (button.classList.contains("crm-more-filters")) {
			button.setAttribute("aria-expanded", String(this.changed.filters()));
		}
	}

	// ---- keys

	buttons() {
		return [...this.element.querySelectorAll("button:not(.dropdown-item)")];
	}

	reach(button) {
		for (const each of this.buttons()) each.tabIndex = each === button ? 0 : -1;
	}

	moved(event) {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (frappe.utils.is_rtl() ? -1 : 1);
		const all = this.buttons();
		const at = all.indexOf(event.target);
		if (!step || at < 0) return;
		const next = all[(at + step + all.length) % all.length];
		this.reach(next);
		next.focus();
		event.preventDefault();
	}
}
