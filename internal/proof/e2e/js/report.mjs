// A reporter for node:test: one JSON object a line for each test that ended,
// {path: [suite, ..., test], ok, error}. The Go side makes subtests of them.

export default async function* report(events) {
  const open = [] // names of the tests around the current one, by nesting
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      open.length = data.nesting
      open.push(data.name)
    } else if (type === 'test:pass' || type === 'test:fail') {
      const skipped = data.skip !== undefined || data.todo !== undefined
      yield JSON.stringify({
        path: [...open.slice(0, data.nesting), data.name],
        suite: data.details?.type === 'suite',
        ok: type === 'test:pass' && !skipped,
        error: skipped ? 'skipped' : describe(data.details?.error),
      }) + '\n'
    }
  }
}

function describe(error) {
  const cause = error?.cause ?? error
  return cause === undefined ? '' : String(cause?.stack ?? cause)
}
