"""Received registers: handed in, read, reported, imported, taken back."""
