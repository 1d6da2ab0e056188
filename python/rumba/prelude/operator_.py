"""`operator`: what `itemgetter`, `attrgetter` and `methodcaller` give."""
