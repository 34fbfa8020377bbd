// Whether what happened was right.

import { denials, ownBlanks, ownErrors, ownRequests, ownStorms } from './own.mjs'

/** Why event, of a visit as somebody, is no failure of ours; undefined if it is one. */
function excuse(event, as) {
  if (event.error) return ownErrors.find((o) => o.error.test(event.error))
  if (event.storm) return ownStorms.find((o) => o.path.test(event.storm))
  const same = (o) => o.path.test(event.path) && o.status === event.status
  return denials.find((d) => d.as === as && same(d)) ?? ownRequests.find(same)
}

const failed = (event) => event.error !== undefined || event.storm !== undefined || event.status >= 400 || event.status === 0

const what = (event) => event.error ?? (event.storm ? `asks without end: ${event.storm}` : `${event.method} ${event.path}: ${event.status} ${event.message}`)

/** One line for each thing that own.mjs does not explain. */
export function judge(visits) {
  const lines = new Set()
  for (const { as, path, blank, events, truths } of visits) {
    if (blank && !ownBlanks.some((o) => o.path === path)) lines.add(`${as} ${path}: the page is blank`)
    for (const { said } of truths.filter((t) => t.wrong)) lines.add(`${as} ${path}: ${said}`)
    for (const e of events.filter((e) => failed(e) && !excuse(e, as))) {
      lines.add(`${as} ${e.where}: ${what(e)}`)
    }
  }
  return [...lines]
}

/** Why event is no failure of ours, for readers; '' for what stands above the table. */
function reason(event, as) {
  const found = excuse(event, as)
  if (!found) return `UNEXPLAINED: ${what(event)}`
  if (found.everywhere) return ''
  return found.named ? `${found.why} (${event.path.split(/[/?]/)[3]})` : found.why
}

const cell = (text) => text.replaceAll('|', '\\|')

/** pages.md. */
export function table(visits) {
  const lines = ['# The front end in a browser', '',
    'Every page of the front end, opened in Chromium against `romashka dev`, every button on it pressed.',
    'Written by `make browser FRONTEND=<checkout>`. What fails on each of them by the front end\'s own doing:',
    `${ownRequests.filter((o) => o.everywhere).map((o) => o.why).join('; ')}.`, '',
    '| as | page | renders | buttons | requests | besides, by its own doing | found true |', '| --- | --- | --- | --- | --- | --- | --- |']
  for (const visit of visits) {
    const { as, path, twin, frame, ended, blank, buttons, events, truths } = visit
    const renders = blank ? 'blank' : ended === path ? 'yes' : `leads to ${ended}`
    const own = new Set(events.filter(failed).map((e) => reason(e, as)).filter(Boolean))
    lines.push(`| ${as} | ${frame ? 'menu, header, chat' : `\`${path}\``} | ${renders} | ${twin ? `as \`${twin}\`` : buttons.length} | ${events.filter((e) => e.status !== undefined).length} | ${cell([...own].join('; '))} | ${cell(truths.map((t) => t.said).join('; '))} |`)
  }
  const all = visits.flatMap((v) => v.events)
  lines.push('', `${visits.length} pages, ${visits.flatMap((v) => v.buttons).length} buttons pressed, ${all.filter((e) => e.status !== undefined).length} requests, `
    + `${judge(visits).length} failures that are not the front end's own.`, '')
  return lines.join('\n')
}
