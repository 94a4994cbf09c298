/** A stage as a column: its head with totals, and its cards, which load as one scrolls. */

import { safe_colour } from "../core/numbers";
import { escaped } from "../shared/html";
import { read } from "../shared/server";
import { add_in } from "./adding";
import { card_element } from "./cards";

export class Column {
	/** `board` is the SalesBoard, `stage` one of get_board's columns. */
	constructor(board, stage) {
		Object.assign(this, { board, stage, name: stage.name, next: stage.next, total: null, loading: null });
		this.is_open = stage.type === "Open";
		this.folded = !this.is_open && !stage.disabled;
		this.loaded = !this.folded;
		this.element = document.createElement("section");
		this.element.className = `crm-column crm-column-${stage.type.toLowerCase()}`;
		this.element.dataset.stage = stage.name;
		this.element.innerHTML = this.html();
		this.list = this.element.querySelector(".crm-cards");
		this.tail = this.element.querySelector(".crm-cards-tail");
		this.element.querySelector(".crm-column-fold")?.addEventListener("click", () => this.turn());
		this.element.querySelector(".crm-column-add")?.addEventListener("click", () => add_in(board, this));
		this.element.querySelector(".crm-column-count").addEventListener("click", () => board.open_list(this));
		this.element.querySelector(".crm-column-amount").addEventListener("click", () => board.open_documents(this));
		this.add(stage.cards);
		this.fold(this.folded);
		this.watch_scrolling();
	}

	html() {
		const colour = safe_colour(this.stage.color) || "var(--gray-400)";
		const label = escaped(this.stage.label);
		const days = __("closed in the last {0} days", [this.board.data.recent_days]);
		const fold = this.is_open ? "" : `<button type="button" class="btn btn-xs crm-column-fold"></button>`;
		const hint = this.is_open
			? __("Probability {0}%", [format_number(this.stage.probability, null, 0)])
			: days;
		const adds = this.is_open && !this.stage.disabled && this.board.data.may_create;
		const hint_add = escaped(__("New deal in {0}", [this.stage.label]));
		const add = adds ? `<button type="button" class="btn btn-xs crm-column-add" title="${hint_add}" aria-label="${hint_add}">+</button>` : "";
		// The cards stand before the head, so that the Tab key comes to them first; the style turns that round.
		return `<div class="crm-column-body">
				<ul class="crm-cards" role="list" aria-label="${label}"></ul>
				<div class="crm-cards-tail text-muted" aria-hidden="true"></div>
			</div>
			<header class="crm-column-head" style="--crm-stage-colour: ${escaped(colour)}">
				<div class="crm-column-name">
					<h4 title="${escaped(hint)}">${label}</h4>
					<button type="button" class="btn btn-xs crm-column-count" title="${escaped(__("Show these deals as a list"))}">…</button>
					${add}${fold}
				</div>
				<div class="crm-column-sums"><button type="button" class="btn btn-xs crm-column-amount"></button><span class="crm-column-weighted text-muted"></span></div>
			</header>`;
	}

	// ---- totals

	/** {count, amount, weighted} of the whole column, from the server. */
	show_total(total) {
		if (!total) return;
		this.total = total;
		const { currency } = this.board.data;
		const money = (value) => format_currency(value, currency, 0);
		const set = (part, text, title) => {
			const element = this.element.querySelector(`.crm-column-${part}`);
			element.textContent = text;
			if (title) element.title = title;
		};
		set("count", format_number(total.count, null, 0));
		set("amount", money(total.amount), __("Amount: {0}", [format_currency(total.amount, currency)]));
		const weighted = __("Weighted by probability: {0}", [format_currency(total.weighted, currency)]);
		set("weighted", this.is_open ? __("{0} weighted", [money(total.weighted)]) : "", weighted);
		const amount = money(total.amount);
		const { label } = this.stage;
		const spoken = total.count === 1 ? __("{0}: 1 deal, {1}", [label, amount]) : __("{0}: {1} deals, {2}", [label, total.count, amount]);
		this.list.setAttribute("aria-label", spoken);
		this.element.querySelector(".crm-column-count").setAttribute("aria-label", `${spoken}. ${__("Show these deals as a list")}`);
		this.show_tail();
	}

	// ---- cards

	/** What core/columns.js goes by. */
	facts() {
		const { name, folded, stage } = this;
		return { name, folded, type: stage.type, disabled: stage.disabled, count: this.cards().length };
	}

	cards() {
		return [...this.list.querySelectorAll(".crm-card")];
	}

	card(name) {
		return this.cards().find((element) => element.dataset.name === name);
	}

	/** Add cards at the end; one that was dragged here before its page came is not shown twice. */
	add(cards) {
		for (const card of cards) {
			if (!this.card(card.name)) this.list.append(card_element(card, this.board.data));
		}
		this.show_tail();
	}

	/** Show a card as it is now: in place of the one with its name, else before `position`. */
	put(card, position = null) {
		const element = card_element(card, this.board.data);
		const old = this.card(card.name);
		if (old) old.replaceWith(element);
		else this.list.insertBefore(element, position?.parentNode === this.list ? position : this.list.firstChild);
		this.show_tail();
		return element;
	}

	remove(name) {
		this.card(name)?.remove();
		this.show_tail();
	}

	show_tail() {
		const count = this.cards().length;
		this.element.classList.toggle("crm-column-empty", !count);
		let text = "";
		if (this.loading || !this.loaded) text = __("Loading …");
		else if (!count && !this.next) text = this.is_open ? __("No deals") : __("Nothing closed lately");
		else if (this.next && this.total) text = __("{0} of {1}", [count, format_number(this.total.count, null, 0)]);
		this.tail.textContent = text;
	}

	/** The next page; answers when it is there, at once when there is none. */
	load_more() {
		if (this.loading || (this.loaded && !this.next)) return this.loading || Promise.resolve();
		this.loading = this.fetch_page().finally(() => {
			this.loading = null;
			this.show_tail();
		});
		this.show_tail();
		return this.loading;
	}

	async fetch_page() {
		const page = await read("get_cards", {
			pipeline: this.board.data.pipeline,
			stage: this.name,
			filters: this.board.filters,
			after: this.next || "",
			sort: this.board.sort,
		});
		this.next = page.next;
		this.loaded = true;
		this.add(page.cards);
		this.board.mark_reachable();
		// The end may still be in sight, and the observer speaks only when that changes.
		this.observer?.unobserve(this.tail);
		this.observer?.observe(this.tail);
	}

	watch_scrolling() {
		const body = this.element.querySelector(".crm-column-body");
		this.observer = new IntersectionObserver(
			(entries) => entries.some((entry) => entry.isIntersecting) && !this.folded && this.load_more().catch(() => {}),
			{ root: body, rootMargin: "400px 0px" }
		);
		this.observer.observe(this.tail);
	}

	// ---- folding

	/** Fold or unfold; what was unfolded comes into sight. */
	turn() {
		this.fold(!this.folded);
		if (!this.folded) this.element.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "nearest" });
	}

	fold(folded) {
		this.folded = folded;
		this.element.classList.toggle("crm-column-folded", folded);
		const button = this.element.querySelector(".crm-column-fold");
		if (!button) return;
		const title = folded ? __("Unfold {0}", [this.stage.label]) : __("Fold {0}", [this.stage.label]);
		button.setAttribute("aria-expanded", String(!folded));
		button.setAttribute("aria-label", title);
		button.title = title;
		button.textContent = folded ? "+" : "–";
		if (!folded) this.load_more();
	}

	drop() {
		this.observer.disconnect();
	}
}
