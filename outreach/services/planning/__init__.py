"""A week of visits for every grid: planned, changed on the board, compared, balanced, published."""
