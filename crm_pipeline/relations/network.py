"""Customers and people around one of them, as a graph: what the picture of relations shows."""

import frappe
from frappe.utils import getdate

from crm_pipeline.relations import key_people, posts, relation_record
from crm_pipeline.relations.relation_record import KINDS

# A picture with more than that is read by nobody.
MOST_NODES = 150
STEPS = 2

Node = tuple[str, str]


def around(doctype: str, name: str, day) -> dict:
	"""What is related to a Customer or Contact, up to STEPS steps away: {"nodes": [{"id", "doctype", "name", "title", "steps"}],
	"edges": [{"source", "target", "word", "doctype", "name"}], "cut": whether there is more}. Only what the user may
	read is followed."""
	day = getdate(day)
	title = relation_record.titles_of(doctype, {name}).get(name, name)
	nodes: dict[Node, dict] = {(doctype, name): {"title": title, "steps": 0}}
	edges: dict[tuple[str, str], dict] = {}
	level, cut = [(doctype, name)], False
	for step in range(1, STEPS + 1):
		coming: list[Node] = []
		for node in level:
			for neighbour, title, edge in [*_relations(node, day), *_posts(node, day)]:
				if neighbour not in nodes:
					if len(nodes) >= MOST_NODES:
						cut = True
						continue
					nodes[neighbour] = {"title": title, "steps": step}
					coming.append(neighbour)
				edges.setdefault((edge["doctype"], edge["name"]), edge)
		level = coming
	return {
		"nodes": [{"id": _id(node), "doctype": node[0], "name": node[1], **known} for node, known in nodes.items()],
		"edges": list(edges.values()),
		"cut": cut,
	}


def _id(node: Node) -> str:
	return f"{node[0]}::{node[1]}"


def _relations(node: Node, day) -> list[tuple[Node, str, dict]]:
	target, name = node
	found = []
	for row in relation_record.related(target, name, day):
		other = (target, row["other"])
		# An arrow leads from one to what it has: its parent, its assistant.
		source, end = (node, other) if row["outgoing"] else (other, node)
		edge = {
			"source": _id(source),
			"target": _id(end),
			"word": frappe._(row["relation_type"]),
			"doctype": KINDS[target],
			"name": row["name"],
		}
		found.append((other, row["title"], edge))
	return found


def _posts(node: Node, day) -> list[tuple[Node, str, dict]]:
	target, name = node
	if target == "Customer":
		rows = [(("Contact", row.contact), row.contact_name, row) for row in key_people.of_customer(name, day)]
		readable = {row.name for row in key_people.readable_contacts({row.contact for _n, _t, row in rows}, ("name",))}
		rows = [row for row in rows if row[0][1] in readable]
	else:
		rows = _posts_of_person(name, day)
	return [
		(
			other,
			title or other[1],
			{
				"source": _id(other if target == "Customer" else node),
				"target": _id(node if target == "Customer" else other),
				"word": row.designation or frappe._(row.role or ""),
				"doctype": posts.DOCTYPE,
				"name": row.name,
			},
		)
		for other, title, row in rows
	]


def _posts_of_person(contact: str, day) -> list[tuple[Node, str, dict]]:
	if not frappe.has_permission(posts.DOCTYPE, "read"):
		return []
	rows = frappe.get_list(
		posts.DOCTYPE,
		filters={"contact": contact},
		fields=["name", "customer", "customer_name", "designation", "role", "from_date", "to_date"],
		order_by="name asc",
		limit=0,
	)
	rows = [row for row in rows if posts.period_of(row).holds(day)]
	readable = relation_record.titles_of("Customer", {row.customer for row in rows})
	return [(("Customer", row.customer), readable[row.customer], row) for row in rows if row.customer in readable]
