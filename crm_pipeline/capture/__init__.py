"""How leads come in from outside: web forms, other programs, mails, and what a visitor looked at before."""
