import { Miniflare } from 'miniflare'

for (const [name, scriptPath] of [
  ['example', 'dist/example.js'],
  ['jobs', 'dist/worker.js'],
  ['parsed', 'dist/parsed.js'],
]) {
  const miniflare = new Miniflare({
    modules: true,
    scriptPath,
    compatibilityDate: '2026-04-01',
    bindings: { CRONCLAVE_SECRET: process.env.CRONCLAVE_SECRET },
    host: '127.0.0.1',
    port: 0,
  })
  console.log(`${name} at ${(await miniflare.ready).origin}/`)
}
