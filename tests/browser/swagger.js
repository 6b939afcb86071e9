// Signs in on the Swagger UI as a user would and tries a route out; prints what was seen as JSON.
//
// usage: node swagger.js <settings as JSON>
//   playwright  folder of playwright-core
//   chromium    the browser's executable
//   profile     folder for a new profile, removed by the caller
//   docs        URL of the Swagger UI
//   username, password, path (an operation's path, e.g. /admin)
//   screenshots folder for PNG files
"use strict";

const settings = JSON.parse(process.argv[2]);
const { chromium } = require(settings.playwright);

const seen = { steps: [], console: [], failures: [] };

async function screenshot(page, name) {
  const path = `${settings.screenshots}/${settings.name}-${name}.png`;
  await page.screenshot({ path, fullPage: true });
  seen.steps.push(name);
}

async function main() {
  const context = await chromium.launchPersistentContext(settings.profile, {
    executablePath: settings.chromium,
    headless: true,
    viewport: { width: 1280, height: 900 },
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
  context.setDefaultTimeout(30000);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on("console", (message) => {
      if (message.type() === "error") seen.console.push(message.text());
    });
    // Everything the page asks for must come from the service or the realm: no CDN, no telemetry.
    context.on("request", (request) => {
      const host = new URL(request.url()).hostname;
      if (host && host !== "127.0.0.1" && host !== "localhost") {
        seen.failures.push(`foreign request: ${request.url()}`);
      }
    });

    await page.goto(settings.docs);
    await page.locator(".opblock").first().waitFor();
    await screenshot(page, "docs");

    await page.locator("button.authorize").first().click();
    const dialog = page.locator(".dialog-ux");
    const scheme = dialog.locator(".auth-container", { hasText: "authorizationCode" }).first();
    await scheme.waitFor();
    await screenshot(page, "authorize");
    const popup = context.waitForEvent("page");
    await scheme.locator("button.authorize").click();
    const login = await popup;
    const username = login.locator("input[name=username]");
    await username.waitFor();
    seen.login = { title: await login.title(), url: login.url() };
    await screenshot(login, "login");
    // By keyboard alone: name, Tab, password, Enter.
    await username.fill(settings.username);
    await login.locator("input[name=password]").fill(settings.password);
    await screenshot(login, "login-filled");
    // Either the window closes by itself, or the page comes back and says why not.
    const closed = login.waitForEvent("close").then(() => true, () => true);
    const back = login
      .waitForEvent("load")
      .then(() => login.locator("[role=alert], .error, #input-error").first().innerText())
      .then((text) => { seen.refused = text.trim(); return false; }, () => closed);
    await login.locator("input[name=password]").press("Enter");
    if (!(await Promise.race([closed, back]))) {
      await screenshot(login, "refused");
      return;
    }

    await scheme.locator("button", { hasText: "Logout" }).waitFor();
    await screenshot(page, "authorized");
    await dialog.locator("button.btn-done, .close-modal").first().click();

    const operation = page.locator(".opblock", {
      has: page.locator(`.opblock-summary-path[data-path="${settings.path}"]`),
    });
    await operation.locator(".opblock-summary-control").first().click();
    // The page may be set to have every operation ready to be tried out.
    const execute = operation.locator("button.execute");
    const tryOut = operation.locator("button.try-out__btn");
    await execute.or(tryOut).first().waitFor();
    if (!(await execute.isVisible())) await tryOut.click();
    await execute.click();
    const status = operation.locator(".live-responses-table .response .response-col_status");
    await status.first().waitFor();
    seen.status = parseInt((await status.first().innerText()).trim(), 10);
    seen.curl = await operation.locator(".curl-command").innerText().catch(() => "");
    seen.body = await operation
      .locator(".live-responses-table .response .response-col_description").first().innerText();
    await screenshot(page, "response");
  } finally {
    await context.close();
  }
}

main()
  .catch((error) => seen.failures.push(String(error)))
  .finally(() => {
    // The bearer token of the curl line is nobody's business.
    seen.curl = (seen.curl ?? "").replace(/Bearer [\w.-]+/, "Bearer …");
    console.log(JSON.stringify(seen));
    process.exitCode = seen.failures.length ? 1 : 0;
  });
