// What the Go side told us about the server under test, and small things that
// both test files use.

import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'

const env = (name) => {
  assert.ok(process.env[name], `${name} is not set: run these tests by "go test ./internal/proof/e2e"`)
  return process.env[name]
}

export const url = env('API_URL')
export const anonKey = env('ANON_KEY')
export const serviceKey = env('SERVICE_ROLE_KEY')

/** Address and password of a demo user: USER, OTHER, ADMIN, ... */
export const credentials = (who) => ({ email: env(`DEMO_${who}_EMAIL`), password: env(`DEMO_${who}_PASSWORD`) })

/** The ten tables of the seed. */
export const tables = [
  'security_sessions', 'security_incidents', 'compliance_results', 'api_security_logs', 'two_factor_auth',
  'predictive_analytics', 'business_intelligence', 'customer_journey', 'sentiment_analysis', 'advanced_metrics',
]

/** Remembers what the log must not contain. */
export function secret(text) {
  appendFileSync(env('E2E_SECRETS'), text + '\n')
  return text
}

/** Signs a token of the project; key is the project's secret unless given. */
export function sign(claims, key = env('JWT_SECRET')) {
  const part = (o) => Buffer.from(JSON.stringify(o)).toString('base64url')
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return secret(`${text}.${createHmac('sha256', key).update(text).digest('base64url')}`)
}

/** How many queries the database is executing that wait for us to end them. */
export async function sleeping() {
  return Number(await (await fetch(env('E2E_CONTROL'))).text())
}

/** Waits, by asking again, until probe() is true; at most 10 s. */
export async function eventually(what, probe) {
  const deadline = Date.now() + 10_000
  while (!(await probe())) {
    assert.ok(Date.now() < deadline, `never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The data of an answer that must be a good one. */
export function good({ data, error, status }, wantStatus) {
  assert.equal(error, null, `error: ${JSON.stringify(error)}`)
  if (wantStatus !== undefined) assert.equal(status, wantStatus)
  return data
}

/** The error of an answer that must be refused so. */
export function refused({ data, error, status }, wantStatus, wantCode) {
  assert.ok(error, `not refused: ${JSON.stringify(data)}`)
  assert.deepEqual({ status, code: error.code }, { status: wantStatus, code: wantCode }, JSON.stringify(error))
  return error
}

export const ids = (rows) => rows.map((row) => row.id)
export { assert, randomUUID }
