"""Files handed in on a page: read apart, reported, confirmed, undone."""

from __future__ import annotations

import io
import stat
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import factories as f
import pytest
from sqlalchemy import func, select

from outreach.domain.accounts import Principal, Role
from outreach.domain.runs import RunState
from outreach.domain.sources import Source
from outreach.domain.targets import TargetRule
from outreach.domain.uploads import UploadChoices, UploadState
from outreach.errors import Conflict, FileRefused, InvalidInput, NotFound, Refused
from outreach.services.registers import batches, header_meanings, uploads
from outreach.services.registers.imports import list_issues
from outreach.services.registers.upload_files import path_of, remove_files, tidy_name
from outreach.services.runs.runs import ask_for_link, cancel_run, get_run
from outreach.services.runs.work import carry_out
from outreach.services.visits.visit_content import parse_visit
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import AuditEntry
from outreach.storage.districts import District
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.records import Batch, Record
from outreach.storage.uploads import HeaderMeaning, Upload
from outreach.storage.visits import Visit

PERSON = "110101199003074514"


class Office:
    """A district with one account, and what it does with files."""

    def __init__(self, database, settings, folder):
        self.database, self.settings = database, settings
        self.now = f.NOW
        with database.transaction() as session:
            district = f.make_district(
                session, folder, market=[f.firm(1, code=f.CODES[0], employees="30")]
            )
            account = f.make_account(session, district, Role.DISTRICT)
            self.who = Principal(
                account_id=account.id,
                district_id=district.id,
                role=Role.DISTRICT,
                login="d",
                display_name="区",
            )

    def hand_in(self, header, rows, name="market.csv", **options):
        text = "\n".join(",".join(str(cell) for cell in row) for row in (header, *rows))
        return self.hand_in_bytes(text.encode(), name, **options)

    def hand_in_bytes(self, content, name="market.csv", *, work=True):
        with self.database.transaction() as session:
            upload_id, run_id = uploads.hand_in(
                session,
                self.who,
                io.BytesIO(content),
                name,
                folder=self.settings.instance,
                limits=self.settings.limits,
                now=self.now,
            )
        if work:
            self.work(run_id)
        return upload_id

    def work(self, run_id):
        carry_out(
            self.database,
            run_id,
            clock=lambda: self.now,
            processes=1,
            settings=self.settings,
        )

    def do(self, service, *arguments, **options):
        with self.database.transaction() as session:
            return service(session, self.who, *arguments, now=self.now, **options)

    def look(self, upload_id):
        with self.database.transaction() as session:
            return uploads.get_upload(session, self.who, upload_id)

    def confirm(self, upload_id):
        run_id = self.do(uploads.confirm, upload_id)
        self.work(run_id)
        return run_id

    def path(self, upload_id):
        return path_of(self.settings.instance, upload_id)

    def count(self, table, *conditions):
        with self.database.transaction() as session:
            return session.scalar(select(func.count()).select_from(table).where(*conditions))

    def link(self):
        self.now += timedelta(minutes=1)
        run_id = self.do(ask_for_link)
        self.work(run_id)
        with self.database.transaction() as session:
            assert get_run(session, self.who, run_id).state is RunState.DONE

    def names(self):
        with self.database.transaction() as session:
            return sorted(
                session.scalars(select(Enterprise.name).where(Enterprise.retired.is_(False)))
            )


@pytest.fixture
def office(database, settings, tmp_path):
    return Office(database, settings, tmp_path / "files")


NEW = [f.firm(2, code=f.CODES[1], employees="40"), f.firm(3, employees="若干")]


def test_a_file_is_reported_before_anything_is_saved(office):
    before = office.count(Record)
    upload_id = office.hand_in(f.MARKET, [*NEW, f.firm(4, name="暂无")])
    view = office.look(upload_id)
    assert (view.state, view.source) == (UploadState.READY, Source.MARKET)
    report = view.report
    assert (report["rows"], report["ok"], report["warned"], report["held"]) == (3, 1, 1, 1)
    first = report["findings"][0]
    assert (first["kind"], first["count"], first["row"]) == ("E211", 1, 4)
    bad = next(one for one in report["findings"] if one["kind"] == "E205")
    assert (bad["row"], bad["column"], bad["value"]) == (3, "从业人数", "若干")
    assert report["as_of"] == "2026-10-01"
    assert report["compared"] == {"file": "market.csv", "rows": 1, "same": 0, "new": 3}
    assert office.count(Record) == before


def test_the_report_masks_names_and_phones_and_holds_no_citizens_number(office):
    header = (*f.MARKET, "经办人备注", "经办人身份证号")
    row = (*f.firm(2, phone="13800138000"), f"证 {PERSON}", PERSON)
    view = office.look(office.hand_in(header, [row]))
    text = str(view.report)
    assert "13800138000" not in text
    assert "138****000" in text
    assert "王小明" not in text
    assert PERSON not in text
    assert [one["personal"] for one in view.report["headers"]][-2:] == [True, True]


def test_bytes_lie_under_a_made_up_name_that_only_we_can_read(office):
    upload_id = office.hand_in(f.MARKET, NEW, name="../../etc/<b>x</b>.csv", work=False)
    path = office.path(upload_id)
    assert path.parent == office.settings.instance / "uploads"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert office.look(upload_id).file_name == "b>.csv"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\甲\\乙.xlsx", "乙.xlsx"), ("a\x00\nb.csv", "ab.csv"), ("/", "upload"), ("", "upload")],
)
def test_a_sent_name_is_a_name_only(sent, kept):
    assert tidy_name(sent) == kept


def test_a_confirmed_file_is_imported_once_however_often_it_is_confirmed(office):
    upload_id = office.hand_in(f.MARKET, NEW)
    first, second = office.do(uploads.confirm, upload_id), office.do(uploads.confirm, upload_id)
    assert first == second
    for _ in range(3):
        office.work(first)
    view = office.look(upload_id)
    assert view.state is UploadState.IMPORTED
    assert office.count(Record, Record.batch_id == view.batch_id) == 2
    assert not office.path(upload_id).exists()
    assert office.do(uploads.confirm, upload_id) == first
    with office.database.transaction() as session:
        batch = batches.get_batch(session, office.who, view.batch_id)
    assert (batch.received_by, batch.rows_read, batch.needs_link) == ("试验", 2, True)


def test_a_lost_worker_leaves_nothing_and_the_next_one_finishes(office, monkeypatch):
    upload_id = office.hand_in(f.MARKET, NEW)
    run_id = office.do(uploads.confirm, upload_id)
    from outreach.services.runs import work

    real = work._save

    class Killed(BaseException):
        pass

    def killed(job, save):
        def half(session):
            save(session)
            raise Killed

        real(job, half)

    monkeypatch.setattr(work, "_save", killed)
    before = office.count(Record)
    with pytest.raises(Killed):
        office.work(run_id)
    monkeypatch.setattr(work, "_save", real)
    assert office.count(Record) == before
    office.work(run_id)
    assert office.count(Record) == before  # the first worker may still live
    office.now += timedelta(minutes=5)
    office.work(run_id)
    assert office.count(Record) == before + 2
    assert office.look(upload_id).state is UploadState.IMPORTED


def test_a_discarded_file_leaves_no_bytes(office):
    upload_id = office.hand_in(f.MARKET, NEW)
    office.do(uploads.discard, upload_id, folder=office.settings.instance)
    view = office.look(upload_id)
    assert (view.state, view.report) == (UploadState.DISCARDED, {})
    assert not office.path(upload_id).exists()
    with pytest.raises(Conflict):
        office.do(uploads.confirm, upload_id)


def test_what_nobody_confirms_within_a_week_is_removed(office):
    upload_id = office.hand_in(f.MARKET, NEW)

    def forgotten():
        with office.database.transaction() as session:
            return uploads.discard_forgotten(
                session, folder=office.settings.instance, now=office.now
            )

    office.now += timedelta(days=7)
    assert forgotten() == 0
    office.now += timedelta(seconds=1)
    assert forgotten() == 1
    assert not office.path(upload_id).exists()


def test_bytes_of_no_upload_are_removed_after_a_day(office):
    import os
    import time

    folder = office.settings.instance / "uploads"
    folder.mkdir(exist_ok=True)
    young, old = (folder / f"{'0' * 8}-0000-4000-8000-00000000000{n}.part" for n in (1, 2))
    young.write_bytes(b"1")
    old.write_bytes(b"1")
    os.utime(old, (time.time() - 90_000, time.time() - 90_000))
    remove_files(office.database, office.settings.instance)
    assert (young.exists(), old.exists()) == (True, False)


def test_the_same_bytes_that_wait_are_not_kept_twice(office):
    assert office.hand_in(f.MARKET, NEW) == office.hand_in(f.MARKET, NEW)
    assert office.count(Upload) == 1
    assert len(list((office.settings.instance / "uploads").iterdir())) == 1


def test_a_file_that_was_imported_before_says_so_and_is_not_imported_again(office):
    office.confirm(office.hand_in(f.MARKET, NEW))
    again = office.hand_in(f.MARKET, NEW)
    assert office.look(again).known_batch is not None
    with pytest.raises(Conflict, match="以前导入过"):
        office.do(uploads.confirm, again)


def test_an_unreadable_file_says_why_and_may_be_given_up(office):
    upload_id = office.hand_in_bytes(b"<html><table></table></html>", "x.xls")
    view = office.look(upload_id)
    assert view.state is UploadState.REFUSED
    assert "其实是网页" in view.report["error"]["template"]
    assert view.report["error"]["values"] == {"file": "x.xls"}
    with pytest.raises(Conflict):
        office.do(uploads.confirm, upload_id)
    office.do(uploads.discard, upload_id, folder=office.settings.instance)


def test_an_empty_and_a_too_large_file_are_refused_at_once(office):
    with pytest.raises(FileRefused, match="空文件"):
        office.hand_in_bytes(b"")
    office.settings = replace(office.settings, limits=replace(f.LIMITS, most_bytes=100))
    office.hand_in_bytes(b"x" * 100, work=False)
    with pytest.raises(FileRefused, match="上限"):
        office.hand_in_bytes(b"y" * 101)
    assert len(list((office.settings.instance / "uploads").iterdir())) == 1


def test_a_grid_worker_hands_in_nothing(office):
    office.who = replace(office.who, role=Role.GRID_WORKER)
    with pytest.raises(Refused):
        office.hand_in(f.MARKET, NEW)
    with pytest.raises(Refused):
        office.do(batches.undo_import, 1)
    with pytest.raises(Refused):
        office.do(ask_for_link)
    assert not (office.settings.instance / "uploads").exists()


def test_another_district_finds_neither_upload_nor_batch(office):
    upload_id = office.hand_in(f.MARKET, NEW)
    office.who = replace(office.who, district_id=office.who.district_id + 1)
    with pytest.raises(NotFound):
        office.look(upload_id)
    with pytest.raises(NotFound):
        office.do(batches.undo_import, 1)


def test_source_and_day_may_be_chosen(office):
    header = ("单位名称", "登记状态", "参保人数", "联系电话")
    upload_id = office.hand_in(header, [("东风乳品", "存续", "35", "100")], name="x.csv")
    assert "请说明来源" in office.look(upload_id).report["error"]["template"]
    chosen = UploadChoices(source=Source.SOCIAL_SECURITY, as_of=date(2026, 9, 30), complete=False)
    office.work(office.do(uploads.read_again, upload_id, chosen))
    view = office.look(upload_id)
    assert (view.source, view.report["as_of"]) == (Source.SOCIAL_SECURITY, "2026-09-30")
    office.confirm(upload_id)
    with office.database.transaction() as session:
        batch = session.get_one(Batch, office.look(upload_id).batch_id)
        assert (batch.as_of, batch.complete) == (date(2026, 9, 30), False)


def test_a_header_is_explained_once_and_known_from_then_on(office):
    header = (*f.MARKET[:2], "厂名", *f.MARKET[3:])
    upload_id = office.hand_in(header, NEW, name="a.csv")
    view = office.look(upload_id)
    assert view.state is UploadState.REFUSED
    seen = {one["header"]: one for one in view.report["headers"]}
    assert seen["厂名"]["samples"][0] == "东风2有限公司"
    office.do(header_meanings.explain_headers, Source.MARKET, {"厂名": "name"})
    office.work(office.do(uploads.read_again, upload_id, UploadChoices(source=Source.MARKET)))
    assert office.look(upload_id).report["rows"] == 2
    later = office.hand_in(header, [f.firm(9)], name="b.csv")
    assert office.look(later).state is UploadState.READY
    with office.database.transaction() as session:
        (line,) = header_meanings.list_meanings(session, office.who)
    assert (line.header, line.usual_header) == ("厂名", "企业名称")
    office.do(header_meanings.forget_meaning, line.id)
    assert office.count(HeaderMeaning) == 0


def test_a_header_that_nobody_needs_is_no_finding_any_more(office):
    header = (*f.MARKET, "网店")
    upload_id = office.hand_in(header, [(*f.firm(2), "有")])
    assert "E201" in {one["kind"] for one in office.look(upload_id).report["findings"]}
    office.do(header_meanings.explain_headers, Source.MARKET, {"网店": "-"})
    office.work(office.do(uploads.read_again, upload_id, UploadChoices()))
    assert "E201" not in {one["kind"] for one in office.look(upload_id).report["findings"]}


@pytest.mark.parametrize(
    ("header", "column"), [("身份证号", "phone"), ("法人证件号", "name"), ("厂名", "salary")]
)
def test_a_column_of_papers_is_never_kept_and_no_column_is_invented(office, header, column):
    with pytest.raises(InvalidInput):
        office.do(header_meanings.explain_headers, Source.MARKET, {header: column})
    assert office.count(HeaderMeaning) == 0


def test_even_a_stored_meaning_opens_no_column_of_papers(office):
    with office.database.transaction() as session:
        session.add(
            HeaderMeaning(
                district_id=office.who.district_id,
                source="market",
                header="经办人身份证号",
                column="phone",
                account_id=None,
                explained_at=f.NOW,
            )
        )
    header = (*f.MARKET, "经办人身份证号")
    office.confirm(office.hand_in(header, [(*f.firm(2), PERSON)]))
    with office.database.transaction() as session:
        raw = session.scalars(select(Record.raw).order_by(Record.id.desc())).first()
    assert raw["经办人身份证号"] == "****"


def test_an_undone_file_counts_nowhere_and_counts_again_when_redone(office):
    upload_id = office.hand_in(f.MARKET, NEW)
    office.confirm(upload_id)
    batch_id = office.look(upload_id).batch_id
    office.link()
    assert office.names() == ["东风1有限公司", "东风2有限公司", "东风3有限公司"]
    with office.database.transaction() as session:
        ids = dict(session.execute(select(Enterprise.name, Enterprise.id)).all())
        issues = list_issues(session, district_id=office.who.district_id)[1]
    assert office.do(batches.undo_import, batch_id)
    assert not office.do(batches.undo_import, batch_id)
    with office.database.transaction() as session:
        assert list_issues(session, district_id=office.who.district_id)[1] < issues
        line = batches.get_batch(session, office.who, batch_id)
        assert (line.undone_by, line.undone_at, line.needs_link) == ("试验", office.now, True)
    office.link()
    assert office.names() == ["东风1有限公司"]
    assert office.count(Record, Record.batch_id == batch_id) == 2
    assert office.count(Member, Member.enterprise_id == ids["东风2有限公司"]) == 0
    assert office.do(batches.redo_import, batch_id)
    office.link()
    assert office.names() == ["东风1有限公司", "东风2有限公司", "东风3有限公司"]
    with office.database.transaction() as session:
        assert dict(session.execute(select(Enterprise.name, Enterprise.id)).all()) == ids
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [a for a in actions if a in {"undo_import", "redo_import"}] == [
        "undo_import",
        "redo_import",
    ]


def test_a_visit_outlives_the_file_that_its_firm_came_from(office):
    upload_id = office.hand_in(f.MARKET, NEW)
    office.confirm(upload_id)
    office.link()
    batch_id = office.look(upload_id).batch_id
    with office.database.transaction() as session:
        district = session.get_one(District, office.who.district_id)
        account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
        firm = session.scalars(select(Enterprise).where(Enterprise.uscc == f.CODES[1])).one()
        worker = replace(
            office.who,
            account_id=account.id,
            role=Role.GRID_WORKER,
            grid_worker_id=account.grid_worker_id,
            grid_id=firm.grid_id,
        )
        form = {"uuid": str(uuid4()), "enterprise_id": str(firm.id), "result": "met_head"}
        visit = parse_visit({**form, "employees": "44", "evidence": "roster"}, now=f.NOW)
        record_visit(session, worker, visit, rule=TargetRule(), now=f.NOW)
        firm_id = firm.id
    office.link()
    office.do(batches.undo_import, batch_id)
    office.link()
    assert office.names() == ["东风1有限公司"]
    assert office.count(Visit, Visit.enterprise_id == firm_id) == 1
    office.do(batches.redo_import, batch_id)
    office.link()
    with office.database.transaction() as session:
        firm = session.get_one(Enterprise, firm_id)
        assert (firm.name, firm.retired, firm.employees) == ("东风2有限公司", False, 44)


def test_a_cancelled_import_leaves_nothing_and_may_be_tried_again(office):
    upload_id = office.hand_in(f.MARKET, NEW)
    run_id = office.do(uploads.confirm, upload_id)
    office.do(cancel_run, run_id)
    office.work(run_id)
    view = office.look(upload_id)
    assert (view.is_stuck, view.batch_id) == (True, None)
    assert office.confirm(upload_id) != run_id
    assert office.look(upload_id).state is UploadState.IMPORTED


def test_a_linking_that_waits_is_not_asked_for_twice(office):
    assert office.do(ask_for_link) == office.do(ask_for_link)


def test_a_file_of_another_region_is_told_and_one_of_our_own_is_not(office):
    from outreach.services.registers.upload_checks import elsewhere
    from outreach.sources.registers import Register

    def register(own, other):
        from outreach.domain.statements import Prop, Statement
        from outreach.sources.rows import RecordDraft

        codes = ["91360704MA35F2XH33"] * own + ["91110105MA35F2XH33"] * other
        return Register(
            source=Source.MARKET,
            file_name="",
            sha256="",
            size_bytes=1,
            encoding="",
            header_row=1,
            as_of=None,
            records=tuple(
                RecordDraft(
                    row=n,
                    raw={},
                    statements=(
                        Statement(prop=Prop.USCC, value=c, raw=c, source=Source.MARKET, as_of=None),
                    ),
                    issues=(),
                )
                for n, c in enumerate(codes)
            ),
        )

    assert elsewhere(register(4, 16), "360704") == []
    (issue,) = elsewhere(register(3, 17), "360704")
    assert issue.value == "110105、360704"
    assert elsewhere(register(0, 19), "360704") == []


def test_a_file_without_any_date_says_what_that_means(office):
    assert "E229" not in kinds(office, f.MARKET, NEW)
    assert f.MARKET[-1] == "数据日期"
    assert "E229" in kinds(office, f.MARKET[:-1], [row[:-1] for row in NEW])


def test_a_code_in_two_rows_that_differ_is_told_with_the_other_row(office):
    twice = [f.firm(2, code=f.CODES[1], employees="40"), f.firm(5, code=f.CODES[1], employees="41")]
    (found,) = [one for one in findings(office, twice) if one["kind"] == "E230"]
    assert (found["row"], found["column"], found["value"]) == (3, f.CODES[1], "2")
    alone = [f.firm(2, code=f.CODES[1]), f.firm(5, code=f.CODES[2])]
    assert "E230" not in {one["kind"] for one in findings(office, alone)}


def test_a_code_known_under_another_name_is_told_before_it_renames_a_firm(office):
    office.link()
    (known,) = office.names()
    other = [f.firm(7, name="青禾测试一厂有限公司", code=f.CODES[0])]
    (found,) = [one for one in findings(office, other) if one["kind"] == "E231"]
    assert (found["row"], found["column"], found["value"]) == (2, "青禾测试一厂有限公司", known)
    same = [f.firm(7, name=f"赣州市{known}", code=f.CODES[0])]
    assert "E231" not in {one["kind"] for one in findings(office, same)}


def findings(office, rows, header=f.MARKET):
    return office.look(office.hand_in(header, rows)).report["findings"]


def kinds(office, header, rows):
    return {one["kind"] for one in findings(office, rows, header)}
