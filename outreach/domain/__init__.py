"""What the words mean: frozen dataclasses, enumerations and rules, standard library only."""
