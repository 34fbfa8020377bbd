// Visits every page of the front end as three people, presses every button, and
// judges what came of it. Run by `make browser FRONTEND=<checkout>`; settings:
//
//   FRONTEND   the front end's folder, with node_modules
//   ROMASHKA   the binary
//   CHROMIUM   the browser; default /usr/bin/chromium
//   OUT        where pictures of all pages and events.json go; default a new folder
//   ONLY       paths, separated by blanks; default all
//   REPAIRED   1: mend the base's defects first (romashka repair base)
//
// Writes pages.md when all pages were visited, over the base as it is. Exit code 1: something failed
// that own.mjs does not explain.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { judge, table } from './judge.mjs'
import { blank, open, pressAll } from './press.mjs'
import { truths } from './truths.mjs'
import { Watch } from './watch.mjs'
import { buildFrontEnd, routesOf, serveFiles, startSidecar } from './world.mjs'

const frontEnd = resolve(process.env.FRONTEND || (() => { throw new Error('FRONTEND: the folder of the front end') })())
const folder = mkdtempSync(join(tmpdir(), 'romashka-browser-'))
const out = resolve(process.env.OUT || mkdtempSync(join(tmpdir(), 'romashka-pages-')))
const only = process.env.ONLY?.split(' ')
mkdirSync(out, { recursive: true })

const forVisitors = ['/', '/signup', '/signin', '/forgot-password', '/verify-email', '/privacy', '/pricing']
const people = [ // visitors are not signed in
  { as: 'admin', account: 'ADMIN', visits: (path) => !forVisitors.includes(path) },
  { as: 'user', account: 'USER', visits: (path) => /^\/(dashboard|security|analytics|onboarding)/.test(path) }, // the others ask the same for him
  { as: 'visitor', visits: (path) => forVisitors.includes(path) },
]

const sidecar = await startSidecar(resolve(process.env.ROMASHKA || 'bin/romashka'), join(folder, 'data'), process.env.REPAIRED === '1')
let browser, files
const stop = async () => {
  await browser?.close()
  await files?.stop()
  await sidecar.stop()
  rmSync(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().finally(() => process.exit(1)))
try {
  const { settings } = sidecar
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'], handleSIGINT: false, handleSIGTERM: false,
  })
  buildFrontEnd(frontEnd, join(folder, 'dist'), settings)
  files = await serveFiles(join(folder, 'dist'))
  const visits = []
  // The frame around all pages last: its chat leaves conversations behind.
  for (const frame of [false, true]) {
    for (const person of people) {
      const pages = routesOf(frontEnd).filter(({ path }) => person.visits(path) && (!only || only.includes(path)))
      const some = frame ? pages.slice(0, 1) : pages
      if (some.length > 0) visits.push(...await visitAs(person, some, frame, settings, files.address))
    }
  }
  writeFileSync(join(out, 'events.json'), JSON.stringify(visits, null, 1))
  const failures = judge(visits)
  if (!only && process.env.REPAIRED !== '1') writeFileSync(new URL('pages.md', import.meta.url), table(visits))
  console.log(`${visits.length} pages, pictures in ${out}`)
  for (const failure of failures) console.log(`FAILED  ${failure}`)
  process.exitCode = failures.length > 0 ? 1 : 0
} finally {
  await stop()
}

/** Visits pages, or the frame around them, as person. Gives one record for each. */
async function visitAs({ as, account }, pages, frame, settings, address) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } })
  // Nothing leaves this machine.
  await context.route((url) => !['127.0.0.1', ''].includes(url.hostname), (route) => route.abort())
  const watch = new Watch(await context.newPage(), settings.API_URL)
  if (account) await signIn(watch, address, settings[`DEMO_${account}_EMAIL`], settings[`DEMO_${account}_PASSWORD`])
  const visits = []
  for (const [i, { path, element }] of pages.entries()) {
    const twin = pages.slice(0, i).find((p) => p.element === element)?.path // pressed there
    const visit = { as, path, twin, frame, truths: [], buttons: [], events: [] }
    await visitPage(watch, visit, address + path, (query) => askService(settings, query))
    visits.push(visit)
    console.log(`${as} ${path}${frame ? ' frame' : ''}: ${visit.buttons.length} buttons`)
  }
  await context.close()
  return visits
}

/** Opens the page, looks whether it is true, presses its buttons. */
async function visitPage(watch, visit, address, ask) {
  const { as, path, frame } = visit
  const picture = (name) => watch.page.screenshot({ path: join(out, `${as}${frame ? ' frame' : ''}${path.replaceAll('/', '-')} ${name}.png`), fullPage: true }).catch(() => {})
  watch.events = visit.events
  watch.at(`${path} [open]`)
  if (as === 'visitor') await watch.page.evaluate(() => localStorage.clear()).catch(() => {}) // who may have signed up meanwhile
  await open(watch, address)
  visit.ended = new URL(watch.page.url()).pathname
  visit.blank = await blank(watch.page)
  await picture('')
  const check = async () => {
    for (const { holds } of truths.filter((t) => t.path === (frame ? 'frame' : path) && (t.as === '' || t.as === as))) {
      await open(watch, address)
      visit.truths.push(await holds(watch, ask).then((said) => ({ said }), (e) => ({ said: e.message.split('\n')[0], wrong: true })))
    }
  }
  if (!frame) await check()
  if (visit.truths.length > 0) await open(watch, address)
  if (visit.ended === path && !visit.twin) visit.buttons = await pressAll(watch, address, frame, (name) => truths.some((t) => t.path === path) && picture(name.replace(/[^\w ]/g, '')))
  if (frame) await check() // one of them signs out
}

/** Rows as the service role sees them, past the page. */
async function askService({ API_URL, SERVICE_ROLE_KEY }, query) {
  const response = await fetch(`${API_URL}/rest/v1/${query}`, { headers: { apikey: SERVICE_ROLE_KEY } })
  if (!response.ok) throw new Error(`${query}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** By the front end's own form. */
async function signIn(watch, address, email, password) {
  await open(watch, `${address}/signin`)
  await watch.page.locator('input[type=email]').fill(email)
  await watch.page.locator('input[type=password]').fill(password)
  await watch.page.locator('form button[type=submit]').click()
  await watch.page.waitForURL('**/dashboard', { timeout: 15_000 })
  await watch.settle()
}
