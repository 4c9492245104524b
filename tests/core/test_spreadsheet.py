from keystead.core.spreadsheet import csv_lines


def test_rows_are_lines_that_a_spreadsheet_reads_and_does_not_compute() -> None:
    rows: list[list[object]] = [["id", "name"], [-7, 'a "b", c'], [None, "=1+1"], [8, "@x"]]
    assert csv_lines(rows) == 'id,name\r\n-7,"a ""b"", c"\r\n,\'=1+1\r\n8,\'@x\r\n'
