// Uses the application of adapter.html as a person would; prints what was seen as JSON.
//
// usage: node adapter.js <settings as JSON>
//   playwright, chromium, profile, screenshots, name   as for swagger.js
//   app    the application's URL
//   realm  the realm's base URL
"use strict";

const settings = JSON.parse(process.argv[2]);
const { chromium } = require(settings.playwright);

const seen = { steps: [], console: [], failures: [], statusAnswers: [], cookies: "" };

async function main() {
  const context = await chromium.launchPersistentContext(settings.profile, {
    executablePath: settings.chromium,
    headless: true,
    viewport: { width: 1000, height: 600 },
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
  context.setDefaultTimeout(30000);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on("console", (message) => {
      const text = message.text();
      // Chromium asks for it by itself; the application has none.
      if (message.location().url.endsWith("/favicon.ico")) return;
      if (["error", "warning"].includes(message.type())) seen.console.push(text);
    });
    page.on("pageerror", (error) => seen.failures.push(String(error)));
    context.on("response", async (response) => {
      const url = new URL(response.url());
      if (url.pathname.endsWith("/login-status-iframe.html/init")) {
        seen.statusAnswers.push(response.status());
      }
      if (url.pathname.endsWith("/3p-cookies/step2.html")) {
        const text = await response.text().catch(() => "");
        seen.cookies = text.includes('"supported"') ? "supported" : "unsupported";
      }
    });
    const shot = async (name) => {
      await page.screenshot({ path: `${settings.screenshots}/${settings.name}-${name}.png` });
      seen.steps.push(name);
    };
    const text = async (id) => {
      await page.waitForFunction(
        (id) => !["", "…"].includes(document.getElementById(id)?.textContent ?? ""), id);
      return page.locator(`#${id}`).innerText();
    };
    const status = () => page.waitForResponse((response) =>
      response.url().includes("/login-status-iframe.html/init"));

    await page.goto(`${settings.app}?realm=${encodeURIComponent(settings.realm)}`);
    seen.before = await text("user");
    await shot("signed-out-before");

    await page.click("#login");
    await page.locator("input[name=username]").fill("alice");
    await page.locator("input[name=password]").fill("alice-password");
    await shot("login");
    const asked = settings.frames === "supported" ? status() : Promise.resolve();
    await page.locator("input[name=password]").press("Enter");
    seen.user = await text("user");
    // The adapter asks whether the session is still the same.
    await asked;
    await shot("signed-in");
    await page.click("#me");
    seen.me = await text("answer");
    await page.click("#refresh");
    seen.refreshed = await text("answer");
    await shot("refreshed");
    await page.click("#me");
    seen.afterRefresh = await text("answer");

    await page.goto(`${settings.app}?back`);
    seen.cameBack = await text("user");
    await shot("came-back");

    await page.click("#logout");
    await page.waitForFunction(() => document.getElementById("user")?.textContent === "nobody");
    seen.signedOut = await text("user");
    await shot("signed-out");
  } finally {
    await context.close();
  }
}

main()
  .catch((error) => seen.failures.push(String(error)))
  .finally(() => {
    console.log(JSON.stringify(seen));
    process.exitCode = seen.failures.length ? 1 : 0;
  });
