// Makes the npm packages of a release from bin/dist/, which goreleaser wrote:
//
//   node cmd/romashka/release/npm/build.mjs [DIST]
//
// DIST/npm/ then has one .tgz for each platform, with the binary, and
// @romashka/sidecar, which starts the one that fits. Publish the platforms first.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const top = resolve(here, '../../../..')
const dist = resolve(process.argv[2] ?? join(top, 'bin/dist'))
const out = join(dist, 'npm')
const { version } = JSON.parse(readFileSync(join(dist, 'metadata.json'), 'utf8'))
const artifacts = JSON.parse(readFileSync(join(dist, 'artifacts.json'), 'utf8'))

const os = { linux: 'linux', darwin: 'darwin', windows: 'win32' }
const cpu = { amd64: 'x64', arm64: 'arm64' }
const common = {
  version,
  license: 'MIT',
  publishConfig: { access: 'public' },
  homepage: 'https://github.com/romashka/sidecar#readme',
  repository: { type: 'git', url: 'git+https://github.com/romashka/sidecar.git' },
}

rmSync(out, { recursive: true, force: true })
const platforms = {}
for (const artifact of artifacts.filter((a) => a.type === 'Binary')) {
  const [system, processor] = [os[artifact.goos], cpu[artifact.goarch]]
  if (!system || !processor) continue
  const name = `@romashka/sidecar-${system}-${processor}`
  pack({
    ...common, name, os: [system], cpu: [processor], preferUnplugged: true,
    description: `The ${system} ${processor} binary of @romashka/sidecar`,
  }, { [`bin/${artifact.name}`]: resolve(top, artifact.path) })
  platforms[name] = version
}
if (Object.keys(platforms).length === 0) throw new Error(`no binaries in ${dist}/artifacts.json`)
pack({
  ...common, name: '@romashka/sidecar', bin: { romashka: 'bin/romashka.js' }, engines: { node: '>=18' },
  description: "PostgREST's API for ROMASHKA, beside a Supabase project or alone",
  keywords: ['postgrest', 'supabase', 'postgresql', 'api'],
  optionalDependencies: platforms,
}, { 'bin/romashka.js': join(here, 'romashka.js'), 'README.md': join(top, 'README.md') })

// pack writes a package of these files and makes its tarball.
function pack(manifest, files) {
  const folder = join(out, manifest.name.replace('@romashka/', ''))
  mkdirSync(join(folder, 'bin'), { recursive: true })
  for (const [name, from] of Object.entries({ ...files, LICENSE: join(top, 'LICENSE') })) {
    copyFileSync(from, join(folder, name))
    if (name.startsWith('bin/')) chmodSync(join(folder, name), 0o755)
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2) + '\n')
  execFileSync('npm', ['pack', '--silent', '--pack-destination', out], { cwd: folder, stdio: 'inherit' })
}
