// "Sign out my other devices", for internal/app/realtime_test.go: one user in two
// places, each at a replica of its own, and another user.
import assert from 'node:assert/strict'
import WebSocket from 'ws'

const { createClient } = await import(process.env.CLIENT)
const { API_URL: first, SECOND_URL: second, ANON_KEY: anon } = process.env
const users = JSON.parse(process.env.USERS)

// The client tries a request again that got no answer: none may be without one.
const unanswered = []
const tried = (...request) => fetch(...request).catch((e) => { unanswered.push(`${request[0]}: ${e.cause}`); throw e })

async function signed(url, i) {
  const client = createClient(url, anon, { global: { fetch: tried }, auth: { persistSession: false, autoRefreshToken: false }, realtime: { transport: WebSocket } })
  const { error } = await client.auth.signInWithPassword(users[i])
  assert.equal(error, null)
  await served(client)
  return client
}

const read = (client) => client.from('notes').select('id').limit(1)

async function served(client) {
  const { error, status } = await read(client)
  assert.deepEqual([status, error], [200, null])
}

const [here, there, other] = await Promise.all([signed(first, 0), signed(second, 0), signed(second, 1)])
const began = performance.now()
assert.equal((await here.auth.signOut({ scope: 'others' })).error, null)
let answer
do {
  answer = await read(there)
} while (answer.status === 200 && performance.now() - began < 5000)
const took = Math.round(performance.now() - began)
assert.equal(answer.status, 401, `after ${took} ms: ${JSON.stringify(answer.error)}`)
assert.equal(answer.error.code, 'ROM401')
const { data, error } = await there.auth.getUser() // what is passed on to Supabase Auth
assert.equal(data.user, null)
assert.ok(error)
await Promise.all([here, other].map(served))
assert.deepEqual(unanswered, [])
console.log(JSON.stringify({ refused_after_ms: took }))
process.exit(0)
