"""A headless Chromium for the tests of the report page, and what to ask it about accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from ringspec.report import html
from ringspec.results.store import Run

_ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
_LIMIT_S = 20

# Texts whose contrast with what is behind them is below WCAG 2.1, 1.4.3: 4.5, and 3 where large.
_CONTRAST = """
const parse = (text) => {
  const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
  return {r, g, b, a};
};
const over = (top, below) => ({
  r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
  b: top.b * top.a + below.b * (1 - top.a), a: 1});
const luminance = ({r, g, b}) => {
  const [x, y, z] = [r, g, b].map((v) => v / 255).map(
    (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const paper = (element) => parse(getComputedStyle(element).backgroundColor);
const behind = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) layers.push(paper(at));
  return layers.reverse().reduce((below, top) => over(top, below), {r: 255, g: 255, b: 255, a: 1});
};
const seen = new Set(), bad = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const skipped = element.closest(".sr, .skip, svg, [hidden], script, :disabled");
  if (!own || skipped || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  const back = behind(element);
  const key = JSON.stringify([style.color, back, style.fontSize, style.fontWeight]);
  if (seen.has(key)) continue;
  seen.add(key);
  const both = [luminance(over(parse(style.color), back)), luminance(back)].sort((a, b) => b - a);
  const ratio = (both[0] + 0.05) / (both[1] + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio >= (large ? 3 : 4.5)) continue;
  const words = element.textContent.trim().slice(0, 30);
  bad.push(`${element.tagName}.${element.className} "${words}": ${ratio.toFixed(2)}`);
}
return bad;
"""


class Page:
    """The report in the browser."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver
        self._file = ""

    def open(self, file: Path, fragment: str = "") -> None:
        """Opens afresh and waits for the script."""
        self._file = file.as_uri()
        self.driver.get("about:blank")
        self.driver.get(self._file + fragment)
        self.until("document.documentElement.dataset.ready === 'yes'")

    def until(self, condition: str) -> None:
        """Waits for a condition in the page."""
        wait = WebDriverWait(self.driver, _LIMIT_S, poll_frequency=0.02)
        wait.until(lambda _: self.js(f"return Boolean({condition})"), f"never came: {condition}")

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    @property
    def fragment(self) -> str:
        return str(self.js("return location.hash"))

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        """The texts of all that are to be seen."""
        script = """return [...document.querySelectorAll(arguments[0])]
          .filter((one) => one.checkVisibility()).map((one) => one.textContent.trim())"""
        return list(self.js(script, selector))

    def rows(self) -> list[str]:
        """The clauses whose rows are to be seen."""
        return [text.split()[0] for text in self.texts("#table tr[data-id] th")]

    def cell(self, clause: str, column: int) -> WebElement:
        """The square of a clause on a kernel."""
        return self.one(f"#table tr[data-id='{clause}'] > :nth-child({column + 2})")

    def choose(self, name: str, value: str) -> None:
        """Picks from one of the filter's lists, as a user would."""
        self.js(
            """const field = document.querySelector(`#filter [name=${arguments[0]}]`);
            field.value = arguments[1]; field.dispatchEvent(new Event('input', {bubbles: true}))""",
            name,
            value,
        )

    def appearance(self, width: int, height: int, dark: bool = False) -> None:
        """Another screen; the page that is open notices."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def complaints(self) -> list[str]:
        """What the console has had to say since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def accessible(self) -> list[dict[str, Any]]:
        """Chromium's own accessibility tree: role, name and whether it takes the focus."""
        tree = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
        return [
            {
                "role": node.get("role", {}).get("value", ""),
                "name": node.get("name", {}).get("value", ""),
                "focusable": any(
                    one["name"] == "focusable" and one["value"]["value"]
                    for one in node.get("properties", ())
                ),
            }
            for node in tree["nodes"]
            if not node.get("ignored")
        ]

    def too_faint(self) -> list[str]:
        """Texts that cannot be read well."""
        return list(self.js(_CONTRAST))

    def cpu_seconds(self, file: Path) -> float:
        """What it costs the page's thread to open this file, whatever else the machine does."""
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        self.open(file)
        metrics = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        self.driver.execute_cdp_cmd("Performance.disable", {})
        return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def written(run: Run, path: Path) -> Path:
    """The page of this run, in this directory."""
    (path / "report.html").write_text(html.render(run), encoding="utf-8")
    return path / "report.html"


@contextmanager
def chromium() -> Iterator[Page]:
    """A browser of our own; it ends with the block."""
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        yield Page(driver)
    finally:
        driver.quit()
