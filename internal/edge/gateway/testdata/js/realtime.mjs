// Drives one version of supabase-js through the gateway: realtime, storage,
// functions and an older table. Exits with 0 when everything is as expected.
import assert from 'node:assert/strict'
import WebSocket from 'ws'

const { createClient } = await import(process.env.CLIENT)
const url = process.env.API_URL
const options = {
  auth: { persistSession: false, autoRefreshToken: false },
  realtime: { transport: WebSocket, heartbeatIntervalMs: 1500 }, // an unanswered beat at the next one breaks the socket off,
}
const newClient = () => createClient(url, 'anon-key', options)
const within = (promise, what) =>
  Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error(`${what}: never`)), 15000))])

function subscribe(channel) {
  return within(new Promise((yes, no) => {
    channel.subscribe((status, error) => {
      if (status === 'SUBSCRIBED') yes()
      if (status === 'CHANNEL_ERROR' || status === 'TIMED_OUT') no(error ?? new Error(status))
    })
  }), 'subscribe')
}

async function realtime() {
  const [listener, speaker] = [newClient(), newClient()]
  let heard, changed
  const broadcast = new Promise((yes) => { heard = yes })
  const change = new Promise((yes) => { changed = yes })
  const chat = listener.channel('chat-1')
    .on('broadcast', { event: 'typing' }, heard)
    .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'messages', filter: 'conversation_id=eq.1' }, changed)
  await subscribe(chat)
  const room = speaker.channel('chat-1', { config: { broadcast: { ack: true } } })
  await subscribe(room)
  assert.equal(await within(room.send({ type: 'broadcast', event: 'typing', payload: { who: 'ä', text: 'x'.repeat(100000) } }), 'send'), 'ok')
  const message = await within(broadcast, 'broadcast')
  assert.equal(message.payload.who, 'ä')
  assert.equal(message.payload.text.length, 100000)
  const row = await within(change, 'postgres_changes')
  assert.equal(row.eventType, 'INSERT')
  assert.deepEqual(row.new, { id: 7, body: 'hello' })
  await within((async () => { // three heartbeats pass and are answered
    for (let beats = 0; beats < 3;) {
      const status = await fetch(`${url}/realtime/v1/api/heartbeats`).then((r) => r.json())
      beats = status.heartbeats
      await new Promise((yes) => setTimeout(yes, 50))
    }
  })(), 'heartbeats')
  assert.equal(chat.state, 'joined')
  assert.equal(await within(listener.removeChannel(chat), 'leave'), 'ok')
  await Promise.all([listener.realtime.disconnect(), speaker.realtime.disconnect()])
}

async function rest() {
  const client = newClient()
  const bytes = new Uint8Array(3_000_000).map((_, i) => i * 31)
  const up = await client.storage.from('chat-files').upload('dir/a file.bin', bytes, { contentType: 'application/octet-stream', upsert: true })
  assert.equal(up.error, null)
  const down = await client.storage.from('chat-files').download('dir/a file.bin')
  assert.equal(down.error, null)
  assert.deepEqual(new Uint8Array(await down.data.arrayBuffer()), bytes)
  const missing = await client.storage.from('chat-files').download('none')
  assert.ok(missing.error)

  const invoked = await client.functions.invoke('hello', { body: { name: 'ä' } })
  assert.equal(invoked.error, null)
  assert.deepEqual(invoked.data, { hello: 'ä' })

  const old = await client.from('conversations').select('id, status', { count: 'exact', head: true }).eq('status', 'active')
  assert.equal(old.error, null)
  assert.equal(old.count, 42)
}

await rest()
await realtime()
process.exit(0)
