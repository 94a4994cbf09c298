/** The sales board: a Desk page whose columns are the stages of a pipeline. */

import { lasting, same_filters } from "../core/filters";
import { show_documents } from "../shared/documents";
import { open_list } from "../shared/drill";
import { filter_bar } from "../shared/filter_bar";
import { fold_filters } from "../shared/fold_filters";
import { escaped } from "../shared/html";
import { name_page } from "../shared/page_name";
import { read } from "../shared/server";
import { Column } from "./columns";
import { make_draggable } from "./dragging";
import { watch_keys } from "./keyboard";
import { list_filters } from "./listing";
import { recall, remember } from "./memory";
import { settle } from "./moving";

const FILTERS = () => [
	"pipeline",
	{ fieldname: "search", fieldtype: "Data", label: __("Search") },
	"company",
	"sales_person",
	"sales_owner",
	"territory",
	"channel",
	"campaign",
	"source_type",
	{ fieldname: "stalled", fieldtype: "Check", label: __("Stalled only") },
];

export class SalesBoard {
	constructor(wrapper) {
		Object.assign(this, { columns: [], data: {}, filters: {}, turn: 0, opened: null });
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Sales Board"), single_column: true });
		this.area = $(`<div class="crm-board-area crm-look">
			<div class="crm-board" role="group" aria-label="${escaped(__("Sales Board"))}" aria-describedby="crm-board-keys"></div>
			<p class="crm-board-keys text-muted" id="crm-board-keys"></p>
			<div class="sr-only" role="status" aria-live="polite"></div>
		</div>`).appendTo(this.page.main)[0];
		this.place = this.area.querySelector(".crm-board");
		this.page.set_secondary_action(__("Refresh"), () => this.load(), "refresh");
		this.place.addEventListener("click", (event) => {
			if (event.target.closest(".crm-card a")) this.opened = event.target.closest(".crm-card").dataset.name;
		});
		watch_keys(this);
		$(window).on("resize", () => this.fit());
		this.start();
	}

	async start() {
		const remembered = await recall();
		this.bar = filter_bar(this.page, FILTERS(), (values) => this.filter(values), remembered);
		fold_filters(this.page, () => this.fit());
		// Paint with what the server was asked for last time while the filters still look up their values.
		const early = Object.keys(remembered).length ? this.load(remembered) : null;
		await this.bar.ready;
		if (early && (await early) && same_filters(remembered, this.bar.values())) return;
		await this.load(this.bar.values());
	}

	/** Another choice of filters: remembered for next time, but for what was searched. */
	filter(values) {
		remember(lasting(values));
		return this.load(values);
	}

	/** Ask for everything again. Answers whether it came. */
	async load(filters = this.filters) {
		const turn = ++this.turn;
		const { pipeline, ...others } = filters;
		let data;
		const known = pipeline ? this.totals(pipeline, filters) : null;
		try {
			data = await read("get_board", { pipeline: pipeline || "", filters: others });
		} catch {
			if (turn === this.turn) this.show_empty(__("The board could not be read."));
			return false;
		}
		if (turn !== this.turn) return true;
		this.filters = filters;
		this.paint(data);
		if (!pipeline && data.pipeline) {
			this.filters = { ...filters, pipeline: data.pipeline };
			this.bar.set({ pipeline: data.pipeline });
		}
		const totals = await (known || (data.pipeline && this.totals(data.pipeline, others)));
		if (turn === this.turn) this.show_totals(totals || {});
		return true;
	}

	paint(data) {
		this.data = data;
		this.columns.forEach((column) => column.drop());
		this.place.replaceChildren();
		this.columns = data.columns.map((stage) => new Column(this, stage));
		this.columns.forEach((column) => {
			this.place.append(column.element);
			make_draggable(this, column);
		});
		this.set_actions();
		if (!data.pipeline) this.show_empty(__("There is no enabled Sales Pipeline. Create one to see its deals here."));
		else if (!this.columns.length) this.show_empty(__("This pipeline has no stages yet."));
		this.area.querySelector(".crm-board-keys").textContent = data.may_write
			? __("Arrow keys go from card to card, Ctrl with left or right moves the card, M asks where to, Enter opens it.")
			: __("Arrow keys go from card to card, Enter opens it.");
		this.mark_reachable();
		this.fit();
	}

	set_actions() {
		const { doctype, may_create, pipeline } = this.data;
		if (may_create && pipeline) {
			this.page.set_primary_action(__("New"), () => frappe.new_doc(doctype, { pipeline }), "add");
		} else this.page.clear_primary_action();
	}

	show_empty(text) {
		this.columns.forEach((column) => column.drop());
		this.columns = [];
		const note = document.createElement("p");
		note.className = "crm-board-empty text-muted";
		note.textContent = text;
		this.place.replaceChildren(note);
		this.announce(text);
	}

	// ---- totals

	totals(pipeline, filters, stages = null) {
		return read("get_board_totals", { pipeline, filters, stages: stages || "" }).catch(() => ({}));
	}

	show_totals(totals) {
		this.columns.forEach((column) => column.show_total(totals[column.name]));
	}

	async refresh_totals(stages) {
		const turn = this.turn;
		const totals = await this.totals(this.data.pipeline, this.filters, stages);
		if (turn === this.turn) this.show_totals(totals);
	}

	// ---- cards

	find_card(name) {
		return this.columns.map((column) => column.card(name)).find(Boolean);
	}

	column(name) {
		return this.columns.find((column) => column.name === name);
	}

	facts() {
		return this.columns.map((column) => column.facts());
	}

	column_of(name) {
		return this.columns.find((column) => column.card(name));
	}

	/** One card of the board is reached with Tab, the others from it with the arrow keys. */
	mark_reachable(card = null) {
		const current = this.place.querySelector('.crm-card[tabindex="0"]');
		const chosen = card || current || this.place.querySelector(".crm-card");
		if (current && current !== chosen) current.tabIndex = -1;
		if (chosen) chosen.tabIndex = 0;
	}

	announce(text) {
		this.area.querySelector('[role="status"]').textContent = text;
	}

	// ---- away and back

	open(name) {
		this.opened = name;
		frappe.set_route("Form", this.data.doctype, name);
	}

	/** The deals of a column in their list. */
	open_list(column) {
		return open_list(this.data.doctype, list_filters(this, column));
	}

	/** The deals behind the sums of a column. */
	open_documents(column) {
		const { doctype } = this.data;
		const filters = list_filters(this, column);
		const ask = { method: "get_documents_listed", args: { doctype, filters } };
		show_documents({ title: column.stage.label, doctype, filters, ask, changed: () => this.load() });
	}

	/** The page is shown again: the card that was opened may have changed. */
	async shown() {
		name_page(this.page, __("Sales Board"));
		this.fit();
		const name = this.opened;
		this.opened = null;
		const column = name && this.column_of(name);
		if (column) await settle(this, name, column).catch(() => this.load());
	}

	// ---- room

	/** The board takes what is left of the window, so that its own scroll bar is in sight. */
	fit() {
		const top = this.place.getBoundingClientRect().top;
		if (top > 0) this.area.style.setProperty("--crm-board-top", `${Math.round(top)}px`);
	}
}
