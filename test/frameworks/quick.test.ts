import { build } from 'esbuild'
import { join } from 'node:path'
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
      entryPoints: ['worker.js', 'parsed.js'].map((file) => join(project.folder, file)),
      outdir: join(project.folder, 'dist'),
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'error',
    })
    return project.serve(['node', 'server.js'])
  },
})
