"""What pictures contain: boxes at the right places, names, local times."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import doctest
import json
import re
import subprocess
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from vectors import REPOSITORY

import agentfold
from agentfold import AgentfoldError, Fold
from agentfold.types import Names

pytest.importorskip("matplotlib")

from agentfold import plot
from agentfold.plot import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

END = "2026-01-05T10:00:00Z"
WINDOW: dict[str, Any] = {"from_": "2026-01-05T08:00:00Z", "to": END, "as_of": END}
NAMES: Names = {"agents": {"7": "Kim", "8": "Lee"}, "groups": {"50": "Billing"}}


def event(kind: str, at: str, agent: str = "7", account: int = 2, **fields: Any) -> str:
    """Returns a delivery. `at` is a time of 5 January 2026, or an instant."""
    updated_at = at if "T" in at else f"2026-01-05T{at}:00Z"
    return json.dumps(
        {
            "account_id": account,
            "detail": {"agent_id": agent},
            "id": f"{kind} {updated_at} {agent} {fields}",
            "type": f"zen:event-type:agent.{kind}",
            "event": {"updated_at": updated_at, **fields},
        }
    )


def unified(at: str, name: str, agent: str = "7", before: str | None = None, account: int = 2) -> str:
    previous = {"previous_unified_state": {"id": before, "name": before}} if before else {}
    new = {"id": name, "name": name}
    return event("unified_state_changed", at, agent, account, new_unified_state=new, **previous)


def state(at: str, new: str, agent: str = "7", channel: str = "talk") -> str:
    return event("state_changed", at, agent, new_state=new, channel=channel)


def item(at: str, *, added: bool = True, agent: str = "7", channel: str = "talk") -> str:
    kind = "work_item_added" if added else "work_item_removed"
    return event(kind, at, agent, work_item_id="1", channel=channel, reason="ACCEPTED")


def folded(*events: str) -> Fold:
    fold = Fold()
    assert fold.read(events)["counts"]["unreadable"] == 0
    return fold


def boxes(axes: Axes) -> dict[str, list[tuple[float, ...]]]:
    """Returns left, bottom, right and top of the boxes by label, in minutes after 08:00."""
    start = datetime(2026, 1, 5, 8, tzinfo=timezone.utc).timestamp() / 86_400
    found: dict[str, list[tuple[float, ...]]] = {}
    for drawn in axes.collections:
        for path in drawn.get_paths():
            x0, y0, x1, y1 = path.get_extents().extents
            box = ((x0 - start) * 1440, y0, (x1 - start) * 1440, y1)
            found.setdefault(str(drawn.get_label()), []).append(tuple(round(it, 2) + 0.0 for it in box))
    return found


def heights(axes: Axes, label: str) -> list[float]:
    return [round(top - bottom, 3) for _, bottom, _, top in boxes(axes).get(label, [])]


def texts(labels: list[Any]) -> list[str]:
    return [label.get_text() for label in labels if label.get_text()]


def lanes(figure: Figure) -> list[str]:
    return texts(figure.axes[0].get_yticklabels())


def signs(figure: Figure) -> list[str]:
    return texts([text for legend in figure.legends for text in legend.get_texts()])


def test_a_timeline_has_a_box_for_each_interval() -> None:
    fold = folded(
        unified("08:30", "online"),
        unified("09:00", "away", before="online"),
        # What an event states of the time before it is inferred, from the agent's first event on.
        state("08:00", "online", "8"),
        unified("09:15", "online", "8", before="offline"),
    )
    figure = plot.timeline(fold, **WINDOW)
    assert boxes(figure.axes[0]) == {
        "unknown": [(0, -0.34, 30, 0.34)],
        "online": [(30, -0.34, 60, 0.34), (75, 0.66, 120, 1.34)],
        "away": [(60, -0.34, 120, 0.34)],
        "offline": [(0, 0.66, 75, 1.34)],
        "inferred": [(0, 0.66, 75, 1.34)],
    }
    assert lanes(figure) == ["7", "8"]
    assert signs(figure) == ["online", "away", "offline", "inferred from the next event", "unknown"]


def test_disputed_time_is_striped_in_the_colour_of_its_state() -> None:
    fold = folded(unified("08:00", "online"), unified("09:00", "offline", before="away"))
    [axes] = plot.timeline(fold, **WINDOW).axes
    assert boxes(axes)["disputed"] == boxes(axes)["online"] == [(0, -0.34, 60, 0.34)]
    looks = {str(drawn.get_label()): drawn for drawn in axes.collections}
    assert looks["disputed"].get_hatch()
    assert to_hex(looks["online"]) == palette.KNOWN["online"]


def to_hex(drawn: Any) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in drawn.get_facecolor()[0][:3])


def test_agents_are_called_by_name_and_by_account_only_if_needed() -> None:
    one = [unified("08:30", "online", agent) for agent in ("7", "9")]
    assert lanes(plot.timeline(folded(*one), **WINDOW, names=NAMES)) == ["Kim", "9"]
    two = folded(*one, unified("08:30", "online", "9", account=3))
    assert lanes(plot.timeline(two, **WINDOW, names=NAMES)) == ["Kim", "9 of 2", "9 of 3"]


def test_a_selection_and_an_empty_window_leave_agents_out() -> None:
    fold = folded(
        event("groups_updated", "08:00", new_group_ids=["50"]),
        unified("08:30", "online"),
        unified("08:30", "online", "8"),
        unified("2026-01-06T08:30:00Z", "online", "9"),
    )
    assert lanes(plot.timeline(fold, **WINDOW)) == ["7", "8"]
    assert lanes(plot.timeline(fold, **WINDOW, selection={"groups": ["50"]})) == ["7"]
    assert lanes(plot.timeline(fold, **WINDOW, selection={"agents": ["8"]})) == ["8"]


def test_a_timeline_shows_the_track_that_is_asked_for() -> None:
    fold = folded(state("08:30", "online"), state("09:00", "away"), unified("08:00", "online"))
    figure = plot.timeline(fold, **WINDOW, track="state[talk]")
    assert boxes(figure.axes[0])["away"] == [(60, -0.34, 120, 0.34)]
    assert figure.get_suptitle() == "States on talk of 1 agent"
    chat = '{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a", "value": "away", %s}'
    fold = folded(chat % '"timestamp": "2026-01-05T09:00:00Z"')
    assert boxes(plot.timeline(fold, **WINDOW, track="chat_status").axes[0])["away"]


def test_staffing_stacks_agents_by_state_without_those_offline() -> None:
    fold = folded(
        unified("08:00", "online"),
        unified("09:00", "Break", before="online"),
        unified("09:30", "Offline", before="Break"),
        unified("08:30", "online", "8"),
        event(
            "unified_state_changed", "08:00", "10", new_unified_state={"id": "2", "name": "Hors ligne"}
        ),
        unified("09:00", "online", "9", account=3),
    )
    figure = plot.staffing(fold, **WINDOW, every="1h")
    assert boxes(figure.axes[0]) == {
        "online": [(0, 0, 60, 1.5), (60, 0, 120, 2)],
        "Break": [(60, 2, 120, 2.5)],
    }
    assert signs(figure) == ["online", "Break"]
    only = plot.staffing(fold, **WINDOW, every="1h", selection={"agents": ["8"]})
    assert heights(only.axes[0], "online") == [0.5, 1]


def test_staffing_stripes_what_is_uncertain() -> None:
    fold = folded(
        unified("08:00", "online"),
        unified("08:30", "away", before="offline"),
        unified("08:45", "online"),
    )
    figure = plot.staffing(fold, **WINDOW, every="1h")
    found = boxes(figure.axes[0])
    assert found["online"][0] == (0, 0, 60, 0.75)
    # The first half hour is disputed: the event at 08:30 states another state before it.
    assert found["uncertain"][0] == (0, 0.25, 60, 0.75)
    assert "striped: from uncertain time" in signs(figure)


def test_staffing_shows_chat_statuses_if_no_unified_state_is_known() -> None:
    chat = """{"account_id": 2, "agent_id": 7, "field_name": "%s", "id": "%s", "value": %s,
        "previous_value": %s, "timestamp": "2026-01-05T%s:00Z"}"""
    fold = folded(
        chat % ("engagements", "a", "0", "0", "08:00"),
        chat % ("status", "b", '"online"', '"away"', "08:30"),
        chat % ("status", "c", '"invisible"', '"online"', "09:00"),
    )
    figure = plot.staffing(fold, **WINDOW, every="1h")
    assert heights(figure.axes[0], "online") == [0.5]
    assert heights(figure.axes[0], "away") == [0.5]
    assert heights(figure.axes[0], "uncertain") == [0.5]


def test_occupancy_has_a_panel_for_each_channel() -> None:
    fold = folded(
        state("08:00", "online"),
        item("08:45"),
        item("09:30", added=False),
        state("08:00", "online", "8"),
        state("08:00", "online", "8", "support"),
    )
    figure = plot.occupancy(fold, **WINDOW, every="1h")
    support, talk = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["support", "talk"]
    assert boxes(talk)["talk"] == [(0, 0, 60, 0.12), (60, 0, 120, 0.25)]
    assert heights(support, "support") == [0, 0]
    assert talk.get_ylim() == (0, 1)


def test_a_bucket_without_anybody_online_has_no_bar() -> None:
    fold = folded(state("09:00", "online"), item("09:00"))
    [axes] = plot.occupancy(fold, **WINDOW, every="1h").axes
    assert boxes(axes) == {"talk": [(60, 0, 120, 1)]}


def test_occupancy_by_group_has_a_row_for_each_group() -> None:
    fold = folded(
        event("groups_updated", "08:00", new_group_ids=["50", "51"]),
        state("08:00", "online"),
        item("09:00"),
        event("groups_updated", "08:00", "8", new_group_ids=["51"]),
        state("08:00", "online", "8"),
    )
    figure = plot.occupancy(fold, **WINDOW, every="1h", by="group", names=NAMES)
    assert [axes.get_ylabel() for axes in figure.axes] == ["Billing", "51"]
    assert [heights(axes, "talk") for axes in figure.axes] == [[0, 1], [0, 0.5]]
    assert figure.axes[0].get_title(loc="left") == "talk"


def test_a_heat_map_has_a_cell_where_somebody_was_online() -> None:
    fold = folded(
        state("08:00", "online"),
        item("08:45"),
        state("09:00", "online", "8"),
        state("08:00", "online", "9", "support"),
    )
    figure = plot.heat_map(fold, "talk", **WINDOW, names=NAMES)
    assert lanes(figure) == ["Kim", "Lee"]
    [cells] = figure.axes[0].collections
    values: Any = cells.get_array()
    assert boxes(figure.axes[0])["occupancy"] == [
        (0, -0.5, 60, 0.5),
        (60, -0.5, 120, 0.5),
        (60, 0.5, 120, 1.5),
    ]
    assert values.tolist() == [0.25, 1, 0]
    assert texts(list(figure.axes[0].texts)) == ["25%", "100%", "0%"]


def test_a_heat_map_by_day_adds_an_hour_that_the_clocks_show_twice() -> None:
    at = "2026-10-25T{}:00Z".format
    # In Berlin it is 02:30 at 00:30 and again at 01:30.
    fold = folded(
        state(at("00:30"), "online"),
        item(at("01:30")),
        item(at("01:45"), added=False),
        state(at("02:00"), "away"),
    )
    figure = plot.heat_map(
        fold,
        "talk",
        from_="2026-10-24T22:00:00Z",
        to="2026-10-26T23:00:00Z",
        tz="Europe/Berlin",
        by="day",
    )
    [cells] = figure.axes[0].collections
    values: Any = cells.get_array()
    assert values.tolist() == [1 / 6]
    assert lanes(figure) == ["Sun 25 Oct"]
    left, _, right, _ = cells.get_paths()[0].get_extents().extents
    assert (round(left * 24, 6), round(right * 24, 6)) == (2, 3)


def test_a_heat_map_shows_the_measure_and_the_groups_that_are_asked_for() -> None:
    fold = folded(
        event("groups_updated", "08:00", new_group_ids=["50"]),
        event("max_capacity_changed", "08:00", maxCapacity={"talk": {"current": 4}}),
        state("08:00", "online"),
        item("08:00"),
    )
    figure = plot.heat_map(fold, "talk", **WINDOW, by="group", measure="utilisation", names=NAMES)
    values: Any = figure.axes[0].collections[0].get_array()
    assert values.tolist() == [0.25, 0.25]
    assert lanes(figure) == ["Billing"]
    assert figure.get_suptitle() == "Utilisation on talk by group, per 1h"


@pytest.mark.parametrize(
    ("name", "wrong", "path"),
    [
        ("occupancy", {"by": "agent"}, "/by"),
        ("heat_map", {"channel": "talk", "by": "channel"}, "/by"),
        ("heat_map", {"channel": "talk", "measure": "adherence"}, "/measure"),
        ("staffing", {"every": "often"}, "/every"),
        ("timeline", {"tz": "Mars/Olympus"}, "/tz"),
    ],
)
def test_a_wrong_word_is_refused(name: str, wrong: dict[str, Any], path: str) -> None:
    fold = folded(state("08:00", "online"), item("08:00"))
    with pytest.raises(AgentfoldError) as refused:
        getattr(plot, name)(fold, **WINDOW, **wrong)
    assert refused.value.path == path


def test_the_axis_shows_the_clocks_of_the_zone() -> None:
    fold = folded(unified("08:30", "online"))
    figure = plot.timeline(fold, **WINDOW, tz="America/New_York")
    figure.draw_without_rendering()
    shown = texts(figure.axes[0].get_xticklabels())
    assert shown[0] == "03:00"
    assert shown[-1] == "05:00"
    assert "Mon 5 Jan 2026, times in America/New_York" in texts(list(figure.texts))


@pytest.mark.parametrize("agents", [1, 40])
def test_labels_do_not_overlap(agents: int) -> None:
    states = ["online", "away", "offline", "transfers_only", *(f"state number {n}" for n in range(12))]
    fold = folded(
        *(
            unified(
                f"{8 + step // 10:02}:{step % 10 * 6:02}",
                states[(step + agent) % 16],
                str(10**11 + agent),
            )
            for agent in range(agents)
            for step in range(20)
        ),
        *(state("08:00", "online", str(10**11 + agent)) for agent in range(agents)),
    )
    for figure in (
        plot.timeline(fold, **WINDOW),
        plot.staffing(fold, **WINDOW),
        plot.occupancy(fold, **WINDOW),
        plot.heat_map(fold, "talk", **WINDOW),
    ):
        figure.draw_without_rendering()
        axes = figure.axes[0]
        for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
            extents = [label.get_window_extent() for label in labels]
            assert not any(a.overlaps(b) for a in extents for b in extents if a is not b)
        for legend in figure.legends:
            around: Any = axes.get_tightbbox()
            assert not around.overlaps(legend.get_window_extent())
            assert legend.get_window_extent().x1 <= figure.bbox.x1


def test_text_of_events_is_no_formula_and_controls_nothing() -> None:
    fold = folded(unified("08:30", "$x^2$ \x1b[2J"))
    names: Names = {"agents": {"7": "a$b$c"}, "groups": {}}
    figure = plot.timeline(fold, **WINDOW, names=names)
    # An escaped dollar is drawn as a dollar.
    assert lanes(figure) == [r"a\$b\$c"]
    assert signs(figure)[0] == r"\$x^2\$ \u{1b}[2J"
    figure.draw_without_rendering()
    of_group = event("groups_updated", "08:00", new_group_ids=["$50$"])
    channel = "\x1b$talk$"
    fold = folded(of_group, state("08:00", "online", channel=channel), item("08:00", channel=channel))
    by_channel = plot.occupancy(fold, **WINDOW)
    by_group = plot.occupancy(fold, **WINDOW, by="group")
    assert by_channel.axes[0].get_ylabel() == r"\u{1b}\$talk\$"
    assert by_group.axes[0].get_ylabel() == r"\$50\$"
    assert by_group.axes[0].get_title(loc="left") == r"\u{1b}\$talk\$"
    heat_map = plot.heat_map(fold, channel, **WINDOW, by="group")
    assert lanes(heat_map) == [r"\$50\$"]
    for picture in (by_channel, by_group, heat_map):
        picture.draw_without_rendering()


def test_a_picture_of_nothing_says_so() -> None:
    for figure in (
        plot.timeline(Fold(), **WINDOW),
        plot.staffing(Fold(), **WINDOW),
        plot.occupancy(Fold(), **WINDOW),
        plot.heat_map(Fold(), "talk", **WINDOW),
    ):
        assert "There is nothing to show." in texts(list(figure.texts))
        assert figure.axes == []


def test_a_notebook_shows_a_picture() -> None:
    figure: Any = plot.timeline(folded(unified("08:30", "online")), **WINDOW)
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_the_colours_are_those_of_the_command() -> None:
    source = REPOSITORY / "crates" / "agentfold-cli" / "src" / "picture" / "palette.rs"
    text = source.read_text(encoding="utf-8")
    colours = {
        name: "#" + "".join(parts)
        for name, *parts in re.findall(r'(?:"(\w+)", )?Color\(0x(\w\w), 0x(\w\w), 0x(\w\w)\)', text)
        if name
    }
    others = re.findall(r"^    Color\(0x(\w\w), 0x(\w\w), 0x(\w\w)\)", text, re.MULTILINE)
    assert colours == palette.KNOWN
    assert ["#" + "".join(parts) for parts in others] == list(palette.OTHERS)


def test_without_matplotlib_the_error_names_the_extra() -> None:
    program = "import sys; sys.modules['matplotlib'] = None; import agentfold; import agentfold.plot"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY / "python" / "tests",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert 'ImportError: agentfold.plot needs matplotlib: pip install "agentfold[plot]"' in done.stderr


def test_the_examples_in_docstrings_run() -> None:
    runner = doctest.DocTestRunner()
    for name in ("__doc__", *plot.__all__):
        documented: Any = plot if name == "__doc__" else getattr(plot, name)
        test = doctest.DocTestParser().get_doctest(
            documented.__doc__ or "", vars(agentfold).copy(), name, None, None
        )
        assert test.examples, name
        output: list[str] = []
        runner.run(test, out=output.append)
        assert not output, "".join(output)
