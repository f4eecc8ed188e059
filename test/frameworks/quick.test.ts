import { build } from 'esbuild'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeFramework } from './rules.ts'

describeFramework({
  name: 'fastify',
  routes: true,
  fix: 'app.register(fastify(executor)',
  serve: (project) => project.serve(['node', 'server.js']),
})

describeFramework({
  name: 'workers',
  fix: 'request.clone()',
  serve: async (project) => {
    await build({
      entryPoints: ['worker.ts', 'parsed.js'].map((file) => join(project.folder, file)),
      outdir: join(project.folder, 'dist'),
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'error',
    })
    return project.serve(['node', 'server.js'])
  },
  more: (project) => {
    test('TypeScript takes it for a handler of Cloudflare', async () => {
      expect(await project().typeCheck('worker.ts', '@cloudflare/workers-types')).toBe('')
    })
  },
})
