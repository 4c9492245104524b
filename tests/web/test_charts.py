"""Numbers to positions: tested as numbers."""

import re
from datetime import date

import pytest

from keystead.core.clock import UnixSeconds
from keystead.core.usage.model import Outcome
from keystead.core.usage.span import Bucket, last_days, last_hours
from keystead.web.charts import (
    PLOT_HEIGHT,
    Axis,
    Element,
    Part,
    axis_for,
    axis_labels,
    bars_of,
    heat_level,
    marker,
    plot,
    sparkline_path,
    ticks_of,
    timeline,
    x_on_timeline,
)
from keystead.web.presenters.charts import Drawn, chart_of, heat_of, position_in, spark_of
from keystead.web.presenters.expiries import ending_words, first_weekday, kind_of, week_of
from tests.web.looks import DAY_S, NOW


class TestAnAxis:
    @pytest.mark.parametrize(
        ("highest", "step"),
        [
            (0, 1),
            (1, 1),
            (4, 1),
            (5, 2),
            (8, 2),
            (9, 5),
            (20, 5),
            (21, 10),
            (318, 100),
            (401, 200),
            (8001, 5000),
        ],
    )
    def test_has_four_steps_of_one_two_or_five(self, highest: int, step: int) -> None:
        assert axis_for(highest) == Axis(step)
        assert axis_for(highest).values == (0, step, 2 * step, 3 * step, 4 * step)

    def test_puts_zero_at_the_foot_and_the_top_at_the_top(self) -> None:
        axis = axis_for(300)
        assert [axis.y(value) for value in (0, 200, 400)] == [PLOT_HEIGHT, PLOT_HEIGHT / 2, 0]

    def test_is_labelled_with_commas(self) -> None:
        assert re.findall(r">([\d,]+)<", axis_labels(Axis(1000)).__html__()) == [
            *("0", "1,000", "2,000", "3,000", "4,000")
        ]


class TestBars:
    def test_stand_side_by_side_with_gaps(self) -> None:
        one, two, *_ = bars_of([(1,), (2,), (3,), (4,)], list("abcd"), Axis(1))
        assert (one.x, one.width) == pytest.approx((2.25, 20.5))
        assert two.x == pytest.approx(27.25)

    def test_stack_their_series_from_the_foot(self) -> None:
        [bar] = bars_of([(100, 0, 200)], ["a"], Axis(100))
        height = PLOT_HEIGHT / 4
        assert bar.parts == (
            Part(PLOT_HEIGHT - height, height),
            None,
            Part(PLOT_HEIGHT - 3 * height, 2 * height),
        )

    def test_show_the_smallest_count_as_a_pixel(self) -> None:
        [bar] = bars_of([(1,)], ["a"], Axis(10_000))
        assert bar.parts == (Part(PLOT_HEIGHT - 1, 1),)

    def test_leave_a_gap_for_what_nobody_knows(self) -> None:
        zero, unknown = bars_of([(0,), None], ["a", "b"], Axis(1))
        assert (zero.is_known, zero.parts) == (True, (None,))
        assert (unknown.is_known, unknown.parts) == (False, ())
        assert plot([unknown], Axis(1), (), fills=[{}]).__html__().count("ks-plot__gap") == 1

    def test_of_none_are_none(self) -> None:
        assert bars_of([], [], Axis(1)) == ()

    def test_are_labelled_where_there_is_a_label(self) -> None:
        assert ticks_of(["a", "", "", "d"]) == ((12.5, "a"), (87.5, "d"))


class TestASparkline:
    def test_has_a_bar_for_each_day_with_use(self) -> None:
        assert sparkline_path((0, 1, 0, 44)) == "M3 22v-1h2v1zM9 22v-22h2v22z"

    def test_of_no_use_is_empty(self) -> None:
        assert sparkline_path(()) == sparkline_path((0, 0)) == ""

    def test_says_the_same_in_words(self) -> None:
        assert spark_of((0, 0)).label == "No requests"
        assert spark_of((0, 1)).label == "Used 1 time in the last 30 days"
        assert spark_of((999, 1)).label == "Used 1,000 times in the last 30 days"


class TestATimeline:
    def test_reaches_from_a_band_of_the_past_to_five_weeks_ahead(self) -> None:
        today = 100 * 3 / 38
        assert x_on_timeline(0) == pytest.approx(today)
        assert x_on_timeline(35 * DAY_S) == x_on_timeline(99 * DAY_S) == 100
        assert x_on_timeline(7 * DAY_S) == pytest.approx(100 * 10 / 38)
        assert 0 == x_on_timeline(-30 * DAY_S) == x_on_timeline(-9999 * DAY_S)
        assert 0 < x_on_timeline(-9 * DAY_S) < x_on_timeline(-2 * DAY_S) < today

    def test_tells_kinds_apart_by_shape(self) -> None:
        paths = {
            re.findall(r' d="([^"]+)"', marker(kind).__html__())[0] for kind in ("expired", "soon", "later")
        }
        assert len(paths) == 3
        drawn = timeline([("expired", 2.0), ("later", 80.0)], [(7.9, "11-22")], (7.9, 26.3)).__html__()
        assert drawn.count("ks-plot__line ") == 2
        assert 'x1="2%" x2="7.9%"' in drawn
        assert 'x1="7.9%" x2="80%"' in drawn

    def test_tells_kinds_by_time(self) -> None:
        assert [kind_of(ends, 0) for ends in (-1, 0, 1, 7 * DAY_S, 7 * DAY_S + 1)] == [
            *("expired", "expired", "soon", "soon", "later")
        ]


class TestAHeatMap:
    def test_has_four_levels_and_nothing(self) -> None:
        assert [heat_level(count, 100) for count in (0, 1, 25, 26, 75, 76, 100)] == [0, 1, 1, 2, 3, 4, 4]
        assert heat_level(0, 0) == 0

    def test_begins_on_monday_and_counts_what_is_chosen(self) -> None:
        weekly = {0: Bucket(UnixSeconds(0), 5, 2, 1), 167: Bucket(UnixSeconds(0), 1)}
        heat = heat_of(weekly, tuple(Outcome))
        assert (heat.rows[0].day, heat.rows[0].cells[0].count, heat.rows[0].cells[0].level) == ("Mon", "8", 4)
        assert (heat.rows[6].day, heat.rows[6].cells[23].count) == ("Sun", "1")
        assert heat_of(weekly, (Outcome.DENIED,)).rows[0].cells[0].count == "2"
        assert {cell.level for row in heat_of({}, tuple(Outcome)).rows for cell in row.cells} == {0}


class TestAChart:
    def test_says_in_a_sentence_what_it_shows(self) -> None:
        span = last_days(30, NOW)
        buckets = [Bucket(start, number) for number, start in enumerate(span.starts)]
        chart = chart_of(Drawn(span, buckets))
        assert chart.sentence == "Requests per day, 30 days to 2026-11-22. Highest 29, today 29."
        assert chart.rows[0] == ("2026-10-24", "0", "0", "0")
        assert re.findall(r">(\d\d-\d\d)<", chart.plot.__html__()) == [
            *("10-24", "10-31", "11-07", "11-14", "11-21")
        ]

    def test_of_hours_has_labels_every_six_or_every_day(self) -> None:
        for hours, expected in ((24, ["00:00", "06:00", "12:00", "18:00"]), (96, 4), (168, 4)):
            span = last_hours(hours, NOW)
            chart = chart_of(Drawn(span, [Bucket(start) for start in span.starts], (Outcome.DENIED,)))
            labels = re.findall(r">(\d\d[:-]\d\d)<", chart.plot.__html__())
            assert (sorted(labels) if isinstance(expected, list) else len(labels)) == expected
            assert "this hour 0" in chart.sentence
            assert chart.heads == ("Hour (UTC)", "Denied (403)")

    def test_of_many_days_has_a_label_every_fortnight_and_gaps(self) -> None:
        span = last_days(90, NOW)
        buckets = [Bucket(start, is_known=False) for start in span.starts]
        chart = chart_of(Drawn(span, buckets), life=(-5, 50))
        assert len(re.findall(r">\d\d-\d\d<", chart.plot.__html__())) == 7
        assert chart.rows[0][1:] == ("No data",) * 3
        html = chart.plot.__html__()
        assert ("ks-mark--created" in html, "ks-mark--expired" in html) == (False, True)

    def test_places_moments_in_percent(self) -> None:
        span = last_hours(10, NOW)
        assert position_in(span, span.start) == 0
        assert position_in(span, span.start + 5 * 3600) == 50
        assert position_in(span, span.end + 3600) == 110


def test_every_text_is_escaped() -> None:
    hostile = Element("text", {"class": '"><script>', "x": 1.5}, ("</text><b>",))
    assert hostile.__html__() == (
        '<text class="&quot;&gt;&lt;script&gt;" x="1.5">&lt;/text&gt;&lt;b&gt;</text>'
    )


def test_weeks_begin_as_is_preferred() -> None:
    sunday = date(2026, 11, 22)
    starts = [week_of(sunday, first_weekday(start)) for start in ("", "monday", "sunday", "saturday", "x")]
    assert [start.day for start in starts] == [16, 16, 22, 21, 16]
    assert [start.weekday() for start in starts] == [0, 0, 6, 5, 0]


def test_what_ends_is_told_in_the_right_number_and_time() -> None:
    assert ending_words(1, is_past=False) == "1 credential expires"
    assert ending_words(2, is_past=False) == "2 credentials expire"
    assert ending_words(2, is_past=True) == "2 credentials expired"
