"""Held records are settled by people; a phone's file gives back what the phone could not send."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from uuid import uuid4

import factories as f
import pytest
from sqlalchemy import select
from test_services_sync import (  # noqa: F401  (fixtures)
    RULE,
    body_of,
    count,
    district,
    firm_id,
    picture,
    send,
    visit,
    worker,
)

from outreach.domain.accounts import Principal, Role
from outreach.domain.visits import HoldReason
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.visits.held_visits import accept_held, list_held, read_queue_file, set_aside
from outreach.services.visits.visit_content import digest_of
from outreach.storage.accounts import Account
from outreach.storage.visits import Attachment, HeldVisit, Visit, VisitRevision


@pytest.fixture
def reader(session, district):  # noqa: F811
    account = f.make_account(session, district, Role.DISTRICT)
    return Principal(
        account_id=account.id,
        district_id=district.id,
        role=Role.DISTRICT,
        login="d",
        display_name="d",
    )


def held_id(session):
    return session.scalars(select(HeldVisit.id)).one()


def test_a_visit_outside_the_grid_can_be_accepted_by_the_district(session, worker, reader):  # noqa: F811
    content = visit(session, enterprise_id=firm_id(session, "乙有限公司"))
    send(session, worker, content)
    (line,), total = list_held(session, reader, limit=10, offset=0)
    assert (line.enterprise, line.reason, total) == ("乙有限公司", HoldReason.NOT_IN_GRID, 1)
    uuid = accept_held(session, reader, line.id, rule=RULE, now=f.NOW)
    stored = session.get_one(Visit, uuid)
    assert (stored.account_id, stored.content["employees"]) == (worker.account_id, 44)
    assert list_held(session, reader, limit=10, offset=0) == ([], 0)
    with pytest.raises(Conflict):
        accept_held(session, reader, line.id, rule=RULE, now=f.NOW)


def test_the_loser_of_a_conflict_can_be_accepted_beside_the_first(session, worker, reader):  # noqa: F811
    content = visit(session)
    send(session, worker, content)
    send(session, worker, {**content, "employees": 12})
    uuid = accept_held(session, reader, held_id(session), rule=RULE, now=f.NOW)
    assert uuid != content["uuid"]
    assert count(session, Visit) == 2


def test_what_is_set_aside_is_kept_but_no_longer_waits(session, worker, reader):  # noqa: F811
    send(session, worker, visit(session, result="danced"))
    with pytest.raises(InvalidInput):
        accept_held(session, reader, held_id(session), rule=RULE, now=f.NOW)
    set_aside(session, reader, held_id(session), now=f.NOW)
    assert list_held(session, reader, limit=10, offset=0)[1] == 0
    assert count(session, HeldVisit) == 1


def test_only_the_district_settles(session, worker):  # noqa: F811
    send(session, worker, visit(session, result="danced"))
    with pytest.raises(Refused):
        list_held(session, worker, limit=10, offset=0)
    with pytest.raises(Refused):
        set_aside(session, worker, held_id(session), now=f.NOW)


def queue_file(account, *contents, photos=()):
    return json.dumps(
        {
            "format": "visit-queue/1",
            "records": [
                {
                    "uuid": content["uuid"],
                    "account": str(account),
                    "kind": "visit",
                    "sha256": digest_of(content),
                    "body": body_of(content).decode(),
                }
                for content in contents
            ],
            "attachments": [
                {
                    "uuid": str(uuid4()),
                    "visit": contents[0]["uuid"],
                    "account": str(account),
                    "kind": "photo",
                    "base64": base64.b64encode(data).decode(),
                }
                for data in photos
            ],
        }
    ).encode()


def read(session, reader, folder, data):
    return read_queue_file(session, reader, folder, data, rule=RULE, now=f.NOW)


def test_a_phones_file_is_taken_once_under_its_author_even_when_her_account_is_closed(
    session,
    worker,  # noqa: F811
    reader,
    tmp_path,
):
    session.get_one(Account, worker.account_id).disabled = True
    first, second = visit(session), visit(session, result="danced")
    data = queue_file(worker.account_id, first, second, photos=[picture()])
    report = read(session, reader, tmp_path, data)
    assert (report.records, report.taken, report.waiting, report.attachments) == (2, 1, 1, 1)
    assert session.get_one(Visit, first["uuid"]).account_id == worker.account_id
    again = read(session, reader, tmp_path, data)
    assert (again.taken, again.known, again.waiting, again.attachments) == (0, 1, 1, 0)
    assert (count(session, Visit), count(session, Attachment)) == (1, 1)


def test_a_record_of_a_strange_account_is_named_and_the_rest_is_taken(
    session,
    worker,  # noqa: F811
    reader,
    tmp_path,
):
    mine, strange = queue_file(worker.account_id, visit(session)), queue_file(999, visit(session))
    joined = json.loads(mine)
    joined["records"] += json.loads(strange)["records"]
    report = read(session, reader, tmp_path, json.dumps(joined).encode())
    assert report.taken == 1
    assert isinstance(report.refused[0], NotFound)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"\xff", b'{"format": "visit-queue/1", "records": [3]}', b"[" * 90000],
)
def test_any_other_file_is_refused(session, reader, tmp_path, data):
    with pytest.raises(InvalidInput, match="存成文件"):
        read(session, reader, tmp_path, data)


@pytest.mark.parametrize("late", [timedelta(days=8), timedelta(hours=1)])
def test_a_held_correction_that_is_accepted_corrects_its_visit(session, worker, reader, late):  # noqa: F811
    """Once because it came too late, once because another correction had come in meanwhile."""
    first = visit(session)
    send(session, worker, first)
    named = {"corrects": first["uuid"], "based_on": first["uuid"]}
    if late < timedelta(days=7):
        send(session, worker, {**visit(session, employees=46), **named})
    held = {**visit(session, employees=51), **named}
    del held["enterprise_id"]
    send(session, worker, held, now=f.NOW + late)
    (line,), _ = list_held(session, reader, limit=10, offset=0)
    assert line.enterprise == "甲有限公司"
    uuid = accept_held(session, reader, line.id, rule=RULE, now=f.NOW + late)
    assert uuid == first["uuid"]
    (stored,) = session.scalars(select(Visit)).all()
    assert stored.content["employees"] == 51
    versions = session.scalars(
        select(VisitRevision.based_on).order_by(VisitRevision.received_at, VisitRevision.based_on)
    ).all()
    assert len(versions) == (2 if late > timedelta(days=7) else 3)
    assert list_held(session, reader, limit=10, offset=0) == ([], 0)


def test_a_correction_of_a_visit_that_is_not_the_authors_cannot_be_accepted(
    session,
    worker,  # noqa: F811
    reader,
):
    send(session, worker, {**visit(session), "corrects": str(uuid4()), "based_on": str(uuid4())})
    with pytest.raises(NotFound):
        accept_held(session, reader, held_id(session), rule=RULE, now=f.NOW)
    assert count(session, Visit) == 0
