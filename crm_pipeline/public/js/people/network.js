/** Customers and people around one of them: a picture laid out by d3-force, and the same as a table. */

import { doc_link, escaped } from "../shared/html";
import { empty } from "../shared/kit";

/** The library, where the site has built it in: an app without its npm packages shows the table alone. */
function library() {
	try {
		return require("d3-force");
	} catch {
		return null;
	}
}

/** `choose({doctype, name})` is called for a node that is opened. */
export function show_network(place, { nodes, edges, cut }, choose) {
	if (!edges.length) {
		place.innerHTML = empty(__("No relations yet"), __("Enter a Customer Relation, a Contact Relation or a post."));
		return;
	}
	const known = Object.fromEntries(nodes.map((node) => [node.id, node]));
	const note = cut ? `<p class="crm-note">${escaped(__("There is more than the picture shows: only what is nearest is drawn."))}</p>` : "";
	place.innerHTML = `${note}<div class="crm-network" tabindex="0" role="region" aria-label="${escaped(__("The network as a picture; the table below says the same"))}"></div>
		<details class="crm-network-list"><summary>${escaped(__("As a table"))}</summary>${table_html(edges, known)}</details>`;
	const forces = library();
	const picture = place.querySelector(".crm-network");
	if (forces) draw(forces, picture, nodes, edges, choose);
	else {
		picture.remove();
		place.querySelector("details").open = true;
	}
}

function table_html(edges, known) {
	const rows = edges.map(({ source, target, word, doctype, name }) => {
		const [one, other] = [known[source], known[target]].map((node) => doc_link(node.doctype, node.name, node.title));
		return `<tr><td>${one}</td><td>${doc_link(doctype, name, word || __(doctype))}</td><td>${other}</td></tr>`;
	});
	const heads = [__("Who"), __("Relation"), __("Whom")].map((head) => `<th scope="col">${escaped(head)}</th>`);
	return `<div class="crm-scroll"><table class="crm-sides"><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

const HALF = { Customer: 62, Contact: 8 };

/** A drawing whose nodes are links, in the colours of the theme; the places come from the library's forces. */
function draw({ forceSimulation, forceLink, forceManyBody, forceCollide, forceX, forceY }, place, nodes, edges, choose) {
	const points = nodes.map((node) => ({ ...node, ...(node.steps === 0 ? { fx: 0, fy: 0 } : {}) }));
	const links = edges.map((edge) => ({ ...edge }));
	forceSimulation(points)
		.force("link", forceLink(links).id((point) => point.id).distance(180))
		.force("charge", forceManyBody().strength(-700))
		.force("apart", forceCollide(72))
		.force("x", forceX().strength(0.05))
		.force("y", forceY().strength(0.1))
		.stop()
		.tick(300);
	const [left, right] = [Math.min(...points.map((p) => p.x)) - 110, Math.max(...points.map((p) => p.x)) + 110];
	const [top, bottom] = [Math.min(...points.map((p) => p.y)) - 40, Math.max(...points.map((p) => p.y)) + 50];
	// Never larger than life: on a phone it is scrolled.
	const [width, height] = [right - left, bottom - top];
	place.innerHTML = `<svg viewBox="${left} ${top} ${width} ${height}" width="${Math.round(width)}" height="${Math.round(height)}" role="group">
		<defs><marker id="crm-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>
		${links.map(edge_svg).join("")}${points.map(node_svg).join("")}${links.map(word_svg).join("")}</svg>`;
	const middle = place.querySelector(".crm-node-first");
	place.scrollLeft = Math.max(0, -left - place.clientWidth / 2);
	place.scrollTop = Math.max(0, -top - place.clientHeight / 2);
	middle?.setAttribute("aria-current", "true");
	place.addEventListener("click", (event) => {
		const node = event.target.closest(".crm-node");
		if (!node || event.ctrlKey || event.metaKey) return;
		event.preventDefault();
		const { doctype, name } = node.dataset;
		choose({ doctype, name });
	});
}

function edge_svg({ source, target }) {
	const [dx, dy] = [target.x - source.x, target.y - source.y];
	const length = Math.hypot(dx, dy) || 1;
	// The arrow ends where the node begins, at its side or above it.
	const edge_of = ({ doctype }) => Math.min(HALF[doctype] / Math.abs(dx / length || 1e-9), 18 / Math.abs(dy / length || 1e-9)) + 4;
	const at = (point, by) => [point.x + (dx / length) * by, point.y + (dy / length) * by].map((n) => n.toFixed(1));
	const [from, to] = [at(source, edge_of(source)), at(target, -edge_of(target))];
	return `<line class="crm-edge" x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" marker-end="url(#crm-arrow)"/>`;
}

/** What a line says, beside its middle: of two lines between the same two each is read. */
function word_svg({ source, target, word }, place) {
	const [x, y] = [(source.x + target.x) / 2, (source.y + target.y) / 2 - 5 + (place % 2 ? 12 : 0)].map((n) => n.toFixed(1));
	return `<text class="crm-edge-word" x="${x}" y="${y}" text-anchor="middle">${escaped(word)}</text>`;
}

function node_svg({ x, y, doctype, name, title, steps }) {
	const short = title.length > 18 ? `${title.slice(0, 17)}…` : title;
	const is_customer = doctype === "Customer";
	const shape = is_customer ? `<rect x="-62" y="-16" width="124" height="32" rx="8"/>` : `<circle r="8" cy="-4"/>`;
	const href = frappe.utils.get_form_link(doctype, name);
	return `<a class="crm-node${steps ? "" : " crm-node-first"}" href="${escaped(href)}" data-doctype="${escaped(doctype)}" data-name="${escaped(name)}"
		transform="translate(${x.toFixed(1)},${y.toFixed(1)})"><title>${escaped(`${__(doctype)}: ${title}`)}</title>${shape}
		<text text-anchor="middle" y="${is_customer ? 4 : 20}">${escaped(short)}</text></a>`;
}
