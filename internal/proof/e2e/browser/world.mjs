// What the browser needs around it: the sidecar with a database of its own,
// the front end built for that sidecar's address, and a server for its files.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer()
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address()
  await new Promise((closed) => server.close(closed))
  return port
}

/**
 * Starts `romashka dev` in folder, over a base with its known defects or
 * repaired, and gives its settings: API_URL, ANON_KEY, SERVICE_ROLE_KEY,
 * DEMO_ADMIN_EMAIL, ... and stop().
 */
export async function startSidecar(binary, folder, repaired) {
  const port = await freePort()
  const child = spawn(binary, ['dev', '--sample', '--data', folder, '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((ready, failed) => {
    const hear = (text) => {
      said += text
      if (said.includes('ROMASHKA is up')) ready()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    ended.then(() => failed(new Error(`romashka dev ended: ${said}`)))
    setTimeout(() => failed(new Error(`romashka dev is not up after two minutes: ${said}`)), 120_000).unref()
  })
  if (repaired) execFileSync(binary, ['repair', 'base', '--apply', '--data', folder], { stdio: 'ignore' })
  const settings = JSON.parse(execFileSync(binary, ['status', '--data', folder, '-o', 'json'], { encoding: 'utf8' }))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { settings, stop }
}

/** Builds the front end in checkout for that sidecar, into out. */
export function buildFrontEnd(checkout, out, { API_URL, ANON_KEY }) {
  const vite = join(checkout, 'node_modules', '.bin', 'vite')
  if (!existsSync(vite)) {
    throw new Error(`${checkout} has no node_modules: npm install --legacy-peer-deps openai react-is@18 there first`)
  }
  execFileSync(vite, ['build', '--outDir', out, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: checkout,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, VITE_SUPABASE_URL: API_URL, VITE_SUPABASE_ANON_KEY: ANON_KEY, VITE_OPENAI_API_KEY: 'none' },
  })
}

/** The routes of the front end's router {path, element}, in its order. */
export function routesOf(checkout) {
  const router = readFileSync(join(checkout, 'src', 'App.tsx'), 'utf8')
  return [...router.matchAll(/<Route path="(\/[^"*]*)" element=\{(.*)/g)].map(([, path, element]) => ({ path, element }))
}

const types = {
  '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json', '.png': 'image/png',
  '.svg': 'image/svg+xml', '.woff': 'font/woff', '.woff2': 'font/woff2',
}

/** Serves folder as the front end's host does: what is no file is the page. */
export async function serveFiles(folder) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://host').pathname))
    const file = join(folder, path)
    const type = types[extname(path)]
    if (path.startsWith('/api/')) {
      response.writeHead(404).end() // the host's own functions: not ours, not here
    } else if (type && existsSync(file)) {
      response.writeHead(200, { 'content-type': type }).end(readFileSync(file))
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end(readFileSync(join(folder, 'index.html')))
    }
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  const stop = () => {
    server.closeAllConnections()
    return new Promise((closed) => server.close(closed))
  }
  return { address: `http://127.0.0.1:${server.address().port}`, stop }
}
