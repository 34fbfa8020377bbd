// Second factors by an unchanged supabase-js: enrolled with an authenticator app
// (oathtool), by SMS and by mail, confirmed, asked for in another session, used once,
// taken away.

import { execFileSync } from 'node:child_process'
import { before, describe, it } from 'node:test'
import * as newest from '@supabase/supabase-js'
import * as frontend from 'frontend-supabase-js'
import { anonKey, assert, credentials, good, refused, secret, serviceKey, url } from './world.mjs'

// Older releases of Node have no WebSocket; nothing here opens one.
const realtime = globalThis.WebSocket ? {} : { transport: class {} }

/** The code of an app's secret, some seconds from now. */
function oath(key, seconds) {
  const at = new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return execFileSync('oathtool', ['--totp', '--base32', key, '--now', `${at} UTC`], { encoding: 'utf8' }).trim()
}

/** The code that came last by "sms" or "mail". */
const received = async (kind) => (await fetch(`${process.env.E2E_RECEIVER}/${kind}`)).text()

/** Has waits between codes forgotten. */
const forget = () => fetch(`${process.env.E2E_RECEIVER}/forget`, { method: 'POST' })

const hasTool = (() => {
  try { return Boolean(execFileSync('oathtool', ['--version'])) } catch { return false }
})()

for (const [release, { createClient }] of Object.entries({ newest, 'front end': frontend })) {
  describe(`second factors, ${release}`, { skip: !hasTool && 'oathtool is not installed' }, () => {
    const connect = (key) => createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false }, realtime })
    const call = (client, name, args) => client.rpc(`two_factor_${name}`, args)
    let here, elsewhere, factor, key, codes

    before(async () => {
      const signIn = async () => {
        const client = connect(anonKey)
        const { session } = good(await client.auth.signInWithPassword(credentials('OTHER')))
        secret(session.access_token)
        secret(session.refresh_token)
        return client
      }
      here = await signIn()
      elsewhere = await signIn()
    })

    it('refuses strangers and servers', async () => {
      refused(await call(connect(anonKey), 'status'), 401, '42501')
      refused(await call(connect(serviceKey), 'status'), 403, '42501')
    })

    it('enrols and confirms', async () => {
      const enrolled = good(await call(here, 'enroll', { method: 'totp' }))
      factor = enrolled.factor_id
      key = secret(enrolled.secret)
      assert.match(enrolled.qr, /^data:image\/svg\+xml;base64,/)
      refused(await call(here, 'confirm', { factor_id: factor, code: '000000' }), 400, 'ROM441')
      const confirmed = good(await call(here, 'confirm', { factor_id: factor, code: oath(key, -30) }))
      assert.equal(confirmed.enabled, true)
      assert.equal(confirmed.backup_codes.length, 10)
      codes = confirmed.backup_codes.map(secret)
    })

    it('tells what there is', async () => {
      const status = good(await call(elsewhere, 'status'))
      assert.equal(status.verified_until, null)
      assert.equal(status.backup_codes_left, 10)
      assert.deepEqual(status.factors.filter((f) => f.enabled).map((f) => [f.factor_id, f.method]), [[factor, 'totp']])
      const [summary] = good(await elsewhere.from('two_factor_auth').select('enabled, method, secret'))
      assert.deepEqual(summary, { enabled: true, method: 'totp', secret: null })
    })

    it('verifies another session, once by each code', async () => {
      const code = oath(key, 0)
      assert.ok(good(await call(elsewhere, 'verify', { factor_id: factor, code })).verified_until)
      refused(await call(here, 'verify', { factor_id: factor, code }), 400, 'ROM441')
      good(await call(elsewhere, 'verify', { factor_id: factor, code: codes[4] }))
      refused(await call(elsewhere, 'verify', { factor_id: factor, code: codes[4] }), 400, 'ROM441')
      assert.equal(good(await call(elsewhere, 'status')).backup_codes_left, 9)
    })

    for (const [method, kind, args] of [['sms', 'sms', { phone: '+4915112345678' }], ['email', 'mail', {}]]) {
      it(`sends codes by ${kind}`, async () => {
        await forget()
        const { factor_id } = good(await call(elsewhere, 'enroll', { method, ...args }))
        const first = await received(kind)
        good(await call(elsewhere, 'challenge', { factor_id }))
        const second = await received(kind)
        if (first !== second) refused(await call(elsewhere, 'confirm', { factor_id, code: first }), 400, 'ROM441')
        const confirmed = good(await call(elsewhere, 'confirm', { factor_id, code: second }))
        assert.equal(confirmed.enabled, true)
        refused(await call(elsewhere, 'verify', { factor_id: factor, code: codes[6] }), 400, 'ROM441') // the old ones have ended
        codes = confirmed.backup_codes.map(secret)
        refused(await call(here, 'verify', { factor_id, code: second }), 400, 'ROM441')
        await forget()
        assert.ok(good(await call(here, 'challenge', { factor_id })).expires_at)
        const third = await received(kind)
        assert.ok(good(await call(here, 'verify', { factor_id, code: third })).verified_until)
        refused(await call(elsewhere, 'verify', { factor_id, code: third }), 400, 'ROM441')
        await forget()
        good(await call(here, 'challenge', { factor_id }))
        good(await call(here, 'disable', { factor_id, code: await received(kind) }))
        codes = good(await call(here, 'backup_codes', { factor_id: factor, code: codes[7] })).backup_codes.map(secret)
      })
    }

    it('takes no code of a clock that is two steps off, nor of somebody else', async () => {
      await forget()
      refused(await call(elsewhere, 'verify', { factor_id: factor, code: oath(key, 61) }), 400, 'ROM441')
      refused(await call(elsewhere, 'verify', { factor_id: factor, code: oath(key, -61) }), 400, 'ROM441')
      const stranger = connect(anonKey)
      const { session } = good(await stranger.auth.signInWithPassword(credentials('USER')))
      secret(session.access_token)
      secret(session.refresh_token)
      refused(await call(stranger, 'verify', { factor_id: factor, code: codes[8] }), 400, 'ROM441')
      await forget()
    })

    it('is taken away by a code', async () => {
      good(await call(elsewhere, 'disable', { factor_id: factor, code: codes[5] }))
      const status = good(await call(here, 'status'))
      assert.deepEqual([status.factors.filter((f) => f.enabled), status.verified_until, status.backup_codes_left], [[], null, 0])
    })
  })
}
