"""The grid worker's day: the route, the visit and what follows from it."""
