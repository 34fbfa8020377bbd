// Sign-in by an unchanged supabase-js, as far as it goes through mail or needs the
// project's server: links and codes, guests, second factors, other addresses,
// auth.admin.

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import * as newest from '@supabase/supabase-js'
import * as frontend from 'frontend-supabase-js'
import { anonKey, assert, good, randomUUID, secret, serviceKey, url } from './world.mjs'

// Older releases of Node have no WebSocket; nothing here opens one.
const realtime = globalThis.WebSocket ? {} : { transport: class {} }
const back = 'http://localhost:5173/welcome?from=mail'

/** The mails to an address, the newest last. */
const mails = (to) => readFileSync(process.env.E2E_OUTBOX, 'utf8').trim().split('\n').map((line) => JSON.parse(line)).filter((m) => m.to === to)

/** The last mail to an address: its kind, link and code. */
function mail(to) {
  const last = mails(to).at(-1)
  assert.ok(last, `no mail to ${to}`)
  const link = /Link: (\S+)/.exec(last.text)?.[1]
  return { topic: last.topic, link, code: /Code: (\d{6})/.exec(last.text)[1], hash: link && secret(new URL(link).searchParams.get('token')) }
}

/** Where a link leads: the address, and what its query and fragment say. */
async function follow(link) {
  const answer = await fetch(link, { redirect: 'manual' })
  assert.equal(answer.status, 303, await answer.text())
  const at = new URL(answer.headers.get('location'))
  const fragment = new URLSearchParams(at.hash.slice(1))
  for (const name of ['access_token', 'refresh_token']) if (fragment.get(name)) secret(fragment.get(name))
  return { at: at.origin + at.pathname, query: at.searchParams, fragment }
}

/** The code that an app shows now. */
function totp(key) {
  const bits = [...key].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const bytes = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const sum = createHmac('sha1', bytes).update(step).digest()
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Fails unless an answer is refused so. */
function no({ error, data }, status, code) {
  assert.ok(error, `not refused: ${JSON.stringify(data)}`)
  assert.deepEqual({ status: error.status, code: error.code }, { status, code }, error.message)
  return error
}

for (const [release, { createClient }] of Object.entries({ newest, 'front end': frontend })) {
  const connect = (key = anonKey, auth = {}) => createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false, ...auth }, realtime })
  const root = connect(serviceKey)
  const fresh = (name) => `${name}-${randomUUID().slice(0, 8)}@example.com`
  const keep = (session) => { secret(session.access_token); secret(session.refresh_token); return session }
  const claims = (session) => JSON.parse(Buffer.from(session.access_token.split('.')[1], 'base64url'))

  /** A client of a new user who is signed in. */
  async function user(name, password = 'a good password') {
    const email = fresh(name)
    const client = connect()
    const { user, session } = good(await client.auth.signUp({ email, password }))
    keep(session)
    return { client, email, password, id: user.id }
  }

  /** Storage of a client that begins in one place and ends in another. */
  const memory = () => {
    const kept = new Map()
    return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => { kept.set(k, v) }, removeItem: (k) => { kept.delete(k) } }
  }

  describe(`auth, ${release}`, () => {
    it('resets a password by link and by code', async () => {
      const u = await user('reset')
      assert.equal((await connect().auth.resetPasswordForEmail(u.email, { redirectTo: back })).error, null)
      const sent = mail(u.email)
      assert.equal(sent.topic, 'auth.recovery')
      const led = await follow(sent.link)
      assert.equal(led.at, 'http://localhost:5173/welcome')
      assert.equal(led.query.get('from'), 'mail')
      assert.equal(led.fragment.get('type'), 'recovery')
      const client = connect()
      good(await client.auth.setSession({ access_token: led.fragment.get('access_token'), refresh_token: led.fragment.get('refresh_token') }))
      good(await client.auth.updateUser({ password: 'quite another' }))
      no(await connect().auth.signInWithPassword(u), 400, 'invalid_credentials')
      keep(good(await connect().auth.signInWithPassword({ email: u.email, password: 'quite another' })).session)
      const again = await follow(sent.link)
      assert.equal(again.fragment.get('error_code'), 'otp_expired')
      assert.equal(again.fragment.get('error'), 'access_denied')

      no(await connect().auth.resetPasswordForEmail(u.email), 429, 'over_email_send_rate_limit')
      const other = await user('code')
      good(await connect().auth.resetPasswordForEmail(other.email))
      const { session } = good(await client.auth.verifyOtp({ email: other.email, token: mail(other.email).code, type: 'recovery' }))
      assert.deepEqual(claims(keep(session)).amr.map((m) => m.method), ['otp'])
    })

    it('tells nobody who has an account', async () => {
      const email = fresh('nobody')
      good(await connect().auth.resetPasswordForEmail(email))
      good(await connect().auth.resend({ type: 'signup', email }))
      no(await connect().auth.signInWithOtp({ email, options: { shouldCreateUser: false } }), 422, 'otp_disabled')
      assert.deepEqual(mails(email), [])
    })

    it('signs in by code, once', async () => {
      const email = fresh('otp')
      good(await connect().auth.signInWithOtp({ email, options: { data: { full_name: 'Olga' } } }))
      const { code } = mail(email)
      const client = connect()
      no(await client.auth.verifyOtp({ email, token: code === '000000' ? '000001' : '000000', type: 'email' }), 403, 'otp_expired')
      no(await client.auth.verifyOtp({ email: fresh('other'), token: code, type: 'email' }), 403, 'otp_expired')
      const { session, user } = good(await client.auth.verifyOtp({ email, token: code, type: 'email' }))
      keep(session)
      assert.equal(user.user_metadata.full_name, 'Olga')
      assert.ok(user.email_confirmed_at)
      no(await client.auth.verifyOtp({ email, token: code, type: 'email' }), 403, 'otp_expired')
      assert.deepEqual(good(await client.from('profiles').select('email, full_name')), [{ email, full_name: 'Olga' }])
    })

    it('signs in by hash and by PKCE code', async () => {
      const hashed = await user('hash')
      good(await connect().auth.signInWithOtp({ email: hashed.email, options: { emailRedirectTo: back } }))
      keep(good(await connect().auth.verifyOtp({ token_hash: mail(hashed.email).hash, type: 'email' })).session)

      const u = await user('link')
      const storage = memory()
      const here = connect(anonKey, { flowType: 'pkce', persistSession: true, storage })
      good(await here.auth.signInWithOtp({ email: u.email, options: { emailRedirectTo: back } }))
      const led = await follow(mail(u.email).link)
      assert.equal(led.fragment.get('access_token'), null)
      const code = led.query.get('code')
      const thief = connect(anonKey, { flowType: 'pkce', persistSession: true, storage: memory() })
      assert.ok((await thief.auth.exchangeCodeForSession(code)).error, 'the code alone is enough')
      const { session, user: who } = good(await here.auth.exchangeCodeForSession(code))
      keep(session)
      assert.equal(who.email, u.email)
      assert.ok((await here.auth.exchangeCodeForSession(code)).error, 'the code is good twice')
    })

    it('leads to no foreign address', async () => {
      for (const foreign of ['https://evil.example', 'http://localhost@evil.example/', 'javascript:alert(1)', '//evil.example']) {
        const u = await user('open')
        good(await connect().auth.resetPasswordForEmail(u.email, { redirectTo: foreign }))
        const led = await follow(mail(u.email).link)
        assert.equal(led.at, 'http://localhost:3000/', foreign)
      }
    })

    it('lets guests in, who may stay', async () => {
      const client = connect()
      const { session, user: guest } = good(await client.auth.signInAnonymously({ options: { data: { cart: 3 } } }))
      keep(session)
      assert.equal(guest.is_anonymous, true)
      assert.equal(claims(session).is_anonymous, true)
      assert.deepEqual(claims(session).amr.map((m) => m.method), ['anonymous'])
      no(await client.auth.updateUser({ password: 'a good password' }), 422, 'validation_failed')
      const email = fresh('guest')
      const { user: stays } = good(await client.auth.updateUser({ email, password: 'a good password' }))
      assert.deepEqual({ id: stays.id, email: stays.email, is_anonymous: stays.is_anonymous }, { id: guest.id, email, is_anonymous: false })
      keep(good(await connect().auth.signInWithPassword({ email, password: 'a good password' })).session)
    })

    it('changes an address when its owner says so', async () => {
      const [u, other] = [await user('old'), await user('taken')]
      no(await u.client.auth.updateUser({ email: other.email }), 422, 'email_exists')
      const email = fresh('new')
      const { user: waiting } = good(await u.client.auth.updateUser({ email }, { emailRedirectTo: back }))
      assert.deepEqual({ email: waiting.email, new_email: waiting.new_email }, { email: u.email, new_email: email })
      assert.equal(mail(u.email).topic, 'auth.email_change')
      no(await connect().auth.resend({ type: 'email_change', email: u.email }), 429, 'over_email_send_rate_limit')
      const sent = mail(email)
      const { session, user: changed } = good(await connect().auth.verifyOtp({ email, token: sent.code, type: 'email_change' }))
      keep(session)
      assert.equal(changed.email, email)
      assert.equal(changed.identities[0].identity_data.email, email)
      no(await connect().auth.signInWithPassword(u), 400, 'invalid_credentials')
      keep(good(await connect().auth.signInWithPassword({ email, password: u.password })).session)
    })

    it('asks for a second factor', async () => {
      const u = await user('mfa')
      const elsewhere = connect()
      keep(good(await elsewhere.auth.signInWithPassword(u)).session)
      const { mfa } = u.client.auth
      const level = async (client) => good(await client.auth.mfa.getAuthenticatorAssuranceLevel())
      assert.deepEqual({ ...(await level(u.client)), currentAuthenticationMethods: 0 }, { currentLevel: 'aal1', nextLevel: 'aal1', currentAuthenticationMethods: 0 })

      const factor = good(await mfa.enroll({ factorType: 'totp', friendlyName: 'phone', issuer: 'Shop' }))
      secret(factor.totp.secret)
      assert.match(factor.totp.qr_code, /^data:image\/svg\+xml;utf-8,<svg/)
      assert.match(factor.totp.uri, /^otpauth:\/\/totp\/Shop/)
      no(await mfa.enroll({ factorType: 'totp', friendlyName: 'phone' }), 422, 'mfa_factor_name_conflict')
      no(await mfa.enroll({ factorType: 'phone', phone: '+4915100000000' }), 422, 'mfa_phone_enroll_not_enabled')
      const asked = good(await mfa.challenge({ factorId: factor.id }))
      const right = totp(factor.totp.secret)
      no(await mfa.verify({ factorId: factor.id, challengeId: asked.id, code: right === '123456' ? '654321' : '123456' }), 422, 'mfa_verification_failed')
      const raised = good(await mfa.challengeAndVerify({ factorId: factor.id, code: totp(factor.totp.secret) }))
      keep(raised)
      assert.equal(claims(raised).aal, 'aal2')
      assert.deepEqual(claims(raised).amr.map((m) => m.method).sort(), ['password', 'totp'])
      assert.equal((await level(u.client)).currentLevel, 'aal2')
      assert.equal(good(await u.client.auth.refreshSession()).session.access_token && claims(keep(good(await u.client.auth.getSession()).session)).aal, 'aal2')
      assert.equal(good(await mfa.listFactors()).totp.length, 1)
      assert.ok((await elsewhere.auth.getUser()).error, 'a session without the factor goes on')

      const next = connect()
      keep(good(await next.auth.signInWithPassword(u)).session)
      assert.deepEqual({ ...(await level(next)), currentAuthenticationMethods: 0 }, { currentLevel: 'aal1', nextLevel: 'aal2', currentAuthenticationMethods: 0 })
      no(await next.auth.updateUser({ password: 'stolen from it' }), 401, 'insufficient_aal')
      no(await next.auth.mfa.unenroll({ factorId: factor.id }), 422, 'insufficient_aal')
      no(await next.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'mine' }), 403, 'insufficient_aal')
      no(await next.auth.mfa.challenge({ factorId: randomUUID() }), 404, 'mfa_factor_not_found')
      keep(good(await next.auth.mfa.challengeAndVerify({ factorId: factor.id, code: totp(factor.totp.secret) })))
      assert.equal(good(await root.auth.admin.mfa.listFactors({ userId: u.id })).factors.length, 1)
      good(await next.auth.mfa.unenroll({ factorId: factor.id }))
      assert.equal(claims(keep(good(await next.auth.refreshSession()).session)).aal, 'aal1')
    })

    it('signs out here, elsewhere, everywhere', async () => {
      const u = await user('out')
      const [second, third] = [connect(), connect()]
      keep(good(await second.auth.signInWithPassword(u)).session)
      keep(good(await third.auth.signInWithPassword(u)).session)
      assert.equal((await u.client.auth.signOut({ scope: 'others' })).error, null)
      good(await u.client.auth.getUser())
      assert.ok((await second.auth.getUser()).error)
      keep(good(await second.auth.signInWithPassword(u)).session)
      const { session } = good(await second.auth.getSession())
      assert.equal((await root.auth.admin.signOut(session.access_token, 'local')).error, null)
      assert.ok((await second.auth.getUser()).error)
      assert.equal((await u.client.auth.signOut()).error, null)
    })

    it('says that there is no OAuth and no phone', async () => {
      const { data } = await connect().auth.signInWithOAuth({ provider: 'google', options: { skipBrowserRedirect: true } })
      const answer = await fetch(data.url)
      assert.equal(answer.status, 400)
      assert.match((await answer.json()).msg, /provider is not enabled.*password/)
      no(await connect().auth.signInWithOtp({ phone: '+4915100000000' }), 400, 'phone_provider_disabled')
      no(await connect().auth.signInWithIdToken({ provider: 'google', token: 'x' }), 400, 'provider_disabled')
      no(await connect().auth.signInWithSSO({ domain: 'example.com' }), 404, 'saml_provider_disabled')
      const u = await user('ids')
      const { identities } = good(await u.client.auth.getUserIdentities())
      assert.deepEqual(identities.map((i) => i.provider), ['email'])
      no(await u.client.auth.unlinkIdentity(identities[0]), 422, 'single_identity_not_deletable')
    })

    it('names weak passwords and odd input', async () => {
      const weak = no(await connect().auth.signUp({ email: fresh('weak'), password: 'short' }), 422, 'weak_password')
      assert.deepEqual(weak.reasons, ['length'])
      no(await connect().auth.signInWithOtp({ email: 'nonsense' }), 400, 'validation_failed')
      no(await connect().auth.signInWithOtp({ email: 'a'.repeat(300) + '@example.com' }), 400, 'validation_failed')
      no(await connect().auth.verifyOtp({ token_hash: 'x\u0000', type: 'email' }), 403, 'otp_expired')
      no(await connect().auth.verifyOtp({ token_hash: 'x', type: 'magic' }), 400, 'validation_failed')
    })

    it('lets the server administer users', async () => {
      const { admin } = root.auth
      const email = fresh('made')
      const { user: made } = good(await admin.createUser({ email, password: 'a good password', user_metadata: { n: 1 }, app_metadata: { plan: 'pro' } }))
      assert.deepEqual(made.app_metadata, { provider: 'email', providers: ['email'], plan: 'pro' })
      no(await admin.createUser({ email }), 422, 'email_exists')
      no(await connect().auth.signInWithPassword({ email, password: 'a good password' }), 400, 'email_not_confirmed')
      good(await connect().auth.resend({ type: 'signup', email }))
      const { session } = good(await connect().auth.verifyOtp({ email, token: mail(email).code, type: 'signup' }))
      assert.equal(claims(keep(session)).app_metadata.plan, 'pro')

      const { user: changed } = good(await admin.updateUserById(made.id, { password: 'quite another', user_metadata: { n: 2 }, app_metadata: { plan: null }, ban_duration: '1h' }))
      assert.deepEqual({ user: changed.user_metadata, plan: changed.app_metadata.plan }, { user: { n: 2 }, plan: undefined })
      no(await connect().auth.signInWithPassword({ email, password: 'quite another' }), 400, 'user_banned')
      good(await admin.updateUserById(made.id, { ban_duration: 'none' }))
      keep(good(await connect().auth.signInWithPassword({ email, password: 'quite another' })).session)
      const moved = fresh('moved')
      assert.equal(good(await admin.updateUserById(made.id, { email: moved, email_confirm: true })).user.email, moved)

      const page = good(await admin.listUsers({ page: 1, perPage: 10 })) // clients read one digit of a page
      assert.equal(page.users.length, 10)
      assert.deepEqual({ next: page.nextPage, last: page.lastPage }, { next: 2, last: Math.ceil(page.total / 10) })
      assert.equal(good(await admin.getUserById(made.id)).user.email, moved)
      good(await admin.deleteUser(made.id))
      no(await admin.getUserById(made.id), 404, 'user_not_found')
      const hidden = await user('hidden')
      good(await admin.deleteUser(hidden.id, true))
      no(await connect().auth.signInWithPassword(hidden), 400, 'invalid_credentials')
      keep(good(await connect().auth.signUp(hidden)).session)
    })

    it('invites and makes links', async () => {
      const { admin } = root.auth
      const email = fresh('invited')
      const { user: guest } = good(await admin.inviteUserByEmail(email, { data: { team: 'a' }, redirectTo: back }))
      assert.ok(guest.invited_at)
      const led = await follow(mail(email).link)
      assert.equal(led.fragment.get('type'), 'invite')
      no(await admin.inviteUserByEmail(email), 422, 'email_exists')

      const { properties, user: linked } = good(await admin.generateLink({ type: 'magiclink', email, options: { redirectTo: back } }))
      secret(properties.hashed_token)
      assert.deepEqual({ id: linked.id, type: properties.verification_type, to: properties.redirect_to }, { id: guest.id, type: 'magiclink', to: back })
      keep(good(await connect().auth.verifyOtp({ email, token: properties.email_otp, type: 'email' })).session)
      const signup = good(await admin.generateLink({ type: 'signup', email: fresh('linked'), password: 'a good password' }))
      assert.equal((await follow(secret(signup.properties.action_link))).fragment.get('type'), 'signup')
      no(await admin.generateLink({ type: 'recovery', email: fresh('none') }), 404, 'user_not_found')
    })

    it('lets nobody else administer', async () => {
      const u = await user('plain')
      for (const client of [connect(), u.client]) {
        const token = good(await client.auth.getSession()).session?.access_token ?? anonKey
        for (const [method, path] of [['GET', 'admin/users'], ['POST', 'admin/users'], ['DELETE', `admin/users/${u.id}`], ['POST', 'invite'], ['POST', 'admin/generate_link']]) {
          const answer = await fetch(`${url}/auth/v1/${path}`, { method, headers: { apikey: anonKey, Authorization: `Bearer ${token}` }, body: method === 'POST' ? '{}' : undefined })
          assert.equal(answer.status, 403)
          assert.equal(answer.headers.get('x-sb-error-code'), 'not_admin')
        }
      }
      assert.equal((await fetch(`${url}/auth/v1/admin/users`)).status, 401)
    })
  })
}
