"""Who sells what to whom: the fictional facts of the demo. Only data, so that a reader can change the story here.

Money is in units of about one euro; world.py scales it to the company's currency.
"""

import unicodedata
from dataclasses import dataclass

COMPANY = "Harbour & Sons Demo"
ABBR = "HSD"
DAYS = 548  # eighteen months
SEED = 1857

MAIL = "harbour-sons.example"
PRICE_LIST = "Harbour Demo Selling"
PAYMENT_TERMS = "Harbour Demo 30 Days"
TERRITORIES = ("Harbour Demo North", "Harbour Demo South", "Harbour Demo Overseas")
PRODUCTS, SERVICES = "Harbour Demo Products", "Harbour Demo Services"
SALES_TEAM = "Harbour & Sons Sales Team"


@dataclass(frozen=True)
class Actor:
	"""Somebody of the company. `sells` puts them into the Sales Person tree, `territory` is an index."""

	key: str
	first_name: str
	last_name: str
	roles: tuple[str, ...]
	sells: bool = False
	territory: int = 0

	@property
	def email(self) -> str:
		return f"{self.first_name}.{self.last_name}@{MAIL}".lower()

	@property
	def full_name(self) -> str:
		return f"{self.first_name} {self.last_name}"


ACTORS = (
	Actor("manager", "Mara", "Lindqvist", ("Sales User", "Sales Manager", "Projects User"), sells=True),
	Actor("north", "Tomas", "Okafor", ("Sales User",), sells=True, territory=0),
	Actor("south", "Ines", "Duarte", ("Sales User",), sells=True, territory=1),
	Actor("overseas", "Jun", "Watanabe", ("Sales User",), sells=True, territory=2),
	Actor("desk", "Petra", "Novak", ("Sales User", "Order Desk")),
	Actor("store", "Bilal", "Rahman", ("Stock User", "Sales User")),
	Actor("finance", "Samir", "Haddad", ("Accounts User",)),
)
REPS = ("north", "south", "overseas")


@dataclass(frozen=True)
class Product:
	"""An item; `stocked` is how many are received at the start, 0 for a service."""

	code: str
	name: str
	price: float
	stocked: int = 0


CATALOGUE = (
	Product("HSD-BP24", "Bilge Pump 24 V", 420, 600),
	Product("HSD-CP200", "Circulation Pump C200", 1850, 300),
	Product("HSD-FP500", "Fire Pump F500", 6400, 120),
	Product("HSD-SS80", "Seawater Strainer DN 80", 260, 600),
	Product("HSD-CTRL", "Pump Control Panel", 2300, 200),
	Product("HSD-KIT", "Spare Parts Kit", 180, 900),
	Product("HSD-INST", "Installation, per Day", 950),
	Product("HSD-COMM", "Commissioning", 2800),
	Product("HSD-TRAIN", "Crew Training, per Day", 1200),
)
GOODS = tuple(p for p in CATALOGUE if p.stocked)
WORK = tuple(p for p in CATALOGUE if not p.stocked)

COMPETITORS = (
	("Borealis Pumpworks", "Short delivery times", "No service network in the south"),
	("Delfino Idraulica", "Price", "Spare parts are hard to get"),
	("Great Circle Flow", "Financing offers", "Standard products only"),
)

# Reasons of the app's own list, with what the rep wrote.
LOST = (
	("Price", "Eleven percent above the cheapest offer", "Offer the smaller pump first"),
	("Competitor", "They took the package with financing", "Ask about financing in the first meeting"),
	("No Budget", "The refit was postponed to next year", "Call again when budgets are made"),
	(
		"No Decision",
		"The owner never answered the last three calls",
		"Find the decision maker before quoting",
	),
	("Missing Feature", "Needs a certificate for inland waterways", "Tell product management"),
)
DISQUALIFIED = (
	("Not Reachable", "Four calls, two e-mails, no answer"),
	("No Need", "Only wanted a catalogue"),
	("Wrong Data", "The number belongs to a bakery"),
	("No Budget", "No investment this year or next"),
	("Bad Timing", "The yard is closed until spring"),
)
QUOTATION_LOST = "Harbour Demo: Price"
REJECTED = ("Wrong Data", "Not Reachable", "Duplicate")

RETURN_REASONS = (
	"The delivery address is missing a gate number, the forwarder refuses it",
	"Six fire pumps in two weeks are not possible, please agree on a later date",
)

# By their keys in core/kinds.py.
CHANNELS = ("exhibition", "referral", "search", "hotline", "web_form", "social", "call_out", "campaign")

# Title, type, first day and length in days (first day counted from the start of the story), budget, cost so far, state.
CAMPAIGNS = (
	("Spring Boat Show", "Exhibition", 6, 5, 24000, 23150, "Completed"),
	("Fire Pump F500: the mailing", "Direct Mail", 60, 30, 6500, 6120, "Completed"),
	("Trawler owners by telephone", "Telephone", 95, 60, 9000, 9480, "Completed"),
	("Save a third of your current: webinar", "Seminar", 180, 14, 3500, 2890, "Completed"),
	("Autumn service offer", "E-mail", 240, 45, 2500, 2260, "Completed"),
	("Port authorities round trip", "Other", 300, 20, 12000, 1400, "Cancelled"),
	("Workboat fair", "Exhibition", 365, 4, 28000, 29900, "Completed"),
	("Bring a colleague", "Referral", 400, 200, 5000, 2100, "Running"),
	("Quiet engine rooms", "Social", 490, 120, 8000, 3650, "Running"),
	("Next spring's boat show", "Exhibition", 590, 5, 30000, 0, "Planned"),
)
# Campaigns run as marketing projects, with the days of their milestones after the start.
MARKETING_PROJECTS = {
	0: (("Stand booked", 0), ("Demonstration pump on site", 4), ("Contacts followed up", 25)),
	6: (("Stand booked", 0), ("Film of the F500 ready", 3), ("Contacts followed up", 21)),
	8: (("Pictures taken", 10), ("First ten posts", 30), ("Report to management", 110)),
}

# Organisation | city | country | contact | designation. The first are bought names, then leads in order.
_PARTIES = """
Albatross Charter Lines|Piraeus|Greece|Eleni Markou|Fleet Manager
Baywater Dredging|Tampa|United States|Dale Whitcomb|Operations Director
Cormorant Fisheries|Vigo|Spain|Uxía Lema|Owner
Drumlin Ferries|Oban|United Kingdom|Fergus Kerr|Superintendent
Estuary Pilots Association|Antwerp|Belgium|Lotte Claes|Secretary
Fjordline Salvage|Bergen|Norway|Ingrid Moe|Managing Director
Gannet Offshore Supply|Aberdeen|United Kingdom|Moira Reid|Purchasing Manager
Halcyon Yacht Refit|Palma|Spain|Jaume Ferrer|Yard Manager
Inlet Towage|Vancouver|Canada|Rose Delacroix|Chief Engineer
Jade River Shipping|Shanghai|China|Chen Yulan|Technical Director
Kittiwake Marine Surveys|Hull|United Kingdom|Tom Askew|Partner
Lagoon Water Taxis|Venice|Italy|Chiara Zanon|Owner
Mistral Boatyard|Marseille|France|Luc Garnier|Yard Manager
Narwhal Research Vessels|Tromsø|Norway|Sigrid Nilsen|Ship Manager
Oyster Bay Marina|Newport|United States|Carla Nunes|Harbour Master
Pelican Barge Company|Rotterdam|Netherlands|Anouk Visser|Fleet Manager
Quayside Cold Stores|Esbjerg|Denmark|Mads Holm|Plant Engineer
Redshank Port Services|Hamburg|Germany|Heike Brandt|Head of Purchasing
Saltmarsh Aquaculture|Galway|Ireland|Niamh Daly|Site Manager
Tern Island Ferries|Gothenburg|Sweden|Oskar Lind|Technical Manager
Umberline Tankers|Singapore|Singapore|Priya Raman|Procurement Lead
Viking Bay Workboats|Stavanger|Norway|Henrik Aune|Owner
Westerly Shipbuilders|Gdansk|Poland|Marta Zielinska|Project Engineer
Yarrow Lifeboat Trust|Poole|United Kingdom|Alan Prior|Trustee
Zephyr Sail Training|Cork|Ireland|Orla Byrne|Bosun
Anchor Brewery Harbourside|Bremen|Germany|Jan Meinert|Plant Engineer
Blue Heron Ecotours|Fort Myers|United States|Gina Torres|Owner
Capstan Ship Repair|Cape Town|South Africa|Themba Nkosi|Works Manager
Dogger Bank Trawlers|Grimsby|United Kingdom|Stan Cutler|Skipper
Eider Coastal Freight|Husum|Germany|Frauke Petersen|Managing Director
Finisterre Seafoods|Brest|France|Maëlle Le Goff|Plant Manager
Grey Seal Diving|Plymouth|United Kingdom|Becky Shaw|Director
Hawser Harbour Tugs|Durban|South Africa|Naledi Dube|Superintendent
Ironbark Port Authority|Newcastle|Australia|Craig Sutton|Asset Manager
Jolly Tar Restaurants|Lisbon|Portugal|Rui Campos|Facilities
Kingfisher River Cruises|Budapest|Hungary|Zsófia Balla|Technical Manager
Longship Museum|Roskilde|Denmark|Signe Krogh|Conservator
Mangrove Patrol Craft|Darwin|Australia|Leah Tipungwuti|Engineer
North Quay Refrigeration|Reykjavik|Iceland|Arnar Jonsson|Owner
Osprey Naval Architects|Southampton|United Kingdom|Davina Cole|Partner
Plover Sands Desalination|Muscat|Oman|Aisha Al Balushi|Project Manager
Quarterdeck Marinas|Split|Croatia|Ante Babic|Technical Director
Rockling Fish Farms|Bodø|Norway|Even Dahl|Operations
Sandpiper Dredgers|Zeebrugge|Belgium|Pieter Wouters|Fleet Manager
Turnstone Towing|Marseille|France|Nadia Benali|Purchasing
Undertow Surf Schools|Biarritz|France|Bruno Etxe|Owner
Velella Ocean Institute|Kiel|Germany|Klaus Ahrens|Ship Operations
Wherry Hire|Norwich|United Kingdom|Pam Dyer|Owner
Xebec Classic Yachts|Valletta|Malta|Joe Camilleri|Captain
Yellowfin Canneries|Bermeo|Spain|Ainhoa Bilbao|Plant Engineer
Zander Lake Shipping|Constance|Germany|Uwe Kolb|Technical Manager
Amberjack Offshore|Houston|United States|Lamar Boone|Buyer
Barnacle Bay Shipyard|Busan|South Korea|Park Minji|Procurement
Coral Strait Ferries|Cebu|Philippines|Liza Mercado|Engineering Head
Driftwood Lodge Marina|Tofino|Canada|Sam Joseph|Manager
Ebbtide Pumps Rental|Felixstowe|United Kingdom|Gareth Vaughan|Owner
Fathom Cable Layers|Calais|France|Hugo Lambert|Chief Engineer
Gulfstream Aquariums|Miami|United States|Tessa Ortiz|Life Support Lead
Harpoon Bay Rescue|Halifax|Canada|Neil MacInnes|Coordinator
Icebreaker Charter|Turku|Finland|Aino Salmi|Fleet Manager
Jetty Road Hotels|Adelaide|Australia|Megan Hart|Facilities Manager
Keel and Sons Boatbuilders|Falmouth|United Kingdom|Robert Keel|Owner
Leeward Bunkering|Las Palmas|Spain|Sara Santana|Terminal Manager
Mooring Line Logistics|Trieste|Italy|Paolo Furlan|Purchasing
Northern Gate Locks|Emden|Germany|Antje Janssen|Civil Engineer
Outrigger Resorts Pacific|Suva|Fiji|Mere Vakaloloma|Chief Engineer
Portside Fire Brigade|Riga|Latvia|Janis Ozols|Equipment Officer
Quicksilver Commuter Boats|Sydney|Australia|Hannah Lowe|Technical Manager
Ribbonfish Processing|Kochi|India|Anand Menon|Plant Head
Seven Tides Cruises|Dubai|United Arab Emirates|Omar Khalil|Fleet Director
Tidewrack Recycling|Aliaga|Turkey|Deniz Aydin|Yard Manager
Upwind Charter School|Auckland|New Zealand|Kahu Parata|Owner
Vesper Point Lighthouse Trust|Stornoway|United Kingdom|Effie Macleod|Warden
Wavecrest Pools|Tallinn|Estonia|Liis Tamm|Managing Director
""".strip()


# By words in the name of a party.
GROUPS = {
	"Government": {"Authority", "Brigade", "Patrol", "Locks"},
	"Non Profit": {"Trust", "Museum", "Institute", "Rescue", "Association", "Training", "Research"},
}
INDUSTRIES = {
	"Manufacturing": {"Shipbuilders", "Shipyard", "Boatbuilders", "Boatyard", "Refit", "Repair", "Refrigeration"},
	"Agriculture": {"Fisheries", "Aquaculture", "Trawlers", "Farms"},
	"Food, Beverage & Tobacco": {"Brewery", "Seafoods", "Canneries", "Processing", "Restaurants", "Stores"},
	"Entertainment & Leisure": {"Marina", "Marinas", "Yachts", "Pools", "Aquariums", "Schools", "School", "Hotels"}
	| {"Resorts", "Ecotours", "Cruises", "Museum", "Hire", "Charter"},
	"Energy": {"Offshore", "Bunkering"},
	"Consulting": {"Surveys", "Architects", "Research", "Institute"},
	"Service": {
		"Services",
		"Salvage",
		"Diving",
		"Rental",
		"Recycling",
		"Desalination",
		"Layers",
		"Dredging",
		"Dredgers",
	}
	| {"Authority", "Brigade", "Patrol", "Locks", "Trust", "Rescue"},
}


@dataclass(frozen=True)
class Party:
	"""A stranger, and perhaps a customer later."""

	name: str
	city: str
	country: str
	contact: str
	designation: str
	number: int

	@property
	def email(self) -> str:
		"""Plain letters only, with a domain of the party's own."""
		first = unicodedata.normalize("NFKD", self.contact.lower().split()[0])
		person = "".join(c for c in first if c.isascii() and c.isalpha())
		host = "-".join(word for word in self.name.lower().split() if word.isascii() and word.isalpha())
		return f"{person}@{host}.example"

	@property
	def phone(self) -> str:
		"""A number of those that are kept for fiction."""
		return f"+1 202 555 {100 + self.number:04d}"

	@property
	def group(self) -> str:
		"""Customer group, of those that ERPNext brings along."""
		return next((group for group, words in GROUPS.items() if words & set(self.name.split())), "Commercial")

	@property
	def industry(self) -> str:
		"""Industry, of those that ERPNext brings along."""
		return next(
			(industry for industry, words in INDUSTRIES.items() if words & set(self.name.split())), "Transportation"
		)


PARTIES = tuple(
	Party(*(part.strip() for part in line.split("|")), number=number)
	for number, line in enumerate(_PARTIES.splitlines())
)

NEEDS = (
	"Refit of the bilge system",
	"New fire-fighting line",
	"Cooling water for two engines",
	"Spare parts for the season",
	"Pumps for a newbuilding",
	"Replacement after a breakdown",
	"Control panel upgrade",
	"Deck wash for the fish hold",
	"Service contract for the fleet",
	"Ballast pumps, second ship",
)
PROJECT_NEEDS = (
	"Engine room refit",
	"Fire safety of the ferry fleet",
	"Pump house of the east lock",
	"Newbuilding 417",
)

CALLS = (
	("First call", "phone", "Reached", "Explained what we do; they look after %s."),
	("Visit on board", "visit", "Interested", "Went through the engine room, took measurements: %s."),
	(
		"Video call with the engineers",
		"video_call",
		"Interested",
		"Questions on curves and certificates: %s.",
	),
	("Demonstration at our test bench", "demonstration", "Interested", "The flow convinced them: %s."),
	("Call about the offer", "phone", "Postponed", "They want to compare once more: %s."),
	("Price talk", "meeting", "Decision Made", "Agreed on discount and delivery: %s."),
)
NEXT_STEPS = ("Send the data sheet", "Visit the ship", "Send the revised offer", "Meet the managing director")
MEMOS = (
	("Prefers e-mail", "Is on board most of the time; write instead of calling."),
	("Class rules", "Every pump needs the certificate of the classification society, ask before quoting."),
	("Budget year", "Their budget year ends in June; decisions fall in May."),
	("Our champion", "The chief engineer worked with our C200 before and speaks for us."),
)

# Weeks before today whose forecast the demo froze.
WEEKS_FROZEN = 16
# Cost of an item as a share of its price, in the cost estimates.
COST_SHARE = 0.68
# Open deals whose rep called the manager: number of the deal -> wanted, question, answer.
HELP = {
	3: (
		"Price",
		"They have an offer that is eight per cent below ours. How far may I go?",
		"Five per cent, if they order before the end of the month.",
	),
	6: ("People", "Somebody from engineering should come along to the second visit.", None),
	14: (
		"Advice",
		"The buyer left the company. Who do we know there?",
		"Ask for the head of maintenance, we met her at the fair.",
	),
}
