"""The starter as a product: does and does not side by side, what it costs here, and how far its word can be taken."""

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.presenters.product import Line, ProductPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import dialogs, pieces
from app.views.look import Look
from app.views.reliability_plot import ReliabilityPlot
from app.views.two_columns import TwoColumns

ICONS = {"good": ("check", "good"), "bad": ("warning", "bad"), "muted": ("clock", "muted")}
HOW_TO_READ = "On the dashed line its word can be taken for it. A larger dot stands for more cases."


class ProductPanel(QWidget):
    def __init__(self, look: Look, presenter: ProductPresenter) -> None:
        super().__init__()
        self.setObjectName("product")
        self._look, self._presenter = look, presenter
        self._chip = pieces.chip("", name="productVerdict")
        self._trouble = pieces.label("", tone="bad", wrap=True, name="productTrouble")
        self._open = pieces.column(gap=GAP_1)
        self._does, self._does_not = pieces.column(gap=GAP_3), pieces.column(gap=GAP_3)
        self._floors = pieces.column(gap=GAP_2)
        self._measured = pieces.label("", face="small", tone="muted", wrap=True, name="productMeasured")
        self._bar = self._progress_bar()
        self._measure = pieces.button("Measure on this machine", presenter.measure, "productMeasure",
                                      hint="Asks the starter 60 things and times them; takes some seconds")  # fmt: skip
        self._stop = pieces.button("Stop", presenter.stop, "productStop", hint="Keep nothing of this measuring")
        self._report = pieces.button("What it gave up", presenter.read_report, "productReport",
                                     hint="The loss statement: every capability with its figures")  # fmt: skip
        self._plot = ReliabilityPlot(look)
        reading = pieces.label(HOW_TO_READ, face="small", tone="muted", wrap=True)
        self._plot_column = pieces.box(
            pieces.column(_caps("How sure it is, how often it is right"), self._plot, reading, None, gap=GAP_2)
        )
        self.setLayout(self._laid_out())
        presenter.listen(lambda part, _key: self._changed(part))
        self._show()
        self._show_progress()

    def _laid_out(self) -> QVBoxLayout:
        head = pieces.row(pieces.label("As a product", face="heading"), self._chip, None, self._report, gap=GAP_2)
        does = pieces.box(pieces.column(_caps("Does"), self._does, None, gap=GAP_2), "productDoes")
        does_not = pieces.box(
            pieces.column(_caps("Does not, and where it goes"), self._does_not, None, gap=GAP_2), "productDoesNot"
        )
        costs = pieces.box(pieces.column(
            _caps("What it costs"), self._floors, self._measured, self._bar,
            pieces.row(self._measure, self._stop, None, gap=GAP_2), None, gap=GAP_2,
        ), "productCosts")  # fmt: skip
        return pieces.column(
            pieces.line(), head, self._trouble, self._open, TwoColumns(does, does_not), pieces.line(),
            TwoColumns(costs, self._plot_column), gap=GAP_4,
        )  # fmt: skip

    def _progress_bar(self) -> QProgressBar:
        made = QProgressBar()
        made.setObjectName("productProgress")
        made.setAccessibleName("Measuring")
        made.setTextVisible(False)
        return made

    def _changed(self, part: str) -> None:
        if part == "product":
            self._show()
        elif part == "measuring":
            self._show_progress()
        elif self._presenter.product:
            dialogs.show_text(self, "What it gave up", self._presenter.product.report)

    def _show(self) -> None:
        presenter = self._presenter
        words, tone = presenter.verdict
        self._chip.setText(words)
        pieces.set_property(self._chip, tone=tone)
        product = presenter.product
        self._chip.setToolTip(product.why if product else "")
        self._trouble.setText(product.trouble if product else "")
        self._trouble.setVisible(bool(product and product.trouble))
        self._report.setEnabled(bool(product and product.report))
        _fill(self._open, [self._point(line) for line in presenter.open_points])
        _fill(self._does, [_titled(line) for line in presenter.does])
        _fill(self._does_not, [_titled(line) for line in presenter.does_not])
        _fill(self._floors, [self._floor(line) for line in presenter.floors])
        self._plot.show_steps(presenter.reliability, presenter.reliability_words)
        self._plot_column.setVisible(bool(presenter.reliability))
        self._measured.setText(presenter.measured)

    def _show_progress(self) -> None:
        progress = self._presenter.progress
        done, total = progress or (0, 0)
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        for part, shown in ((self._bar, True), (self._stop, True), (self._measure, False)):
            part.setVisible((progress is not None) is shown)
        self._stop.setEnabled(self._presenter.can_stop)
        self._measured.setText(self._presenter.measured)

    def _floor(self, line: Line) -> QWidget:
        icon, tone = ICONS[line.tone]
        sign = pieces.IconLabel(self._look, icon, tone, 16)
        sign.setAccessibleName({"good": "met", "bad": "missed", "muted": "open"}[line.tone])
        return pieces.box(pieces.row(sign, _titled(line), gap=GAP_2))

    def _point(self, line: Line) -> QWidget:
        return pieces.label(f"{line.title}: {line.about}", face="small", tone=line.tone, wrap=True)


def _titled(line: Line) -> QWidget:
    about = pieces.label(line.about, face="small", tone="muted", wrap=True)
    return pieces.box(pieces.column(pieces.label(line.title, wrap=True), about, gap=2))


def _caps(text: str) -> QWidget:
    return pieces.label(text, face="caps")


def _fill(layout: QVBoxLayout, rows: list[QWidget]) -> None:
    pieces.empty(layout)
    for row in rows:
        layout.addWidget(row)
