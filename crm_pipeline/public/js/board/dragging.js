/** Dragging cards between columns by mouse or touch, with the Sortable that Frappe brings along. */

import { move } from "./moving";

const LONG_PRESS = 200; // milliseconds; a shorter touch scrolls

/** Make the cards of a column movable, and the column a place to drop them. */
export function make_draggable(board, column) {
	if (!board.data.may_write) return null;
	column.list.dataset.movable = "1";
	return new Sortable(column.list, {
		group: { name: "crm-board", put: !column.stage.disabled },
		draggable: ".crm-card",
		sort: false,
		delay: LONG_PRESS,
		delayOnTouchOnly: true,
		touchStartThreshold: 6,
		// The same way for mouse and touch, in all browsers.
		forceFallback: true,
		fallbackOnBody: true,
		fallbackTolerance: 4,
		fallbackClass: "crm-card-dragged",
		ghostClass: "crm-card-ghost",
		animation: 120,
		scroll: true,
		bubbleScroll: true,
		scrollSensitivity: 60,
		scrollSpeed: 14,
		emptyInsertThreshold: 40,
		onStart: () => board.area.classList.add("crm-board-dragging"),
		onEnd: (event) => dropped(board, event),
	});
}

function dropped(board, { item, from, to, oldDraggableIndex }) {
	board.area.classList.remove("crm-board-dragging");
	if (from === to) return;
	const back = () => from.insertBefore(item, from.querySelectorAll(".crm-card")[oldDraggableIndex] || null);
	const origin = board.columns.find((column) => column.list === from);
	const target = board.columns.find((column) => column.list === to);
	move(board, item.dataset.name, origin, target, back);
}
