"""A made-up district, written as the files that bureaus send.

Everything in it is invented by code: places, firms, people, phones, codes. Imports nothing of the
application, so that the files test the application from outside.
"""

from outreach.demo.district import DEFAULT_ENTITIES, DEFAULT_SEED, DemoFiles, write_district
from outreach.demo.next_month import NextMonth, TrueChange, write_next_month

__all__ = [
    "DEFAULT_ENTITIES",
    "DEFAULT_SEED",
    "DemoFiles",
    "NextMonth",
    "TrueChange",
    "write_district",
    "write_next_month",
]
