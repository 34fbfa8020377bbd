// postgrest-js against a server with all that can be switched on: plans,
// aggregates, a second schema. Relationships and functions of every kind.

import { describe, it } from 'node:test'
import { PostgrestClient } from '@supabase/postgrest-js'
import { assert, good, ids, refused, serviceKey, url } from './world.mjs'

const headers = { apikey: serviceKey, Authorization: `Bearer ${serviceKey}` }
const e2e = new PostgrestClient(`${url}/rest/v1`, { headers, schema: 'e2e', retry: false })
const people = (columns = '*') => e2e.from('people').select(columns)

describe('schemas', () => {
  it('the client\'s own, for reads, writes and calls', async () => {
    assert.deepEqual(ids(good(await people('id').order('id'))), [1, 2, 3, 4])
    assert.deepEqual(good(await e2e.from('rooms').insert({ id: 9, name: 'loft' }).select().single().rollback(), 201), { id: 9, name: 'loft', owner: null, keeper: null })
    assert.deepEqual(good(await e2e.rpc('stats').single()), { rooms: 3, people: 4 })
  })
  it('another for one request', async () => {
    assert.equal(good(await e2e.schema('public').from('e2e_things').select('name').eq('id', 4).single()).name, 'drum')
    assert.equal(good(await e2e.schema('public').rpc('e2e_add', { a: 2 })), 12)
  })
  it('one that is not served', async () => {
    const error = refused(await e2e.schema('romashka').from('people').select(), 406, 'PGRST106')
    assert.match(error.hint, /public, e2e/)
  })
  it('a table of the other schema', async () => {
    refused(await e2e.from('security_incidents').select(), 404, 'PGRST205')
  })
})

describe('relationships', () => {
  const table = {
    'to one, by column': [people('name, boss(name)').eq('id', 2), [{ name: 'Bo', boss: { name: 'Ada' } }]],
    'to many, by column': [people('name, staff:people!boss(name)').eq('id', 1).order('name', { referencedTable: 'staff' }), [{ name: 'Ada', staff: [{ name: 'Bo' }, { name: 'Cy' }] }]],
    'one to one': [people('id, passports(number)').in('id', [1, 2]).order('id'), [{ id: 1, passports: { number: 'P1' } }, { id: 2, passports: null }]],
    'many to many': [people('name, rooms!memberships(name)').eq('id', 2).order('name', { referencedTable: 'rooms' }), [{ name: 'Bo', rooms: [{ name: 'cellar' }, { name: 'hall' }] }]],
    'the junction itself': [people('memberships(since, rooms(name))').eq('id', 4), [{ memberships: [{ since: null, rooms: { name: 'attic' } }] }]],
    'the same twice': [e2e.from('rooms').select('owner:people!owner(name), keeper:people!keeper(name)').eq('id', 1), [{ owner: { name: 'Ada' }, keeper: { name: 'Bo' } }]],
    'by constraint': [e2e.from('rooms').select('people!rooms_owner_fkey(name)').eq('id', 3), [{ people: { name: 'Cy' } }]],
    'three deep': [people('name, boss(name, boss(name))').eq('id', 4), [{ name: 'Di', boss: { name: 'Bo', boss: { name: 'Ada' } } }]],
    'inner, filtered within': [people('id, rooms!memberships!inner(name)').eq('rooms.name', 'hall').order('id'), [{ id: 1, rooms: [{ name: 'hall' }] }, { id: 2, rooms: [{ name: 'hall' }] }]],
    'empty': [people('id, rooms!memberships!inner()').eq('rooms.name', 'cellar'), [{ id: 2 }]],
    'spread to one': [e2e.from('passports').select('number, ...people(name)').eq('person', 3), [{ number: 'P3', name: 'Cy' }]],
    'spread to many': [people('id, ...rooms!memberships(names:name)').eq('id', 4), [{ id: 4, names: ['attic'] }]],
    'of a view': [e2e.from('staff').select('name, passports(number)').eq('id', 3), [{ name: 'Cy', passports: { number: 'P3' } }]],
    'computed': [people('name, friends(name)').eq('id', 1), [{ name: 'Ada', friends: [{ name: 'Bo' }] }]],
    'anti-join': [people('id, memberships()').is('memberships', null), [{ id: 3 }]],
  }
  for (const [name, [query, want]] of Object.entries(table)) {
    it(name, async () => assert.deepEqual(good(await query, 200), want))
  }
  it('two ways are one too many', async () => {
    refused(await e2e.from('rooms').select('people(name)'), 300, 'PGRST201')
  })
  it('a write answers with what is related', async () => {
    const made = good(await e2e.from('memberships').insert({ person: 3, room: 1 }).select('people(name), rooms(name, owner(name))').single().rollback(), 201)
    assert.deepEqual(made, { people: { name: 'Cy' }, rooms: { name: 'hall', owner: { name: 'Ada' } } })
  })
})

describe('columns', () => {
  it('computed: selected, filtered, ordered', async () => {
    assert.deepEqual(good(await people('id, initial').eq('initial', 'B')), [{ id: 2, initial: 'B' }])
    assert.deepEqual(ids(good(await people('id').order('initial', { ascending: false }).limit(1))), [4])
  })
  it('enums', async () => {
    assert.deepEqual(ids(good(await people('id').eq('mood', 'busy').order('id'))), [2, 3])
    refused(await people().eq('mood', 'furious'), 400, '22P02')
    refused(await e2e.from('people').insert({ id: 9, name: 'x', mood: 'furious' }), 400, '22P02')
  })
  it('composites', async () => {
    assert.deepEqual(good(await people('home, street:home->>street, n:home->number').eq('id', 1).single()),
      { home: { street: 'Main St', number: 5 }, street: 'Main St', n: 5 })
    assert.deepEqual(good(await e2e.from('people').update({ home: { street: 'Side St', number: 1 } }).eq('id', 2).select('home').single().rollback()),
      { home: { street: 'Side St', number: 1 } })
  })
  it('aggregates', async () => {
    assert.deepEqual(good(await people('mood, count()').order('mood', { nullsFirst: false })), [{ mood: 'calm', count: 1 }, { mood: 'busy', count: 2 }, { mood: null, count: 1 }])
    assert.deepEqual(good(await people('least:id.min(), most:id.max(), id.sum()').single()), { least: 1, most: 4, sum: 10 })
    assert.deepEqual(good(await people('name, memberships(count)').eq('id', 2).single()), { name: 'Bo', memberships: [{ count: 2 }] })
  })
})

describe('plans', () => {
  it('text', async () => {
    const plan = good(await people().explain(), 200)
    assert.match(plan, /^Aggregate/)
    assert.doesNotMatch(plan, /actual time/)
  })
  it('with options', async () => {
    assert.match(good(await people().explain({ analyze: true, verbose: true, buffers: true, settings: true, wal: true })), /actual time[\s\S]*Execution Time/)
  })
  it('json', async () => {
    const [{ Plan }] = good(await people().eq('id', 1).explain({ format: 'json', verbose: true }))
    assert.equal(Plan['Node Type'], 'Aggregate')
  })
  it('of one row, of a call, of a write that is undone', async () => {
    assert.match(good(await people().eq('id', 1).single().explain()), /Index|Seq Scan/)
    assert.match(good(await e2e.rpc('stats').explain()), /Scan/)
    assert.match(good(await e2e.from('memberships').delete().eq('person', 4).select().explain({ analyze: true }).rollback()), /Delete on/)
    assert.equal(good(await e2e.from('memberships').select('room').eq('person', 4)).length, 1)
  })
})

describe('functions', () => {
  it('one row of a table', async () => {
    assert.deepEqual(good(await e2e.rpc('boss_of', { id: 4 }).select('name')), { name: 'Bo' })
    assert.deepEqual(good(await e2e.rpc('boss_of', { id: 4 }).select('name, passports(number)')), { name: 'Bo', passports: null })
  })
  it('rows, with what is related', async () => {
    const rows = good(await e2e.rpc('people_of', { moods: ['busy'] }).select('name, boss(name)').order('name').range(1, 1))
    assert.deepEqual(rows, [{ name: 'Cy', boss: { name: 'Ada' } }])
    const byGet = await e2e.rpc('people_of', { moods: ['busy', 'calm'] }, { get: true, count: 'exact' }).select('id').limit(1)
    assert.deepEqual([byGet.count, byGet.status], [3, 206])
  })
  it('head, by GET and by POST', async () => {
    const head = await e2e.rpc('people_of', { moods: ['busy'] }, { head: true, count: 'exact' })
    assert.deepEqual([head.count, head.data, head.error], [2, null, null])
    const post = await e2e.rpc('people_of', { moods: [{ no: 'mood' }] }, { head: true })
    assert.equal(post.status, 400)
  })
  it('variadic, overloaded, one json', async () => {
    assert.equal(good(await e2e.rpc('longest', { words: ['a', 'ccc', 'bb'] })), 'ccc')
    assert.deepEqual(good(await e2e.rpc('echo', { any: ['thing'] })), { any: ['thing'] })
    refused(await e2e.rpc('twice', { n: 1 }), 300, 'PGRST203')
  })
  it('that write, within limits', async () => {
    assert.deepEqual(good(await e2e.rpc('rename', { person: 1, name: 'Eva' }).select('name').single().rollback()), { name: 'Eva' })
    refused(await e2e.rpc('rename', { person: 1, name: 'Eva' }, { get: true }), 405, '25006')
    refused(await e2e.rpc('people_of', { moods: ['busy'] }).maxAffected(1), 400, 'PGRST124')
    assert.equal(good(await people('name').eq('id', 1).single()).name, 'Ada')
  })
  it('with a status of their own', async () => {
    const { status, error } = await e2e.rpc('teapot')
    assert.deepEqual([status, error.code, error.message], [418, 'PT418', 'short and stout'])
  })
})
