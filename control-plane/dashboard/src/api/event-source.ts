import { sessionEnded } from './session-end.ts'

/** One server-sent event. */
export interface ServerEvent {
  id: string | undefined
  event: string
  data: string
}

export type Connection = 'connecting' | 'open' | 'waiting' | 'refused'

export interface EventReader {
  onEvent(event: ServerEvent): void
  onConnection(connection: Connection): void
}

const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 15_000
/** Comments come every 15 s; a stream that is silent for longer is taken for dead. */
const SILENCE_MS_MAX = 40_000

/**
 * Reads a stream of events until it is stopped, reconnecting with `Last-Event-ID`. By fetch and not by EventSource,
 * because that one hides the status: an ended session could not be told from a restarting server.
 */
export function readEvents(url: string, reader: EventReader): () => void {
  const stop = new AbortController()
  void run(url, reader, stop.signal)
  return () => stop.abort()
}

async function run(url: string, reader: EventReader, stopped: AbortSignal): Promise<void> {
  let lastId: string | undefined
  let retryMs = RETRY_MS_MIN
  while (!stopped.aborted) {
    reader.onConnection('connecting')
    const status = await readOnce(
      url,
      lastId,
      stopped,
      (event) => {
        if (event.id !== undefined) lastId = event.id
        retryMs = RETRY_MS_MIN
        reader.onEvent(event)
      },
      () => reader.onConnection('open'),
    )
    if (stopped.aborted) return
    if (status === 401) return sessionEnded()
    if (status === 403) return reader.onConnection('refused')
    reader.onConnection('waiting')
    await pause(retryMs, stopped)
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
  }
}

/** One connection, from request to end. Returns the status, 0 for none. */
async function readOnce(
  url: string,
  lastId: string | undefined,
  stopped: AbortSignal,
  onEvent: (event: ServerEvent) => void,
  onOpen: () => void,
): Promise<number> {
  const cut = new AbortController()
  const onStop = () => cut.abort()
  stopped.addEventListener('abort', onStop, { once: true })
  let silence = setTimeout(onStop, SILENCE_MS_MAX)
  try {
    const headers: Record<string, string> = { accept: 'text/event-stream' }
    if (lastId !== undefined) headers['last-event-id'] = lastId
    const response = await fetch(url, { headers, credentials: 'same-origin', cache: 'no-store', signal: cut.signal })
    if (!response.ok || response.body === null) return response.status
    onOpen()
    const parse = eventParser(onEvent)
    const stream = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await stream.read()
      if (done) return response.status
      clearTimeout(silence)
      silence = setTimeout(onStop, SILENCE_MS_MAX)
      parse(value)
    }
  } catch {
    return 0
  } finally {
    clearTimeout(silence)
    stopped.removeEventListener('abort', onStop)
  }
}

/** A parser of `text/event-stream` that takes pieces cut anywhere (HTML Standard, 9.2.6). */
export function eventParser(onEvent: (event: ServerEvent) => void): (piece: string) => void {
  let rest = ''
  let id: string | undefined
  let event = ''
  let data: string[] = []
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0 || event !== '') onEvent({ id, event: event || 'message', data: data.join('\n') })
      event = ''
      data = []
      return
    }
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return (piece) => {
    rest += piece
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      line(rest.slice(0, end).replace(/\r$/, ''))
      rest = rest.slice(end + 1)
    }
  }
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    stopped.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
