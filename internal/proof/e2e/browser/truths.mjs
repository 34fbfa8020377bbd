// What some pages must say, beside not failing: each looks at the page and at
// the database, asked as the service role, and throws where they differ.

import assert from 'node:assert/strict'
import { textOf } from './press.mjs'

const day = 24 * 60 * 60 * 1000

async function press(watch, name) {
  await watch.page.locator('main').getByRole('button', { name, exact: true }).first().click()
  await watch.settle()
}

async function incidents(watch, ask) {
  const open = await ask('security_incidents?select=title,description&status=eq.open')
  assert.ok(open.length > 0, 'the sample has open incidents')
  await press(watch, 'Security Incidents')
  const text = await textOf(watch.page)
  for (const { title, description } of open) {
    assert.ok(text.includes(title) && text.includes(description), `the page does not show "${title}"`)
  }
  return `lists the ${open.length} open incidents`
}

async function checks(watch, ask) {
  const results = async () => (await ask('compliance_results?select=id')).length
  const before = await results()
  const active = (await ask('compliance_checks?select=id&is_active=is.true')).length
  await press(watch, 'Run Compliance Checks')
  const after = await results()
  assert.equal(after - before, active, 'one result for each check')
  await press(watch, 'Compliance')
  const text = await textOf(watch.page)
  for (const heading of ['Gdpr Compliance', 'Security Compliance', 'Data Protection Compliance', 'Access Control Compliance']) {
    assert.ok(text.includes(heading), `no ${heading}`)
  }
  assert.ok(!/NaN|undefined/.test(text), 'a figure is not a number')
  return `the button files ${active} results`
}

async function nothingForUsers(watch) {
  await press(watch, 'Security Incidents')
  assert.ok((await textOf(watch.page)).includes('No open security incidents'), 'a user sees no incident of others')
  return 'shows a user no incident of others'
}

async function overview(watch, ask) {
  const since = new Date(Date.now() - 7 * day).toISOString()
  const { length } = await ask(`conversations?select=id&created_at=gte.${since}`)
  const figures = (await textOf(watch.page)).match(/(\d+)\s+Conversations\s+(\d+)%\s+Success Rate/)
  assert.equal(Number(figures?.[1]), length, 'conversations of the last week')
  return `counts ${length} conversations`
}

async function forecast(watch) {
  const text = await textOf(watch.page)
  assert.ok(text.includes('Conversation Volume Forecast') && !/insufficient|failed|NaN/i.test(text), `no forecast: ${text.slice(0, 200)}`)
  return 'shows a forecast'
}

async function recent(watch, ask) {
  const last = await ask('conversations?select=user_name,last_message&order=updated_at.desc&limit=5')
  const text = await textOf(watch.page)
  for (const { user_name: name, last_message: message } of last) {
    assert.ok(text.includes(name) && text.includes(message), `no conversation with ${name}`)
  }
  return 'lists the last five conversations'
}

async function conversations(watch, ask) {
  const all = await ask('conversations?select=user_email')
  const text = await textOf(watch.page)
  for (const { user_email: email } of all.filter((c) => c.user_email)) assert.ok(text.includes(email), `no ${email}`)
  return 'lists every conversation'
}

async function signUp(watch) {
  const { page } = watch
  const fields = page.locator('form input')
  for (const [i, text] of ['Sample Person', `sample-${Date.now()}@demo.romashka.test`, 'sample-password', 'sample-password'].entries()) {
    await fields.nth(i).fill(text)
  }
  await page.getByRole('button', { name: 'Next Step' }).click()
  await page.locator('form input:not([type=checkbox])').nth(1).waitFor()
  await page.waitForTimeout(500) // the step slides in
  await page.locator('form input:not([type=checkbox])').nth(0).fill('Sample Company')
  await page.locator('form input:not([type=checkbox])').nth(1).fill('https://example.com')
  await page.locator('form input[type=checkbox]').first().evaluate((box) => box.click())
  await page.getByRole('button', { name: 'Create Account' }).click()
  await page.waitForURL((url) => url.pathname !== '/signup', { timeout: 10_000 })
  await watch.settle()
  const { pathname } = new URL(page.url())
  assert.equal(pathname, '/onboarding', 'where a new account is led')
  await page.getByRole('button', { name: 'Skip for now' }).click()
  await page.waitForURL('**/dashboard', { timeout: 10_000 })
  await watch.settle()
  await page.evaluate(() => localStorage.clear()) // the next page is a visitor's again
  return 'makes an account, leads it to its onboarding, and past it'
}

async function signOut(watch) {
  await watch.page.locator('aside').getByRole('button', { name: 'Sign Out' }).click()
  await watch.page.waitForURL('**/signin', { timeout: 10_000 })
  await watch.settle()
  const left = await watch.page.evaluate(() => Object.keys(localStorage).filter((key) => key.endsWith('-auth-token')))
  assert.deepEqual(left, [], 'a session stays behind')
  return 'signs out'
}

/** By path and user ('' = whoever it is); 'frame' is what stands around all pages. */
export const truths = [
  { path: '/security', as: 'admin', holds: incidents },
  { path: '/security', as: 'admin', holds: checks },
  { path: '/security', as: 'user', holds: nothingForUsers },
  { path: '/analytics', as: '', holds: overview },
  { path: '/analytics/predictive', as: '', holds: forecast },
  { path: '/dashboard', as: '', holds: recent },
  { path: '/dashboard/conversations', as: '', holds: conversations },
  { path: '/signup', as: 'visitor', holds: signUp },
  { path: 'frame', as: 'admin', holds: signOut },
  { path: 'frame', as: 'user', holds: signOut },
]
