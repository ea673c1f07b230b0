"""What the district union sees and takes along: map, dashboard, digest, lists, API."""
