// Writes the Homebrew formula of a release from bin/dist/, which goreleaser wrote:
//
//   node cmd/romashka/release/formula/build.mjs [DIST]
//
// DIST/romashka.rb goes into the tap. goreleaser's own is deprecated in favour of
// casks, whose binaries macOS keeps in quarantine.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..')
const dist = resolve(process.argv[2] ?? join(top, 'bin/dist'))
const { version, tag } = JSON.parse(readFileSync(join(dist, 'metadata.json'), 'utf8'))
const sums = new Map(readFileSync(join(dist, 'checksums.txt'), 'utf8').trim().split('\n').map((line) => line.split(/\s+/).reverse()))

const systems = { macos: 'darwin', linux: 'linux' }
const processors = { arm: 'arm64', intel: 'amd64' }

// archive is the url and sum of one system's archive.
function archive(system, processor) {
  const name = `romashka_${version}_${system}_${processor}.tar.gz`
  if (!sums.has(name)) throw new Error(`${name} is not in ${dist}/checksums.txt`)
  return `url "https://github.com/romashka/sidecar/releases/download/${tag}/${name}"
      sha256 "${sums.get(name)}"`
}

const sources = Object.entries(systems).map(([word, system]) => `  on_${word} do
${Object.entries(processors).map(([kind, processor]) => `    on_${kind} do
      ${archive(system, processor)}
    end`).join('\n')}
  end`).join('\n\n')

writeFileSync(join(dist, 'romashka.rb'), `class Romashka < Formula
  desc "PostgREST's API for ROMASHKA, beside a Supabase project or alone"
  homepage "https://github.com/romashka/sidecar"
  version "${version}"
  license "MIT"

${sources}

  def install
    bin.install "romashka"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/romashka.bash" => "romashka"
    zsh_completion.install "completions/_romashka"
    fish_completion.install "completions/romashka.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/romashka version")
  end
end
`)
