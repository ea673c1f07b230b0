"""Files as offices send them, built byte by byte where no library writes the dirt."""

from __future__ import annotations

import io
import struct
import zipfile

import openpyxl

MARKET_HEADER = [
    "统一社会信用代码",
    "注册号",
    "企业名称",
    "法定代表人",
    "联系电话",
    "住所",
    "登记状态",
    "从业人数",
    "数据日期",
]
DAIRY = [
    "91360704000000019B",
    "",
    "东风乳品有限公司",
    "王小明",
    "100",
    "东风镇幸福路1号",
    "存续",
    "35",
    "2026-05-31",
]
FORGE = [
    "",
    "360721551603806",
    "西门铁匠铺",
    "李大山",
    "200",
    "西门镇铁匠巷2号",
    "歇业",
    "3",
    "2026-06-30",
]

SECTOR, FREE, LAST, FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def csv_text(*rows, mark=","):
    return "".join(mark.join(row) + "\r\n" for row in rows)


def xlsx_bytes(*sheets):
    """A workbook; each sheet is a name and its rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zip_bytes(entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def ole_bytes(name, stream):
    """A compound file with one stream: header, allocation table, directory, the stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, LAST, 0, LAST, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    chain = [*range(3, count + 2), LAST]
    table = struct.pack("<128I", FAT, LAST, *chain, *[FREE] * (126 - count))
    directory = _entry("Root Entry", 5, 1, LAST, 0) + _entry(name, 2, FREE, 2, len(stream))
    return header + table + directory.ljust(SECTOR, b"\0") + stream


def _entry(name, kind, child, start, size):
    encoded = name.encode("utf-16-le") + b"\0\0"
    entry = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1)
    entry += struct.pack("<III", FREE, FREE, child) + bytes(36)
    return entry + struct.pack("<IQ", start, size)


def xls_bytes(rows):
    """A BIFF8 workbook with one sheet, texts as LABEL and numbers as NUMBER records."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, float):
                sheet += _record(0x0203, place + struct.pack("<d", cell))
            elif cell:
                text = cell.encode("utf-16-le")
                sheet += _record(0x0204, place + struct.pack("<HB", len(cell), 1) + text)
    sheet += _record(0x000A, b"")
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6))
    name = struct.pack("<BB", 6, 0) + b"Sheet1"
    length = len(start) + 4 + 6 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IH", length, 0) + name)
    return ole_bytes("Workbook", start + bound + _record(0x000A, b"") + sheet)


def _record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content
