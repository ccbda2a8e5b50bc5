// Does a report work in a browser, from disk, with no network? Needs Node 18+, playwright-core and Chromium:
//
//   cargo test --test report
//   npm install --no-save --prefix target/browser playwright-core
//   NODE_PATH=target/browser/node_modules node tests/report_browser.mjs [DIR...]
//
// DIR: result directories with a report.html; by default those that the test `report` left. CHROMIUM names the browser,
// /usr/bin/chromium by default. Every failure is one line; the exit code is 1 if there is any.
import { createRequire } from "node:module";
import { existsSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(join(process.env.NODE_PATH ?? "", "x.js"))("playwright-core");
const kept = "target/tmp/report";
const directories = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(kept).map(name => join(kept, name)).filter(path => existsSync(join(path, "report.html")));
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

let failures = 0;
function check(holds, directory, what) {
  if (!holds) { failures += 1; console.error(`FAILED ${directory}: ${what}`); }
}

/// What a figure shows, as text: different drawings have different texts.
const drawing = figure => figure.evaluate(node => [...node.querySelectorAll(".plot path, .plot image")]
  .map(part => part.getAttribute("d") ?? part.getAttribute("href") ?? part.getAttribute("xlink:href"))
  .concat(node.querySelector(".plot").textContent).join("\n"));

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return readFileSync(await file.path());
}

/// The text beside the pointer over the middle of a line, and the row of points.csv that it belongs to.
async function hovered(page, figure) {
  const plot = figure.locator(".plot");
  await plot.scrollIntoViewIfNeeded();
  const place = await plot.evaluate(node => {
    const trace = node._fullData.find(trace => trace.text && trace.x.length > 2), i = trace.x.length >> 1;
    const axes = node._fullLayout, box = node.getBoundingClientRect();
    return { x: box.x + axes._size.l + axes.xaxis.c2p(trace.x[i]), y: box.y + axes._size.t + axes.yaxis._offset - axes._size.t + axes.yaxis.c2p(trace.y[i]), at: trace.x[i] };
  });
  await page.mouse.move(place.x - 3, place.y);
  await page.mouse.move(place.x, place.y);
  await page.waitForSelector(".hoverlayer text", { timeout: 5000 });
  return { at: place.at, text: await plot.locator(".hoverlayer").evaluate(node => node.textContent) };
}

async function examine(browser, directory) {
  const page = await (await browser.newContext({ acceptDownloads: true, viewport: { width: 1280, height: 900 } })).newPage();
  await page.context().setOffline(true);
  page.on("pageerror", error => check(false, directory, `script: ${error}`));
  page.on("console", message => message.type() === "error" && check(false, directory, `console: ${message.text()}`));
  page.on("request", request => check(/^(file|data|blob):/.test(request.url()), directory, `request to ${request.url()}`));
  await page.goto(pathToFileURL(resolve(directory, "report.html")).href);
  await page.waitForSelector("html[data-ready=true]", { timeout: 120000 });

  const figures = await page.locator("figure:visible").all();
  for (const figure of figures) {
    const name = await figure.getAttribute("data-figure");
    check((await drawing(figure)).length > 100, directory, `${name} is empty`);
    const box = await figure.boundingBox();
    check(box.x >= 0 && box.x + box.width <= 1280, directory, `${name} leaves the page`);
    check((await figure.locator("figcaption span").first().textContent()).length > 20, directory, `${name} has no caption`);
  }
  for (const section of await page.locator("main > section").all()) {
    const full = await section.locator("figure:visible, table, .head").count();
    check(full > 0, directory, `section ${await section.getAttribute("id")} is empty`);
  }

  for (const section of await page.locator("section:has(.chooser)").all()) {
    const figure = section.locator("figure[data-slot]:visible").first(), before = await drawing(figure);
    const caption = await figure.getAttribute("data-figure");
    const select = section.locator("select"), last = await section.locator("option").count() - 1;
    await select.selectOption({ index: await select.inputValue() === String(last) ? 0 : last });
    check(await figure.getAttribute("data-figure") !== caption && await drawing(figure) !== before,
      directory, `the choice in ${await section.getAttribute("id")} changes nothing`);
  }

  if (figures.length) {
    const svg = await download(page, figures[0].locator("[data-format=svg]"));
    check(svg.toString().includes("<svg") && svg.length > 2000, directory, "no SVG is saved");
    const png = await download(page, figures[0].locator("[data-format=png]"));
    check(png.subarray(1, 4).toString() === "PNG" && png.length > 2000, directory, "no PNG is saved");
  }

  const along = page.locator("figure[data-figure^='rate-e-']").first();
  if (await along.count() && existsSync(join(directory, "points.csv"))) {
    const { at, text } = await hovered(page, along);
    const [head, ...rows] = readFileSync(join(directory, "points.csv"), "utf8").trim().split("\n").map(row => row.split(","));
    const mean = head.indexOf("rate_E_mean");
    const of = rows.filter(row => row.some(cell => Number(cell) === at));
    check(of.some(row => text.includes(row[mean])), directory, `hovering at ${at} says ${text}, not a mean of points.csv`);
  }

  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.locator("#theme").click();
  check(await paper() !== light, directory, "the theme does not change");
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 390, directory, `${wide} pixels wide on a phone of 390`);
  await page.context().close();
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags, env: { ...process.env, HOME: mkdtempSync(join(tmpdir(), "report-")) },
});
for (const directory of directories) {
  await examine(browser, directory).catch(error => check(false, directory, error.message));
  console.log(`examined ${directory}`);
}
await browser.close();
process.exit(failures ? 1 : 0);
