import { once } from 'node:events'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createJob, eventually, runIn, serve, temporaryFolder, trigger } from './harness.ts'

interface Written {
  name: string
  trace: string
  span: string
  attributes: Record<string, unknown>
}

/** Stands in for the exporter of the example: a line of JSON per span, into the file that it is named. */
const EXPORTER = `
import { appendFileSync } from 'node:fs'
export class OTLPTraceExporter {
  export(spans, done) {
    for (const one of spans) {
      const { traceId: trace, spanId: span } = one.spanContext()
      const line = { name: one.name, trace, span, attributes: one.attributes }
      appendFileSync(process.env.SPANS_FILE, JSON.stringify(line) + '\\n')
    }
    done({ code: 0 })
  }
  shutdown() {
    return Promise.resolve()
  }
}
`

/** The example of the documentation, with an exporter that writes to a file. */
function exampleIn(folder: string): string {
  const page = readFileSync('docs/tracing.md', 'utf8')
  const [, example = ''] = /```js\n([^]*?)```/.exec(page) ?? []
  expect(example).toContain("from '@opentelemetry/exporter-trace-otlp-http'")
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'exporter.mjs'), EXPORTER)
  const file = join(folder, 'tracing.mjs')
  writeFileSync(file, example.replace('@opentelemetry/exporter-trace-otlp-http', './exporter.mjs'))
  return file
}

/** An endpoint that keeps the headers of what it is asked. */
async function endpoint(): Promise<{ url: string; headers: IncomingHttpHeaders[] }> {
  const headers: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    headers.push(request.headers)
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, headers }
}

test('the example of the documentation makes a server trace its work, and what it calls is told where it belongs', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'spans.jsonl')
  const env = { NODE_OPTIONS: `--import ${exampleIn(folder)}`, SPANS_FILE: file, OTEL_BSP_SCHEDULE_DELAY: '50' }
  const server = await serve(temporaryFolder(), { env })
  const { url, headers } = await endpoint()
  await createJob(server, 'report', { target: { kind: 'http', url } })
  const run = await trigger(server, 'report')
  await runIn(server, run.id, 'succeeded')
  const attempt = await eventually('the attempt was written', () => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
    return lines.map((line) => JSON.parse(line) as Written).find(({ name }) => name === 'attempt GET')
  })
  expect(attempt.attributes['cronclave.run.id']).toBe(run.id)
  expect(headers.map(({ traceparent }) => traceparent)).toEqual([`00-${attempt.trace}-${attempt.span}-01`])
})

test('without it nothing is traced, and a context that a caller sends goes on to the endpoint', async () => {
  const server = await serve(temporaryFolder())
  const { url, headers } = await endpoint()
  await createJob(server, 'report', { target: { kind: 'http', url } })
  const { id } = await trigger(server, 'report')
  await runIn(server, id, 'succeeded')
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const path = '/v1/namespaces/default/jobs/report/trigger'
  const asked = await server.call<{ id: string }>('POST', path, {}, { traceparent, tracestate: 'vendor=1' })
  expect((await runIn(server, asked.id, 'succeeded')).traceId).toBe('0af7651916cd43dd8448eb211c80319c')
  expect(headers.map((one) => [one.traceparent, one.tracestate])).toEqual([
    [undefined, undefined],
    [traceparent, 'vendor=1'],
  ])
})
