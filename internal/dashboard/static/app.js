// What a page needs beside HTML: new blocks from the stream, and how old they are.
(() => {
  const main = document.querySelector('main[data-live]')
  const state = document.getElementById('state')
  const range = document.getElementById('range')

  // On a phone the navigation is a row that scrolls.
  const here = document.querySelector('nav [aria-current]')
  if (here) here.scrollIntoView({ inline: 'center', block: 'nearest' })
  if (range) {
    const own = document.querySelector('.own')
    const show = () => { own.hidden = range.value !== 'own' }
    range.addEventListener('change', show)
    show()
  }
  if (!main || !state) return

  let last = Date.now()
  let broken = 0
  let ended = false
  const say = (kind, text) => {
    if (state.dataset.state !== kind || kind === 'fresh') { state.dataset.state = kind; state.textContent = text }
  }
  const alive = () => { last = Date.now(); broken = 0 }
  const held = new Map()

  // A form that somebody fills in, and a table that he has opened, stay.
  const put = (id, html) => {
    const section = document.getElementById('b-' + id)
    if (!section) return
    const active = document.activeElement
    if (section.contains(active) && active.matches('input, select, textarea')) { held.set(id, html); return }
    held.delete(id)
    const label = section.contains(active) && (active.getAttribute('aria-label') || active.textContent)
    const open = [...section.querySelectorAll('details[open]')].map(d => d.dataset.key)
    const before = [...section.querySelectorAll('.scroll')].map(s => s.scrollLeft)
    section.innerHTML = html
    section.querySelectorAll('details').forEach(d => { d.open = open.includes(d.dataset.key) })
    section.querySelectorAll('.scroll').forEach((s, i) => { s.scrollLeft = before[i] || 0 })
    if (label) {
      const again = [...section.querySelectorAll('a, button, summary, [tabindex]')]
        .find(e => (e.getAttribute('aria-label') || e.textContent) === label)
      if (again) again.focus({ preventScroll: true })
    }
  }
  document.addEventListener('focusout', () => setTimeout(() => held.forEach((html, id) => put(id, html)), 0))

  let source
  const open = () => {
    source = new EventSource(main.dataset.live)
    source.addEventListener('open', alive)
    source.addEventListener('block', e => { alive(); const { id, html } = JSON.parse(e.data); put(id, html) })
    source.addEventListener('same', alive)
    source.addEventListener('fault', () => { broken = broken || Date.now(); say('broken', state.dataset.away) })
    source.addEventListener('error', () => {
      broken = broken || Date.now()
      if (source.readyState === EventSource.CLOSED) setTimeout(ask, 2000)
    })
  }
  // A stream does not tell why it was refused; a request does.
  const ask = () => fetch(main.dataset.live, { redirect: 'manual' }).then(r => {
    if (r.body) r.body.cancel()
    if (r.status !== 401) { open(); return }
    ended = true
    state.dataset.state = 'broken'
    const again = document.createElement('a')
    again.href = location.href
    again.textContent = state.dataset.again
    state.replaceChildren(state.dataset.ended + ' ', again)
  }, open)
  open()
  // A page that goes into the background asks for nothing.
  document.addEventListener('visibilitychange', () => {
    if (ended) return
    if (document.hidden) source.close()
    else if (source.readyState === EventSource.CLOSED) open()
  })
  setInterval(() => {
    if (ended) return
    const seconds = Math.round((Date.now() - last) / 1000)
    const { now, seconds: text, minutes } = state.dataset
    const age = seconds < 2 ? now : seconds < 120 ? text.replace('{}', seconds) : minutes.replace('{}', Math.round(seconds / 60))
    if (broken && Date.now() - broken > 3000) say('broken', `${state.dataset.broken} ${age}.`)
    else if (!broken) say('fresh', age)
  }, 1000)
})()
