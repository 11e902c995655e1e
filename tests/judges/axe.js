// usage: node axe.js OUT FILE.html...  In Chromium at 320 and 640 pixels, light and dark: axe-core's violations, and
// whether the page is wider than its window; screenshots into OUT/shots. Prints a line each; ends with 1 on any.
'use strict';
const fs = require('fs');
const path = require('path');
const [out, ...files] = process.argv.slice(2);
const modules = path.resolve(out, 'node', 'node_modules');
const { chromium } = require(path.join(modules, 'playwright-core'));
const axe = fs.readFileSync(path.join(modules, 'axe-core', 'axe.min.js'), 'utf8');
const shots = path.join(out, 'shots');

async function look(context, file, width, scheme) {
  const page = await context.newPage();
  let bad = 0;
  await page.goto('file://' + path.resolve(file));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) {
    console.log(`${file} ${width} ${scheme}: ${wide} pixels wide`);
    bad++;
  }
  await page.evaluate(axe);
  const result = await page.evaluate(() => axe.run(document, { resultTypes: ['violations', 'incomplete'] }));
  for (const v of result.violations) {
    console.log(`${file} ${width} ${scheme}: ${v.id} (${v.impact}): ${v.help}; ${v.nodes.length} times, first ${v.nodes[0].target}`);
    bad++;
  }
  const name = `${path.basename(file, '.html')}-${width}-${scheme}.png`;
  const high = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({ path: path.join(shots, name), clip: { x: 0, y: 0, width, height: Math.min(high, 4000) }, fullPage: true });
  await page.close();
  return bad;
}

(async () => {
  fs.mkdirSync(shots, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
  let bad = 0;
  let n = 0;
  const window = async (width, colorScheme) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
    for (const file of files) {
      const wrong = await look(context, file, width, colorScheme);
      bad += wrong;
      n++;
    }
    await context.close();
  };
  await Promise.all(['light', 'dark'].flatMap((scheme) => [320, 640].map((width) => window(width, scheme))));
  await browser.close();
  console.log(`${n} looks, ${bad} violations`);
  process.exit(bad > 0 || n === 0 ? 1 : 0);
})().catch((e) => {
  console.log(String(e));
  process.exit(1);
});
