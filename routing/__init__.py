"""Visits into routes: a pure planning library."""
