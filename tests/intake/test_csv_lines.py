import pytest

from pim.intake.readers.csv_lines import BadRow, Row, read_header, read_rows


def rows_of(path, data: bytes, pad: bool = False):
    path.write_bytes(data)
    return list(read_rows(path, read_header(path), pad))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_taken_from_the_header(tmp_path, delimiter):
    data = f"sku{delimiter}name\nhat{delimiter}Hat\n".encode()
    assert rows_of(tmp_path / "a.csv", data) == [Row(2, ["hat", "Hat"])]


def test_a_file_of_a_spreadsheet_program_is_read(tmp_path):
    data = '\ufeffsku;name\r\nhat;"Chapeau; été"\r\n;\r\n\r\ncap;Cap'.encode()
    assert rows_of(tmp_path / "a.csv", data) == [Row(2, ["hat", "Chapeau; été"]), Row(5, ["cap", "Cap"])]
    assert read_header(tmp_path / "a.csv") == ["sku", "name"]


def test_a_row_has_the_line_on_which_it_begins(tmp_path):
    data = b'sku;name\nhat;"two\nlines"\ncap;"three\n\nlines"\nscarf;one\n'
    assert [row.line for row in rows_of(tmp_path / "a.csv", data)] == [2, 4, 7]


def test_bytes_that_are_no_utf8_spoil_their_row_only(tmp_path):
    bad, good = rows_of(tmp_path / "a.csv", b"sku;name\nhat;\xe9t\xe9\ncap;Cap\n")
    assert (bad.line, bad.first_cell, bad.column, bad.value, bad.code) == (
        2,
        "hat",
        "name",
        "\\xe9t\\xe9",
        "bad_encoding",
    )
    assert good == Row(3, ["cap", "Cap"])


def test_rows_of_another_width_are_ragged(tmp_path):
    short, long, good = rows_of(tmp_path / "a.csv", b"sku;name;color\nhat\ncap;Cap;red;blue\nscarf;Scarf;\n")
    assert (short.code, short.column) == ("ragged", "name")
    assert (long.code, long.value) == ("ragged", "blue")
    assert "has 4 cells, the header has 3" in long.message
    assert isinstance(good, Row)


def test_empty_cells_beyond_the_header_are_no_matter(tmp_path):
    assert rows_of(tmp_path / "a.csv", b"sku;name\nhat;Hat;;\n") == [Row(2, ["hat", "Hat"])]


def test_hand_written_lists_may_end_early(tmp_path):
    assert rows_of(tmp_path / "a.csv", b"code;parent;label\nmaster\n", pad=True) == [Row(2, ["master", "", ""])]


def test_a_quote_that_is_never_closed_is_told(tmp_path):
    data = b'sku;name\nhat;"Hat\n' + b"x" * 140_000 + b"\n"
    bad = [row for row in rows_of(tmp_path / "a.csv", data) if isinstance(row, BadRow)]
    assert bad[0].line == 2
    assert bad[0].code == "bad_csv"


def test_an_empty_file_has_no_columns_and_no_rows(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    assert read_header(tmp_path / "a.csv") == []
    assert rows_of(tmp_path / "a.csv", b"") == []
