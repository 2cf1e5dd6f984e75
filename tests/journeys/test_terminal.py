"""What the command line prints, where it is more than a table of what it got."""

from pim.catalog.table_rows import RowChange
from pim.terminal import print_history
from pim.versioning.history import HistoryEntry
from tests.makers import NOW


def test_a_changed_table_is_shown_row_by_row_with_the_cells_that_differ(capsys):
    rows = [
        RowChange(
            "size", "s", {"size": "s", "chest": "88", "fit": "wide"}, {"size": "s", "chest": "90", "fit": "wide"}
        ),
        RowChange("size", "m", {"size": "m", "chest": "96"}, None),
        RowChange("size", "l", None, {"size": "l"}),
    ]
    entry = HistoryEntry(7, 1, NOW, "camille", "api", None, None, "values", "chart", None, None, [], [], rows)
    print_history([entry])
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[1:]]
    assert lines[0].endswith("chart s: chest 88 s: chest 90")
    assert lines[1:] == ["m: chest 96", "l"]
