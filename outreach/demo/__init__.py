"""A made-up district, written as the files that bureaus send.

Everything in it is invented by code: places, firms, people, phones, codes. Imports nothing of the
application, so that the files test the application from outside.
"""

from outreach.demo.district import DEFAULT_ENTITIES, DEFAULT_SEED, DemoFiles, write_district

__all__ = ["DEFAULT_ENTITIES", "DEFAULT_SEED", "DemoFiles", "write_district"]
