"""Places into pictures: a pure mapping library."""
