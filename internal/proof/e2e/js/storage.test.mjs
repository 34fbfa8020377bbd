// Files by an unchanged supabase-js: buckets, objects and their policies, as
// somebody without account, as a user, as another user, as the project's server.

import { before, describe, it } from 'node:test'
import * as newest from '@supabase/supabase-js'
import * as frontend from 'frontend-supabase-js'
import { anonKey, assert, credentials, good, secret, serviceKey, url } from './world.mjs'

// Older releases of Node have no WebSocket; nothing here opens one.
const realtime = globalThis.WebSocket ? {} : { transport: class {} }

/** Fails unless an answer is refused so. Older releases show the answer's own status alone. */
function no({ error, data }, status) {
  assert.ok(error, `not refused: ${JSON.stringify(data)}`)
  assert.equal(Number(error.statusCode ?? error.status), error.statusCode ? status : 400, JSON.stringify(error) + error.message)
  return error
}

for (const [release, { createClient }] of Object.entries({ newest, 'front end': frontend })) {
  const connect = (key) => createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false }, realtime })
  const root = connect(serviceKey)
  const anon = connect(anonKey)
  // Policies of the fixture are on buckets of these names: files of a user lie in
  // a folder of his id, "shared" is for all who are signed in.
  const suffix = release === 'newest' ? 'n' : 'f'
  const own = `own-${suffix}`
  const open = `open-${suffix}`

  async function signIn(who) {
    const client = connect(anonKey)
    const { session, user } = good(await client.auth.signInWithPassword(credentials(who)))
    secret(session.access_token)
    secret(session.refresh_token)
    return { client, id: user.id, token: session.access_token, from: (bucket) => client.storage.from(bucket) }
  }

  describe(`storage, ${release}`, () => {
    let user, other

    before(async () => {
      user = await signIn('USER')
      other = await signIn('OTHER')
      good(await root.storage.createBucket(own, { public: false, fileSizeLimit: '1MB', allowedMimeTypes: ['text/*', 'image/png'] }))
      good(await root.storage.createBucket(open, { public: true }))
    })

    it('keeps buckets', async () => {
      const bucket = good(await root.storage.getBucket(own))
      assert.deepEqual({ id: bucket.id, public: bucket.public, limit: bucket.file_size_limit, types: bucket.allowed_mime_types },
        { id: own, public: false, limit: 1_000_000, types: ['text/*', 'image/png'] })
      no(await root.storage.createBucket(own), 409)
      no(await root.storage.createBucket('no/slash'), 400)
      no(await root.storage.createBucket('x', { fileSizeLimit: 'much' }), 400)
      no(await user.client.storage.createBucket('mine'), 403)
      no(await anon.storage.createBucket('mine'), 403)
      assert.deepEqual(good(await user.client.storage.listBuckets()), [])
      assert.ok(good(await root.storage.listBuckets()).some((b) => b.id === own))
      no(await root.storage.getBucket('none'), 404)
      const name = `brief-${suffix}`
      good(await root.storage.createBucket(name))
      good(await root.storage.updateBucket(name, { public: true, fileSizeLimit: null }))
      assert.equal(good(await root.storage.getBucket(name)).public, true)
      good(await root.storage.from(name).upload('a.txt', 'a'))
      no(await root.storage.deleteBucket(name), 409)
      good(await root.storage.emptyBucket(name))
      good(await root.storage.deleteBucket(name))
      no(await root.storage.getBucket(name), 404)
    })

    it('stores, replaces and gives back, as policies say', async () => {
      const path = `${user.id}/notes/a b.txt`
      const first = good(await user.from(own).upload(path, new Blob(['one'], { type: 'text/plain' }), { cacheControl: '60', metadata: { from: 'test' } }))
      assert.deepEqual({ path: first.path, fullPath: first.fullPath }, { path, fullPath: `${own}/${path}` })
      assert.match(first.id, /^[0-9a-f-]{36}$/)
      no(await user.from(own).upload(path, 'two', { contentType: 'text/plain' }), 409)
      const again = good(await user.from(own).upload(path, 'two', { contentType: 'text/plain', upsert: true }))
      assert.equal(again.id, first.id)
      assert.equal(await good(await user.from(own).download(path)).text(), 'two')
      good(await user.from(own).update(path, 'three', { contentType: 'text/plain' }))
      assert.equal(await good(await user.from(own).download(path)).text(), 'three')
      assert.equal(await good(await root.storage.from(own).download(path)).text(), 'three')

      for (const stranger of [other.client, anon]) {
        assert.ok((await stranger.storage.from(own).download(path)).error)
        no(await stranger.storage.from(own).upload(`${user.id}/planted.txt`, 'x', { contentType: 'text/plain' }), 403)
        no(await stranger.storage.from(own).upload(path, 'x', { contentType: 'text/plain', upsert: true }), 403)
        no(await stranger.storage.from(own).update(path, 'x', { contentType: 'text/plain' }), 403)
        no(await stranger.storage.from(own).createSignedUrl(path, 60), 404)
        no(await stranger.storage.from(own).createSignedUploadUrl(`${user.id}/planted.txt`), 403)
        no(await stranger.storage.from(own).move(path, 'shared/taken.txt'), 404)
        no(await stranger.storage.from(own).copy(path, 'shared/taken.txt'), 404)
        assert.deepEqual(good(await stranger.storage.from(own).remove([path])), [])
        assert.deepEqual(good(await stranger.storage.from(own).list(user.id)), [])
      }
      assert.equal(await good(await user.from(own).download(path)).text(), 'three')
      no(await user.from('none').upload('a.txt', 'x'), 404)
    })

    it('keeps what is known of a file', async () => {
      const path = `${user.id}/info.txt`
      good(await user.from(own).upload(path, new Blob(['info'], { type: 'text/plain' }), { cacheControl: '60', metadata: { from: 'test' } }))
      const { data: info, error } = await user.from(own).info(path)
      assert.equal(error, null)
      assert.deepEqual({ name: info.name, size: info.size, type: info.contentType, cache: info.cacheControl, own: info.metadata },
        { name: path, size: 4, type: 'text/plain', cache: 'max-age=60', own: { from: 'test' } })
      assert.equal((await user.from(own).exists(path)).data, true)
      assert.equal((await user.from(own).exists(`${user.id}/none.txt`)).data, false)
    })

    it('holds a bucket to its limits', async () => {
      const at = (name) => `${user.id}/${name}`
      no(await user.from(own).upload(at('a.bin'), Buffer.alloc(10), { contentType: 'application/octet-stream' }), 415)
      no(await user.from(own).upload(at('a.png'), new Blob(['x'], { type: 'image/gif' })), 415)
      no(await user.from(own).upload(at('big.txt'), 'x'.repeat(1_000_001), { contentType: 'text/plain' }), 413)
      no(await user.from(own).upload(at('big.txt'), new Blob(['x'.repeat(1_000_001)], { type: 'text/plain' })), 413)
      good(await user.from(own).upload(at('full.txt'), 'x'.repeat(1_000_000), { contentType: 'text/plain; charset=utf-8' }))
      no(await root.storage.from(open).upload('huge.bin', Buffer.alloc(52_428_801), { contentType: 'application/octet-stream' }), 413)
      for (const name of ['a/../../b', '../a', 'a\u0000b', 'ключ', 'a/./b', '']) {
        assert.ok((await fetch(`${url}/storage/v1/object/${open}/${encodeURIComponent(name)}`, {
          method: 'POST', body: 'x', headers: { Authorization: `Bearer ${serviceKey}`, 'Content-Type': 'text/plain' },
        })).status >= 400, name)
      }
    })

    it('lists a folder', async () => {
      const folder = `${user.id}/list`
      for (const name of ['b.txt', 'a.txt', 'C.txt', 'deep/x.txt', 'deep/y.txt', '50%_off.txt'.replace('%', '-')]) {
        good(await user.from(own).upload(`${folder}/${name}`, name, { contentType: 'text/plain' }))
      }
      const names = async (options) => good(await user.from(own).list(folder, options)).map((o) => o.name)
      assert.deepEqual(await names(), ['deep', '50-_off.txt', 'C.txt', 'a.txt', 'b.txt'])
      assert.deepEqual(await names({ sortBy: { column: 'name', order: 'desc' } }), ['deep', 'b.txt', 'a.txt', 'C.txt', '50-_off.txt'])
      assert.deepEqual(await names({ limit: 2, offset: 1 }), ['50-_off.txt', 'C.txt'])
      assert.deepEqual(await names({ search: 'c' }), ['C.txt'])
      assert.deepEqual(await names({ search: '50__' }), [])
      assert.deepEqual((await names({ sortBy: { column: 'created_at', order: 'desc' } })).slice(0, 2), ['deep', '50-_off.txt'])
      const entries = good(await user.from(own).list(folder))
      assert.deepEqual(entries[0].id, null)
      assert.deepEqual({ size: entries[3].metadata.size, type: entries[3].metadata.mimetype }, { size: 5, type: 'text/plain' })
      if (user.from(own).listV2) {
        const page = good(await user.from(own).listV2({ prefix: `${folder}/`, with_delimiter: true, limit: 3 }))
        assert.equal(page.hasNext, true)
        const rest = good(await user.from(own).listV2({ prefix: `${folder}/`, with_delimiter: true, limit: 3, cursor: page.nextCursor }))
        assert.equal(rest.hasNext, false)
        assert.equal(page.objects.length + page.folders.length + rest.objects.length + rest.folders.length, 5)
      }
    })

    it('moves, copies and removes', async () => {
      const at = (name) => `${user.id}/move/${name}`
      good(await user.from(own).upload(at('a.txt'), 'moved', { contentType: 'text/plain' }))
      good(await user.from(own).move(at('a.txt'), at('b.txt')))
      assert.ok((await user.from(own).download(at('a.txt'))).error)
      assert.equal(good(await user.from(own).copy(at('b.txt'), at('c.txt'))).path, `${own}/${at('c.txt')}`)
      no(await user.from(own).copy(at('b.txt'), at('c.txt')), 409)
      no(await user.from(own).move(at('b.txt'), at('c.txt')), 409)
      no(await user.from(own).move(at('b.txt'), `${other.id}/b.txt`), 403)
      no(await user.from(own).copy(at('b.txt'), `${other.id}/b.txt`), 403)
      no(await user.from(own).move(at('none.txt'), at('d.txt')), 404)
      assert.equal(await good(await user.from(own).download(at('c.txt'))).text(), 'moved')
      const gone = good(await user.from(own).remove([at('b.txt'), at('c.txt'), at('none.txt')]))
      assert.deepEqual(gone.map((o) => o.name).sort(), [at('b.txt'), at('c.txt')])
      assert.ok((await user.from(own).download(at('c.txt'))).error)
    })

    it('shares by signed URLs', async () => {
      const path = `${user.id}/signed.txt`
      good(await user.from(own).upload(path, 'signed', { contentType: 'text/plain' }))
      const { signedUrl } = good(await user.from(own).createSignedUrl(path, 60, { download: 'my file.txt' }))
      secret(new URL(signedUrl).searchParams.get('token'))
      const answer = await fetch(signedUrl)
      assert.equal(await answer.text(), 'signed')
      assert.equal(answer.headers.get('content-disposition'), "attachment; filename=my%20file.txt; filename*=UTF-8''my%20file.txt")
      assert.equal((await fetch(signedUrl.replace('signed.txt', 'info.txt'))).status, 400)
      assert.equal((await fetch(`${signedUrl.split('?')[0]}?token=${user.token}`)).status, 400)
      const list = good(await user.from(own).createSignedUrls([path, `${user.id}/none.txt`], 60))
      assert.equal(await (await fetch(list[0].signedUrl)).text(), 'signed')
      assert.ok(list[1].error && !list[1].signedUrl)

      const to = `${user.id}/uploaded.txt`
      const { token } = good(await user.from(own).createSignedUploadUrl(to))
      secret(token)
      assert.ok((await anon.storage.from(own).uploadToSignedUrl(`${user.id}/other.txt`, token, 'x', { contentType: 'text/plain' })).error)
      good(await anon.storage.from(own).uploadToSignedUrl(to, token, 'by another', { contentType: 'text/plain' }))
      assert.equal(await good(await user.from(own).download(to)).text(), 'by another')
      assert.ok((await anon.storage.from(own).uploadToSignedUrl(to, token, 'again', { contentType: 'text/plain' })).error)
    })

    it('serves public files, whole, in part and not again', async () => {
      good(await root.storage.from(open).upload('dir/page.html', new Blob(['<script>1</script>'], { type: 'text/html' })))
      good(await root.storage.from(open).upload('dir/data.bin', Buffer.from('0123456789'), { contentType: 'application/octet-stream', cacheControl: '77' }))
      const { publicUrl } = anon.storage.from(open).getPublicUrl('dir/data.bin').data
      const whole = await fetch(publicUrl)
      assert.equal(await whole.text(), '0123456789')
      assert.equal(whole.headers.get('cache-control'), 'max-age=77')
      const part = await fetch(publicUrl, { headers: { Range: 'bytes=2-4' } })
      assert.deepEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 2-4/10', '234'])
      assert.equal((await fetch(publicUrl, { headers: { 'If-None-Match': whole.headers.get('etag') } })).status, 304)
      const head = await fetch(publicUrl, { method: 'HEAD' })
      assert.equal(head.headers.get('content-length'), '10')
      const page = await fetch(anon.storage.from(open).getPublicUrl('dir/page.html').data.publicUrl)
      assert.match(page.headers.get('content-type'), /^text\/plain/)
      const closed = await fetch(anon.storage.from(own).getPublicUrl(`${user.id}/signed.txt`).data.publicUrl)
      assert.equal(closed.status, 400)
      assert.equal((await closed.json()).message, 'Bucket not found')
      no(await user.from(open).upload('mine.txt', 'x'), 403)
    })

    it('says what it has not', async () => {
      const { data } = anon.storage.from(open).getPublicUrl('dir/data.bin', { transform: { width: 10 } })
      const answer = await fetch(data.publicUrl)
      assert.equal(answer.status, 400)
      assert.match((await answer.json()).message, /transformation of images/i)
      const none = await fetch(`${url}/storage/v1/object/${own}/x`)
      assert.equal(none.status, 400)
    })
  })
}
