/** Pieces that our pages are made of; css/crm_kit.bundle.css has their looks. Names and texts are escaped here, `html` is HTML already. */

import { initials, shade } from "../core/people";
import { escaped } from "./html";

/** The value of a colour of css/crm_kit.bundle.css, for charts, which take no names: "signed", "best-case". */
export function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(`--crm-${name}`).trim();
}

/** Numbers with a name each: [{name, html, note}]. */
export function tiles(all) {
	const tile = ({ name, html, note }) => `<div class="crm-tile"><div class="crm-tile-name">${escaped(name)}</div>
		<div class="crm-tile-number">${html}</div><div class="crm-tile-note">${note || ""}</div></div>`;
	return `<div class="crm-tiles">${all.map(tile).join("")}</div>`;
}

/** Rows of HTML under heads of text, the first column text and the others numbers. `total`: the last row is their sum. */
export function table(heads, rows, { total } = {}) {
	const head = heads.map((label) => `<th scope="col">${escaped(label)}</th>`).join("");
	const body = rows.map((row, place) => {
		const cells = row.map((html, column) => (column ? `<td>${html}</td>` : `<th scope="row">${html}</th>`));
		return `<tr class="${total && place === rows.length - 1 ? "crm-total" : ""}">${cells.join("")}</tr>`;
	});
	return `<div class="crm-scroll"><table class="crm-table"><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

export function section(title, html, note = "") {
	return `<section><h4>${escaped(title)}</h4>${html}${note ? `<p class="crm-note">${escaped(note)}</p>` : ""}</section>`;
}

/** What stands out, as sentences of HTML; nothing where there is none. */
export function notices(lines) {
	return lines.length ? `<ul class="crm-notices">${lines.map((line) => `<li>${line}</li>`).join("")}</ul>` : "";
}

/** Nothing to show: why, and what to do about it. `action` is {label, route}. */
export function empty(title, text = "", action = null) {
	const button = action ? `<a class="btn btn-primary btn-sm" href="${escaped(action.route)}">${escaped(action.label)}</a>` : "";
	return `<div class="crm-empty"><h4>${escaped(title)}</h4><p>${escaped(text)}</p>${button}</div>`;
}

/** What the colours of a picture mean: [[colour of css/crm_kit.bundle.css, label]]. */
export function legend(parts) {
	const marks = parts.map(([name, label]) => `<span><i style="background: var(--crm-${name})"></i>${escaped(label)}</span>`);
	return `<div class="crm-legend">${marks.join("")}</div>`;
}

/** A person's picture, or initials. */
export function face(name, image) {
	if (image) return `<img class="crm-face" src="${escaped(image)}" alt="" draggable="false">`;
	const pair = shade(name);
	return `<span class="crm-face" style="background: var(--crm-${pair}-back); color: var(--crm-${pair}-text)" aria-hidden="true">${escaped(initials(name))}</span>`;
}
