"""Asking online map services for addresses: the one door to the network."""
