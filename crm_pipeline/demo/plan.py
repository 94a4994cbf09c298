"""What happens when: the whole story as a list of dated steps. Pure: the same `today` gives the same list.

A step names an actor, a verb of play.py, and the thing it is about by a key of its own, because the
real name is only known when the step is played. Steps that would lie in the future are left out,
so that every thread of the story simply stands where today finds it.
"""

from datetime import date, timedelta

from crm_pipeline.demo import scripts, story
from crm_pipeline.demo.steps import Plan, Step, Thread

OPEN_STAGES = 4  # the story's own; play.py maps them onto the pipeline's


def story_until(today: date) -> list[Step]:
	"""The steps of the eighteen months before `today`."""
	plan = Plan(today)
	_Story(plan).add()
	return plan.steps()


class _Story:
	def __init__(self, plan: Plan):
		self.plan, self.random = plan, plan.random
		self.parties = iter(story.PARTIES)
		# (day from which they are customers, party, rep)
		self.customers: list[tuple[int, story.Party, str]] = []
		self.leads = 0

	def add(self) -> None:
		self.add_stock()
		self.add_campaigns()
		self.add_bought_names()
		self.add_wins()
		self.add_losses()
		self.add_open_deals()
		self.add_project_leads()
		self.add_other_leads()
		self.add_contracts()

	# ---- what is there before the deals

	def add_stock(self) -> None:
		for number, day in enumerate((0, 270)):
			self.plan.thread(day).do("store", "receive", f"receipt {number}", share=(0.6, 0.4)[number])

	def add_campaigns(self) -> None:
		for number, (title, kind, day, length, budget, cost, state) in enumerate(story.CAMPAIGNS):
			key = f"campaign {number}"
			thread = self.plan.thread(max(min(day - 25, story.DAYS - 20), 1))
			first = self.plan.start + timedelta(days=day)
			thread.do(
				"manager", "plan_campaign", key, title=title, kind=kind, budget=budget, start=first,
				end=first + timedelta(days=length),
			)  # fmt: skip
			if number in story.MARKETING_PROJECTS:
				self._marketing_project(thread, key, number, day)
			if state in ("Running", "Completed"):
				thread.day = max(day, thread.day)
				thread.do("manager", "set_campaign", key, state="Running", cost=round(cost * 0.4))
			if state in ("Completed", "Cancelled"):
				thread.day = day + length + 8
				thread.do("manager", "set_campaign", key, state=state, cost=cost)

	def _marketing_project(self, thread: Thread, campaign: str, number: int, day: int) -> None:
		key = f"marketing {number}"
		milestones = [(name, day + after) for name, after in story.MARKETING_PROJECTS[number]]
		thread.wait(1).do(
			"manager",
			"run_campaign_as_project",
			key,
			campaign=campaign,
			milestones=[(name, self.plan.start + timedelta(days=due)) for name, due in milestones],
		)
		side = thread.fork()
		for index, (_name, due) in enumerate(milestones):
			side.day = due
			side.do("manager", "reach_milestone", key, index=index)
		side.wait(3).do("manager", "complete_project", key)

	def add_bought_names(self) -> None:
		"""A bought list, checked by telephone: some are customers in the end, some are nobody."""
		fates = ["verified"] * 5 + ["rejected"] * 3 + ["open"] * 4
		self.random.shuffle(fates)
		for number, fate in enumerate(fates):
			party, rep = next(self.parties), self._rep()
			key = f"prospect {number}"
			thread = self.plan.thread(96 + number // 3)
			thread.do(rep, "buy_name", key, party=party, campaign="campaign 2")
			if fate == "verified":
				thread.wait(4, 40).do(rep, "verify_prospect", key)
				self.customers.append((int(thread.day), party, rep))
			elif fate == "rejected":
				thread.wait(10, 45).do(rep, "reject_prospect", key, reason=story.REJECTED[number % 3])

	# ---- deals

	def add_wins(self) -> None:
		for number, (way, script) in enumerate(scripts.WINS):
			close = 48 + number * 18.3
			key = f"win {number}"
			big = way in ("project", "contract in parts", "amended contract")
			thread, rep, party = self._begin_deal(
				key, close - self.random.randint(24, 60), number not in scripts.REPEAT_BUSINESS, big
			)
			if way == "project":
				key = self._as_project(thread, key, rep, number)
			self._advance_to(thread, key, rep, OPEN_STAGES - 1, pace=max(int((close - thread.day) / 4), 2))
			thread.day = max(close, thread.day)
			self._win(thread, key, rep, way, script)
			self.customers.append((int(close), party, rep))

	def add_losses(self) -> None:
		for number in range(16):
			key = f"loss {number}"
			thread, rep, _party = self._begin_deal(key, 40 + number * 29, number % 2 == 0 or number < 4)
			reached = number % OPEN_STAGES
			self._advance_to(thread, key, rep, reached, pace=9)
			if reached >= 2:
				thread.wait(1, 4).do(rep, "quote", f"{key} quotation", source=key)
				thread.wait(0, 2).do(rep, "submit_quotation", f"{key} quotation")
			thread.wait(12, 40)
			reason, detail, lesson = story.LOST[number % len(story.LOST)]
			if reached >= 2:
				thread.do(rep, "lose_quotation", f"{key} quotation", detail=detail)
			rival = story.COMPETITORS[number % 3][0] if reason in ("Price", "Competitor") else None
			thread.do(rep, "lose", key, reason=reason, detail=detail, competitor=rival, lesson=lesson)

	def add_open_deals(self) -> None:
		for number in range(18):
			key = f"open {number}"
			stalled = number in (2, 8)
			reached, pace, from_lead = (number * 3 + 1) % OPEN_STAGES, 6 + number % 3, number % 5 < 2
			begin = story.DAYS - (150 if stalled else reached * pace + 3 + number % 5 + 9 * from_lead)
			thread, rep, _party = self._begin_deal(key, begin, from_lead)
			if number == 9:
				key = self._as_project(thread, key, rep, number)
			self._advance_to(thread, key, rep, reached, pace=12 if stalled else pace)
			if reached >= 2 and not stalled:
				if number % 4 == 3:
					thread.do(rep, "estimate_costs", f"{key} estimate", source=key)
					thread.wait(0, 1).do("manager", "approve_estimate", f"{key} estimate")
				thread.wait(0, 1).do(rep, "quote", f"{key} quotation", source=key)
				if number % 3:
					thread.wait(0, 1).do(rep, "submit_quotation", f"{key} quotation")
			if number in story.HELP:
				self._help(thread, key, rep, *story.HELP[number])
			if number in (7, 10):
				thread.wait(0, 1).do(rep, "request", f"{key} request", source=key, share=1, ahead=14)
			if stalled:
				thread.wait(20, 30).do(rep, "postpone", key, days=45)
				thread.wait(20, 30).do(rep, "postpone", key, days=60)
				continue
			# Deals that are worked on: somebody talked with the customer in the last days.
			thread.day = max(thread.day, story.DAYS - 3 - number % 6)
			thread.do(rep, "report_activity", key, call=min(reached + 1, 4), need=self._need())
			if number % 2 == 0:
				thread.wait(0, 1).do(
					rep, "plan_activity", key, subject=story.NEXT_STEPS[number % 4], ahead=3 + number % 9
				)

	def _help(self, thread: Thread, key: str, rep: str, wanted: str, question: str, answer: str | None) -> None:
		"""A rep calls the manager; where there is no answer yet, the question is still open."""
		thread.do(rep, "ask_for_help", f"{key} help", source=key, wanted=wanted, question=question)
		if answer:
			thread.wait(0, 1).do("manager", "answer_help", f"{key} help", answer=answer)

	def _begin_deal(self, key: str, day: float, from_lead: bool, big: bool = False) -> tuple[Thread, str, story.Party]:
		"""A new deal, from a lead of a stranger or directly with a customer who is there by then."""
		thread = self.plan.thread(max(day, 2))
		known = [c for c in self.customers if c[0] < day - 5]
		if from_lead or not known:
			return thread, *self._deal_from_lead(thread, key, big)
		_since, party, rep = self.random.choice(known)
		thread.do(
			rep,
			"open_deal",
			key,
			party=party,
			need=self._need(),
			items=self._items(big),
			close_in=self.random.randint(30, 75),
		)
		self._rival(thread, key, rep)
		return thread, rep, party

	def _deal_from_lead(
		self, thread: Thread, key: str, big: bool, target: str = "Sales Opportunity"
	) -> tuple[str, story.Party]:
		rep, party = self._rep(), next(self.parties)
		lead = self._lead(thread, rep, party, big)
		thread.wait(0, 3).do(rep, "qualify", lead)
		if self.random.random() < 0.7:
			thread.wait(1, 5).do(rep, "contact_lead", lead, days=5)
		thread.wait(1, 6).do(
			rep, "convert", key, lead=lead, target=target, assessment=self.random.choice(("Hot", "Hot", "Warm", "Cold")),
			close_in=self.random.randint(30, 75),
		)  # fmt: skip
		self._rival(thread, key, rep)
		if self.random.random() < 0.3:
			thread.do(rep, "note", key, memo=self.random.randrange(len(story.MEMOS)))
		return rep, party

	def _lead(self, thread: Thread, rep: str, party: story.Party, big: bool = False) -> str:
		self.leads += 1
		key = f"lead {self.leads}"
		channel = story.CHANNELS[self.leads % len(story.CHANNELS)]
		thread.do(
			rep, "take_lead", key, party=party, need=self._need(), channel=channel, items=self._items(big),
			campaign=self._campaign_at(thread.day) if channel in ("campaign", "exhibition") else None,
		)  # fmt: skip
		return key

	def _as_project(self, thread: Thread, deal: str, rep: str, number: int) -> str:
		"""Run a deal as a project; answers the key of the project, which goes on in its place."""
		key = f"{deal} project"
		first = int(thread.day)
		thread.wait(2).do(
			"manager", "run_as_project", key, deal=deal, title=story.PROJECT_NEEDS[number % 4], rep=rep,
			milestones=[
				(name, self.plan.start + timedelta(days=first + after))
				for name, after in (("Survey on site", 8), ("Solution agreed", 20), ("Offer presented", 30))
			],
		)  # fmt: skip
		thread.do("manager", "make_erp_project", key)
		thread.wait(5, 8).do(rep, "reach_milestone", key, index=0)
		return key

	def _advance_to(self, thread: Thread, key: str, rep: str, reached: int, pace: int) -> None:
		for stage in range(1, reached + 1):
			thread.wait(max(pace // 2, 1), max(pace, 2))
			if self.random.random() < 0.75:
				thread.do(
					rep,
					"report_activity",
					key,
					call=min(stage + self.random.randint(0, 2), 5),
					need=self._need(),
				)
			thread.do(rep, "move", key, stage=stage)
			if self.random.random() < 0.15:
				thread.wait(1).do(rep, "postpone", key, days=21)

	def _rival(self, thread: Thread, key: str, rep: str) -> None:
		if self.random.random() < 0.35:
			thread.do(rep, "meet_rival", key, rival=self.random.choice(story.COMPETITORS)[0])

	# ---- from the won deal to the money

	def _win(self, thread: Thread, key: str, rep: str, way: str, script: str) -> None:
		source = key
		if "quotation" in way or way in ("native", "project", "amended contract"):
			source = f"{key} quotation"
			thread.do(rep, "quote", source, source=key).wait(0, 1).do(rep, "submit_quotation", source)
			thread.wait(2, 9)
		if way == "native":
			order = f"{key} order"
			thread.do("desk", "order_natively", order, quotation=source)
			return self._fulfil(thread, order, script)
		if "contract" in way or way in ("project", "waiting"):
			contract = f"{key} contract"
			thread.do(rep, "draft_contract", contract, source=source, po=f"PO-{7000 + int(thread.day)}")
			source = contract
			thread.wait(1, 4).do(rep, "sign_contract", contract)
			thread.wait(0, 2)
		parts = (0.5, 1) if way in ("contract in parts", "amended contract") else (1,)
		for number, share in enumerate(parts):
			request = f"{key} request {number}"
			if number:
				thread.wait(12, 20)
				if way == "amended contract":
					thread.do("manager", "amend_contract", source, more=2).wait(1)
			call_off = number + 1 if len(parts) > 1 else None
			thread.do(rep, "request", request, source=source, share=share, ahead=16, call_off=call_off)
			if way == "waiting":
				return None
			thread.wait(0, 2)
			if way.startswith("returned"):
				reason = story.RETURN_REASONS[way == "returned for good"]
				thread.do("desk", "return_request", request, reason=reason)
				if way == "returned for good":
					return None
				thread.wait(1, 2).do(rep, "amend_request", request, ahead=25).wait(0, 1)
			thread.do("desk", "accept", f"{request} order", request=request)
			self._fulfil(thread.fork(), f"{request} order", script)
		return None

	def _fulfil(self, thread: Thread, order: str, script: str) -> None:
		for low, high, verb, share in scripts.SCRIPTS[script]:
			who = {"deliver": "store", "take_back": "store", "close": "desk"}.get(verb, "finance")
			thread.wait(low, high).do(who, verb, order, share=share)

	# ---- the rest

	def add_project_leads(self) -> None:
		"""Two leads so large that they become projects at once, and two that join a deal that is there already."""
		for number, day in enumerate((205, 470)):
			key = f"large {number}"
			thread = self.plan.thread(day)
			rep, party = self._deal_from_lead(thread, key, True, target="Sales Project")
			self._advance_to(thread, key, rep, 2 + (number == 0), pace=12)
			if number == 0:
				self._win(thread.wait(5, 9), key, rep, "quotation contract", "advance")
				self.customers.append((int(thread.day), party, rep))
		for deal in ("win 4", "loss 6"):
			self._join(deal)

	def _join(self, deal: str) -> None:
		begun = next(s for s in self.plan._steps if s.key == deal and s.verb in ("convert", "open_deal"))
		lead = next((s for s in self.plan._steps if s.key == begun.args.get("lead")), begun)
		thread = self.plan.thread((begun.at.date() - self.plan.start).days + 2)
		key = self._lead(thread, begun.who, lead.args["party"])
		thread.wait(1).do(begun.who, "qualify", key)
		thread.wait(1).do(begun.who, "join", key, deal=deal)

	def add_other_leads(self) -> None:
		"""Leads that came to nothing, and those that are still being worked on."""
		for number in range(12):
			rep = self._rep()
			thread = self.plan.thread(30 + number * 40)
			lead = self._lead(thread, rep, next(self.parties))
			if number % 2:
				thread.wait(1, 4).do(rep, "qualify", lead)
			thread.wait(3, 12).do(rep, "report_activity", lead, call=0, need=self._need())
			reason, detail = story.DISQUALIFIED[number % len(story.DISQUALIFIED)]
			thread.do(rep, "disqualify", lead, reason=reason, detail=detail)
		for number in range(14):
			rep = self._rep()
			thread = self.plan.thread(story.DAYS - 4 - number * 2)
			lead = self._lead(thread, rep, next(self.parties))
			if number >= 4:
				thread.wait(1).do(rep, "qualify", lead)
			if number >= 8:
				thread.wait(1, 2).do(rep, "contact_lead", lead, days=9)

	def add_contracts(self) -> None:
		"""Frame contracts without a deal: one runs, one ran out, one was ended early, one is a draft."""
		for number, (day, length, fate) in enumerate(
			((280, 120, "expire"), (330, 365, "terminate"), (500, 365, "run"), (story.DAYS - 6, 365, "draft"))
		):
			key = f"frame {number}"
			_since, party, rep = self.random.choice([c for c in self.customers if c[0] < day - 10])
			thread = self.plan.thread(day)
			thread.do(rep, "frame_contract", key, party=party, items=self._items(True), days=length)
			if fate != "draft":
				thread.wait(1, 2).do(rep, "sign_contract", key)
			if fate == "expire":
				# It may have begun up to two days later: nobody works at weekends.
				thread.day += length + 3
				thread.do("manager", "expire_contract", key)
			elif fate == "terminate":
				thread.wait(60).do("manager", "terminate_contract", key, reason="The fleet was sold")
			elif fate == "run":
				thread.wait(8).do(rep, "request", f"{key} request", source=key, share=0.25, ahead=12)
				thread.wait(1).do("desk", "accept", f"{key} order", request=f"{key} request")
				self._fulfil(thread, f"{key} order", "delivered")

	# ---- small choices

	def _rep(self) -> str:
		return self.random.choice(story.REPS)

	def _need(self) -> str:
		return self.random.choice(story.NEEDS)

	def _campaign_at(self, day: float) -> str | None:
		"""The last campaign that began before `day`."""
		begun = [number for number, c in enumerate(story.CAMPAIGNS) if c[2] <= day and c[6] != "Cancelled"]
		return f"campaign {begun[-1]}" if begun else None

	def _items(self, big: bool = False) -> list[tuple[str, float, float]]:
		"""Rows (item code, quantity, discount in percent). Quantities are even, so that halves can be delivered."""
		goods = self.random.sample(story.GOODS, self.random.randint(1, 3))
		discount = self.random.choice((0, 0, 0, 3, 5, 8, 10))
		rows = []
		for product in goods:
			most = 2 if product.price > 2000 else 4 if product.price > 1000 else 12
			rows.append((product.code, 2 * self.random.randint(1, most) * (2 if big else 1), discount))
		if self.random.random() < 0.6:
			rows.append((self.random.choice(story.WORK).code, self.random.randint(1, 3), 0))
		return rows
