// What a page asks and what goes wrong with it.

/** What differs from one run to the next, by a letter. */
export const shape = (url) => url
  .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'ID')
  .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T')
  .replace(/\d{4}-\d\d-\d\d/g, 'D')

const pathOf = (request, api) => shape(decodeURIComponent(request.url().slice(api.length)))

/** The poll of each open tab, six times a second: no sign of work. */
const poll = (url) => url.endsWith('/rpc/get_next_ai_response_job')

const repetition = 10 // of one request in one step: no sign of work any more
const storm = 100 // of one request in one step, of some seconds: it asks without end

/**
 * Watch records what page does at api: requests {method, path, status, message},
 * requests without end {storm}, errors of its scripts {error} and sockets
 * {socket}, each with where, as set by at(), which begins a new step.
 */
export class Watch {
  events = []
  where = ''
  #open = new Set()
  #asked = new Map() // in this step
  #changed = Date.now()

  constructor(page, api) {
    this.page = page
    page.on('request', (r) => this.#begin(r, api))
    page.on('requestfinished', (r) => this.#end(r))
    page.on('requestfailed', (r) => this.#fail(r, api))
    page.on('response', (r) => this.#answer(r, api))
    page.on('pageerror', (e) => this.#note({ error: String(e.message).split('\n')[0] || 'of another host' }))
    page.on('websocket', () => this.#note({ socket: true }))
    page.on('dialog', (d) => d.accept('sample').catch(() => {}))
  }

  at(where) {
    this.where = where
    this.#asked.clear()
  }

  #note(event) {
    this.events.push(event)
    return Object.assign(event, { where: this.where })
  }

  #begin(request, api) {
    if (poll(request.url())) return
    const path = pathOf(request, api)
    const times = (this.#asked.get(path) ?? 0) + 1
    this.#asked.set(path, times)
    if (times === storm) this.#note({ storm: path })
    if (times > repetition) return
    this.#open.add(request)
    this.#changed = Date.now()
  }

  #end(request) {
    if (this.#open.delete(request)) this.#changed = Date.now()
  }

  // Without an answer; CORS refusals are such. What the page itself gave up
  // (it left, or never read the body of a HEAD) is no failure.
  #fail(request, api) {
    this.#end(request)
    const message = request.failure()?.errorText ?? ''
    if (request.url().startsWith(api) && message !== 'net::ERR_ABORTED') {
      this.#note({ method: request.method(), path: pathOf(request, api), status: 0, message })
    }
  }

  async #answer(response, api) {
    const request = response.request()
    this.#end(request) // the body of a HEAD may never be read
    if (!request.url().startsWith(api) || request.method() === 'OPTIONS') return
    const event = this.#note({ method: request.method(), path: pathOf(request, api), status: response.status() })
    if (event.status < 400) return
    const body = await response.json().catch(() => ({}))
    event.message = body.message ?? body.msg ?? ''
  }

  /** Waits until the page asks nothing for half a second, at most some seconds. */
  async settle(longest = 8000) {
    const deadline = Date.now() + longest
    const quiet = () => this.#open.size === 0 && Date.now() - this.#changed > 500
    do await this.page.waitForTimeout(100)
    while (!quiet() && Date.now() < deadline)
  }
}
