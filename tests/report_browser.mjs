// Does a report work in a browser, from disk, with no network? `tests/report/browser.rs` runs this; by hand:
//
//   NODE_PATH=FOLDER/node_modules node tests/report_browser.mjs SCREENSHOTS DIR...
//
// FOLDER: where npm put playwright-core. SCREENSHOTS: a folder for a picture of every page. DIR: result directories with a
// report.html. CHROMIUM names the browser, /usr/bin/chromium by default. Needs Node 18. Every failure is one line; the exit code
// is 1 if there is any.
import { createRequire } from "node:module";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(join(process.env.NODE_PATH ?? "", "x.js"))("playwright-core");
const [screenshots, ...directories] = process.argv.slice(2);
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"];
const FEW = 40; // figures
const FOOT = 100; // points from the foot of a page that a heading needs at least, 43 of them margin
const patience = 120000; // ms, for a page of many figures on a busy machine

let failures = 0;
function check(holds, directory, what) {
  if (!holds) { failures += 1; console.error(`FAILED ${directory}: ${what}`); }
}

/// What a figure shows, as text: different drawings have different texts.
const drawing = figure => figure.evaluate(node => [...node.querySelectorAll(".plot path, .plot image")]
  .map(part => part.getAttribute("d") ?? part.getAttribute("href") ?? part.getAttribute("xlink:href"))
  .concat(node.querySelector(".plot").textContent).join("\n"));

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download", { timeout: patience }), button.click()]);
  return readFileSync(await file.path());
}

/// What is said below a plot while the pointer is over the middle of a line, and where on the axis that is.
async function hovered(page, figure) {
  const plot = figure.locator(".plot");
  await plot.scrollIntoViewIfNeeded();
  const place = await plot.evaluate(node => {
    const trace = node._fullData.find(trace => trace.hoverinfo === "none" && trace.x.length > 2), i = trace.x.length >> 1;
    const { xaxis, yaxis } = node._fullLayout, box = node.getBoundingClientRect();
    return { x: box.x + xaxis._offset + xaxis.c2p(trace.x[i]), y: box.y + yaxis._offset + yaxis.c2p(trace.y[i]), at: trace.x[i] };
  });
  await page.mouse.move(place.x - 3, place.y);
  await page.mouse.move(place.x, place.y);
  const readout = figure.locator(".readout:not(:empty)");
  await readout.waitFor({ timeout: patience });
  // below the plot, so that no curve is covered
  const [said, drawn] = [await readout.boundingBox(), await plot.boundingBox()];
  return { at: place.at, text: await readout.textContent(), below: said.y >= drawn.y + drawn.height - 1 };
}

/// As the page writes numbers.
const four = number => String(Number(Number(number).toPrecision(4))).replace("-", "−");

/// Every number of the sentences on top stands in the cell that it is quoted from; `null` for a cell that is not there.
const quoted = page => page.locator(".findings b").evaluateAll(quotes => quotes.map(quote => {
  const { table, row, column } = quote.dataset, view = document.getElementById(table);
  const place = [...view?.querySelectorAll("thead th") ?? []].findIndex(head => head.textContent === column);
  const line = [...view?.querySelectorAll("tbody tr") ?? []].find(line => line.cells[0].textContent === row);
  return { says: quote.textContent, where: `${table}, ${row}, ${column}`, cell: line?.cells[place]?.textContent ?? null };
}));

/// Tables of which something is beyond their right end.
const cut = page => page.locator(".table").evaluateAll(all =>
  all.filter(table => table.scrollWidth > table.clientWidth + 1).map(table => `${table.id} (${table.scrollWidth} pixels)`));

/// Entries of a legend that look alike to who sees no colours: those of ticks and of neurons' voltages, which stand in rows of their own, aside.
const alike = page => page.locator("figure:visible").evaluateAll(figures => figures.flatMap(figure => {
  if (/^(raster|neurons)/.test(figure.dataset.figure)) return [];
  const looks = [...figure.querySelectorAll(".legend .traces")].map(entry => [...entry.querySelectorAll(".legendlines path, .legendsymbols path")]
    .map(path => (path.style.strokeDasharray || "") + (path.closest(".legendsymbols") ? path.getAttribute("d") : "")).join());
  return new Set(looks).size < looks.length ? [figure.dataset.figure] : [];
}));

/// Cells of errors that say by their colour alone whether these are within their uncertainty.
const unmarked = page => page.locator("td.within, td.outside").evaluateAll(cells => cells.filter(cell => {
  const marks = [...cell.querySelectorAll("*")].map(part => getComputedStyle(part, "::before").content).filter(mark => /[✓✗]/.test(mark));
  return marks.length !== 1 || marks[0].includes("✓") !== cell.matches(".within");
}).map(cell => cell.textContent));

/// Where on their page the headings of a PDF with an outline stand: points from the foot. Objects of an outline are not compressed.
async function headings(page) {
  const pdf = (await page.pdf({ format: "A4", outline: true, tagged: true })).toString("latin1");
  return [...pdf.matchAll(/\/Dest\s*\[\s*\d+ 0 R\s*\/XYZ\s+[\d.-]+\s+([\d.-]+)/g)].map(([, y]) => Number(y));
}

/// Rows of a CSV file without quotes, as objects.
function table(path) {
  const [head, ...rows] = readFileSync(path, "utf8").trim().split("\n").map(row => row.split(","));
  return rows.map(row => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

async function examine(context, directory) {
  const page = await context.newPage();
  page.on("pageerror", error => check(false, directory, `script: ${error}`));
  page.on("console", message => message.type() === "error" && check(false, directory, `console: ${message.text()}`));
  page.on("request", request => check(/^(file|data|blob):/.test(request.url()), directory, `request to ${request.url()}`));
  await page.goto(pathToFileURL(resolve(directory, "report.html")).href);
  await page.waitForSelector("html[data-ready=true]", { timeout: patience });

  const quotes = await quoted(page);
  check(quotes.length > 0, directory, "no sentence on top");
  for (const { says, where, cell } of quotes) check(cell?.includes(says), directory, `on top ${says}, in ${where} ${cell}`);
  const ends = await page.locator(".findings").evaluate(node => node.getBoundingClientRect().bottom);
  check(ends < 600, directory, `the sentences end ${ends} pixels from the top`);
  const key = page.locator("section.key figure:visible .plot");
  if (await key.count()) check((await key.first().boundingBox()).y < 800, directory, "no figure on the first screen");
  check(await page.locator(".folded > section > details[open]").count() === 0, directory, "something is not folded away");
  await page.screenshot({ path: join(screenshots, `${basename(directory)}-first.png`) });

  const sections = await page.locator(".folded > section").count();
  await page.locator("#unfold").click();
  check(await page.locator(".folded > section > details[open]").count() === sections, directory, "not everything opens");
  await page.waitForFunction(() => [...document.querySelectorAll("figure:not([hidden]) .plot")].every(plot => plot.querySelector("svg")),
    undefined, { timeout: patience });
  const drawn = await page.waitForSelector("html[data-ready=true]", { timeout: patience }).catch(() => null);
  check(drawn !== null, directory, "what is opened is not drawn");
  // labels of an axis grow along it: no 5 between 0.02 and 0.1
  const labels = await page.locator("figure:visible .plot").evaluateAll(plots => plots.filter(plot => plot._fullLayout.xaxis.type === "log")
    .map(plot => [...plot.querySelectorAll(".xaxislayer-above .xtick text")].map(text => Number(text.textContent)))
    .filter(numbers => numbers.every(Number.isFinite)));
  for (const numbers of labels) check(numbers.every((x, i) => i === 0 || x > numbers[i - 1]), directory, `the labels of an axis are ${numbers}`);
  const figures = await page.locator("figure:visible").all();
  for (const figure of figures) {
    const name = await figure.getAttribute("data-figure");
    check((await drawing(figure)).length > 100, directory, `${name} is empty`);
    const box = await figure.boundingBox();
    check(box.x >= 0 && box.x + box.width <= 1280, directory, `${name} leaves the page`);
    check((await figure.locator("figcaption span").first().textContent()).length > 20, directory, `${name} has no caption`);
  }
  check((await cut(page)).length === 0, directory, `cut off: ${await cut(page)}`);
  check((await alike(page)).length === 0, directory, `told apart by colour alone: ${await alike(page)}`);
  check((await unmarked(page)).length === 0, directory, `without a mark: ${await unmarked(page)}`);
  for (const section of await page.locator("main > section").all()) {
    const full = await section.locator("figure:visible, table, .head").count();
    check(full > 0, directory, `section ${await section.getAttribute("id")} is empty`);
  }
  await page.screenshot({ path: join(screenshots, `${basename(directory)}.png`), fullPage: true });

  const point = page.locator("#point select");
  if (await point.count()) {
    const figure = page.locator("section:has(.at) figure[data-slot]:visible").first(), before = await drawing(figure);
    await point.selectOption({ index: 0 });
    const ids = await page.locator("section:has(.at) figure:visible").evaluateAll(all => all.map(figure => figure.dataset.figure));
    check(ids.every(id => id.endsWith("-0")) && await drawing(figure) !== before, directory, `the first point shows ${ids}`);
  }
  for (const section of await page.locator("section:has(.chooser)").all()) {
    const figure = section.locator("figure[data-slot]:visible").first(), before = await drawing(figure);
    const name = await figure.getAttribute("data-figure");
    const select = section.locator("select").first(), last = await select.locator("option").count() - 1;
    await select.selectOption({ index: await select.inputValue() === String(last) ? 0 : last });
    check(await figure.getAttribute("data-figure") !== name && await drawing(figure) !== before,
      directory, `the choice in ${await section.getAttribute("id")} changes nothing`);
  }

  if (figures.length) {
    const svg = await download(page, figures[0].locator("[data-format=svg]"));
    check(svg.toString().includes("<svg") && svg.length > 2000, directory, "no SVG is saved");
    const png = await download(page, figures[0].locator("[data-format=png]"));
    check(png.subarray(1, 4).toString() === "PNG" && png.length > 2000, directory, "no PNG is saved");
  }

  const along = page.locator("figure[data-figure^='rate-e-']:visible").first();
  if (await along.count()) {
    const { at, text, below } = await hovered(page, along);
    check(below, directory, "what is said covers the plot");
    const here = table(join(directory, "points.csv")).filter(row => Object.values(row).some(cell => Number(cell) === at));
    const means = [...new Set(here.map(row => four(row.rate_E_mean)))];
    // Of a grid the figure is one cut, the file has all of them.
    const told = mean => text.includes(mean);
    check(means.length > 0 && (means.length > 4 ? means.some(told) : means.every(told)), directory, `hovering at ${at} says ${text}, points.csv ${means}`);
  }

  // on paper no table leaves the page, and figures are as wide as their column; seen on pages that are drawn soon
  if (figures.length < FEW) {
    await page.setViewportSize({ width: 680, height: 900 });
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const beyond = await page.locator("table:visible, figure:visible .plot svg.main-svg").evaluateAll(all =>
      Math.max(0, ...all.map(node => node.getBoundingClientRect().right)));
    check(beyond <= 681, directory, `${beyond} pixels wide on paper of 680`);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await page.emulateMedia({ media: null });
    await page.setViewportSize({ width: 1280, height: 900 });
    // a heading stands above what it is of, not alone at the foot of a page
    const feet = await headings(page);
    check(feet.length >= sections && Math.min(...feet) > FOOT, directory, `headings ${feet} points from the foot of their pages`);
  }
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.locator("#theme").click();
  check(await paper() !== light, directory, "the theme does not change");
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 390, directory, `${wide} pixels wide on a phone of 390`);
  check((await cut(page)).length === 0, directory, `cut off on a phone: ${await cut(page)}`);
  await page.close();
}

mkdirSync(screenshots, { recursive: true });
const home = mkdtempSync(join(tmpdir(), "report-"));
const context = await chromium.launchPersistentContext(join(home, "profile"), {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true, args: flags, offline: true, acceptDownloads: true,
  viewport: { width: 1280, height: 900 }, env: { ...process.env, HOME: home },
});
for (const directory of directories) {
  if (existsSync(join(directory, "report.html"))) await examine(context, directory).catch(error => check(false, directory, error.message));
  else check(false, directory, "no report.html");
}
await context.close();
rmSync(home, { recursive: true, force: true });
console.log(`examined ${directories.length} reports`);
process.exit(failures ? 1 : 0);
