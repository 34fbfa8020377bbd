// The dashboard in Chromium: sign-in and a wrong password, every page with axe-core in
// both colour schemes, the pages that each role sees and those it does not, a row that is
// inserted and seen, an incident resolved by mouse and one by keyboard alone, export, a
// chart shared and revoked, the size of a first load, a link from another site, an ended
// session, one that has expired, and the database away and back.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const { BASE, API, SERVICE, CHROMIUM } = process.env
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const faults = []
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const database = async how => { console.log(how); await answers.next() }
const check = (ok, text) => { if (!ok) faults.push(text) }

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })

async function signIn(role, options) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('pageerror', e => faults.push(`script: ${e.message}`))
  page.on('console', m => { if (m.type() === 'error' && !/401|403|503|ERR_/.test(m.text())) faults.push(`console: ${m.text()}`) })
  await page.goto(`${BASE}/sign-in`)
  await page.fill('#email', process.env[`${role}_EMAIL`])
  await page.fill('#password', process.env[`${role}_PASSWORD`])
  await page.keyboard.press('Enter')
  await page.waitForURL('**/operations')
  return page
}

// The policy of the pages forbids foreign scripts; an isolated world is beside it.
async function violations(page, ...rules) {
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id })
  await session.send('Runtime.evaluate', { expression: axe, contextId })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(${rules.length ? JSON.stringify({ runOnly: { type: 'rule', values: rules } }) : ''})
      .then(r => r.violations.map(v => v.id + " at " + v.nodes[0].target).join("; "))`, contextId, awaitPromise: true, returnByValue: true,
  })
  await session.detach()
  return result.value
}

// Each figure is drawn for several widths, of which a screen shows one.
const oneChart = page => page.evaluate(() => [...document.querySelectorAll('.figure')]
  .every(f => [...f.querySelectorAll('svg')].filter(c => c.getBoundingClientRect().width > 0).length === 1))

const incident = title => fetch(`${API}/rest/v1/security_incidents`, {
  method: 'POST', headers: { apikey: SERVICE, 'Content-Type': 'application/json' },
  body: JSON.stringify({ incident_type: 'failed_login', severity: 'high', title, description: 'made by a test' }),
})

try {
  const admin = await signIn('ADMIN', { viewport: { width: 1440, height: 900 } })
  const names = await admin.locator('nav a').allTextContents()
  check(names.join() === 'Operations,Executive,Conversations,AI,Forecast,Security,Compliance,API,Two-factor', `navigation: ${names}`)
  for (const name of names) {
    await admin.click(`nav a:text-is("${name}")`)
    await admin.waitForSelector(`nav a[aria-current]:text-is("${name}")`)
    check(await violations(admin) === '', `${name}: ${await violations(admin)}`)
    check(await oneChart(admin), `${name}: a figure shows no chart, or two`)
    await admin.emulateMedia({ colorScheme: 'dark' })
    const dark = await violations(admin, 'color-contrast')
    check(dark === '', `${name}, dark: ${dark}`)
    await admin.emulateMedia({ colorScheme: 'light' })
  }
  await admin.goto(`${BASE}/security`)
  for (const way of ['mouse', 'keyboard']) {
    await incident(`By ${way}`)
    const row = admin.locator('tr', { hasText: `By ${way}` })
    await row.waitFor({ timeout: 10000 }) // the stream brings it
    const button = row.getByRole('button', { name: 'Resolve' })
    if (way === 'mouse') await button.click()
    else {
      const there = () => row.evaluate(r => r.contains(document.activeElement) && document.activeElement.matches('button'))
      for (let steps = 0; steps < 150 && !await there(); steps++) await admin.keyboard.press('Tab')
      await incident('Above it') // a row more, and the focus stays at its own
      await admin.locator('tr', { hasText: 'Above it' }).first().waitFor()
      check(await there(), 'the focus goes to another row when the table is new')
      await admin.keyboard.press('Enter')
    }
    await row.getByText('resolved').waitFor() // the banner may be of the one before
    await admin.waitForSelector('.banner.good')
  }
  const [file] = await Promise.all([admin.waitForEvent('download'), admin.click('[aria-label="CSV of Incidents"]')])
  check(file.suggestedFilename().endsWith('.csv'), 'CSV')
  await admin.goto(`${BASE}/two-factor`)
  await admin.click('text=Set up an authenticator app')
  check(await admin.locator('img.qr').evaluate(i => i.complete && i.naturalWidth > 0), 'QR code is drawn')
  check(await violations(admin) === '', 'enrolment: axe')

  // A chart is shared with another site, shown to a stranger, and revoked.
  await admin.goto(`${BASE}/executive`)
  await admin.click('[aria-label="Share Conversations"]')
  await admin.fill('input[name="origins"]', 'https://intranet.test')
  check(await violations(admin) === '', `share: ${await violations(admin)}`)
  await admin.click('text=Make an address')
  await admin.waitForSelector('.banner.good')
  check(await violations(admin) === '', `shared: ${await violations(admin)}`)
  const address = new URL(await admin.locator('#b-list a:text-is("Address")').first().getAttribute('href'), BASE).href
  const stranger = await (await browser.newContext()).newPage()
  const shown = await stranger.goto(address)
  check(shown.headers()['content-security-policy'].endsWith('frame-ancestors https://intranet.test'), 'a shared chart names its site')
  check(await stranger.locator('svg.chart, .empty').count() > 0 && await violations(stranger) === '', `a shared chart: ${await violations(stranger)}`)
  await admin.locator('#b-list').getByRole('button', { name: 'Revoke' }).first().click()
  await admin.getByText('It is no longer shared.').waitFor()
  check((await stranger.goto(address)).status() === 410, 'a revoked chart is shown')

  // All that a browser fetches for a page that it sees for the first time.
  for (const name of names) {
    const first = await browser.newContext({ storageState: await admin.context().storageState() })
    const page = await first.newPage()
    let bytes = 0
    const waits = []
    page.on('response', r => { if (!r.url().includes('/live/')) waits.push(r.body().then(b => { bytes += b.length }, () => {})) })
    await page.goto(`${BASE}/${name.toLowerCase()}`, { waitUntil: 'load' })
    await Promise.all(waits)
    check(bytes > 5000 && bytes <= 150000, `${name}: a first load of ${bytes} bytes`)
    await first.close()
  }

  // A browser keeps Strict cookies back from a link of another site.
  await admin.goto(`${BASE.replace('127.0.0.1', 'localhost')}/sign-in`)
  await admin.evaluate(to => { const a = document.createElement('a'); a.href = to; document.body.append(a); a.click() }, `${BASE}/executive?range=7`)
  await admin.waitForURL(`${BASE}/executive?range=7`)
  await admin.waitForSelector('nav a[aria-current]:text-is("Executive")')

  await admin.goto(`${BASE}/security`)
  await database('away')
  await admin.waitForSelector('#state[data-state="broken"]')
  await database('back')
  await admin.waitForSelector('#state[data-state="fresh"]')
  await incident('After the fall')
  await admin.locator('tr', { hasText: 'After the fall' }).waitFor()

  for (const [role, sees, not] of [['SECURITY_ADMIN', 'API', 'compliance'], ['COMPLIANCE_ADMIN', 'Compliance', 'api'], ['USER', 'Security', 'access']]) {
    const page = await signIn(role, {})
    for (const link of await page.locator('nav a').all()) check((await page.request.get(new URL(await link.getAttribute('href'), BASE).href)).ok(), `${role}: ${await link.textContent()}`)
    check(await page.locator(`nav a:text-is("${sees}")`).count() === 1 && await page.locator(`nav a[href$="/${not}"]`).count() === 0, `navigation of ${role}`)
    check((await page.goto(`${BASE}/${not}`)).status() === 403, `${role} opens ${not}`)
    await page.context().close()
  }
  const wrong = await (await browser.newContext()).newPage()
  await wrong.goto(`${BASE}/sign-in?next=${encodeURIComponent(new URL(BASE).pathname + '/security')}`)
  await wrong.fill('#email', process.env.USER_EMAIL)
  await wrong.fill('#password', 'wrong')
  await wrong.keyboard.press('Enter')
  await wrong.getByRole('alert').waitFor()
  check(await violations(wrong) === '', `a wrong password: ${await violations(wrong)}`)
  await wrong.fill('#password', process.env.USER_PASSWORD)
  await wrong.keyboard.press('Enter')
  await wrong.waitForURL('**/security')

  // Of a session that has expired nothing is left but the sign-in, and the way back.
  await wrong.context().clearCookies()
  await wrong.reload()
  await wrong.waitForURL('**/sign-in?next=*security')

  const leaving = await signIn('USER', {})
  await leaving.goto(`${BASE}/security`)
  await leaving.locator('#state[data-state="fresh"]').waitFor()
  const ended = leaving.getByText('Your session has ended')
  for (let tries = 0; tries < 8 && !await ended.isVisible(); tries++) { // the others of this run are open too
    await admin.locator('#b-sessions tr', { hasText: 'Chrome' }).filter({ hasNotText: process.env.ADMIN_EMAIL }).getByRole('button', { name: /End/ }).first().click()
    await admin.waitForSelector('.banner.good')
    await ended.waitFor({ timeout: 5000 }).catch(() => {})
  }
  await ended.waitFor()
  await leaving.getByRole('link', { name: 'Sign in again' }).click()
  await leaving.waitForURL('**/sign-in?*')
  check((await leaving.getByRole('status').textContent()).includes('has ended'), 'the sign-in says why')

  const user = await signIn('USER', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
  for (const name of await user.locator('nav a').allTextContents()) {
    await user.click(`nav a:text-is("${name}")`)
    await user.waitForSelector(`nav a[aria-current]:text-is("${name}")`)
    check(await violations(user) === '', `${name}, dark and narrow: ${await violations(user)}`)
    check(await oneChart(user), `${name}, narrow: a figure shows no chart, or two`)
    check(await user.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than a phone`)
  }
} catch (e) {
  faults.push(String(e))
}
await browser.close()
if (faults.length) { console.error(faults.join('\n')); process.exit(1) }
process.exit(0) // what it was told by is still open
