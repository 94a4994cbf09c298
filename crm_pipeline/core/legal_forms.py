"""Legal forms that the package of them (cleanco) lacks, each by one name, and where they stand. Data of `normal.py`.

Texts are as people write them; case, accents and dots do not count.
"""

# Where the form stands before the name: ООО Ромашка, PT Astra, UAB Vilnius.
FORM_FIRST = ("Russia", "Ukraine", "Belarus", "Uzbekistan", "Lithuania", "Latvia", "Indonesia", "Mongolia")

# Short forms, most of them not in Latin letters.
MORE_FORMS = (
	"ао зао пао нао ип тов пат прат фоп еоод оод ад еад επε αε ικε οε εε "
	"ggmbh gug tbk شركة ذمم شمم شمع شمل ug mbb egbr sl slu sau sce scl sti sci sac jsc pjsc ojsc fze fzco fzc eireli jdoo "
	"oü kk gk yk too тоо ek ekfm eg ev pvt gesmbh mbh haftungsbeschrankt aktiengesellschaft aktiebolag aktieselskab anpartsselskab osakeyhtio "
	"kommanditgesellschaft partgmbb limitada berhad dac clg ivs enk cie בעמ"
).split()

# {what is written: its one name}; phrases and full words. Those that stand first are in FIRST.
IN_FULL = {
	"limited liability company": "llc",
	"limited liability partnership": "llp",
	"public limited company": "plc",
	"proprietary limited": "ptyltd",
	"designated activity company": "dac",
	"company limited by guarantee": "clg",
	"p ltd": "ltd",
	"gesellschaft mit beschränkter haftung": "gmbh",
	"gesellschaft mbh": "gmbh",
	"gemeinnützige gmbh": "ggmbh",
	"kg aa": "kgaa",
	"kommanditgesellschaft auf aktien": "kgaa",
	"offene handelsgesellschaft": "ohg",
	"eingetragene genossenschaft": "eg",
	"eingetragener verein": "ev",
	"partg mbb": "partgmbb",
	"besloten vennootschap": "bv",
	"naamloze vennootschap": "nv",
	"ab publ": "ab",
	"spółka akcyjna": "sa",
	"sp z oo": "spzoo",
	"sp zoo": "spzoo",
	"spz oo": "spzoo",
	"spzoo": "spzoo",
	"spółka z oo": "spzoo",
	"spółka zoo": "spzoo",
	"spółka z ograniczoną odpowiedzialnością": "spzoo",
	"sp k": "spk",
	"spółka komandytowa": "spk",
	"sp j": "spj",
	"spółka jawna": "spj",
	"spol s ro": "sro",
	"spols ro": "sro",
	"spol sro": "sro",
	"společnost s ručením omezeným": "sro",
	"akciová společnost": "as",
	"korlátolt felelősségű társaság": "kft",
	"zártkörűen működő részvénytársaság": "zrt",
	"nyilvánosan működő részvénytársaság": "nyrt",
	"betéti társaság": "bt",
	"društvo s ograničenom odgovornošću": "doo",
	"društvo sa ograničenom odgovornošću": "doo",
	"societatea cu răspundere limitată": "srl",
	"société anonyme": "sa",
	"société à responsabilité limitée": "sarl",
	"société par actions simplifiée": "sas",
	"société par actions simplifiée unipersonnelle": "sasu",
	"società a responsabilità limitata": "srl",
	"società a responsabilità limitata semplificata": "srls",
	"società per azioni": "spa",
	"società cooperativa": "coop",
	"soc coop": "coop",
	"s coop": "coop",
	"sociedad cooperativa": "coop",
	"sociedad anónima": "sa",
	"sociedad anónima de capital variable": "sadecv",
	"sociedad limitada": "sl",
	"sociedad de responsabilidad limitada": "srl",
	"sociedad por acciones simplificada": "sas",
	"sa de cv": "sadecv",
	"sab de cv": "sabdecv",
	"sapi de cv": "sapidecv",
	"s de rl de cv": "sderldecv",
	"cía ltda": "ltda",
	"compañía limitada": "ltda",
	"sociedade limitada": "ltda",
	"sociedade anônima": "sa",
	"anonim şirketi": "as",
	"limited şirketi": "ltd",
	"μονοπρόσωπη ικε": "ικε",
	"μονοπρόσωπη επε": "επε",
	"μονοπρόσωπη αε": "αε",
	"общество с ограниченной ответственностью": "ooo",
	"акционерное общество": "ao",
	"публичное акционерное общество": "pao",
	"открытое акционерное общество": "oao",
	"закрытое акционерное общество": "zao",
	"непубличное акционерное общество": "nao",
	"индивидуальный предприниматель": "ip",
	"товарищество с ограниченной ответственностью": "too",
	"товариство з обмеженою відповідальністю": "tov",
	"фізична особа підприємець": "fop",
	"приватне підприємство": "pp",
	"ذ م م": "dmm",
	"ش م م": "shmm",
	"ش م ع": "shma",
	"ش م ل": "shml",
	"ذات مسؤولية محدودة": "dmm",
	"בע מ": "בעמ",
}
# In Latin letters, and before the name. Forms in others may stand there anyway.
FIRST = {
	"công ty tnhh": "tnhh",
	"công ty tnhh mtv": "tnhh",
	"công ty tnhh một thành viên": "tnhh",
	"công ty trách nhiệm hữu hạn": "tnhh",
	"cty tnhh": "tnhh",
	"công ty cổ phần": "ctcp",
	"cty cp": "ctcp",
	"ctcp": "ctcp",
	"vof": "vof",
	"oü": "oü",
}
# A firm that begins or ends keeps its name: "Foo GmbH i.G.", "Foo S.r.l. in liquidazione".
STAGES = ("ig", "i gr", "in gründung", "il", "in liquidation", "in liquidazione", "en liquidation", "en liquidación")
OF_STAGES = ("gmbh", "ag", "ug", "kg", "ohg", "srl", "spa", "sa", "sarl", "sas", "sl", "ltd", "bv")
# What some add to a form and others leave out: {form: additions}.
ADDITIONS = {
	"srl": ("srl unipersonale", "srl a socio unico", "srl con socio unico", "srl socio unico"),
	"ltd": ("tic ltd şti", "ticaret ltd şti", "ticaret limited şirketi", "san ve tic ltd şti", "san tic ltd şti"),
	"as": ("san ve tic aş", "sanayi ve ticaret aş", "tic aş", "ticaret aş"),
}

# One form under several names.
SAME_FORM = {
	"incorporated": "inc",
	"corporation": "corp",
	"limited": "ltd",
	"company": "co",
	"private": "pvt",
	"pte": "pvt",
	"cie": "co",
	"gesmbh": "gmbh",
	"haftungsbeschrankt": "ug",
	"тоо": "too",
	"aktiengesellschaft": "ag",
	"kommanditgesellschaft": "kg",
	"aktiebolag": "ab",
	"aktieselskab": "as",
	"anpartsselskab": "aps",
	"osakeyhtio": "oy",
	"berhad": "bhd",
	"limitada": "ltda",
	"lda": "ltda",
	"ип": "ip",
	"фоп": "fop",
	"ذمم": "dmm",
	"شمم": "shmm",
	"شمع": "shma",
	"شمل": "shml",
	"ооо": "ooo",
	"оао": "oao",
	"пао": "pao",
	"нао": "nao",
	"зао": "zao",
	"ао": "ao",
	"тов": "tov",
	"株式会社": "kk",
	"株式會社": "kk",
	"株": "kk",
	"有限会社": "yk",
	"有": "yk",
	"合同会社": "gk",
	"同": "gk",
	"주식회사": "jusik",
	"주": "jusik",
	"유한회사": "yuhan",
	"유": "yuhan",
	"有限責任公司": "有限公司",
	"有限责任公司": "有限公司",
	"股份公司": "股份有限公司",
	"จำกัด": "บริษัท",
	"หจก": "ห้างหุ้นส่วนจำกัด",
	"บจก": "บริษัท",
}

# Written together with the name, before or behind it. Longer ones first.
MARKS = (
	"特定非営利活動法人", "一般社団法人", "一般財団法人", "公益社団法人", "公益財団法人", "独立行政法人", "国立大学法人",
	"社会福祉法人", "医療法人社団", "医療法人", "学校法人", "宗教法人",
	"股份有限公司", "有限責任公司", "有限责任公司", "株式会社", "株式會社", "有限会社", "合同会社", "合資会社", "合名会社",
	"股份公司", "有限公司", "集团公司", "有限合伙", "유한책임회사", "주식회사", "유한회사", "재단법인", "사단법인", "公司",
	"ห้างหุ้นส่วนจำกัด", "บริษัท", "จำกัด", "มหาชน", "หจก", "บจก",
)  # fmt: skip
# In brackets: (株), ㈱, (주), (有).
BRACKETED = frozenset("株有同資名주유")

# They join names and forms and distinguish none. "Co., Ltd." is an Ltd.
JOINING = frozenset(("and", "und", "&"))
# Between two words of a name they are one: 'Dupont et Fils', 'Dupont & Fils'.
CONJUNCTIONS = frozenset("and und et y e i och og en ve и та".split())
MINOR_FORMS = frozenset(("co", "pvt", "شركه"))
# Forms of some country that, written without dots, are a place: "Siemens UK" is not "Siemens".
PLACES = frozenset("uk at eu ca nl is ba ok".split())
