"""The sheet that a picture is drawn on."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from .label import text
from .palette import LINE, MUTED, TEXT, Style

WIDTH = 11.0
"""The width of all pictures in inches."""


class Picture(Figure):
    """A figure that a notebook shows also if pyplot was never imported."""

    def __init__(self, height: float, title: str, about: str) -> None:
        super().__init__(figsize=(WIDTH, height), dpi=96, layout="constrained", facecolor="white")
        self.suptitle(title, x=0.008, ha="left", fontsize=12, fontweight="bold", color=TEXT)
        top = self.transFigure + ScaledTranslation(0, -0.09, self.dpi_scale_trans)
        self.text(0.992, 1, about, transform=top, ha="right", va="top", fontsize=9, color=MUTED)

    def panels(self, rows: int, columns: int) -> list[list[Axes]]:
        """Returns rows of panels that share their axes. If there are none, says so."""
        if rows * columns == 0:
            self.text(0.5, 0.5, "There is nothing to show.", ha="center", color=MUTED)
            return []
        grid = self.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        panels: list[list[Axes]] = grid.tolist()
        for axes in (axes for row in panels for axes in row):
            axes.set_axisbelow(True)
            axes.grid(axis="x", color=LINE, linewidth=0.8)
            axes.tick_params(length=0, labelsize=9, labelcolor=TEXT)
            axes.spines[["top", "right", "left"]].set_visible(False)
            axes.spines["bottom"].set_color(LINE)
        return panels

    def panel(self, *, is_empty: bool) -> list[Axes]:
        """Returns the only panel. If there is nothing to draw, says so and returns none."""
        return [axes for row in self.panels(1, 0 if is_empty else 1) for axes in row]

    def explain(self, signs: dict[str, Style]) -> None:
        """Adds a legend below the panels."""
        if not signs:
            return
        # As many in a row as the width has room for.
        longest = max(map(len, signs))
        columns = max(1, min(len(signs), int(WIDTH / (0.6 + 0.08 * longest))))
        rows = -(-len(signs) // columns)
        self.set_figheight(self.get_figheight() + 0.2 + 0.19 * rows)
        self.legend(
            handles=[Patch(label=text(sign), **style) for sign, style in signs.items()],
            loc="outside lower left",
            ncols=columns,
            frameon=False,
            fontsize=9,
            labelcolor=TEXT,
        )

    def _repr_png_(self) -> bytes:
        png = BytesIO()
        self.savefig(png, format="png")
        return png.getvalue()
