"""Long work: asked for on a page, carried out by a worker, watched and cancelled."""
