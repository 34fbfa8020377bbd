// postgrest-js by itself: all that its fluent interface can say.

import { describe, it } from 'node:test'
import { PostgrestClient, PostgrestError } from '@supabase/postgrest-js'
import { assert, eventually, good, ids, refused, serviceKey, sleeping, url } from './world.mjs'

const headers = { apikey: serviceKey, Authorization: `Bearer ${serviceKey}` }
const client = new PostgrestClient(`${url}/rest/v1`, { headers, retry: false })
const things = (columns = 'id') => client.from('e2e_things').select(columns)

describe('filters', () => {
  const odd = 'a,b "c" (d)' // a name that must be quoted
  const table = {
    eq: [(q) => q.eq('name', 'anchor'), [1]],
    'eq quoted': [(q) => q.eq('name', odd), [5]],
    neq: [(q) => q.neq('name', 'anchor'), [2, 3, 4, 5]],
    gt: [(q) => q.gt('weight', 1.25), [1, 5]],
    gte: [(q) => q.gte('weight', 1.25), [1, 2, 5]],
    lt: [(q) => q.lt('born', '2021-01-01'), [1, 5]],
    lte: [(q) => q.lte('born', '2020-01-01'), [1, 5]],
    like: [(q) => q.like('name', '%an%'), [1, 3]],
    likeAllOf: [(q) => q.likeAllOf('name', ['%a%', '%c%']), [1, 3, 5]],
    likeAnyOf: [(q) => q.likeAnyOf('name', ['an%', 'dr%']), [1, 4]],
    ilike: [(q) => q.ilike('name', 'b%'), [2]],
    ilikeAllOf: [(q) => q.ilikeAllOf('name', ['B%', '%T']), [2]],
    ilikeAnyOf: [(q) => q.ilikeAnyOf('name', ['B%', 'D%']), [2, 4]],
    regexMatch: [(q) => q.regexMatch('name', '^[ab]'), [1, 5]],
    regexIMatch: [(q) => q.regexIMatch('name', '^[ab]'), [1, 2, 5]],
    'is null': [(q) => q.is('weight', null), [4]],
    'is true': [(q) => q.is('ok', true), [1, 4]],
    'is false': [(q) => q.is('ok', false), [2, 5]],
    isDistinct: [(q) => q.isDistinct('weight', 7), [1, 2, 3, 4]],
    in: [(q) => q.in('name', ['anchor', 'x, (y)', 'drum']), [1, 4]],
    'in many': [(q) => q.in('id', Array.from({ length: 1500 }, (_, i) => i + 3)), [3, 4, 5]],
    notIn: [(q) => q.notIn('id', [1, 2]), [3, 4, 5]],
    'contains array': [(q) => q.contains('tags', ['wood']), [2, 3]],
    'contains object': [(q) => q.contains('data', { a: 1 }), [1, 3]],
    'contains range': [(q) => q.contains('span', '[4,4]'), [1, 4]],
    'containedBy array': [(q) => q.containedBy('tags', ['wood', 'wax', 'iron']), [2, 3, 4]],
    'containedBy object': [(q) => q.containedBy('data', { a: 2, z: 0 }), [2]],
    'containedBy range': [(q) => q.containedBy('span', '[0,10)'), [1, 2]],
    rangeGt: [(q) => q.rangeGt('span', '[1,5)'), [2, 3]],
    rangeGte: [(q) => q.rangeGte('span', '[3,4]'), [2, 3, 4]],
    rangeLt: [(q) => q.rangeLt('span', '[10,20)'), [1, 2]],
    rangeLte: [(q) => q.rangeLte('span', '[3,12)'), [1, 2, 4]],
    rangeAdjacent: [(q) => q.rangeAdjacent('span', '[5,10)'), [1, 3]],
    'overlaps array': [(q) => q.overlaps('tags', ['sea', 'wax']), [1, 3]],
    'overlaps range': [(q) => q.overlaps('span', '[11,30]'), [3, 4]],
    textSearch: [(q) => q.textSearch('words', 'heavy & boat'), [1]],
    'textSearch plain': [(q) => q.textSearch('words', 'small boats', { type: 'plain', config: 'english' }), [1]],
    'textSearch phrase': [(q) => q.textSearch('words', 'small boats', { type: 'phrase', config: 'english' }), [1]],
    'textSearch websearch': [(q) => q.textSearch('words', 'drum or picnic', { type: 'websearch', config: 'english' }), [2, 4]],
    'textSearch in text': [(q) => q.textSearch('note', 'drumstick', { config: 'english' }), [4]],
    match: [(q) => q.match({ name: 'anchor', ok: true }), [1]],
    'not eq': [(q) => q.not('id', 'eq', 1), [2, 3, 4, 5]],
    'not is': [(q) => q.not('data', 'is', null), [1, 2, 3, 5]],
    'not in': [(q) => q.not('id', 'in', '(1,2)'), [3, 4, 5]],
    'not contains': [(q) => q.not('tags', 'cs', '{wood}'), [1, 4]],
    or: [(q) => q.or('id.eq.1,and(weight.gt.5,ok.is.false)'), [1, 5]],
    'or not': [(q) => q.or('not.and(id.gte.2,id.lte.5),name.like.d*'), [1, 4]],
    'or with quotes': [(q) => q.or('name.eq."a,b \\"c\\" (d)",tags.cs.{iron}'), [1, 5]],
    filter: [(q) => q.filter('id', 'in', '(2,4)'), [2, 4]],
    'filter all': [(q) => q.filter('id', 'gt(all)', '{1,3}'), [4, 5]],
    'filter on a path': [(q) => q.filter('data->in->>b', 'eq', 'x'), [1]],
    'filter on an element': [(q) => q.eq('data->c->1', 2), [3]],
    'twice the same column': [(q) => q.gt('id', 1).lt('id', 4), [2, 3]],
  }
  for (const [name, [filter, want]] of Object.entries(table)) {
    it(name, async () => assert.deepEqual(ids(good(await filter(things()).order('id'), 200)), want))
  }

  it('a value that does not fit', async () => {
    refused(await things().eq('id', 'x'), 400, '22P02')
  })
  it('an operator that is not there', async () => {
    refused(await things().filter('id', 'resembles', 1), 400, 'PGRST100')
  })
  it('a column that is not there', async () => {
    refused(await things().eq('mood', 1), 400, '42703')
  })
})

describe('columns', () => {
  const one = (columns) => client.from('e2e_things').select(columns).eq('id', 1).single()
  const table = {
    'aliases and casts': ['number:id, weight::text', { number: 1, weight: '12.5' }],
    'paths': ['data->a, inner:data->in->>b, first:tags->0', { a: 1, inner: 'x', first: 'sea' }],
    'types': ['tags, span, ok, born', { tags: ['sea', 'iron'], span: '[1,5)', ok: true, born: '2020-01-01' }],
    'white space': [' id ,\n name ', { id: 1, name: 'anchor' }],
    'spread to one': ['name', { name: 'anchor' }],
  }
  for (const [name, [columns, want]] of Object.entries(table)) {
    it(name, async () => assert.deepEqual(good(await one(columns)), want))
  }
})

describe('order, limit, range', () => {
  it('order', async () => {
    assert.deepEqual(ids(good(await things().order('weight', { ascending: false }))), [4, 1, 5, 2, 3])
    assert.deepEqual(ids(good(await things().order('weight', { ascending: false, nullsFirst: false }))), [1, 5, 2, 3, 4])
    assert.deepEqual(ids(good(await things().order('ok', { nullsFirst: true }).order('id', { ascending: false }))), [3, 5, 2, 4, 1])
    assert.deepEqual(ids(good(await things().order('data->a', { nullsFirst: false }).order('id').limit(3))), [1, 3, 2])
  })
  it('limit and range', async () => {
    assert.deepEqual(ids(good(await things().order('id').limit(2))), [1, 2])
    assert.deepEqual(ids(good(await things().order('id').range(1, 2))), [2, 3])
    assert.deepEqual(good(await things().limit(0)), [])
  })
  it('in what is embedded', async () => {
    const [row] = good(await client.from('e2e_things').select('id, e2e_parts(title)').eq('id', 1)
      .order('price', { referencedTable: 'e2e_parts' }).limit(1, { referencedTable: 'e2e_parts' }))
    assert.deepEqual(row, { id: 1, e2e_parts: [{ title: 'ring' }] })
    const [second] = good(await client.from('e2e_things').select('e2e_parts(title)').eq('id', 1)
      .order('price', { referencedTable: 'e2e_parts' }).range(1, 1, { referencedTable: 'e2e_parts' }))
    assert.deepEqual(second, { e2e_parts: [{ title: 'chain' }] })
  })
  it('by what is embedded', async () => {
    const rows = good(await client.from('e2e_parts').select('id, e2e_things(name)').order('e2e_things(name)', { ascending: false, nullsFirst: false }).order('id'))
    assert.deepEqual(ids(rows), [1, 2, 3, 4])
  })
  it('filters within', async () => {
    const rows = good(await client.from('e2e_things').select('id, parts:e2e_parts(title)').eq('parts.title', 'ring').in('id', [1, 2]).order('id'))
    assert.deepEqual(rows, [{ id: 1, parts: [{ title: 'ring' }] }, { id: 2, parts: [] }])
    const inner = good(await client.from('e2e_things').select('id, e2e_parts!inner(title)').or('price.gt.5,title.eq.handle', { referencedTable: 'e2e_parts' }).order('id'))
    assert.deepEqual(inner, [{ id: 1, e2e_parts: [{ title: 'chain' }] }, { id: 2, e2e_parts: [{ title: 'handle' }] }])
  })
  it('spread', async () => {
    const rows = good(await client.from('e2e_parts').select('title, ...e2e_things(thing:name)').eq('id', 3))
    assert.deepEqual(rows, [{ title: 'handle', thing: 'Basket' }])
  })
  it('none of the embedded', async () => {
    assert.deepEqual(ids(good(await client.from('e2e_things').select('id, e2e_parts(id)').is('e2e_parts', null).order('id'))), [3, 4, 5])
  })
  it('what has no relationship', async () => {
    refused(await client.from('e2e_things').select('id, profiles(id)'), 400, 'PGRST200')
  })
})

describe('counts', () => {
  for (const kind of ['exact', 'planned', 'estimated']) {
    it(kind, async () => {
      const { data, count, error } = await client.from('e2e_things').select('id', { count: kind }).limit(2)
      assert.equal(error, null)
      assert.equal(data.length, 2)
      assert.ok(kind === 'exact' ? count === 5 : count >= 0, `count ${count}`)
    })
  }
  it('head', async () => {
    const { data, count, status } = await client.from('e2e_things').select('*', { count: 'exact', head: true }).gt('id', 3)
    assert.deepEqual({ data, count, status }, { data: null, count: 2, status: 200 })
  })
  it('head of a table that is not there', async () => {
    assert.equal((await client.from('e2e_nothing_here').select('*', { head: true })).data, null)
  })
})

describe('one row', () => {
  it('single', async () => {
    assert.deepEqual(good(await things().eq('id', 2).single()), { id: 2 })
    refused(await things().single(), 406, 'PGRST116')
    refused(await things().eq('id', 99).single(), 406, 'PGRST116')
  })
  it('maybeSingle', async () => {
    assert.deepEqual(good(await things().eq('id', 2).maybeSingle()), { id: 2 })
    assert.equal(good(await things().eq('id', 99).maybeSingle()), null)
    refused(await things().maybeSingle(), 406, 'PGRST116')
  })
  it('maybeSingle of writes', async () => {
    assert.equal(good(await client.from('e2e_things').update({ note: 'x' }).eq('id', 99).select().maybeSingle()), null)
    const made = good(await client.from('e2e_parts').insert({ id: 50, title: 'one' }).select('title').maybeSingle(), 201)
    assert.deepEqual(made, { title: 'one' })
    assert.deepEqual(good(await client.from('e2e_parts').delete().eq('id', 50).select('id').maybeSingle()), { id: 50 })
  })
  it('throwOnError', async () => {
    await assert.rejects(async () => await things().single().throwOnError(), (error) => {
      assert.ok(error instanceof PostgrestError)
      assert.equal(error.code, 'PGRST116')
      return true
    })
    assert.deepEqual((await things().eq('id', 1).single().throwOnError()).data, { id: 1 })
  })
})

describe('other forms', () => {
  it('csv', async () => {
    const text = good(await things('id, name, tags').in('id', [1, 5]).order('id').csv())
    assert.equal(text, 'id,name,tags\n1,anchor,"{sea,iron}"\n5,"a,b ""c"" (d)",')
  })
  it('csv of none', async () => {
    assert.equal(good(await things('id').eq('id', 99).csv()), '\n')
  })
  it('geojson is refused without PostGIS', async () => {
    refused(await things().geojson(), 404, '42883')
  })
  it('explain is refused', async () => {
    refused(await things().explain({ format: 'json', analyze: true }), 406, 'PGRST107')
  })
  it('stripNulls', async () => {
    assert.deepEqual(good(await things('id, weight, note').eq('id', 4).stripNulls()), [{ id: 4, note: 'Drums and drumsticks' }])
    assert.deepEqual(good(await things('id, weight').eq('id', 4).stripNulls().single()), { id: 4 })
  })
  it('returns and overrideTypes change nothing', async () => {
    assert.deepEqual(good(await things().eq('id', 1).returns()), [{ id: 1 }])
    assert.deepEqual(good(await things().eq('id', 1).overrideTypes()), [{ id: 1 }])
  })
  it('a header of our own', async () => {
    assert.deepEqual(ids(good(await things().order('id').setHeader('Range', '0-0'), 200)), [1])
  })
  it('another schema', async () => {
    const error = refused(await client.schema('auth').from('users').select(), 406, 'PGRST106')
    assert.match(error.message, /Invalid schema: auth/)
    assert.deepEqual(ids(good(await client.schema('public').from('e2e_things').select('id').eq('id', 1))), [1])
  })
})

describe('writes', () => {
  const parts = () => client.from('e2e_parts')

  it('insert', async () => {
    const made = await parts().insert({ id: 10, title: 'plain' })
    assert.deepEqual([made.status, made.data, made.error], [201, null, null])
    assert.deepEqual(good(await parts().insert([{ id: 11, title: 'x', thing_id: 1 }, { id: 12, title: 'y' }]).select('id, e2e_things(name)'), 201),
      [{ id: 11, e2e_things: { name: 'anchor' } }, { id: 12, e2e_things: null }])
    refused(await parts().insert({ id: 10 }), 409, '23505')
    refused(await parts().insert({ id: 13, thing_id: 999 }), 409, '23503')
    refused(await parts().insert({ id: 'x' }), 400, '22P02')
    const gone = await parts().delete({ count: 'exact' }).in('id', [10, 11, 12])
    assert.deepEqual([gone.count, gone.status], [3, 204])
  })
  it('insert of nothing', async () => {
    good(await parts().insert([]), 201)
  })
  it('upsert', async () => {
    assert.deepEqual(good(await parts().upsert({ id: 20, title: 'first' }).select('title'), 201), [{ title: 'first' }])
    assert.deepEqual(good(await parts().upsert([{ id: 20, title: 'second' }]).select('title'), 200), [{ title: 'second' }])
    assert.deepEqual(good(await parts().upsert({ id: 20, title: 'third' }, { ignoreDuplicates: true }).select('title')), [])
    assert.deepEqual(good(await parts().upsert({ id: 20, price: 4 }, { onConflict: 'id', defaultToNull: false }).select('title, price')), [{ title: 'second', price: 4 }])
    const many = await parts().upsert([{ id: 20, price: 5 }, { id: 21, price: 6 }], { count: 'exact' })
    assert.equal(many.count, 2)
    good(await parts().delete().gte('id', 20).lte('id', 21), 204)
  })
  it('update', async () => {
    good(await parts().insert({ id: 30, title: 'old' }))
    const { count, status, data } = await parts().update({ title: 'new' }, { count: 'exact' }).eq('id', 30)
    assert.deepEqual({ count, status, data }, { count: 1, status: 204, data: null })
    assert.deepEqual(good(await parts().update({ price: 3 }).eq('id', 30).select('id, title, price'), 200), [{ id: 30, title: 'new', price: 3 }])
    assert.deepEqual(good(await parts().update({}).eq('id', 30).select('id')), [])
    assert.deepEqual(good(await parts().delete().eq('id', 30).select('title'), 200), [{ title: 'new' }])
  })
  it('rollback', async () => {
    assert.deepEqual(good(await parts().insert({ id: 40, title: 'gone' }).select('id').rollback(), 201), [{ id: 40 }])
    assert.deepEqual(good(await parts().select('id').eq('id', 40)), [])
    assert.equal(good(await parts().delete().eq('id', 1).select().rollback()).length, 1)
    assert.equal(good(await parts().select('id').eq('id', 1)).length, 1)
  })
  it('maxAffected', async () => {
    refused(await parts().update({ price: 0 }).in('id', [1, 2]).maxAffected(1), 400, 'PGRST124')
    refused(await parts().delete().in('id', [1, 2]).maxAffected(1), 400, 'PGRST124')
    assert.equal(good(await parts().select('id').in('id', [1, 2]).gt('price', 0)).length, 2)
    good(await parts().update({ price: 8 }).eq('id', 1).maxAffected(1), 204)
  })
})

describe('functions', () => {
  it('scalars', async () => {
    assert.equal(good(await client.rpc('e2e_add', { a: 1, b: 2 })), 3)
    assert.equal(good(await client.rpc('e2e_add', { a: 1 })), 11)
    assert.equal(good(await client.rpc('e2e_add', { a: 1, b: 2 }, { get: true })), 3)
    assert.equal(good(await client.rpc('e2e_sum', { numbers: [1, 2, 3] })), 6)
    assert.equal(good(await client.rpc('e2e_sum', { numbers: [1, 2, 3] }, { get: true })), 6)
  })
  it('rows, filtered, ordered, embedding', async () => {
    const found = good(await client.rpc('e2e_find', { tag: 'wood' }).select('id, e2e_parts(title)').order('id', { ascending: false }).limit(2))
    assert.deepEqual(found, [{ id: 3, e2e_parts: [] }, { id: 2, e2e_parts: [{ title: 'handle' }] }])
    assert.deepEqual(good(await client.rpc('e2e_find', { tag: 'iron' }).select('name').single()), { name: 'anchor' })
    assert.deepEqual(ids(good(await client.rpc('e2e_find', { tag: 'wood' }).select('id').gt('id', 2))), [3])
  })
  it('counted', async () => {
    const { count, data } = await client.rpc('e2e_find', { tag: 'wood' }, { count: 'exact', head: true })
    assert.deepEqual({ count, data }, { count: 2, data: null })
  })
  it('void', async () => {
    const { data, error, status } = await client.rpc('e2e_nothing')
    assert.deepEqual({ data, error, status }, { data: null, error: null, status: 204 })
  })
  it('errors of their own', async () => {
    const error = refused(await client.rpc('e2e_raise'), 400, 'P0001')
    assert.deepEqual([error.message, error.details, error.hint], ['on purpose', 'a detail', 'a hint'])
  })
  it('arguments that do not fit', async () => {
    refused(await client.rpc('e2e_add', { c: 1 }), 404, 'PGRST202')
    refused(await client.rpc('e2e_add', { a: 'x' }), 400, '22P02')
  })
})

describe('leaving', () => {
  it('an aborted request takes its query with it', async () => {
    const leave = new AbortController()
    const asked = client.rpc('e2e_wait', { seconds: 60 }).abortSignal(leave.signal)
    const answer = asked.then((a) => a)
    await eventually('the query runs', async () => (await sleeping()) === 1)
    leave.abort()
    const { error, status } = await answer
    assert.equal(status, 0)
    assert.match(error.message, /AbortError/)
    await eventually('the query is gone', async () => (await sleeping()) === 0)
  })
  it('a client with a time limit gives up', async () => {
    const hasty = new PostgrestClient(`${url}/rest/v1`, { headers, timeout: 300, retry: false })
    const { error } = await hasty.rpc('e2e_wait', { seconds: 60 })
    assert.match(error.message, /AbortError|TimeoutError/)
    await eventually('the query is gone', async () => (await sleeping()) === 0)
  })
})
