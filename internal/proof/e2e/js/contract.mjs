// Every request that the browser application makes of our tables, as its own
// version of supabase-js sends it (frontend contract, sections 3 and 4): what is
// asked, as whom, and what makes the answer true. Prints one JSON object a line
// for each; the Go side makes subtests and contract.md of them.

import { createClient } from 'frontend-supabase-js'
import { assert, anonKey, credentials, eventually, randomUUID, serviceKey, url } from './world.mjs'

// --- who asks ---------------------------------------------------------------

let wire // the request last sent, and how it was answered
const recorded = async (input, init) => {
  const response = await fetch(input, init)
  wire = { method: init.method, path: decodeURIComponent(String(input).slice(url.length).replaceAll('+', ' ')), status: response.status }
  return response
}
const client = (key) => createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false }, global: { fetch: recorded } })

const good = async (answer) => {
  const { data, error } = await answer
  assert.equal(error, null, JSON.stringify(error))
  return data
}

const service = client(serviceKey)
const who = { service }
const id = {}
const used = {} // by who: the row that the sidecar wrote of his session
/**
 * Signs in. The first request of a session becomes a row of security_sessions
 * in a moment; it is awaited, so that what is counted later is always the same.
 */
async function signIn(key, name) {
  const before = new Set((await good(service.from('security_sessions').select('id'))).map((s) => s.id))
  who[key] = client(anonKey)
  id[key] = (await good(who[key].auth.signInWithPassword(credentials(name)))).user.id
  await good(who[key].from('profiles').select('id').limit(1))
  await eventually(`a row of the session of ${key}`, async () => {
    const mine = await good(service.from('security_sessions').select('id').eq('user_id', id[key]))
    used[key] = mine.find((s) => !before.has(s.id))?.id
    return used[key]
  })
}
/** Waits until somebody's session has ended: no token of it is taken. */
const signedOut = (key) => eventually(`the session of ${key} has ended`, async () => {
  const { error, status } = await who[key].from('security_sessions').select('id').limit(1)
  assert.ok(!error || (status === 401 && error.code === 'ROM401'), JSON.stringify(error))
  return error
})
for (const name of ['USER', 'OTHER', 'ADMIN', 'COMPLIANCE_ADMIN']) {
  await signIn(name.toLowerCase(), name)
}

// --- one request ------------------------------------------------------------

/** Hides what differs from run to run. */
const steady = (path) => path
  .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T').replaceAll(/\d{4}-\d\d-\d\d/g, 'D')
  .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')

let section = ''
/**
 * Sends build(client) as somebody. truth(data, count, error) says in words what
 * is true of the answer, or throws. refusal: the status and code that must be
 * answered, and either why (it is right to refuse him) or own (it is a defect of
 * the front end's own).
 */
async function ask(where, as, build, truth, refusal) {
  const line = { section, where, as }
  try {
    const { data, error, count } = await build(who[as])
    Object.assign(line, { method: wire.method, path: steady(wire.path), status: wire.status, code: error?.code ?? '' })
    if (refusal) {
      assert.deepEqual([wire.status, error?.code ?? ''], [refusal.status, refusal.code])
      Object.assign(line, { own: refusal.own, denied: refusal.why })
    } else {
      assert.equal(error, null, JSON.stringify(error))
      assert.ok(wire.status < 400, `status ${wire.status}`)
    }
    line.truth = (await truth?.(data, count, error)) ?? ''
    console.log(JSON.stringify(line))
    return data
  } catch (e) {
    console.log(JSON.stringify({ ...line, method: wire?.method, path: steady(wire?.path ?? ''), status: wire?.status, failure: e.message }))
    return null
  }
}

const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString()
const day = (days) => ago(days).split('T')[0]
const now = () => ago(0)
/** n rows, all of them as they should be. */
const rows = (n, what, each = () => true) => (data) => {
  assert.equal(data.length, n, JSON.stringify(data))
  data.forEach((row) => assert.ok(each(row), JSON.stringify(row)))
  return `${n} × ${what}`
}
const counted = (n, what) => (data, count) => {
  assert.equal(count, n)
  return `counts ${n} × ${what}`
}
const sorted = (data, key, descending) => data.every((row, i) => i === 0 || (descending ? data[i - 1][key] >= row[key] : data[i - 1][key] <= row[key]))

// --- what there is to find, beside sample and demo --------------------------

const give = (table, list) => good(service.from(table).insert(list, { defaultToNull: false }))

// What is of days ago the Go side has put there, as the owner: of evidence the
// time is the database's, the service role's too.
await give('compliance_results', [
  { compliance_type: 'gdpr', check_name: 'mended', status: 'passed', auto_remediated: true },
])
await give('data_consent', [
  { user_id: id.user, consent_type: 'marketing', consent_given: true, expiry_date: ago(1) },
  { user_id: id.user, consent_type: 'analytics', consent_given: true },
  { user_id: id.other, consent_type: 'analytics', consent_given: true, withdrawal_date: ago(2) },
])
await give('data_subject_requests', [
  { request_type: 'access', customer_email: 'a@example.com' }, { request_type: 'erasure', customer_email: 'b@example.com', status: 'completed' },
])
await give('api_keys', [
  { user_id: id.user, name: 'bounded', key_hash: 'contract-2', key_preview: 'rk_2', expires_at: ago(-60) },
])
await give('encryption_keys', [
  { key_name: 'pii-2025', key_purpose: 'pii', next_rotation: ago(3) }, { key_name: 'old', key_purpose: 'files', is_active: false },
])
await good(service.from('messages').update({ created_at: ago(3000) }).eq('content', 'Do you ship to Norway?'))

// --- 3.1 --------------------------------------------------------------------

section = '3.1 security_sessions'
const idle = (db) => db.from('security_sessions').select('user_id, last_activity').eq('is_active', true).lt('last_activity', ago(30))
await ask('complianceService:404', 'admin', idle, rows(1, 'idle session, another\'s', (s) => s.user_id === id.other))
await ask('complianceService:404', 'user', idle, rows(0, 'session of others'))
await ask('complianceService:456', 'admin', (db) => db.from('security_sessions').select('*').eq('is_active', true).lt('created_at', ago(7)),
  rows(1, 'session older than a week', (s) => s.session_token === 'contract-idle'))
await ask('complianceService:469', 'admin', (db) => db.from('security_sessions').select('*').eq('is_active', true).not('geolocation', 'is', null),
  rows(1, 'session with a place, in France', (s) => s.geolocation.country === 'France'))
await ask('gdprService:539', 'admin', (db) => db.from('security_sessions').select('id', { count: 'exact', head: true }).lt('created_at', ago(45)),
  counted(1, 'session past its retention'))

const monitored = { user_agent: 'contract', login_method: 'password', is_active: true, session_duration: '86400000 milliseconds' }
await ask('securityMonitoringService:55', 'user', (db) => db.from('security_sessions')
  .insert({ user_id: id.user, session_token: 'contract-own', ip_address: '203.0.113.7', last_activity: now(), ...monitored }).select().single(),
(s) => { assert.equal(s.session_duration, '24:00:00'); assert.equal(s.user_id, id.user); return 'the session, 24:00:00 long' })
await ask('securityMonitoringService:55', 'user', (db) => db.from('security_sessions')
  .insert({ user_id: id.other, session_token: 'contract-forged', ip_address: '203.0.113.7', last_activity: now(), ...monitored }).select().single(),
undefined, { status: 403, code: '42501', why: 'nobody opens a session in another\'s name' })
await ask('securityMonitoringService:96', 'user', (db) => db.from('security_sessions').update({ last_activity: now() }).eq('session_token', 'contract-own'))
await ask('securityMonitoringService:139', 'user', (db) => db.from('security_sessions').select('*').eq('is_active', true).order('last_activity', { ascending: false }).eq('user_id', id.user),
  (data) => {
    assert.equal(data.length, 4)
    assert.ok(sorted(data, 'last_activity', true) && data.some((s) => s.id === used.user))
    return '4 active sessions, the one in use too, the last one first'
  })
await ask('securityMonitoringService:139', 'admin', (db) => db.from('security_sessions').select('*').eq('is_active', true).order('last_activity', { ascending: false }),
  rows(8, 'active session of all users, 4 of them in use'))
await ask('securityMonitoringService:110', 'user', (db) => db.from('security_sessions')
  .update({ is_active: false, ended_at: now(), logout_reason: 'logout' }).eq('session_token', 'contract-own').select().single(),
(s) => { assert.deepEqual([s.is_active, s.invalidation_reason, s.invalidated_at], [false, 'logout', s.ended_at]); return 'ended, under both names' })

const audited = (over) => [{
  user_id: id.user, session_token: randomUUID(), ip_address: '203.0.113.8', user_agent: 'contract', device_info: { os: 'Linux', mobile: false },
  geolocation: { country: 'Germany', city: undefined }, is_active: true, last_activity: now(), expires_at: ago(-1), ...over,
}]
const started = await ask('auditService:236', 'user', (db) => db.from('security_sessions').insert(audited({})).select().single(),
  (s) => { assert.deepEqual([s.device_info.os, s.geolocation.country], ['Linux', 'Germany']); assert.ok(s.expires_at > now()); return 'the session, with device, place and end' })
await ask('auditService:236', 'user', (db) => db.from('security_sessions').insert(audited({ ip_address: 'unknown' })).select().single(), undefined,
  { status: 400, code: '22P02', own: 'sends the word "unknown" as an address when its look-up fails (section 3.1, T); nothing calls it. '
    + 'Refused as PostgreSQL refuses it, since no trigger sees a value that is none: an address is known or NULL' })
await ask('auditService:256', 'user', (db) => db.from('security_sessions').update({ last_activity: now(), geolocation: { country: 'Austria' } }).eq('id', started?.id).select().single(),
  (s) => { assert.equal(s.geolocation.country, 'Austria'); return 'the session, moved' })
await ask('auditService:683', 'user', (db) => db.from('security_sessions').select('id', { count: 'exact', head: true }).eq('user_id', id.user).eq('is_active', true),
  counted(4, 'active session'))
await ask('auditService:278', 'user', (db) => db.from('security_sessions').update({ is_active: false, invalidated_at: now(), invalidation_reason: 'logout' }).eq('id', started?.id),
  async () => {
    const [s] = await good(service.from('security_sessions').select('ended_at,invalidated_at,logout_reason').eq('id', started.id))
    assert.deepEqual([s.ended_at, s.logout_reason], [s.invalidated_at, 'logout'])
    return 'ended, under both names'
  })
await ask('securityService:618', 'user', (db) => db.from('security_sessions').select('*').eq('user_id', id.user).eq('is_active', true).order('last_activity', { ascending: false }),
  rows(3, 'own active session', (s) => s.user_id === id.user))
const ending = { is_active: false, invalidated_at: now(), invalidation_reason: 'user_request' }
await give('security_sessions', [
  { user_id: id.user, session_token: 'contract-a' }, { user_id: id.user, session_token: 'contract-expired', expires_at: ago(1) },
])
await ask('securityService:636', 'user', (db) => db.from('security_sessions').update({ ...ending, invalidation_reason: 'expired' }).eq('is_active', true).lt('expires_at', now()).select(),
  rows(1, 'expired session ended', (s) => s.session_token === 'contract-expired' && s.logout_reason === 'expired'))
// What ends is a session, not only a row: that of another device, and with the
// whole list one's own. The application follows the latter with auth.signOut().
await signIn('device', 'USER')
await ask('securityService:581', 'user', (db) => db.from('security_sessions').update(ending).eq('user_id', id.user).eq('is_active', true).neq('id', used.user).select(),
  async (data) => {
    const said = rows(4, 'other session ended', (s) => s.id !== used.user && s.ended_at === s.invalidated_at)(data)
    assert.ok(data.some((s) => s.id === used.device))
    await signedOut('device')
    return `${said}, and the token of the other device with it`
  })
await ask('securityService:581', 'user', (db) => db.from('security_sessions').update(ending).eq('user_id', id.user).eq('is_active', true).select(),
  async (data) => {
    const said = rows(1, 'session ended', (s) => s.id === used.user)(data)
    await signedOut('user')
    assert.equal((await who.user.auth.signOut()).error, null)
    return `${said}, his own`
  })
await signIn('user', 'USER')
await ask('test-analytics-security.js', 'admin', (db) => db.from('security_sessions').select('*').limit(1), rows(1, 'session'))
await ask('test-analytics-security.js', 'admin', (db) => db.from('security_sessions').select('*', { count: 'exact', head: true }), counted(15, 'session'))
await ask('test-analytics-security.js', 'admin', (db) => db.from('security_sessions').select('*', { count: 'exact', head: true }).eq('is_active', true), counted(5, 'active session'))
await ask('test-analytics-security.js', 'admin', (db) => db.from('security_sessions').select('is_active, created_at').gte('created_at', ago(1)), rows(13, 'session of today'))

// --- 3.2 --------------------------------------------------------------------

section = '3.2 security_incidents'
const shown = ['id', 'title', 'severity', 'description', 'incident_type', 'status', 'detected_at']
const full = (i) => shown.every((key) => i[key] !== null && i[key] !== undefined)
const recent = (db) => db.from('security_incidents').select('*').gte('created_at', ago(7)).order('created_at', { ascending: false })
const listed = (filters = {}) => (db) => {
  let q = db.from('security_incidents').select('*').order('created_at', { ascending: false })
  for (const [key, value] of Object.entries(filters)) q = q.eq(key, value)
  return q
}
await ask('complianceService:866', 'admin', recent, rows(3, 'incident of the last week, each with all that the page reads', full))
await ask('complianceService:866', 'user', recent, rows(0, 'incident of others'))
await ask('complianceService:695', 'admin', listed({ status: 'open' }), rows(2, 'open incident, each with title, status and time', (i) => full(i) && i.status === 'open' && !i.resolved))
await ask('complianceService:695', 'admin', listed({ severity: 'high', status: 'open', incident_type: 'suspicious_activity' }), rows(1, 'open incident of that kind', full))
await ask('complianceService:695', 'admin', listed(), rows(4, 'incident, resolved ones too', full))
const incident = await ask('complianceService:631', 'admin', (db) => db.from('security_incidents').insert([{
  incident_type: 'malware', severity: 'critical', title: 'A trojan', description: 'on one host', status: 'investigating', detected_at: now(),
  affected_users: 3, affected_systems: ['web'], assigned_to: id.admin, containment_actions: ['isolated'],
}]).select().single(), (i) => { assert.deepEqual([i.status, i.resolved, i.affected_users], ['investigating', false, 3]); return 'the incident, under investigation' })
await ask('complianceService:664', 'admin', (db) => db.from('security_incidents').update({ status: 'resolved', updated_at: now() }).eq('id', incident?.id).select().single(),
  (i) => { assert.ok(i.resolved && i.resolved_at && i.resolved_by === id.admin); return 'resolved, with time and name' })
const detected = await ask('securityMonitoringService:170', 'admin', (db) => db.from('security_incidents').insert({
  incident_type: 'suspicious_activity', severity: 'medium', description: 'Suspicious activity detected', ip_address: '203.0.113.9',
  detection_method: 'automated', metadata: { indicators: ['multiple_failed_logins'] },
}).select().single(), (i) => { assert.ok(full(i) && i.status === 'open'); return 'the incident, open and titled' })
await ask('securityMonitoringService:170', 'user', (db) => db.from('security_incidents').insert({ incident_type: 'api_abuse', severity: 'medium', description: 'x' }).select().single(),
  undefined, { status: 403, code: '42501', why: 'detection runs in the browser, as whoever is there; it belongs to the server' })
await ask('securityMonitoringService:222', 'admin', (db) => db.from('security_incidents')
  .update({ resolved: true, resolved_at: now(), resolved_by: id.admin, metadata: { resolution: 'false alarm' } }).eq('id', detected?.id).select().single(),
(i) => { assert.equal(i.status, 'resolved'); return 'resolved, and status says so' })
await ask('securityMonitoringService:222', 'user', (db) => db.from('security_incidents').update({ resolved: true }).eq('id', detected?.id).select().single(), undefined,
  { status: 406, code: 'PGRST116', why: 'a user resolves nothing' })
await ask('securityMonitoringService:263', 'admin', (db) => db.from('security_incidents').select('*').order('created_at', { ascending: false })
  .eq('resolved', false).eq('severity', 'high').eq('incident_type', 'suspicious_activity').gte('created_at', ago(2)).lte('created_at', now()).limit(10),
rows(1, 'unresolved incident', (i) => !i.resolved))
await ask('test-analytics-security.js', 'admin', (db) => db.from('security_incidents').select('*').limit(1), rows(1, 'incident'))
await ask('test-analytics-security.js', 'admin', (db) => db.from('security_incidents').select('*').order('created_at', { ascending: false }).limit(5),
  (data) => { assert.equal(data.length, 5); assert.ok(sorted(data, 'created_at', true)); return '5 incidents, the last one first' })
await ask('test-analytics-security.js', 'admin', (db) => db.from('security_incidents').select('*', { count: 'exact', head: true }), counted(6, 'incident'))

// --- 3.3 --------------------------------------------------------------------

section = '3.3 compliance_results'
await ask('complianceService:889', 'admin', (db) => db.from('compliance_results').select('id', { count: 'exact', head: true }).eq('auto_remediated', true).gte('created_at', ago(1)),
  counted(1, 'result mended by itself today'))
const checks = await ask('complianceService:78', 'compliance_admin', (db) => db.from('compliance_checks').select('*').eq('is_active', true),
  (data) => { assert.ok(data.length >= 8 && new Set(data.map((c) => c.check_type)).size === 5); return `${data.length} checks of all 5 types` }) ?? []
const result = { status: 'warning', result_details: { found: 2 }, recommendations: ['look'], severity: 'medium', auto_remediated: false, remediation_actions: undefined }
for (const as of ['admin', 'compliance_admin']) {
  await ask('complianceService:123', as, (db) => db.from('compliance_results').insert({ check_id: checks[0]?.id, ...result }).select().single(),
    (r) => {
      assert.deepEqual([r.compliance_type, r.check_name, r.details, r.remediation_steps], [checks[0].compliance_type, checks[0].check_name, { found: 2 }, ['look']])
      return 'the result, filed under its check, both names in step'
    })
}
await ask('complianceService:163', 'compliance_admin', (db) => db.from('compliance_results')
  .insert({ check_id: checks[0]?.id, status: 'error', result_details: { error: 'x' }, severity: 'medium' }))
await ask('securityMonitoringService:324', 'admin', (db) => db.from('compliance_results').insert({
  compliance_type: 'gdpr', check_name: 'data_retention', status: 'passed', details: { policies: 8 }, remediation_steps: [], checked_at: now(), next_check_due: ago(-1),
}))
await ask('securityMonitoringService:341', 'admin', (db) => db.from('compliance_results').select('*').order('checked_at', { ascending: false })
  .eq('compliance_type', 'gdpr').gte('checked_at', ago(1)).lte('checked_at', now()),
(data) => { assert.ok(data.length >= 7 && sorted(data, 'checked_at', true)); return 'the results of today, the last one first' })
await ask('test-analytics-security.js', 'admin', (db) => db.from('compliance_results').select('status, severity').limit(10),
  (data) => { assert.ok(data.length === 10 && data.every((r) => r.status && r.severity)); return '10 results' })
await ask('test-analytics-security.js', 'admin', (db) => db.from('compliance_results').select('*').order('created_at', { ascending: false }).limit(5), rows(5, 'result'))
await ask('test-analytics-security.js', 'admin', (db) => db.from('compliance_results').select('*', { count: 'exact', head: true }), counted(11, 'result'))

// --- 3.4 --------------------------------------------------------------------

section = '3.4 the others of the ten'
const logged = {
  endpoint: '/rest/v1/profiles', method: 'GET', user_id: id.user, ip_address: '203.0.113.7', request_size: 0, response_code: 404, response_time_ms: 12,
  rate_limit_hit: false, suspicious_activity: true, request_headers: { accept: '*/*' }, response_headers: {},
}
await ask('securityMonitoringService:386', 'service', (db) => db.from('api_security_logs').insert(logged))
await ask('securityMonitoringService:386', 'user', (db) => db.from('api_security_logs').insert(logged), undefined,
  { status: 403, code: '42501', why: 'evidence that its subject writes is none: the sidecar logs, not the browser' })
const logs = (db) => db.from('api_security_logs').select('*').order('timestamp', { ascending: false }).eq('endpoint', '/rest/v1/profiles')
  .eq('method', 'GET').eq('user_id', id.user).eq('suspicious_activity', true).gte('timestamp', ago(1)).lte('timestamp', now()).limit(50)
await ask('securityMonitoringService:433', 'admin', logs, rows(1, 'request of a user', (l) => l.response_code === 404))
await ask('securityMonitoringService:433', 'user', logs, rows(1, 'own request'))
await ask('securityMonitoringService:433', 'other', logs, rows(0, 'request of others'))

const enrol = (secret, codes) => (db) => db.from('two_factor_auth').upsert({
  user_id: id.user, enabled: true, secret, backup_codes: codes, method: 'totp', phone_number: undefined, updated_at: now(),
}).select().single()
await ask('securityService:27', 'user', enrol('JBSWY3DPEHPK3PXP', ['a1', 'b2']), (f) => { assert.deepEqual([f.enabled, f.secret, f.backup_codes], [true, null, null]); return 'enabled; what is secret stays inside' })
await ask('securityService:27', 'user', enrol('JBSWY3DPEHPK3PXQ', ['c3']), async () => {
  assert.equal((await good(service.from('two_factor_auth').select('user_id').eq('user_id', id.user))).length, 1)
  return 'still one row'
})
await ask('securityService:101', 'user', (db) => db.from('two_factor_auth').select('*').eq('user_id', id.user).eq('enabled', true).single(), (f) => { assert.ok(f.enabled); return 'enabled' })
await ask('securityService:119', 'user', (db) => db.from('two_factor_auth').update({ backup_codes: ['d4'] }).eq('user_id', id.user))
await ask('securityService:129', 'user', (db) => db.from('two_factor_auth').update({ last_used: now() }).eq('user_id', id.user))
await ask('securityService:154', 'user', (db) => db.from('two_factor_auth').select('enabled, method, phone_number, last_used').eq('user_id', id.user).single(),
  (f) => { assert.ok(f.enabled && f.last_used); return 'enabled, and used' })
await ask('securityService:154', 'other', (db) => db.from('two_factor_auth').select('enabled, method, phone_number, last_used').eq('user_id', id.user).single(), undefined,
  { status: 406, code: 'PGRST116', why: 'nobody sees another\'s second factor; the caller tests for this code' })
await ask('securityService:68', 'user', (db) => db.from('two_factor_auth').update({ enabled: false, secret: null, backup_codes: null, updated_at: now() }).eq('user_id', id.user).select().single(),
  (f) => { assert.equal(f.enabled, false); return 'off' })

const forecast = (type, values) => values.map((value, i) => ({
  prediction_type: type, prediction_date: day(-1 - i), predicted_value: value, confidence_level: 0.9, model_version: '2.0', input_features: { days: values.length },
}))
for (const [line, type, values] of [[819, 'volume_forecast', [1_500_000.25, 2, 3, 4, 5, 6, 7]], [842, 'staffing_needs', [1, 2, 3, 4, 5, 6, 7]], [865, 'satisfaction_trend', Array.from({ length: 30 }, () => 4.5)]]) {
  for (const again of [false, true]) {
    await ask(`predictiveAnalyticsService:${line}`, 'service', (db) => db.from('predictive_analytics').upsert(forecast(type, values), { onConflict: 'prediction_type,prediction_date' }),
      async () => {
        const list = await good(service.from('predictive_analytics').select('id').eq('prediction_type', type).gte('prediction_date', day(0)))
        assert.equal(list.length, values.length)
        return again ? 'merged: no second truth for a day' : `${values.length} days, the sample's merged`
      })
  }
}
for (const line of ['predictiveAnalyticsService:104', 'predictiveAnalyticsService:195', 'predictiveAnalyticsService:452', 'analyticsEngineService:582', 'analyticsEngineService:612']) {
  const type = { 195: 'staffing_needs', 452: 'satisfaction_trend', 612: 'staffing_needs' }[line.split(':')[1]] ?? 'volume_forecast'
  await ask(line, 'user', (db) => db.from('predictive_analytics').select('*').eq('prediction_type', type).gte('prediction_date', day(0)).lte('prediction_date', day(-7)).order('prediction_date', { ascending: true }),
    (data) => { assert.equal(data.length, 7); assert.ok(data.every((p) => typeof p.predicted_value === 'number') && sorted(data, 'prediction_date')); return '7 days in order, values are numbers' })
}
for (const name of ['customer_satisfaction', 'response_time', 'resolution_rate', 'ai_efficiency', 'cost_savings']) {
  await good(service.from('business_intelligence').insert([1, 2, 3].map((n) => ({ metric_category: 'kpi', metric_name: name, metric_value: n, calculated_at: ago(3 - n) }))))
  await ask('businessIntelligenceService:729', 'user', (db) => db.from('business_intelligence').select('*').eq('metric_category', 'kpi').eq('metric_name', name).order('calculated_at', { ascending: false }).limit(2),
    (data) => { assert.deepEqual(data.map((m) => m.metric_value), [3, 2]); return 'the last two values' })
}

// --- 4: /security -----------------------------------------------------------

section = '4 /security'
for (const [as, n] of [['admin', 1], ['user', 1]]) {
  await ask('complianceService:416', as, (db) => db.from('profiles').select('id, user_roles(id)').is('user_roles.id', null),
    rows(n, 'profile, the own, its roles filtered away', (p) => Array.isArray(p.user_roles) && p.user_roles.length === 0))
}
await ask('complianceService:877', 'admin', (db) => db.from('data_subject_requests').select('id', { count: 'exact', head: true }).eq('status', 'pending'), counted(1, 'pending request'))
await ask('complianceService:336', 'admin', (db) => db.from('data_consent').select('*').eq('consent_given', true).is('withdrawal_date', null),
  (data) => { assert.deepEqual(data.map((c) => c.consent_type).sort(), ['analytics', 'marketing']); assert.ok(data.some((c) => c.expiry_date < now())); return '2 consents, one of them expired' })
await ask('gdprService:513', 'admin', (db) => db.from('data_retention_policies').select('*'),
  (data) => { assert.ok(data.length >= 8 && data.every((p) => p.data_category && p.retention_period > 0 && typeof p.auto_delete === 'boolean')); return `${data.length} policies, each with its period` })
for (const [table, n] of [['messages', 1], ['customer_profiles', 0], ['security_audit_logs', 0], ['security_sessions', 0]]) {
  await ask('gdprService:539', 'admin', (db) => db.from(table).select('id', { count: 'exact', head: true }).lt('created_at', ago(2555)), counted(n, 'row past its retention'))
}
await ask('complianceService:511', 'admin', (db) => db.from('api_keys').select('*').eq('is_active', true).is('expires_at', null),
  rows(1, 'key without an end, its hash hidden', (k) => k.name === 'endless' && k.key_hash !== 'contract-1'))
await ask('complianceService:524', 'admin', (db) => db.from('api_keys').select('*').eq('is_active', true).eq('usage_count', 0).lt('created_at', ago(30)), rows(1, 'unused key', (k) => k.name === 'endless'))
await ask('complianceService:560', 'admin', (db) => db.from('pii_detection_patterns').select('*').eq('is_active', true), (data) => { assert.ok(data.length >= 5); return `${data.length} patterns` })
await ask('complianceService:592', 'admin', (db) => db.from('encryption_keys').select('*').eq('is_active', true), rows(1, 'key, overdue', (k) => k.key_name === 'pii-2025' && k.next_rotation < now()))

section = '4 /security, "Run Compliance Checks"'
for (const as of ['admin', 'compliance_admin']) {
  await ask('complianceService:139', as, (db) => db.from('compliance_checks').update({ last_run: now(), next_run: ago(-1) }).eq('id', checks[0]?.id), async () => {
    const [c] = await good(service.from('compliance_checks').select('last_run').eq('id', checks[0].id))
    assert.ok(Date.now() - new Date(c.last_run) < 60_000)
    return 'the run is noted'
  })
  await ask('complianceService:849', as, (db) => db.from('security_alerts').insert([{
    alert_type: 'compliance_violation', severity: 'high', message: 'Compliance check failed', details: { check_id: checks[0]?.id }, status: 'open',
  }]))
  await ask('complianceService:262', as, (db) => db.from('user_roles').select(`
        user_id,
        role:roles(name, permissions)
      `), (data) => {
    assert.equal(data.length, 5)
    assert.ok(data.some((r) => r.user_id === id.admin && r.role.permissions.includes('all')))
    return '5 assignments, the admin\'s with all permissions'
  })
  await ask('complianceService:281', as, (db) => db.from('user_roles').select('*').lt('expires_at', now()), rows(0, 'expired assignment'))
}
await ask('complianceService:849', 'user', (db) => db.from('security_alerts').insert([{ alert_type: 'compliance_violation', severity: 'high', message: 'x', details: {}, status: 'open' }]), undefined,
  { status: 403, code: '42501', why: 'the button works for admins; others cannot file results either' })

// --- 4: the analytics pages -------------------------------------------------

section = '4 /analytics'
const week = ago(7)
const conversations = (select) => (db) => db.from('conversations').select(select).gte('created_at', week)
const messages = (select) => (db) => db.from('messages').select(select).gte('created_at', week)
await ask('analytics/index', 'user', conversations('created_at, status, satisfaction_score'), rows(6, 'conversation'))
await ask('analytics/index', 'user', messages('created_at, processing_time_ms'), rows(13, 'message'))
await ask('analytics/index', 'user', (db) => conversations('created_at, status')(db).order('created_at', { ascending: true }), (data) => { assert.ok(data.length === 6 && sorted(data, 'created_at')); return '6 conversations in order' })
await ask('analytics/index', 'user', messages('content, created_at'), rows(13, 'message', (m) => m.content))
await ask('analytics/index', 'user', (db) => db.from('conversations').select('satisfaction_score, created_at').not('satisfaction_score', 'is', null).gte('created_at', week).order('created_at', { ascending: true }),
  (data) => { assert.deepEqual(data.map((c) => c.satisfaction_score), [2, 4, 5]); return '3 scores in order' })
await ask('analytics/index', 'user', (db) => db.from('messages').select('confidence_score, created_at').not('confidence_score', 'is', null).gte('created_at', week), rows(5, 'message with a confidence', (m) => typeof m.confidence_score === 'number'))
await ask('analytics/index', 'user', (db) => db.from('messages').select('confidence_score, created_at').lt('confidence_score', 0.7).gte('created_at', week), rows(1, 'doubtful message', (m) => m.confidence_score < 0.7))
await ask('analytics/index', 'user', (db) => db.from('conversations').select('ai_confidence, created_at').not('ai_confidence', 'is', null).gte('created_at', week), rows(6, 'conversation'))
await ask('analytics/index', 'user', (db) => db.from('knowledge_base').select('category, helpful_count, not_helpful_count, usage_count').not('category', 'is', null))

section = '4 /analytics/real-time'
const joined = { status: 400, code: 'PGRST200', own: 'names a foreign key that no database has' }
const missing = (column) => ({ status: 400, code: '42703', own: `reads conversations.${column}, which the base does not have` })
await ask('realtimeAnalytics:34', 'user', (db) => db.from('realtime_metrics').select('*').gt('expires_at', now()), (data) => { assert.ok(data.every((m) => m.expires_at > now())); return 'metrics that have not expired' })
const live = 'id, customer_name, channel_type, status, created_at, satisfaction_rating'
await ask('realtimeAnalytics:44', 'user', (db) => db.from('conversations').select(live).eq('status', 'active').order('created_at', { ascending: false }), rows(3, 'active conversation'))
await ask('realtimeAnalytics:116', 'user', (db) => db.from('conversations').select(`${live}, profiles!conversations_agent_id(name)`).eq('status', 'active'), undefined, joined)
await ask('realtimeAnalytics:77', 'user', (db) => db.from('conversations').select('resolved_by').gte('created_at', ago(1)), undefined, missing('resolved_by'))
await ask('realtimeAnalytics:197', 'user', (db) => db.from('conversations').select('agent_id').eq('status', 'active'), undefined, missing('agent_id'))
await ask('realtimeAnalytics:221', 'user', (db) => db.from('conversations').select('channel_type, status, created_at, satisfaction_rating').gte('created_at', ago(1)), rows(6, 'conversation of today'))
await ask('realtimeAnalytics:58', 'user', (db) => db.from('messages').select('created_at').gte('created_at', ago(1)).order('created_at', { ascending: false }).limit(100), rows(13, 'message of today'))
await ask('analyticsEngine:224', 'user', (db) => db.from('daily_metrics').select('*').gte('date', day(7)).lte('date', day(0)), (data) => { assert.ok(data.length >= 7); return 'a week of days' })
await ask('realtimeAnalytics:156', 'user', (db) => db.from('daily_metrics').select('agent_id, total_conversations, avg_first_response_time_seconds, avg_satisfaction_score, profiles!daily_metrics_agent_id(name)').not('agent_id', 'is', null).gte('date', day(7)), undefined, joined)

section = '4 /analytics/predictive'
await ask('predictiveAnalytics:119', 'user', (db) => db.from('daily_metrics').select('date, total_conversations, channel_type').gte('date', day(97)).lte('date', day(0)).eq('channel_type', 'all').order('date', { ascending: true }),
  (data) => { assert.ok(data.length >= 7 && sorted(data, 'date') && data.every((d) => d.total_conversations >= 0)); return 'at least the 7 days that the forecast needs' })
for (const [line, days] of [[193, 37], [285, 372]]) {
  await ask(`predictiveAnalytics:${line}`, 'user', (db) => db.from('daily_metrics').select('date, total_conversations').gte('date', day(days)).lte('date', day(0)).order('date', { ascending: true }), (data) => { assert.ok(data.length >= 7 && sorted(data, 'date')); return 'days in order' })
}
await ask('predictiveAnalytics:151', 'user', (db) => db.from('conversations').select('created_at, assigned_agent_id, status').gte('created_at', ago(37)).lte('created_at', now()), rows(6, 'conversation'))
await ask('predictiveAnalytics:158', 'user', (db) => db.from('agent_availability').select('agent_id, working_hours, max_concurrent_chats').eq('is_online', true))
await ask('predictiveAnalytics:314', 'user', (db) => db.from('daily_metrics').select('*').gte('date', day(30)).order('date', { ascending: true }), (data) => { assert.ok(data.length >= 7); return 'days in order' })
await ask('predictiveAnalytics:323', 'user', (db) => db.from('conversation_analytics').select('*').gte('created_at', ago(30)).order('created_at', { ascending: true }), rows(6, 'analysed conversation'))

section = '4 /analytics/reporting'
await ask('reportingService:295', 'user', (db) => db.from('scheduled_reports').select('*').order('created_at', { ascending: false }))
await ask('reportingService:385', 'user', (db) => db.from('export_jobs').select('*').eq('user_id', 'user-id').order('created_at', { ascending: false }), undefined,
  { status: 400, code: '22P02', own: 'filters a uuid by the literal text "user-id"' })
await ask('reportingService:438', 'user', (db) => db.from('daily_metrics').select('*').gte('date', day(7)).lte('date', day(0)), (data) => { assert.ok(data.length >= 7); return 'a week of days' })
await ask('reportingService:488', 'user', (db) => db.from('daily_metrics').select('date, total_conversations, ai_resolved_conversations, avg_satisfaction_score').gte('date', day(7)).lte('date', day(0)).order('date', { ascending: true }), (data) => { assert.ok(sorted(data, 'date')); return 'days in order' })
await ask('reportingService:459', 'user', (db) => db.from('conversations').select('id, created_at, channel_type, status, customer_name, assigned_agent_id, satisfaction_rating, profiles!conversations_assigned_agent_id_fkey(full_name)').gte('created_at', week), undefined, { ...joined, own: 'names a foreign key that the deployed base has lost; romashka repair base --apply gives it back' })
await ask('reportingService:265', 'user', (db) => db.from('scheduled_reports').insert([{
  name: 'Weekly', description: '', report_type: 'daily', schedule_cron: '0 9 * * *', recipients: ['a@example.com'], filters: {}, format: 'pdf', is_active: true,
}]).select().single(), (r) => { assert.equal(r.name, 'Weekly'); return 'the report' })

// --- 4: dead services, and the acceptance script ------------------------------

section = '4 dead services, additional tables'
await good(service.from('daily_analytics').insert(Array.from({ length: 10 }, (_, i) => ({
  date: day(i), total_conversations: 10 + i, avg_response_time_seconds: 30, resolution_rate: 0.5, avg_customer_satisfaction: 4, ai_accuracy_score: 0.9, channel_distribution: { website: 10 + i },
}))))
for (const [where, columns] of [
  ['analyticsEngineService:473', 'date, total_conversations'], ['analyticsEngineService:492', 'date, avg_response_time_seconds'], ['analyticsEngineService:511', 'date, avg_customer_satisfaction'],
  ['analyticsEngineService:530', 'date, resolution_rate'], ['analyticsEngineService:549', 'date, channel_distribution'],
  ['businessIntelligenceService:772', 'date, total_conversations, avg_customer_satisfaction, resolution_rate'],
]) {
  await ask(where, 'user', (db) => db.from('daily_analytics').select(columns).gte('date', day(7)).lte('date', day(0)).order('date', { ascending: true }), (data) => { assert.ok(data.length === 8 && sorted(data, 'date')); return '8 days in order' })
}
await ask('businessIntelligenceService:539', 'user', (db) => db.from('daily_analytics').select('channel_distribution').order('date', { ascending: false }).limit(7), rows(7, 'day', (d) => d.channel_distribution.website > 0))
await ask('businessIntelligenceService:838', 'user', (db) => db.from('daily_analytics').select('date, avg_customer_satisfaction').not('avg_customer_satisfaction', 'is', null).gte('date', day(14)).order('date', { ascending: true }), rows(10, 'day'))
await ask('analyticsEngineService:317', 'service', (db) => db.from('performance_metrics').insert({ metric_name: 'response_time', metric_type: 'gauge', metric_value: 1.5, dimensions: {}, timestamp: now() }))
await ask('analyticsEngineService:339', 'user', (db) => db.from('performance_metrics').select('*').order('timestamp', { ascending: false }).eq('metric_type', 'gauge'), rows(1, 'metric', (m) => m.metric_value === 1.5))
await ask('performanceMetricsService:96', 'user', (db) => db.from('performance_metrics').select('*').eq('date', day(0)).eq('hour', 1).order('agent_id'), undefined,
  { status: 400, code: '42703', own: 'a second, incompatible shape of performance_metrics; nothing calls it' })
await ask('analyticsEngineService:266', 'user', (db) => db.from('conversation_analytics').select('*, conversation:conversations(*)').eq('conversation_id', randomUUID()).single(), undefined,
  { status: 400, code: 'PGRST200', own: 'the base has no foreign key from conversation_analytics to conversations; nothing calls it' })
await ask('analyticsEngineService:291', 'user', (db) => db.from('conversation_analytics').update({ updated_at: now() }).eq('conversation_id', randomUUID()), undefined,
  { status: 400, code: 'PGRST204', own: 'writes updated_at, which the base does not have; nothing calls it' })
await ask('analyticsEngineService:380', 'user', (db) => db.from('conversation_analytics').select('avg_response_time_seconds').not('avg_response_time_seconds', 'is', null).gte('started_at', ago(1)), undefined,
  { status: 400, code: '42703', own: 'reads avg_response_time_seconds, which the base does not have; nothing calls it' })
for (const [column, n] of [['resolved_by', 3], ['customer_satisfaction', 3], ['ai_accuracy_score', 6]]) {
  await ask('analyticsEngineService:395', 'user', (db) => db.from('conversation_analytics').select(column).not(column, 'is', null).gte('started_at', ago(2)), rows(n, 'conversation with that'))
}
await ask('businessIntelligenceService:519', 'user', (db) => db.from('agent_performance_metrics').select('*').order('success_rate', { ascending: false }))
for (const [status, n] of [['active', 3], ['queued', 0]]) {
  await ask('analyticsEngineService:370', 'user', (db) => db.from('conversations').select('*', { count: 'exact', head: true }).eq('status', status), counted(n, 'conversation'))
}
await ask('HEAD counts', 'user', (db) => db.from('conversations').select('*', { count: 'exact', head: true }).gte('created_at', week), counted(6, 'conversation'))
await ask('HEAD counts', 'user', (db) => db.from('conversation_analytics').select('*', { count: 'exact', head: true }).eq('resolved_by', 'ai').gte('created_at', week), counted(1, 'conversation resolved by AI'))
await ask('HEAD counts', 'user', (db) => db.from('conversation_analytics').select('*', { count: 'exact', head: true }).neq('resolved_by', 'ai').gte('created_at', week), counted(2, 'conversation resolved by people'))
for (const table of ['customer_satisfaction_surveys', 'conversation_sentiment_analysis', 'roi_calculations']) {
  await ask('business-intelligence/*', 'user', (db) => db.from(table).select('*').limit(1), undefined, { status: 404, code: 'PGRST205', own: 'a table that no database has; nothing calls it' })
}

const entry = (over = {}) => ({
  event_type: 'login', user_id: id.user, resource_type: 'user', resource_id: id.user, action: 'login', old_values: undefined, new_values: { a: 1 }, ip_address: 'unknown', user_agent: 'contract',
  session_id: undefined, risk_score: 30, geolocation: { country: 'Germany' }, success: true, failure_reason: undefined, additional_context: {}, ...over,
})
await ask('auditService:48', 'user', (db) => db.from('security_audit_logs').insert([entry()]).select().single(), (l) => { assert.deepEqual([l.user_id, l.ip_address, l.risk_score], [id.user, 'unknown', 30]); return 'the line, signed' })
await ask('auditService:93', 'user', (db) => db.from('security_audit_logs').insert([entry({ success: false, failure_reason: 'wrong password' })]))
await ask('auditService:298', 'user', (db) => db.from('security_audit_logs').select('*', { count: 'exact' }).order('created_at', { ascending: false }).eq('event_type', 'login').eq('user_id', id.user)
  .eq('ip_address', 'unknown').range(0, 49), (data, count) => { assert.deepEqual([data.length, count], [2, 2]); return '2 of 2 lines' })
await ask('auditService:298', 'other', (db) => db.from('security_audit_logs').select('*', { count: 'exact' }).order('created_at', { ascending: false }).range(50, 99), undefined,
  { status: 416, code: 'PGRST103', own: 'asks for a page past the end (section 6)' })
await ask('auditService:605', 'user', (db) => db.from('user_roles').select('role:roles(permissions)').eq('user_id', id.user), rows(1, 'role', (r) => Array.isArray(r.role.permissions)))
await ask('auditService:789', 'user', (db) => db.from('security_audit_logs').select('geolocation').eq('user_id', id.user).eq('event_type', 'login').eq('success', true).not('geolocation', 'is', null), rows(1, 'place'))
await ask('auditService:836', 'user', (db) => db.from('security_audit_logs').select('id', { count: 'exact', head: true }).eq('user_id', id.user).eq('success', false).gte('created_at', ago(1)), counted(1, 'failure'))
await ask('auditService:361', 'user', (db) => db.from('security_audit_logs').select('*').eq('resource_type', 'conversation').eq('resource_id', randomUUID()).order('created_at', { ascending: true }), rows(0, 'line'))

section = '4 test-analytics-security.js'
await ask('first', 'service', (db) => db.from('profiles').select('count').limit(1), (data) => { assert.deepEqual(data, [{ count: 5 }]); return 'counts 5 profiles' })
await ask('tables', 'service', (db) => db.from('compliance_checks').select('*').limit(1), rows(1, 'check'))
await ask('tables', 'service', (db) => db.from('daily_analytics').select('*').limit(1), rows(1, 'day'))
await ask('history', 'service', (db) => db.from('daily_analytics').select('*').order('date', { ascending: false }).limit(30), (data) => { assert.ok(data.length === 10 && sorted(data, 'date', true)); return '10 days, the last one first' })
await ask('tables', 'service', (db) => db.from('conversation_analytics').select('*').limit(1), rows(1, 'conversation'))
await ask('metrics', 'service', (db) => db.from('performance_metrics').select('metric_name, metric_value').gte('timestamp', ago(1)).limit(20), rows(1, 'metric', (m) => typeof m.metric_value === 'number'))
await ask('predictions', 'service', (db) => db.from('predictive_analytics').select('*').gte('prediction_date', day(0)).limit(10), rows(10, 'prediction'))
await ask('active', 'service', (db) => db.from('conversations').select('*', { count: 'exact', head: true }).eq('status', 'active'), counted(3, 'conversation'))
await ask('recent', 'service', (db) => db.from('conversation_analytics').select('customer_satisfaction, ai_accuracy_score').not('customer_satisfaction', 'is', null), rows(3, 'rated conversation'))

// The chat of every page; last, since it leaves a conversation behind.
section = '5 every page'
const talk = randomUUID()
const said = 'id, conversation_id, sender_type, content, message_type, metadata, status, created_at, updated_at'
const parameters = { job_id: randomUUID(), ai_response: 'hello', confidence_score: 0.9, requires_human: false, processing_time_ms: 12 }
await ask('aiResponseProcessor:98', 'user', (db) => db.rpc('get_next_ai_response_job'), (data) => { assert.ok(Array.isArray(data)); return 'the next job, if there is one' })
await ask('aiResponseProcessor:142', 'user', (db) => db.rpc('complete_ai_response_job', parameters), undefined,
  { status: 404, code: 'PGRST202', own: 'calls it with names of parameters that the deployed function does not have' })
await ask('useRealTimeChat:108', 'user', (db) => db.from('messages').select(said).eq('conversation_id', talk).order('created_at', { ascending: true }), rows(0, 'message'))
await ask('useRealTimeChat:129', 'user', (db) => db.from('conversation_participants').select('id, name, email, role, is_online, last_seen').eq('conversation_id', talk), undefined,
  { status: 404, code: 'PGRST205', own: 'a table that no database has' })
await ask('conversationMonitoringService:50', 'user', (db) => db.from('conversation_metrics').insert([{
  conversation_id: talk, ai_handled: false, escalated_to_human: false, response_time_ms: 0, message_count: 0, resolution_status: 'pending', session_start: now() }]).select().single(),
(m) => { assert.equal(m.conversation_id, talk); return 'the conversation, pending' })
await ask('useRealTimeChat:320', 'user', (db) => db.from('conversations').select('id').eq('id', talk).single(), undefined, { status: 406, code: 'PGRST116', own: 'asks for a single row to learn that there is none' })
await ask('useRealTimeChat:329', 'user', (db) => db.from('conversations').upsert([{ id: talk, status: 'active' }], { onConflict: 'id' }))
await ask('useRealTimeChat:346', 'user', (db) => db.from('messages').insert([{ conversation_id: talk, sender_type: 'user', content: 'hello', message_type: 'text', status: 'sent' }]).select().single(),
  (m) => { assert.deepEqual([m.content, m.status], ['hello', 'sent']); return 'the message, sent' })
await ask('useRealTimeChat:566', 'user', (db) => db.from('typing_indicators').upsert([{ user_id: id.user, conversation_id: talk, is_typing: true, last_activity: now() }]))
await ask('useRealTimeChat:583', 'user', (db) => db.from('typing_indicators').update({ is_typing: false }).eq('user_id', id.user).eq('conversation_id', talk))
await ask('conversationMonitoringService:102', 'user', (db) => db.from('conversation_metrics').select('message_count, response_time_ms').eq('conversation_id', talk).single(), (m) => { assert.equal(m.message_count, 0); return 'its line' })
await ask('conversationMonitoringService:78', 'user', (db) => db.from('conversation_metrics').update({ ai_handled: true, message_count: 1, response_time_ms: 12, updated_at: now() }).eq('conversation_id', talk))
