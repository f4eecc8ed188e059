/** One server-sent event. */
export interface ServerSentEvent {
  id?: string
  event: string
  data: string
}

/** A line longer than this ends the stream: nothing that the server sends is. */
const LINE_MAX = 4 * 1_048_576

/** The events of a stream as they arrive, by the rules of the HTML standard. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let event: { id?: string; event?: string; data: string[] } = { data: [] }
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    if (rest.length > LINE_MAX) throw new Error('the server sent a line without end')
    for (const line of lines) {
      if (line !== '') readLine(line, event)
      else {
        if (event.data.length > 0) {
          yield {
            ...(event.id === undefined ? {} : { id: event.id }),
            event: event.event ?? 'message',
            data: event.data.join('\n'),
          }
        }
        event = { data: [] }
      }
    }
  }
}

function readLine(line: string, event: { id?: string; event?: string; data: string[] }): void {
  const mark = line.indexOf(':')
  if (mark === 0) return
  const name = mark < 0 ? line : line.slice(0, mark)
  const value = mark < 0 ? '' : line.slice(mark + 1).replace(/^ /, '')
  if (name === 'data') event.data.push(value)
  else if (name === 'event') event.event = value
  else if (name === 'id') event.id = value
}
