// supabase-js as the front end uses it: sign in, read and write ROMASHKA's
// tables, be refused. Once with the newest release, once with the front end's.

import { after, before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import * as newest from '@supabase/supabase-js'
import * as frontend from 'frontend-supabase-js'
import { anonKey, assert, credentials, eventually, good, randomUUID, refused, secret, serviceKey, sign, tables, url } from './world.mjs'

const releases = { newest, 'front end': frontend }

// Older releases of Node have no WebSocket; nothing here opens one.
const realtime = globalThis.WebSocket ? {} : { transport: class {} }

for (const [release, { createClient }] of Object.entries(releases)) {
  const connect = (key, options = {}) =>
    createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false }, realtime, ...options })

  const bearing = (token) => connect(anonKey, { global: { headers: { Authorization: `Bearer ${token}` } } })

  async function signIn(who) {
    const client = connect(anonKey)
    const { session, user } = good(await client.auth.signInWithPassword(credentials(who)))
    secret(session.access_token)
    secret(session.refresh_token)
    return { client, user, session }
  }

  describe(release, () => {
    const is = {}
    const service = connect(serviceKey)
    const anon = connect(anonKey)

    before(async () => {
      for (const who of ['USER', 'OTHER', 'ADMIN', 'SECURITY_ADMIN', 'COMPLIANCE_ADMIN']) is[who] = await signIn(who)
    })

    describe('sign-in', () => {
      it('refuses a wrong password', async () => {
        const { error } = await anon.auth.signInWithPassword({ ...credentials('USER'), password: 'wrong' })
        assert.deepEqual({ status: error.status, code: error.code }, { status: 400, code: 'invalid_credentials' })
      })

      it('tells who is signed in', async () => {
        const { user } = good(await is.USER.client.auth.getUser())
        assert.equal(user.email, credentials('USER').email)
        assert.equal(user.id, is.USER.user.id)
        assert.equal(user.role, 'authenticated')
      })

      it('refreshes a session', async () => {
        const { client, session: old } = await signIn('OTHER')
        const { session } = good(await client.auth.refreshSession())
        secret(session.access_token)
        secret(session.refresh_token)
        assert.notEqual(session.refresh_token, old.refresh_token)
        const own = good(await client.from('profiles').select('email'))
        assert.deepEqual(own, [{ email: credentials('OTHER').email }])
      })

      it('signs out', async () => {
        const { client, session } = await signIn('OTHER')
        assert.equal((await client.auth.signOut({ scope: 'local' })).error, null)
        assert.equal(good(await client.auth.getSession()).session, null)
        refused(await client.from('security_sessions').select(), 401, '42501')
        const { error } = await connect(anonKey).auth.setSession(session)
        assert.ok(error, 'a session that was signed out can be taken up again')
      })
    })

    describe('reading', () => {
      for (const table of tables) {
        it(table, async () => {
          const { client } = is.ADMIN
          const { data, error, status, count } = await client.from(table).select('*', { count: 'exact' }).limit(5)
          good({ data, error, status })
          assert.ok(status === 200 || status === 206, `status ${status}`)
          assert.equal(data.length, Math.min(count, 5))
        })
      }

      it('single', async () => {
        const row = good(await is.ADMIN.client.from('security_incidents')
          .select('id, severity').eq('id', '5eed0002-0000-4000-8000-000000000002').single(), 200)
        assert.deepEqual(row, { id: '5eed0002-0000-4000-8000-000000000002', severity: 'high' })
      })

      it('single refuses several and none', async () => {
        const several = refused(await is.ADMIN.client.from('security_incidents').select().single(), 406, 'PGRST116')
        assert.match(several.details, /^The result contains \d+ rows$/)
        const none = refused(await is.ADMIN.client.from('security_incidents').select().eq('id', randomUUID()).single(), 406, 'PGRST116')
        assert.equal(none.details, 'The result contains 0 rows')
      })

      it('maybeSingle', async () => {
        const incidents = () => is.ADMIN.client.from('security_incidents').select('id')
        assert.equal(good(await incidents().eq('id', randomUUID()).maybeSingle()), null)
        const row = good(await incidents().eq('id', '5eed0002-0000-4000-8000-000000000001').maybeSingle())
        assert.deepEqual(row, { id: '5eed0002-0000-4000-8000-000000000001' })
        refused(await incidents().maybeSingle(), 406, 'PGRST116')
      })

      it('counts without rows', async () => {
        const { data, count, error, status } = await is.ADMIN.client.from('business_intelligence').select('*', { count: 'exact', head: true })
        assert.deepEqual({ data, count, error, status }, { data: null, count: 7, error: null, status: 200 })
      })

      it('ranges', async () => {
        const page = (from, to) => is.ADMIN.client.from('business_intelligence').select('metric_name', { count: 'exact' }).order('id').range(from, to)
        const second = await page(2, 3)
        assert.deepEqual(good(second, 206).map((row) => row.metric_name), ['Resolution Rate', 'AI Accuracy Score'])
        assert.equal(second.count, 7)
        refused(await page(100, 110), 416, 'PGRST103')
      })

      it('csv', async () => {
        const text = good(await is.ADMIN.client.from('business_intelligence').select('metric_category, metric_value').eq('metric_category', 'kpi').order('metric_value').csv())
        assert.equal(text, 'metric_category,metric_value\nkpi,0.8500\nkpi,0.8800\nkpi,4.2000\nkpi,120.5000')
      })

      it('numbers are numbers', async () => {
        const row = good(await is.ADMIN.client.from('predictive_analytics').select('predicted_value, confidence_level')
          .eq('id', '5eed0005-0000-4000-8000-000000000001').single())
        assert.deepEqual(row, { predicted_value: 120.5, confidence_level: 0.85 })
      })

      it('explain is off', async () => {
        refused(await is.ADMIN.client.from('security_incidents').select().explain(), 406, 'PGRST107')
      })

      it('a table that is not there', async () => {
        const error = refused(await is.ADMIN.client.from('security_incident').select(), 404, 'PGRST205')
        assert.equal(error.message, "Could not find the table 'public.security_incident' in the schema cache")
        assert.equal(error.hint, "Perhaps you meant the table 'public.security_incidents'")
      })

      it('a column that is not there', async () => {
        refused(await is.ADMIN.client.from('security_incidents').select('no_such'), 400, '42703')
      })
    })

    describe('embedding', () => {
      let owned // an incident of USER's
      before(async () => {
        owned = good(await service.from('security_incidents').insert({
          incident_type: 'failed_login', severity: 'high', user_id: is.USER.user.id, description: 'embedded',
        }).select().single(), 201)
      })
      after(() => service.from('security_incidents').delete().eq('id', owned.id))

      it('two ways to profiles are one too many', async () => {
        const error = refused(await is.ADMIN.client.from('security_incidents').select('*, profiles(email)'), 300, 'PGRST201')
        assert.ok(error.details.length >= 2, JSON.stringify(error.details))
        assert.match(error.hint, /profiles!/)
      })

      it('a hint chooses', async () => {
        const rows = good(await service.from('security_incidents')
          .select('*, profiles!user_id(email)').eq('severity', 'high').eq('id', owned.id))
        assert.equal(rows.length, 1)
        assert.deepEqual(rows[0].profiles, { email: credentials('USER').email })
      })

      it('aliases, inner joins, and filters within', async () => {
        const rows = good(await service.from('security_incidents')
          .select('id, about:profiles!user_id!inner(email, role), by:profiles!resolved_by(email)')
          .eq('about.email', credentials('USER').email).eq('id', owned.id))
        assert.deepEqual(rows, [{ id: owned.id, about: { email: credentials('USER').email, role: 'user' }, by: null }])
      })

      it('many below one', async () => {
        const rows = good(await service.from('conversations').select('intent, messages(sender_type)').eq('intent', 'billing')
          .order('created_at', { referencedTable: 'messages' }))
        assert.deepEqual(rows, [{ intent: 'billing', messages: [{ sender_type: 'user' }, { sender_type: 'ai' }, { sender_type: 'agent' }] }])
      })

      it('the page on security asks for users without a role', async () => {
        const rows = good(await is.ADMIN.client.from('profiles').select('id, user_roles(id)').is('user_roles.id', null))
        assert.ok(Array.isArray(rows[0].user_roles))
      })
    })

    describe('writing', () => {
      const session = () => ({ user_id: is.USER.user.id, session_token: secret(randomUUID()), ip_address: '192.0.2.7', user_agent: release })

      it('insert, update, and no delete', async () => {
        const { client } = is.USER
        const opened = good(await client.from('security_sessions').insert(session()).select().single(), 201)
        assert.equal(opened.is_active, true)
        good(await client.from('security_sessions').update({ last_activity: new Date().toISOString() }).eq('id', opened.id), 204)
        const ended = good(await client.from('security_sessions').update({ is_active: false, logout_reason: 'user_logout' }).eq('id', opened.id).select('is_active, logout_reason'), 200)
        assert.deepEqual(ended, [{ is_active: false, logout_reason: 'user_logout' }])
        refused(await client.from('security_sessions').delete().eq('id', opened.id), 403, '42501')
        good(await service.from('security_sessions').delete().eq('id', opened.id), 204)
      })

      it('insert without asking for it back', async () => {
        const row = session()
        const { data, status } = await is.USER.client.from('security_sessions').insert(row)
        assert.deepEqual({ data, status }, { data: null, status: 201 })
        good(await service.from('security_sessions').delete().eq('session_token', row.session_token), 204)
      })

      it('a row in the name of another is refused', async () => {
        const error = refused(await is.USER.client.from('security_sessions').insert({ ...session(), user_id: is.OTHER.user.id }), 403, '42501')
        assert.match(error.message, /row-level security policy/)
      })

      it('a second row of the same key is a conflict', async () => {
        const row = session()
        good(await is.USER.client.from('security_sessions').insert(row), 201)
        const error = refused(await is.USER.client.from('security_sessions').insert(row), 409, '23505')
        assert.match(error.message, /duplicate key/)
        good(await service.from('security_sessions').delete().eq('session_token', row.session_token), 204)
      })

      it('a check constraint', async () => {
        refused(await service.from('security_incidents').insert({ incident_type: 'boredom' }), 400, '23514')
      })

      it('a column that is not there', async () => {
        refused(await service.from('security_incidents').insert({ incident_type: 'failed_login', mood: 1 }), 400, 'PGRST204')
      })

      it('upsert turns two-factor on, and shows no secret', async () => {
        const { client, user } = is.OTHER
        const enable = (method) => client.from('two_factor_auth')
          .upsert({ user_id: user.id, secret: secret('JBSWY3DPEHPK3PXP'), backup_codes: [secret('81726354')], enabled: true, method }).select()
        const [first] = good(await enable('totp'), 201)
        const [second] = good(await enable('email'), 200)
        assert.equal(first.id, second.id)
        assert.deepEqual([second.secret, second.backup_codes, second.method], [null, null, 'email'])
        assert.deepEqual(good(await is.USER.client.from('two_factor_auth').select().eq('user_id', user.id)), [])
        good(await service.from('two_factor_auth').delete().eq('user_id', user.id), 204)
      })

      it('upsert on other columns', async () => {
        const forecast = (predicted_value) => ({ prediction_type: 'volume_forecast', prediction_date: '2031-01-01', predicted_value })
        const upsert = (value, options) => service.from('predictive_analytics')
          .upsert(forecast(value), { onConflict: 'prediction_type,prediction_date', ...options }).select('predicted_value')
        assert.deepEqual(good(await upsert(1), 201), [{ predicted_value: 1 }])
        assert.deepEqual(good(await upsert(2), 200), [{ predicted_value: 2 }])
        assert.deepEqual(good(await upsert(3, { ignoreDuplicates: true })), [])
        const gone = good(await service.from('predictive_analytics').delete().eq('prediction_date', '2031-01-01').select('predicted_value'), 200)
        assert.deepEqual(gone, [{ predicted_value: 2 }])
      })

      it('several at once, with a count', async () => {
        const rows = [1, 2, 3].map((metric_value) => ({ metric_type: `e2e ${release}`, metric_value }))
        const { count, status } = await service.from('advanced_metrics').insert(rows, { count: 'exact' })
        assert.deepEqual({ count, status }, { count: 3, status: 201 })
        const gone = await service.from('advanced_metrics').delete({ count: 'exact' }).eq('metric_type', `e2e ${release}`)
        assert.equal(gone.count, 3)
      })

      it('columns that some rows lack', async () => {
        const rows = good(await service.from('advanced_metrics').insert(
          [{ metric_type: `mixed ${release}` }, { metric_type: `mixed ${release}`, metric_metadata: { a: 1 } }], { defaultToNull: false },
        ).select('metric_metadata'), 201)
        assert.deepEqual(rows, [{ metric_metadata: {} }, { metric_metadata: { a: 1 } }])
        good(await service.from('advanced_metrics').delete().eq('metric_type', `mixed ${release}`), 204)
      })

      it('admins resolve incidents, users do not', async () => {
        const made = good(await service.from('security_incidents').insert({ incident_type: 'api_abuse', user_id: is.USER.user.id }).select('id').single())
        const resolve = (who) => is[who].client.from('security_incidents').update({ resolved: true, resolved_by: is[who].user.id }).eq('id', made.id).select('resolved')
        assert.deepEqual(good(await resolve('USER')), [])
        assert.deepEqual(good(await resolve('SECURITY_ADMIN')), [{ resolved: true }])
        good(await service.from('security_incidents').delete().eq('id', made.id), 204)
      })
    })

    describe('row level security', () => {
      it('a user sees his own rows alone', async () => {
        const rows = good(await is.USER.client.from('security_sessions').select('user_id'))
        assert.ok(rows.length >= 3)
        assert.ok(rows.every((row) => row.user_id === is.USER.user.id))
      })
      it('another user sees none of them', async () => {
        assert.deepEqual(good(await is.OTHER.client.from('security_sessions').select('id').eq('user_id', is.USER.user.id)), [])
      })
      it('an admin sees all', async () => {
        await eventually('an admin and the service role see the same sessions', async () => {
          const all = good(await service.from('security_sessions').select('id').order('id'))
          return isDeepStrictEqual(good(await is.ADMIN.client.from('security_sessions').select('id').order('id')), all)
        })
      })
      it('nobody who is not signed in sees any', async () => {
        for (const table of tables) refused(await anon.from(table).select(), 401, '42501')
      })
    })

    describe('functions', () => {
      it('get_security_metrics', async () => {
        const [admin] = good(await is.ADMIN.client.rpc('get_security_metrics'), 200)
        const [user] = good(await is.USER.client.rpc('get_security_metrics'), 200)
        assert.deepEqual(Object.keys(admin), ['active_sessions', 'recent_incidents', 'compliance_score', 'api_security_score'])
        assert.deepEqual([admin.recent_incidents, admin.compliance_score], [2, 75])
        assert.deepEqual([user.recent_incidents, user.compliance_score], [0, null])
      })
      // Sessions in use write themselves down in a moment, those of this test too.
      for (const [who, sample] of [['ADMIN', 2], ['USER', 2], ['OTHER', 0]]) {
        it(`get_security_metrics counts the active sessions that ${who} may see`, async () => {
          await eventually('what it counts is what is there', async () => {
            let all = service.from('security_sessions').select('session_token').eq('is_active', true)
            if (who !== 'ADMIN') all = all.eq('user_id', is[who].user.id)
            const there = good(await all)
            const [{ active_sessions: counted }] = good(await is[who].client.rpc('get_security_metrics'))
            assert.equal(there.filter((s) => s.session_token.startsWith('session_5eed')).length, sample)
            return counted === there.length
          })
        })
      }
      it('get_analytics_dashboard_data', async () => {
        const row = good(await is.USER.client.rpc('get_analytics_dashboard_data').single(), 200)
        assert.deepEqual(Object.keys(row), ['active_conversations', 'avg_response_time', 'resolution_rate', 'satisfaction_score', 'ai_accuracy'])
        assert.deepEqual([row.active_conversations, row.resolution_rate, row.satisfaction_score], [3, 0.5, 3.67])
      })
      it('by GET', async () => {
        assert.equal(good(await is.USER.client.rpc('get_security_metrics', {}, { get: true }), 200).length, 1)
      })
      it('is refused to whoever may not', async () => {
        refused(await anon.rpc('get_security_metrics'), 401, '42501')
        refused(await is.ADMIN.client.rpc('cleanup_old_analytics_data'), 403, '42501')
      })
      it('that is not there', async () => {
        const error = refused(await is.ADMIN.client.rpc('get_security_metric'), 404, 'PGRST202')
        assert.equal(error.hint, 'Perhaps you meant to call the function public.get_security_metrics')
      })
    })

    describe('tokens', () => {
      const now = Math.floor(Date.now() / 1000)
      const claims = () => ({ sub: is.USER.user.id, role: 'authenticated', aud: 'authenticated', exp: now + 3600 })
      const ask = (token) => bearing(token).from('security_sessions').select('id')

      it('expired', async () => {
        const error = refused(await ask(sign({ ...claims(), exp: now - 3600 })), 401, 'PGRST303')
        assert.equal(error.message, 'JWT expired')
      })
      it('not yet valid', async () => {
        refused(await ask(sign({ ...claims(), nbf: now + 3600 })), 401, 'PGRST303')
      })
      it('of another key', async () => {
        refused(await ask(sign(claims(), 'another-secret-of-at-least-32-characters')), 401, 'PGRST301')
      })
      it('of no form', async () => {
        refused(await ask(secret('no.token')), 401, 'PGRST301')
      })
      it('good, signed by hand', async () => {
        assert.ok(good(await ask(sign(claims()))).length >= 3)
      })
      it('a wrong API key', async () => {
        const { error, status } = await connect(secret('sb_publishable_wrong')).from('security_sessions').select('id')
        assert.equal(status, 401, JSON.stringify(error))
      })
    })
  })
}
