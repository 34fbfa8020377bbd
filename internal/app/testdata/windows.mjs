// Three users in three windows of Chromium with the unchanged client, for
// internal/app/realtime_test.go: two share a room, the third may not read it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const { API_URL: api, ANON_KEY: anon, CHROMIUM, PLAYWRIGHT } = process.env
const { chromium } = createRequire(`${PLAYWRIGHT}/`)('playwright-core')
const users = JSON.parse(process.env.USERS)
const client = readFileSync(createRequire(import.meta.url).resolve('@supabase/supabase-js/dist/umd/supabase.js'))

// page is a chat: messages that are told, who is there, and a way to write.
const page = `<!doctype html><title>Room</title><ul id="told"></ul><ul id="there"></ul><script src="client.js"></script><script>
async function enter(user) {
  const db = supabase.createClient('${api}', '${anon}', { auth: { persistSession: false, autoRefreshToken: false } })
  const { data, error } = await db.auth.signInWithPassword(user)
  if (error) throw error
  const room = db.channel('room', { config: { presence: { key: user.email } } })
  const list = (id, texts) => { document.getElementById(id).replaceChildren(...texts.map((t) => Object.assign(document.createElement('li'), { textContent: t }))) }
  const told = []
  room.on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'notes' }, (m) => list('told', (told.push(m.new.title), told)))
    .on('presence', { event: 'sync' }, () => list('there', Object.keys(room.presenceState()).sort()))
  await new Promise((done, fail) => room.subscribe((s, e) => s === 'SUBSCRIBED' ? done() : s === 'CLOSED' || fail(e ?? new Error(s))))
  await room.track({ here: true })
  window.write = async (title, readers) => { const { error } = await db.from('notes').insert({ title, readers }); if (error) throw new Error(error.message) }
  window.out = () => db.removeChannel(room)
  return data.user.id
}
</script>`
const web = createServer((req, res) => {
  const script = req.url === '/client.js'
  res.setHeader('Content-Type', script ? 'text/javascript' : 'text/html')
  res.end(script ? client : page)
}).listen(0, '127.0.0.1')
await new Promise((done) => web.once('listening', done))

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
try {
  const windows = await Promise.all(users.map(async () => {
    const tab = await (await browser.newContext()).newPage()
    await tab.goto(`http://127.0.0.1:${web.address().port}/`)
    return tab
  }))
  const ids = await Promise.all(windows.map((tab, i) => tab.evaluate((user) => enter(user), users[i])))
  const [a, b, c] = windows
  const began = performance.now()
  await a.evaluate(([title, readers]) => write(title, readers), ['for both', ids.slice(0, 2)])
  await Promise.all([a, b].map((tab) => tab.waitForSelector('#told li:text-is("for both")', { timeout: 10000 })))
  const took = Math.round(performance.now() - began)
  // What is for all comes after it: the third would have had the first by then.
  await b.evaluate(([title, readers]) => write(title, readers), ['for all', ids])
  await Promise.all(windows.map((tab) => tab.waitForSelector('#told li:text-is("for all")', { timeout: 10000 })))
  assert.deepEqual(await Promise.all(windows.map((tab) => tab.locator('#told li').allTextContents())),
    [['for both', 'for all'], ['for both', 'for all'], ['for all']])
  const names = users.map((u) => u.email).sort()
  const there = (tab, want) => tab.waitForFunction((text) => [...document.querySelectorAll('#there li')].map((l) => l.textContent).join() === text, want.join(), { timeout: 10000 })
  await Promise.all(windows.map((tab) => there(tab, names)))
  await c.evaluate(() => out())
  await Promise.all([a, b].map((tab) => there(tab, names.filter((n) => n !== users[2].email))))
  console.log(JSON.stringify({ took }))
} finally {
  await browser.close()
  web.close()
}
