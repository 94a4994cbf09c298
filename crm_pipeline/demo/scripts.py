"""How the won deals of the story came about, and how they went on: delivered, billed, paid. Data only."""

# By name of the script: (shortest wait in days, longest wait, verb of play.py, share), step by step.
SCRIPTS = {
	"paid": ((6, 15, "deliver", 1), (0, 2, "bill", 1), (18, 34, "pay", 1)),
	"parts": (
		(5, 10, "deliver", 0.5), (1, 2, "bill", 1), (14, 24, "deliver", 1), (1, 2, "bill", 1),
		(8, 20, "pay", 1), (6, 12, "pay", 1),
	),
	"advance": ((1, 3, "pay_advance", 0.3), (8, 14, "deliver", 1), (0, 2, "bill", 1), (15, 30, "pay", 1)),
	"returned": (
		(6, 12, "deliver", 1), (1, 3, "bill", 1), (5, 12, "take_back", 0.5), (1, 2, "credit", 0.5), (15, 25, "pay", 1),
	),
	"credited": ((6, 12, "deliver", 1), (1, 3, "bill", 1), (4, 9, "credit", 0.25), (12, 22, "pay", 1)),
	"closed": ((6, 12, "deliver", 0.5), (1, 2, "bill", 1), (20, 30, "pay", 1), (5, 9, "close", 1)),
	"overdue": ((5, 9, "deliver", 1), (0, 2, "bill", 1)),
	"part paid": ((5, 7, "deliver", 1), (0, 1, "bill", 1), (4, 8, "pay", 0.4)),
	"part delivered": ((4, 7, "deliver", 0.5), (1, 2, "bill", 1)),
	"delivered": ((4, 8, "deliver", 1),),
	"advance only": ((1, 3, "pay_advance", 0.4),),
	"fresh": (),
}  # fmt: skip

# Won deals in order of their closing: how the order came about, and how it went on.
WINS = (
	("quotation contract", "paid"), ("quotation", "paid"), ("direct", "returned"), ("contract", "advance"),
	("quotation contract", "parts"), ("native", "paid"), ("contract in parts", "paid"), ("quotation", "credited"),
	("direct", "paid"), ("project", "advance"), ("quotation contract", "returned"), ("contract", "closed"),
	("quotation", "parts"), ("amended contract", "paid"), ("direct", "paid"), ("returned request", "paid"),
	("quotation contract", "paid"), ("quotation", "overdue"), ("contract", "part paid"), ("native", "overdue"),
	("contract in parts", "overdue"), ("quotation", "part delivered"), ("returned for good", "fresh"),
	("quotation contract", "advance only"), ("direct", "delivered"), ("waiting", "fresh"), ("quotation", "part paid"),
)  # fmt: skip

# Those of them that came from a customer who was there already.
REPEAT_BUSINESS = (5, 8, 12, 14, 16, 18, 20, 21, 22, 24, 25)
