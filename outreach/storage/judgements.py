"""Why records are one enterprise: links, what is in doubt, what people decided, relations.

Judgements are only ever appended to; links, doubtful pairs and relations are derived from
statements and judgements, and rebuilt by every linking.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class RecordLink(InDistrict, Base):
    """Two records that a rule joined; the clusters are the components of links and judgements.

    The ids ascend in the order in which the links joined. `weight` is the match weight of a
    comparison, `None` for an exact rule; `findings` holds the label and the weight of each aspect.
    A link that a person's "different" withholds is kept, so that it joins when she takes it back.
    """

    __tablename__ = "record_links"
    __table_args__ = (
        Index("ix_record_links_left_record_id", "left_record_id"),
        Index("ix_record_links_right_record_id", "right_record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    left_record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    right_record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    rule: Mapped[str] = mapped_column(String(24))
    weight: Mapped[float | None]
    evidence: Mapped[str] = mapped_column(Text)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class DoubtfulPair(InDistrict, Base):
    """Two records that the last linking left to people, the most useful question first.

    `priority` is what an answer is expected to change on the target list; `state` is "open",
    "later", "decided", or "moot" when answers to other pairs have settled this one.
    """

    __tablename__ = "doubtful_pairs"
    __table_args__ = (Index("ix_doubtful_pairs_district_id_priority", "district_id", "priority"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    left_record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    right_record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    reason: Mapped[str] = mapped_column(String(24))
    weight: Mapped[float | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    priority: Mapped[float]
    state: Mapped[str] = mapped_column(String(8), default="open", server_default="open")


class Judgement(InDistrict, Base):
    """A person's verdict on two records; it stands above the machine until it is revoked.

    `basis` is what the machine said when the person decided.
    """

    __tablename__ = "judgements"
    __table_args__ = (Index("ix_judgements_left_record_id", "left_record_id", "right_record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    left_record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    right_record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    verdict: Mapped[str] = mapped_column(String(12))
    basis: Mapped[dict[str, Any]] = mapped_column(JSON)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class Relation(InDistrict, Base):
    """Two enterprises that belong together without being one, or a joint union and its firms.

    For a joint union `other_id` is empty and `union_key` names the union.
    """

    __tablename__ = "relations"
    __table_args__ = (
        Index("ix_relations_enterprise_id", "enterprise_id"),
        Index("ix_relations_other_id", "other_id"),
        Index("ix_relations_district_id_union_key", "district_id", "union_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    union_key: Mapped[str] = mapped_column(String(200), default="")
    union_name: Mapped[str] = mapped_column(String(500), default="")
    record_id: Mapped[int | None] = mapped_column(ForeignKey("records.id"))
    evidence: Mapped[str] = mapped_column(Text, default="")
