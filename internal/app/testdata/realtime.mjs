// What the published client does with Realtime, for internal/app/realtime_test.go.
import assert from 'node:assert/strict'
import WebSocket from 'ws'

const { createClient } = await import(process.env.CLIENT)
const { API_URL: url, ANON_KEY: anon, SERVICE_KEY: service } = process.env
const users = JSON.parse(process.env.USERS)

// signed is a client of its own for one user.
async function signed(i) {
  const client = createClient(url, anon, { auth: { persistSession: false, autoRefreshToken: false }, realtime: { transport: WebSocket } })
  const { data, error } = await client.auth.signInWithPassword(users[i])
  assert.equal(error, null)
  await client.realtime.setAuth(data.session.access_token)
  return Object.assign(client, { uid: data.user.id, token: data.session.access_token })
}

// joined waits until the channel is, and changes are told.
const joined = (channel) => new Promise((resolve, reject) => {
  channel.subscribe((status, err) => {
    if (status === 'SUBSCRIBED') resolve(channel)
    else if (status !== 'CLOSED') reject(new Error(`${status} ${err}`))
  })
})

// until waits for a condition, for ten seconds.
async function until(what, holds) {
  for (let i = 0; i < 1000; i++) {
    if (holds()) return
    await new Promise((r) => setTimeout(r, 10))
  }
  assert.fail(`did not happen: ${what}`)
}

const [a, b, c] = await Promise.all([signed(0), signed(1), signed(2)])
const root = createClient(url, service, { auth: { persistSession: false }, realtime: { transport: WebSocket } })

// Changes: a and b share a room, c does not. Each is told what he may read.
const told = { a: [], b: [], c: [] }
const systems = []
const follow = (name, client, filter) => joined(
  client.channel('changes')
    .on('system', {}, (m) => systems.push(m))
    .on('postgres_changes', { event: '*', schema: 'public', table: 'notes', ...filter }, (m) => told[name].push({ ...m, seen: Date.now() })))
await Promise.all([follow('a', a), follow('b', b, { filter: 'title=like.hello%' }), follow('c', c)])

const began = Date.now()
const note = await a.from('notes').insert({ title: 'hello', readers: [a.uid, b.uid] }).select('id').single()
assert.equal(note.error, null)
await until('a and b are told of an insert', () => told.a.length === 1 && told.b.length === 1)
const delay = told.b[0].seen - began
assert.equal(told.b[0].eventType, 'INSERT')
assert.equal(told.b[0].new.title, 'hello')
assert.equal('secret' in told.b[0].new, false, 'a column that is not granted')
assert.deepEqual(told.b[0].new.readers, [a.uid, b.uid])
assert.equal(told.b[0].errors, null)

assert.equal((await a.from('notes').update({ title: 'bye' }).eq('id', note.data.id)).error, null)
await until('a is told of an update', () => told.a.length === 2)
assert.deepEqual([told.a[1].eventType, told.a[1].new.title, told.a[1].old], ['UPDATE', 'bye', { id: note.data.id }])

assert.equal((await a.from('notes').delete().eq('id', note.data.id)).error, null)
await until('a is told of a delete', () => told.a.length === 3)
assert.deepEqual(told.a[2].old, { id: note.data.id })
// c may read none of them: of what is gone he is told the key alone.
await until('c is told of a delete', () => told.c.length === 1)
assert.deepEqual([told.c[0].eventType, told.c[0].new, told.c[0].old], ['DELETE', {}, { id: note.data.id }])
assert.equal(told.b.length, 1, 'neither the title nor the row that is gone is his filter\'s')
assert.ok(systems.every((m) => m.status === 'ok'), JSON.stringify(systems))

// A subscription that cannot be is told so.
const refused = await new Promise((resolve) => {
  a.channel('wrong').on('system', {}, resolve)
    .on('postgres_changes', { event: '*', schema: 'public', table: 'notes', filter: 'id=eq.no-number' }, () => {}).subscribe()
})
assert.equal(refused.status, 'error')
assert.match(refused.message, /invalid input syntax/)

// Broadcasts: over the socket, over HTTP, from SQL; presence of both.
const heard = { a: [], b: [] }
const rooms = {}
for (const [name, client] of [['a', a], ['b', b]]) {
  const room = client.channel('room', { config: { broadcast: { ack: true }, presence: { key: name } } })
  room.on('broadcast', { event: '*' }, (m) => heard[name].push(m)).on('presence', { event: 'sync' }, () => {})
  rooms[name] = await joined(room)
}
assert.equal(await rooms.a.send({ type: 'broadcast', event: 'typing', payload: { who: 'a', text: 'über 🙂' } }), 'ok')
await until('b hears a', () => heard.b.length === 1)
assert.deepEqual([heard.b[0].event, heard.b[0].payload], ['typing', { who: 'a', text: 'über 🙂' }])
assert.equal(heard.a.length, 0, 'who speaks does not hear himself')

const posted = await fetch(`${url}/realtime/v1/api/broadcast`, {
  method: 'POST', headers: { apikey: anon, Authorization: `Bearer ${anon}`, 'Content-Type': 'application/json' },
  body: JSON.stringify({ messages: [{ topic: 'room', event: 'news', payload: { n: 1 } }] }),
})
assert.equal(posted.status, 202)
await until('both hear what was posted', () => heard.a.length === 1 && heard.b.length === 2)
assert.equal((await root.rpc('say', { topic: 'room', private: false })).error, null)
await until('both hear SQL', () => heard.a.length === 2 && heard.b.length === 3).catch((e) => { throw new Error(`${e.message}: ${JSON.stringify(heard)}`) })
assert.equal(heard.a[1].payload.from, 'sql')

await rooms.a.track({ name: 'Anna' })
await rooms.b.track({ name: 'Boris' })
await until('both see both', () => [rooms.a, rooms.b].every((r) => Object.keys(r.presenceState()).sort().join() === 'a,b'))
assert.equal(rooms.a.presenceState().b[0].name, 'Boris')
await b.removeChannel(rooms.b)
await until('a sees b leave', () => Object.keys(rooms.a.presenceState()).join() === 'a')

// Private topics: policies let a and b in, and c not.
const open = await joined(a.channel('team', { config: { private: true, broadcast: { self: true } } }).on('broadcast', { event: 'x' }, (m) => heard.a.push(m)))
await open.send({ type: 'broadcast', event: 'x', payload: { n: 2 } })
await until('a hears himself', () => heard.a.at(-1).event === 'x')
await assert.rejects(joined(c.channel('team', { config: { private: true } })), /permissions/)
await c.removeAllChannels() // or the client would give the refused one again
const before = heard.a.length
await joined(c.channel('team').on('broadcast', { event: 'x' }, () => {})).then((ch) => ch.send({ type: 'broadcast', event: 'x', payload: {} }))

// A session that is ended elsewhere ends its channels within five seconds.
let out
const ended = new Promise((resolve) => c.channel('last').subscribe((status) => {
  if (status === 'SUBSCRIBED') {
    out = Date.now()
    fetch(`${url}/auth/v1/logout?scope=local`, { method: 'POST', headers: { apikey: anon, Authorization: `Bearer ${c.token}` } })
  }
  if (status === 'CLOSED') resolve()
}))
await ended
const closing = Date.now() - out
assert.ok(closing < 5000, `${closing} ms`)
assert.equal(heard.a.length, before, 'a public topic of the same name is another')
console.log(JSON.stringify({ delay, closing }))
process.exit(0)
