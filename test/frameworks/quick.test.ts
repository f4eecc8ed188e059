import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { harness } from '@cronclave/sdk/testing'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { SECRET } from '../../sdk/src/test-kit.ts'
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
    await copyFile(join(import.meta.dirname, '../../examples/workers/worker.ts'), join(project.folder, 'example.ts'))
    await build({
      entryPoints: ['worker.ts', 'parsed.js', 'example.ts'].map((file) => join(project.folder, file)),
      outdir: join(project.folder, 'dist'),
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'error',
    })
    return project.serve(['node', 'server.js'])
  },
  more: (project, urls) => {
    test('TypeScript takes it for a handler of Cloudflare', async () => {
      expect(await project().typeCheck('worker.ts', '@cloudflare/workers-types')).toBe('')
    })

    test('the example looks at pages', async () => {
      expect(await project().typeCheck('example.ts', '@cloudflare/workers-types')).toBe('')
      const page = await listening()
      const app = harness((request) => fetch(request), { service: 'edge', secret: SECRET, url: urls().example ?? '' })
      const pages = [`${page}/there`, `${page}/gone`]
      expect(await app.run('check-pages', { params: { urls: pages } })).toMatchObject({
        status: 'succeeded',
        result: { pages: [{ status: 200 }, { status: 404 }], broken: 1 },
      })
      expect(await app.run('check-pages')).toMatchObject({ status: 'failed', error: { retryable: false } })
    })
  },
})

async function listening(): Promise<string> {
  const server = createServer(
    (request, response) => void response.writeHead(request.url === '/there' ? 200 : 404).end(),
  )
  onTestFinished(() => server.close().closeAllConnections())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
