"""Records of all registers into one enterprise file, and the doubtful before people."""
