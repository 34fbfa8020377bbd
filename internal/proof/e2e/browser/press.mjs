// Presses whatever can be pressed on a page.

const pressable = 'button, [role=tab], [role=button], input[type=submit]'
const mostPresses = 60 // of one page: a list of a hundred rows has a hundred equal buttons
const mostAlike = 2

/**
 * The buttons in sight, of the page or of the frame around it (menu, header,
 * chat), the last one first: those of a tab's content come before the tabs.
 */
async function buttonsOf(page, frame) {
  const all = await page.$$eval(pressable, (elements) => elements.map((e, index) => ({
    index,
    usable: e.getClientRects().length > 0 && !e.disabled && !(e.closest('aside') && !e.innerText.trim()), // a folded menu hides which of them signs out
    frame: Boolean(e.closest('aside, header, nav.fixed, .fixed[class*=bottom-]')),
    name: (e.innerText || e.getAttribute('aria-label') || e.title || e.className.toString().slice(0, 40)).trim().replace(/\s+/g, ' ').slice(0, 60),
  })))
  return all.reverse().filter((b) => b.usable && b.frame === frame && !/sign out|log ?out/i.test(b.name))
}

const sample = [
  [/email/, 'sample@demo.romashka.test'], [/password/, 'sample-password'], [/url/, 'https://example.com'], [/number/, '3'],
  [/tel/, '+15550100'], [/datetime/, '2026-11-20T10:00'], [/date/, '2026-11-20'], [/time/, '10:00'], [/./, 'Sample'],
]

async function fillForms(page) {
  await page.$$eval('form input[type=checkbox]:not(:checked)', (boxes) => boxes.forEach((box) => box.click())).catch(() => {})
  for (const field of await page.$$('input:not([type=checkbox]):not([type=radio]):not([type=file]):not([type=range]):not([type=color]), textarea')) {
    const kind = await field.evaluate((e) => (e.getClientRects().length > 0 && !e.disabled && !e.value ? e.type : '')).catch(() => '')
    if (kind) await field.fill(sample.find(([type]) => type.test(kind))[1], { timeout: 1000 }).catch(() => {})
  }
}

/**
 * Presses each button of the page at address once, those that appear by it too,
 * and comes back when one leads away. frame: those around all pages instead.
 * after(name) is called when the page has settled. Gives the names pressed.
 */
export async function pressAll(watch, address, frame, after) {
  const { page } = watch
  const pressed = new Set()
  const names = []
  let looks = 0
  while (names.length < mostPresses) {
    const alike = {}
    const next = (await buttonsOf(page, frame)).find((b) => {
      alike[b.name] = (alike[b.name] ?? 0) + 1
      b.key = `${b.name} ${alike[b.name]}`
      return alike[b.name] <= mostAlike && !pressed.has(b.key)
    })
    if (!next) { // or not yet: a page that is still getting ready has none
      if (looks++ > 2) return names
      await page.waitForTimeout(500)
      continue
    }
    looks = 0
    pressed.add(next.key)
    await fillForms(page)
    watch.at(`${new URL(address).pathname} [${next.name}]`)
    const button = (await page.$$(pressable))[next.index]
    // What an animation or another layer covers is pressed as a keyboard would.
    await button?.click({ timeout: 1500 }).catch(() => button.evaluate((e) => e.click()).catch(() => {}))
    names.push(next.name)
    await watch.settle(6000)
    await after(next.name)
    if (new URL(page.url()).pathname !== new URL(address).pathname || await blank(page)) await open(watch, address)
  }
  return names
}

/** Whether the page shows nothing at all. */
export const blank = async (page) => (await textOf(page)).length < 20

/** The text of the page as a reader sees it. */
export const textOf = async (page) => (await page.locator('body').innerText().catch(() => '')).trim()

/** Opens address and waits until it is there. */
export async function open(watch, address) {
  await watch.page.goto(address, { waitUntil: 'commit' })
  await watch.settle(15_000)
}
