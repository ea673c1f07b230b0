"""Grids, their borders and their grid workers."""
