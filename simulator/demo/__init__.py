"""`make demo`: the whole product and a fleet of simulated machines on this computer."""
