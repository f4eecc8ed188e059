import { onTestFinished } from 'vitest'
import type { Server } from '../support/server.ts'

export interface StreamEvent {
  id: string
  event: string
  data: { job?: string; run?: { id: string; state: string } }
}

/** An event stream and everything that it has said so far. */
export async function followEvents(
  server: Server,
  query = '',
  lastEventId?: string,
): Promise<{ events: StreamEvent[]; close(): void }> {
  const events: StreamEvent[] = []
  const controller = new AbortController()
  const close = () => controller.abort()
  onTestFinished(close)
  const headers = { authorization: `Bearer ${server.token}`, ...(lastEventId && { 'last-event-id': lastEventId }) }
  const reply = await fetch(`${server.url}/v1/events${query}`, { headers, signal: controller.signal })
  if (!reply.ok || !reply.body) throw new Error(`the event stream was answered ${reply.status}`)
  void collect(reply.body, events).catch(() => undefined)
  return { events, close }
}

async function collect(body: ReadableStream<Uint8Array>, events: StreamEvent[]): Promise<void> {
  let rest = ''
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
      )
      const data = fields.get('data')
      if (data !== undefined)
        events.push({
          id: fields.get('id') ?? '',
          event: fields.get('event') ?? '',
          data: JSON.parse(data) as StreamEvent['data'],
        })
    }
  }
}
