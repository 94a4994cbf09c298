/** The sales board: a Desk page whose columns are the stages of a pipeline. */

import { SORTS, whose_filters, whose_of } from "../core/board";
import { filled, lasting, same_filters } from "../core/filters";
import { show_documents } from "../shared/documents";
import { open_list } from "../shared/open_list";
import { filter_bar } from "../shared/filter_bar";
import { escaped } from "../shared/html";
import { name_page } from "../shared/page_name";
import { read } from "../shared/server";
import { watch_actions } from "./actions";
import { Column } from "./columns";
import { make_draggable } from "./dragging";
import { watch_keys } from "./keyboard";
import { list_filters } from "./listing";
import { recall, remember } from "./memory";
import { refresh_card } from "./moving";
import { Toolbar, team_of_user } from "./toolbar";

// Filters that are shown in the row over the board, or said by its buttons.
const IN_SIGHT = ["pipeline", "search", "company"];

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
		Object.assign(this, { columns: [], data: {}, filters: {}, sort: SORTS[0], turn: 0, opened: null });
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Sales Board"), single_column: true });
		this.area = $(`<div class="crm-board-area crm-look">
			<div class="crm-board" role="group" tabindex="-1" aria-label="${escaped(__("Sales Board"))}" aria-describedby="crm-board-keys"></div>
			<p class="crm-board-keys text-muted"><span class="crm-scope"></span> <span id="crm-board-keys"></span></p>
			<div class="sr-only" role="status" aria-live="polite"></div>
		</div>`).appendTo(this.page.main)[0];
		this.place = this.area.querySelector(".crm-board");
		this.place.addEventListener("click", (event) => {
			if (event.target.closest(".crm-card a")) this.opened = event.target.closest(".crm-card").dataset.name;
		});
		watch_keys(this);
		watch_actions(this);
		$(window).on("resize", () => this.fit());
		this.start();
	}

	async start() {
		const [known, team] = await Promise.all([recall(), team_of_user()]);
		// The first time the board shows what is one's own.
		const wanted = known.filters || whose_filters("mine", frappe.session.user, team);
		this.sort = SORTS.includes(known.sort) ? known.sort : SORTS[0];
		this.team = team;
		this.bar = filter_bar(this.page, FILTERS(), (values) => this.filter(values), wanted);
		this.make_toolbar();
		// Paint with what the server was asked for last time while the filters still look up their values.
		const early = this.load(filled(wanted));
		await this.bar.ready;
		if (!((await early) && same_filters(this.filters, this.bar.values()))) await this.load(this.bar.values());
		if (document.activeElement === document.body) this.place.focus({ preventScroll: true });
	}

	/** Whose deals, order and filters in one row; the other filters wait behind a button. */
	make_toolbar() {
		const form = this.page.page_form?.[0] || this.page.wrapper.find(".page-form")[0];
		form.classList.add("crm-board-filters");
		const row = document.createElement("div");
		row.className = "crm-board-top crm-look";
		form.before(row);
		this.toolbar = new Toolbar(row, this.team, {
			whose: (filters) => this.choose(filters),
			sort: (key) => this.order(key),
			filters: () => this.fold_filters(form),
			refresh: () => this.load(),
		});
		for (const name of ["pipeline", "search"]) {
			const control = this.page.fields_dict[name];
			if (control) $(control.wrapper).addClass("crm-board-field").appendTo(row);
		}
		this.show_toolbar(this.bar.values());
	}

	fold_filters(form) {
		const open = form.classList.toggle("crm-filters-open");
		this.fit();
		return open;
	}

	show_toolbar(filters) {
		const behind = Object.keys(filled(filters)).filter((name) => !IN_SIGHT.includes(name));
		this.toolbar?.show(filters, this.sort, behind.length);
	}

	/** Mine, the team's, or all: the filters of owner and person together. */
	async choose(filters) {
		// Who clicks while the filters still look up their first values is not overruled by those.
		await this.bar.ready;
		await this.bar.set(filters);
		return this.filter(this.bar.values());
	}

	order(sort) {
		this.sort = sort;
		return this.filter(this.bar.values());
	}

	/** Another choice of filters: remembered for next time, but for what was searched. */
	filter(values) {
		remember(lasting(values), this.sort);
		return this.load(values);
	}

	/** Ask for everything again. Answers whether it came. */
	async load(filters = this.filters) {
		const turn = ++this.turn;
		const { pipeline, ...others } = filters;
		let data;
		const known = pipeline ? this.totals(pipeline, filters) : null;
		try {
			data = await read("get_board", { pipeline: pipeline || "", filters: others, sort: this.sort });
		} catch {
			if (turn === this.turn) this.show_empty(__("The board could not be read."));
			return false;
		}
		if (turn !== this.turn) return true;
		this.filters = filters;
		this.show_toolbar(filters);
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
		this.area.querySelector(".crm-scope").textContent = data.scope_text;
		this.area.querySelector("#crm-board-keys").textContent = data.may_write
			? __("Arrow keys go from card to card, Ctrl with left or right moves the card, Ctrl Z undoes the move, M asks where to, Enter opens it.")
			: __("Arrow keys go from card to card, Enter opens it.");
		this.mark_reachable();
		this.offer_all();
		this.fit();
	}

	/** Where one has no deals of one's own here, what others have is one click away. */
	offer_all() {
		this.area.querySelector(".crm-board-none")?.remove();
		const mine = whose_of(this.filters, frappe.session.user, this.team) === "mine";
		if (!mine || !this.columns.length || this.columns.some((column) => column.cards().length)) return;
		const note = document.createElement("p");
		note.className = "crm-board-none";
		note.append(__("None of the open deals here is yours."), " ");
		const button = document.createElement("button");
		button.type = "button";
		button.className = "btn btn-xs btn-default";
		const team = Boolean(this.team);
		button.textContent = team ? __("Show the Team's Deals") : __("Show All Deals");
		button.addEventListener("click", () => this.choose(whose_filters(team ? "team" : "all", frappe.session.user, this.team)));
		note.append(button);
		this.place.before(note);
	}

	set_actions() {
		const { doctype, may_create, pipeline } = this.data;
		if (may_create && pipeline) {
			this.page.set_primary_action(__("New"), () => frappe.new_doc(doctype, { pipeline }), "add").attr("aria-label", __("New"));
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

	/** What the server said of a card. */
	facts_of(name) {
		return this.find_card(name)?.crm_card;
	}

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
		const reach = (element, index) => {
			element.tabIndex = index;
			for (const action of element.querySelectorAll(".crm-card-action")) action.tabIndex = index;
		};
		if (current && current !== chosen) reach(current, -1);
		if (chosen) reach(chosen, 0);
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
		if (column) await refresh_card(this, name, column).catch(() => this.load());
	}

	// ---- room

	/** The board takes what is left of the window, so that its own scroll bar is in sight. */
	fit() {
		const top = this.place.getBoundingClientRect().top;
		if (top > 0) this.area.style.setProperty("--crm-board-top", `${Math.round(top)}px`);
	}
}
