import { once } from 'node:events'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { createJob, eventually, HOME, runIn, serve, temporaryFolder, trigger } from './harness.ts'

interface Written {
  pid: number
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
      const line = { pid: process.pid, name: one.name, trace, span, attributes: one.attributes }
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
    return written(file).find(({ name }) => name === 'attempt GET')
  })
  expect(attempt.attributes['cronclave.run.id']).toBe(run.id)
  expect(headers.map(({ traceparent }) => traceparent)).toEqual([`00-${attempt.trace}-${attempt.span}-01`])
})

test('over three nodes: who decides a fire and who sends its call are in one trace', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'spans.jsonl')
  const env = { NODE_OPTIONS: `--import ${exampleIn(folder)}`, SPANS_FILE: file, OTEL_BSP_SCHEDULE_DELAY: '50' }
  const cluster = await Cluster.start({ nodes: 3, env, flags: ['--egress-allow-loopback', 'true'] })
  onTestFinished(() => cluster.close())
  const token = await cluster.token()
  const { url } = await endpoint()
  const leader = await cluster.leader()
  const schedules = [{ every: '1s' }]
  for (let i = 0; i < 6; i++) {
    const body = { name: `report-${i}`, schedules, target: { kind: 'http', url } }
    expect((await leader.ask('POST', `${HOME}/jobs`, { token, body })).status).toBe(201)
  }
  await eventually('a fire and its attempt are of two processes', () => {
    const all = written(file)
    return all.some(
      ({ name, trace, pid }) =>
        name === 'fire' && all.some((one) => one.name === 'attempt GET' && one.trace === trace && one.pid !== pid),
    )
  })
})

/** Whole lines that the exporters have written so far. */
function written(file: string): Written[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
  return lines.map((line) => JSON.parse(line) as Written)
}

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
