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

  // Buttons of many rows are called alike: the hidden values of its form, or where it
  // leads to, tell which one it is.
  const what = form => [...form.querySelectorAll('[type="hidden"]')].map(i => `${i.name}=${i.value}`).join() + form.action
  const key = e => [e.getAttribute('aria-label') || e.textContent, e.form ? what(e.form) : e.href].join()
  const changed = section => [...section.querySelectorAll('form')].flatMap(f => [...f.elements]
    .filter(i => i.matches('input:not([type="hidden"]), select, textarea') && i.value !== i.dataset.was)
    .map(i => [what(f), i.name, i.value]))
  const note = section => section.querySelectorAll('input, select, textarea').forEach(i => { i.dataset.was = i.value })

  // A form that somebody fills in, a button that he presses, and a table that he has
  // opened or scrolled, stay.
  let pressed = false
  const put = (id, html) => {
    const section = document.getElementById('b-' + id)
    if (!section) return
    const active = document.activeElement
    if (pressed || section.contains(active) && active.matches('input, select, textarea')) { held.set(id, html); return }
    held.delete(id)
    const focused = section.contains(active) && key(active)
    const open = [...section.querySelectorAll('details[open]')].map(d => d.dataset.key)
    const before = [...section.querySelectorAll('.scroll')].map(s => [s.scrollLeft, s.scrollTop])
    const typed = changed(section)
    section.innerHTML = html
    note(section)
    for (const [form, name, value] of typed) {
      const again = [...section.querySelectorAll('form')].find(f => what(f) === form)
      if (again && again.elements[name]) again.elements[name].value = value
    }
    section.querySelectorAll('details').forEach(d => { d.open = open.includes(d.dataset.key) })
    section.querySelectorAll('.scroll').forEach((s, i) => { [s.scrollLeft, s.scrollTop] = before[i] || [0, 0] })
    if (focused) {
      const again = [...section.querySelectorAll('a, button, summary, [tabindex]')].find(e => key(e) === focused)
      if (again) again.focus({ preventScroll: true })
    }
  }
  const release = () => setTimeout(() => { pressed = false; held.forEach((html, id) => put(id, html)) }, 0)
  main.querySelectorAll('section').forEach(note)
  document.addEventListener('focusout', () => setTimeout(() => held.forEach((html, id) => put(id, html)), 0))
  document.addEventListener('pointerdown', () => { pressed = true })
  document.addEventListener('pointerup', release)
  document.addEventListener('pointercancel', release)

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
