"""What a phone sends is taken once, or kept whole; nothing is lost and nothing doubled."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import factories as f
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from outreach.domain.accounts import Principal, Role
from outreach.domain.targets import TargetRule
from outreach.domain.visits import HoldReason
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.visits.attachments import AttachmentKind, open_attachment, receive_attachment
from outreach.services.visits.sync import Stored, find_unknown, receive_visit, settle_moment
from outreach.services.visits.visit_content import digest_of
from outreach.storage.accounts import AuditEntry
from outreach.storage.enterprises import Enterprise
from outreach.storage.records import Record
from outreach.storage.visits import Attachment, HeldVisit, Visit, VisitRevision

RULE = TargetRule()


@pytest.fixture
def district(session, tmp_path):
    rows = [
        f.firm(1, code=f.CODES[0], name="甲有限公司", employees="60"),
        f.firm(
            2, code=f.CODES[1], name="乙有限公司", employees="60", address="东风镇光明工业园1号"
        ),
    ]
    return f.make_district(session, tmp_path / "files", market=rows)


@pytest.fixture
def worker(session, district):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    grid_id = session.scalar(select(Enterprise.grid_id).where(Enterprise.name == "甲有限公司"))
    return Principal(
        account_id=account.id,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="w",
        display_name="w",
        grid_worker_id=account.grid_worker_id,
        grid_id=grid_id,
    )


def firm_id(session, name="甲有限公司"):
    return session.scalar(select(Enterprise.id).where(Enterprise.name == name))


def body_of(content):
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def visit(session, **changes):
    return {
        "uuid": str(uuid4()),
        "enterprise_id": firm_id(session),
        "visited_at": "2026-11-23T00:50:00.000Z",
        "result": "met_head",
        "employees": 44,
        **changes,
    }


def send(session, worker, content, *, phone_now=f.NOW, now=f.NOW, body=None):
    return receive_visit(
        session,
        worker,
        content["uuid"],
        body_of(content) if body is None else body,
        phone_now=phone_now,
        rule=RULE,
        now=now,
    )


def count(session, kind):
    return session.scalar(select(func.count()).select_from(kind))


def test_the_receipt_carries_the_digest_of_what_is_stored(session, worker):
    content = visit(session, note="晚点再来 ☂")
    receipt = send(session, worker, content)
    stored = session.get_one(Visit, content["uuid"])
    assert (receipt.stored, receipt.is_new) == (Stored.VISIT, True)
    assert receipt.sha256 == stored.sha256 == digest_of(stored.content) == digest_of(content)
    assert session.get_one(Enterprise, stored.enterprise_id).employees == 44


def test_the_same_record_twice_is_one_visit_and_one_audit_row(session, worker):
    content = visit(session)
    send(session, worker, content)
    again = send(session, worker, content)
    assert (again.stored, again.is_new) == (Stored.VISIT, False)
    assert count(session, Visit) == 1
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("record_visit") == 1


def test_another_content_under_the_same_uuid_is_a_conflict_and_the_loser_is_kept(session, worker):
    content = visit(session)
    send(session, worker, content)
    other = {**content, "employees": 12}
    first, again = send(session, worker, other), send(session, worker, other)
    assert (first.stored, first.reason) == (Stored.CONFLICT, HoldReason.CONFLICT)
    assert (first.is_new, again.is_new) == (True, False)
    held = session.scalars(select(HeldVisit)).one()
    assert json.loads(held.body)["employees"] == 12
    assert session.get_one(Visit, content["uuid"]).content["employees"] == 44


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"result": "danced"}, HoldReason.INVALID),
        ({"employees": "many"}, HoldReason.INVALID),
        ({"employees": "9" * 5000}, HoldReason.INVALID),
        ({"note": "x" * 1001}, HoldReason.INVALID),
        ({"note": "\x00"}, HoldReason.INVALID),
        ({"note": "\ud800"}, HoldReason.INVALID),
        ({"attitude": 6}, HoldReason.INVALID),
        ({"promised_on": "soon"}, HoldReason.INVALID),
        ({"requests": ["gold"]}, HoldReason.INVALID),
        ({"position": {"lon": "nan", "lat": 1, "accuracy_m": 2}}, HoldReason.INVALID),
        ({"position": [1, 2]}, HoldReason.INVALID),
        ({"enterprise_id": 2_000_000_000}, HoldReason.NOT_IN_GRID),
        ({"enterprise_id": None}, HoldReason.INVALID),
        ({"corrects": str(uuid4())}, HoldReason.NOT_IN_GRID),
    ],
)
def test_what_cannot_be_a_visit_is_kept_whole_with_its_reason(session, worker, change, reason):
    content = visit(session, **change)
    body = json.dumps(content).encode()
    receipt = send(session, worker, content, body=body)
    assert (receipt.stored, receipt.reason) == (Stored.HELD, reason)
    assert not send(session, worker, content, body=body).is_new
    held = session.scalars(select(HeldVisit)).one()
    assert json.loads(held.body) == content
    assert count(session, Visit) == 0


def test_a_firm_of_another_grid_is_kept_for_a_person(session, worker):
    receipt = send(session, worker, visit(session, enterprise_id=firm_id(session, "乙有限公司")))
    assert receipt.reason is HoldReason.NOT_IN_GRID


def test_a_record_that_names_its_firm_never_goes_into_another_firms_file(session, worker):
    receipt = send(session, worker, visit(session, firm_name="新发现的厂"))
    assert receipt.reason is HoldReason.OTHER_FIRM
    assert count(session, Visit) == 0


@pytest.mark.parametrize("number", ["taken", "unknown"])
def test_a_firm_whose_number_a_backup_did_not_hold_is_found_by_its_name(session, worker, number):
    other = firm_id(session, "乙有限公司")
    content = visit(session, enterprise_id=other if number == "taken" else 9_999)
    receipt = send(session, worker, content | {"firm_name": "甲有限公司"})
    assert receipt.stored is Stored.VISIT
    assert session.scalar(select(Visit.enterprise_id)) == firm_id(session)


def test_a_firm_still_goes_by_the_name_that_the_phone_knew(session, worker):
    session.get_one(Enterprise, firm_id(session)).name = "甲(改名)有限公司"
    content = visit(session, enterprise_id=firm_id(session, "甲(改名)有限公司"))
    receipt = send(session, worker, content | {"firm_name": "甲有限公司"})
    assert receipt.stored is Stored.VISIT


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b'{"uuid":"no"}', b"[" * 90000])
def test_what_cannot_be_read_is_kept_and_acknowledged(session, worker, body):
    content = {"uuid": str(uuid4())}
    receipt = send(session, worker, content, body=body)
    assert (receipt.stored, receipt.reason) == (Stored.HELD, HoldReason.UNREADABLE)
    assert count(session, HeldVisit) == 1


def test_a_number_that_is_no_uuid_cannot_be_acknowledged(session, worker):
    with pytest.raises(InvalidInput, match="UUID"):
        send(session, worker, {"uuid": "17"})


def test_an_account_that_records_no_visits_is_refused(session, worker):
    reader = Principal(
        account_id=worker.account_id,
        district_id=worker.district_id,
        role=Role.DISTRICT,
        login="d",
        display_name="d",
    )
    with pytest.raises(Refused):
        send(session, reader, visit(session))


def correction(session, first, **changes):
    return {
        **visit(session, employees=51),
        "corrects": first["uuid"],
        "based_on": first["uuid"],
        **changes,
    }


def test_a_correction_stands_and_the_former_version_is_kept(session, worker):
    first = visit(session)
    send(session, worker, first)
    second = correction(session, first)
    assert send(session, worker, second, now=f.NOW + timedelta(days=7)).stored is Stored.VISIT
    assert not send(session, worker, second).is_new
    stored = session.get_one(Visit, first["uuid"])
    assert (stored.revision_uuid, stored.content["employees"]) == (second["uuid"], 51)
    versions = session.scalars(select(VisitRevision).order_by(VisitRevision.received_at)).all()
    assert [version.content["employees"] for version in versions] == [44, 51]
    assert count(session, Visit) == 1
    superseded = session.scalars(select(Record).where(Record.superseded_by.is_not(None))).one()
    assert superseded.raw["employees"] == 44
    assert session.get_one(Enterprise, stored.enterprise_id).employees == 51


def test_a_correction_to_a_smaller_count_stands_too(session, worker):
    first = visit(session, employees=60)
    send(session, worker, first)
    send(session, worker, correction(session, first, employees=20))
    assert session.get_one(Enterprise, firm_id(session)).employees == 20


def test_a_correction_after_seven_days_waits_for_a_person(session, worker):
    first = visit(session)
    send(session, worker, first)
    late = send(
        session, worker, correction(session, first), now=f.NOW + timedelta(days=7, seconds=1)
    )
    assert (late.stored, late.reason) == (Stored.HELD, HoldReason.TOO_LATE)


def test_two_corrections_of_one_version_are_a_conflict_and_both_are_kept(session, worker):
    first = visit(session)
    send(session, worker, first)
    send(session, worker, correction(session, first))
    other = send(session, worker, correction(session, first, employees=70))
    assert other.stored is Stored.CONFLICT
    assert count(session, HeldVisit) == 1


def test_a_server_from_yesterdays_backup_asks_for_what_it_lost(session, worker, tmp_path):
    kept, held, lost = visit(session), visit(session, result="danced"), visit(session)
    for content in (kept, held):
        send(session, worker, content)
    records = {one["uuid"]: digest_of(one) for one in (kept, held, lost)}
    assert find_unknown(session, worker, tmp_path, records) == [lost["uuid"]]
    assert find_unknown(session, worker, tmp_path, {kept["uuid"]: "other"}) == [kept["uuid"]]


def test_a_phone_may_not_ask_about_any_number_of_records(session, worker, tmp_path):
    with pytest.raises(InvalidInput, match="2000"):
        find_unknown(session, worker, tmp_path, {str(uuid4()): "" for _ in range(2001)})


NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "ahead", "moment", "skew"),
    [
        ({"visited_at": "2026-11-23T00:50:00Z"}, 0, "2026-11-23T00:50:00", 0),
        ({"visited_at": "2026-11-23T00:55:00Z"}, 600, "2026-11-23T00:55:00", 0),
        ({"visited_at": "2026-11-23T01:00:01Z"}, 601, "2026-11-23T00:50:00", 601),
        ({"visited_at": "2036-11-23T00:50:00Z"}, 315532800 + 172800, None, 315532800 + 172800),
        (
            {"visited_at": "2026-11-23T03:00:00Z", "clock_ahead_s": 10800},
            0,
            "2026-11-23T00:00:00",
            10800,
        ),
        ({"visited_at": "gestern"}, 0, "2026-11-23T01:00:00", 0),
        ({}, 0, "2026-11-23T01:00:00", 0),
        ({"visited_at": "2020-01-01T00:00:00Z"}, 0, "2026-11-23T01:00:00", None),
    ],
)
def test_a_wrong_clock_is_mended_never_refused(content, ahead, moment, skew):
    found, seconds = settle_moment(content, NOW + timedelta(seconds=ahead), NOW)
    if moment is not None:
        assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert found <= NOW
    if skew is not None:
        assert seconds == skew


@given(
    said=st.datetimes(),
    ahead=st.integers(-(10**9), 10**9),
    known=st.one_of(st.none(), st.integers(), st.text(max_size=5)),
)
def test_any_clock_gives_a_moment_of_the_last_year(said, ahead, known):
    content = {"visited_at": said.isoformat(), "clock_ahead_s": known}
    moment, _ = settle_moment(content, NOW + timedelta(seconds=ahead), NOW)
    assert NOW - timedelta(days=365) <= moment <= NOW


def picture(size=(40, 30), *, exif=False, kind="JPEG"):
    from PIL import Image

    image = Image.new("RGB", size, "red")
    out = io.BytesIO()
    marks = Image.Exif()
    if exif:
        marks[0x010E] = "secret place"
    image.save(out, kind, exif=marks)
    return out.getvalue()


def attach(session, worker, folder, data, *, uuid=None, visit_uuid=None, kind=AttachmentKind.PHOTO):
    return receive_attachment(
        session,
        worker,
        folder,
        uuid or str(uuid4()),
        visit_uuid=visit_uuid or str(uuid4()),
        kind=kind,
        data=data,
        now=f.NOW,
    )


def test_a_photo_is_drawn_anew_without_its_exif(session, worker, tmp_path):
    content = visit(session)
    send(session, worker, content)
    data = picture(exif=True)
    assert b"secret place" in data
    uuid = str(uuid4())
    receipt = attach(session, worker, tmp_path, data, uuid=uuid, visit_uuid=content["uuid"])
    file = open_attachment(session, worker, tmp_path, uuid, now=f.NOW)
    kept = file.path.read_bytes()
    assert b"secret place" not in kept
    assert kept.startswith(b"\xff\xd8")
    assert file.path.stat().st_mode & 0o077 == 0
    assert receipt.sha256 != session.get_one(Attachment, uuid).stored_sha256
    assert not attach(session, worker, tmp_path, data, uuid=uuid, visit_uuid=content["uuid"]).is_new


def test_another_photo_under_the_same_number_is_kept_beside_the_first(session, worker, tmp_path):
    uuid = str(uuid4())
    attach(session, worker, tmp_path, picture(), uuid=uuid)
    other = picture(kind="PNG")
    assert attach(session, worker, tmp_path, other, uuid=uuid).is_new
    assert not attach(session, worker, tmp_path, other, uuid=uuid).is_new
    assert count(session, Attachment) == 2


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", picture()[:200], b"\xff\xd8\xff"])
def test_what_is_no_photo_is_refused(session, worker, tmp_path, data):
    with pytest.raises(InvalidInput, match="照片"):
        attach(session, worker, tmp_path, data)


def test_a_voice_note_keeps_its_bytes_and_anything_else_is_refused(session, worker, tmp_path):
    sound = b"\x1aE\xdf\xa3" + bytes(100)
    uuid = str(uuid4())
    attach(session, worker, tmp_path, sound, uuid=uuid, kind=AttachmentKind.VOICE)
    assert session.get_one(Attachment, uuid).media_type == "audio/webm"
    with pytest.raises(InvalidInput, match="录音"):
        attach(session, worker, tmp_path, b"<script>", kind=AttachmentKind.VOICE)


def test_a_photo_whose_file_a_backup_did_not_hold_is_asked_for_and_kept_again(
    session, worker, tmp_path
):
    content = visit(session)
    send(session, worker, content)
    uuid, data = str(uuid4()), picture()
    receipt = attach(session, worker, tmp_path, data, uuid=uuid, visit_uuid=content["uuid"])
    sent = {uuid: receipt.sha256}
    assert find_unknown(session, worker, tmp_path, sent) == []
    file = open_attachment(session, worker, tmp_path, uuid, now=f.NOW).path
    bytes_before = file.read_bytes()
    file.unlink()
    assert find_unknown(session, worker, tmp_path, sent) == [uuid]
    again = attach(session, worker, tmp_path, data, uuid=uuid, visit_uuid=content["uuid"])
    assert (again.sha256, again.is_new) == (receipt.sha256, False)
    assert find_unknown(session, worker, tmp_path, sent) == []
    kept = open_attachment(session, worker, tmp_path, uuid, now=f.NOW).path
    assert kept.read_bytes() == bytes_before
    actions = session.scalars(select(AuditEntry.action)).all()
    assert (actions.count("receive_attachment"), actions.count("restore_attachment")) == (1, 1)


def test_a_change_of_a_day_that_a_backup_did_not_hold_is_asked_for(session, worker, tmp_path):
    from outreach.domain.plans import PlanRule
    from outreach.services.visits.days import Rules, change_day

    uuid = str(uuid4())
    content = {"day": "2026-11-23", "kind": "found", "name": "半路五金店"}
    known = {uuid: digest_of(content)}
    assert find_unknown(session, worker, tmp_path, known) == [uuid]
    rules = Rules(plan=PlanRule(), target=RULE)
    change_day(session, worker, uuid, content, rules=rules, now=f.NOW)
    assert find_unknown(session, worker, tmp_path, known) == []
    assert find_unknown(session, worker, tmp_path, {uuid: "other"}) == [uuid]


def test_an_attachment_is_seen_only_by_who_sees_the_firm(session, worker, tmp_path, district):
    content = visit(session)
    send(session, worker, content)
    uuid = str(uuid4())
    attach(session, worker, tmp_path, picture(), uuid=uuid, visit_uuid=content["uuid"])
    other = f.make_account(session, district, Role.GRID_WORKER, login="other-grid", grid_code="G2")
    grid_id = session.scalar(select(Enterprise.grid_id).where(Enterprise.name == "乙有限公司"))
    stranger = Principal(
        account_id=other.id,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="o",
        display_name="o",
        grid_worker_id=other.grid_worker_id,
        grid_id=grid_id,
    )
    with pytest.raises(NotFound):
        open_attachment(session, stranger, tmp_path, uuid, now=f.NOW)
