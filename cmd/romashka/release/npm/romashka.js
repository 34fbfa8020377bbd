#!/usr/bin/env node
// Starts the binary of this machine's platform package, with the same arguments,
// terminal and environment, and ends as it ends. Nothing is downloaded.
'use strict'
const { spawn } = require('node:child_process')
const { constants } = require('node:os')

const platform = `${process.platform}-${process.arch}`
const name = `@romashka/sidecar-${platform}`

function binary() {
  try {
    return require.resolve(`${name}/bin/romashka${process.platform === 'win32' ? '.exe' : ''}`)
  } catch {
    const made = Object.keys(require('../package.json').optionalDependencies)
    console.error(made.includes(name)
      ? `romashka: the package ${name} is missing; install again without --omit=optional and --no-optional`
      : `romashka: there is no package for ${platform}; there are ${made.map((n) => n.replace('@romashka/sidecar-', '')).join(', ')}`)
    process.exit(1)
  }
}

const child = spawn(binary(), process.argv.slice(2), { stdio: 'inherit' })
child.on('error', (error) => {
  console.error(`romashka: ${error.message}`)
  process.exit(1)
})

// A terminal sends Ctrl-C and its own end to the whole group, the binary
// included; a second SIGINT would end that at once, with requests under way.
process.on('SIGINT', () => {})
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
  if (signal in constants.signals) process.on(signal, () => child.kill(signal))
}
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : code
})
